"""Metrics of vendors: calls and requests as they are made, and the keys' state and rate limits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q, Sum
from prometheus_client import Counter, Histogram
from prometheus_client.core import GaugeMetricFamily

from integrations.base import CredentialsRejected, Operation, OutcomeUnknown, Refused, Retryable, ToolError
from integrations.hooks import calls
from integrations.models import CalendarConnection, Integration
from integrations.rate_limit import OPERATIONS
from organizations import metrics

_CALLS = Histogram(
    "panelist_vendor_call_seconds",
    "Calls of coding tools, by how they ended. Without the time spent waiting for the rate limit.",
    ["tool", "operation", "outcome"],
    buckets=metrics.CALL_SECONDS,
    registry=metrics.registry,
)
_ERRORS = Counter(
    "panelist_vendor_errors",
    "Calls of coding tools that failed, by the error's code.",
    ["tool", "code"],
    registry=metrics.registry,
)
_REQUESTS = Counter(
    "panelist_vendor_requests",
    "Requests sent to coding tools, each of which the rate limit counts.",
    ["tool", "operation"],
    registry=metrics.registry,
)


def request_sent(tool: str, operation: Operation) -> None:
    """Count a request for which the rate limit gave a slot."""
    _REQUESTS.labels(tool, operation).inc()


def call_ended(tool: str, operation: Operation | None, seconds: float, problem: ToolError | None) -> None:
    """Note a call that took so long. `operation`: the kind of its last request; None where none was sent."""
    kind, outcome, code = operation or "none", _outcome(problem), "" if problem is None else problem.code or "none"
    _CALLS.labels(tool, kind, outcome).observe(max(seconds, 0.0))
    if code:
        _ERRORS.labels(tool, code).inc()
    for listen in calls.LISTENERS:
        listen(calls.Call(tool, kind, outcome, code, max(seconds, 0.0)))


def _outcome(problem: ToolError | None) -> str:
    if isinstance(problem, Retryable):
        return "rate_limited" if problem.rate_limited else "retryable"
    if isinstance(problem, OutcomeUnknown):
        return "unknown"
    if isinstance(problem, CredentialsRejected):
        return "credentials_rejected"
    return "refused" if isinstance(problem, Refused) else "ok" if problem is None else "failed"


def gauges(now: datetime) -> Iterator[GaugeMetricFamily]:
    """Yield how many keys there are by state, and what the rate limits of those that work allow."""
    counts = GaugeMetricFamily("panelist_integrations", "Integrations by state.", labels=["tool", "state"])
    throttled = GaugeMetricFamily(
        "panelist_integrations_throttled", "Keys slowed down after the tool asked for fewer requests.", labels=["tool"]
    )
    limit = GaugeMetricFamily(
        "panelist_rate_limit_per_second",
        "Requests per second that the keys in use may send together.",
        labels=["tool", "operation"],
    )
    reserved = GaugeMetricFamily(
        "panelist_rate_limit_reserved_seconds",
        "How far ahead the busiest key's slots are taken.",
        labels=["tool", "operation"],
    )
    rows = (
        Integration.objects.order_by()
        .values("kind", "state")
        .annotate(
            number=Count("id"),
            throttled=Count("throttled_at"),
            **{f"{name}_limit": Sum(f"{name}_rate") for name in OPERATIONS},
            **{f"{name}_next": Max(f"next_{name}_at") for name in OPERATIONS},
        )
    )
    for row in map(dict[str, Any], rows):
        counts.add_metric([row["kind"], row["state"]], row["number"])
        if row["state"] == Integration.State.CONNECTED:
            throttled.add_metric([row["kind"]], row["throttled"])
            for name in OPERATIONS:
                limit.add_metric([row["kind"], name], row[f"{name}_limit"])
                ahead = (row[f"{name}_next"] - now).total_seconds()
                reserved.add_metric([row["kind"], name], max(ahead, 0.0))
    yield from (counts, throttled, limit, reserved, _calendars())


def _calendars() -> GaugeMetricFamily:
    """How many calendar connections there are, by vendor, state, and whether one serves everybody."""
    counts = GaugeMetricFamily(
        "panelist_calendar_connections", "Calendar connections by state.", labels=["calendar", "whose", "state"]
    )
    rows = (
        CalendarConnection.objects.order_by()
        .values("kind", "state", is_own=Q(membership__isnull=False) | Q(left_at__isnull=False))
        .annotate(number=Count("id"))
    )
    for row in rows:
        counts.add_metric([row["kind"], "member" if row["is_own"] else "everyone", row["state"]], row["number"])
    return counts

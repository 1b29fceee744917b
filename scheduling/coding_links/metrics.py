"""Gauges for `/metrics` about coding links, and runs that add them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count
from prometheus_client.core import GaugeMetricFamily

from organizations.diagnosis.gauges import count_by_state
from scheduling.coding_links.runs import FAILING
from scheduling.models import CodingLink, LinkRun, LinkState
from scheduling.models.link_runs import OPEN

#: A link stays in each other state for ever.
PASSING = [
    LinkState.PENDING,
    LinkState.CREATING,
    LinkState.UNKNOWN,
    LinkState.FAILED,
    LinkState.READY,
    LinkState.ACTIVE,
    LinkState.CANCELLING,
]


def gauges(now: datetime) -> Iterator[GaugeMetricFamily]:
    """Yield the links by state, how old the oldest of each state is, and the runs that are open."""
    found = count_by_state(CodingLink, LinkState.values, order="id")
    counts = GaugeMetricFamily("panelist_links", "Coding links by state, counted to 10,000.", labels=["state"])
    for state, counted in found.items():
        counts.add_metric([state], counted.number)
    yield counts
    ages = GaugeMetricFamily(
        "panelist_oldest_link_age_seconds",
        "Seconds since the oldest link of a state was requested.",
        labels=["state"],
    )
    first = {counted.first: state for state, counted in found.items() if state in PASSING and counted.first is not None}
    for pk, created_at in CodingLink.objects.filter(pk__in=first).values_list("pk", "created_at"):
        ages.add_metric([first[pk]], max((now - created_at).total_seconds(), 0.0))
    yield ages
    yield _open_runs()


def _open_runs() -> GaugeMetricFamily:
    """Runs by state. One that paused because its links failed has a state of its own: it waits for a person."""
    found = GaugeMetricFamily("panelist_link_runs", "Runs that add a job's links and are not over.", labels=["state"])
    numbers = dict.fromkeys([*OPEN, FAILING], 0)
    rows = LinkRun.objects.filter(state__in=OPEN).order_by().values_list("state", "paused_because")
    for state, because, number in rows.annotate(Count("pk")):
        numbers[because or state] += number
    for state, number in numbers.items():
        found.add_metric([state], number)
    return found

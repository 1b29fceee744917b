"""Gauges for `/metrics` about coding links."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily

from organizations.diagnosis.gauges import count_by_state
from scheduling.models import CodingLink, LinkState

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
    """Yield the links by state, and how old the oldest of each state is."""
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

"""Gauges for `/metrics` about messages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily

from organizations.diagnosis.gauges import count_by_state
from scheduling.models import Message, MessageState


def gauges(_now: datetime) -> Iterator[GaugeMetricFamily]:
    """Yield the messages by state."""
    counts = GaugeMetricFamily("panelist_messages", "Messages by state, counted to 10,000.", labels=["state"])
    for state, counted in count_by_state(Message, MessageState.values, order="next_attempt_at, id").items():
        counts.add_metric([state], counted.number)
    yield counts

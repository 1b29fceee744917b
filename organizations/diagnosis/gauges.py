"""Gauges for `/metrics` about background work and backups, and bounded counts for those of other apps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection, models
from prometheus_client.core import GaugeMetricFamily

from organizations.backup import nightly
from organizations.diagnosis import signs

#: So many rows of a state are counted and no more, so that a scrape costs the same at a million rows.
COUNTED_TO = 10_000


class Counted(NamedTuple):
    """How many rows have a state, up to COUNTED_TO, and the smallest id among those that were counted."""

    number: int
    first: int | None


def count_by_state(model: type[models.Model], states: Sequence[str], *, order: str) -> dict[str, Counted]:
    """Count the rows of each state in one query. Wants an index that begins with `state` and goes on with `order`."""
    table = connection.ops.quote_name(model._meta.db_table)
    one = (
        f"SELECT %s, COUNT(*), MIN(id) FROM"  # noqa: S608 - names of the code alone
        f" (SELECT id FROM {table} WHERE state = %s ORDER BY {order} LIMIT {COUNTED_TO}) AS few"
    )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join([one] * len(states)), [state for state in states for _ in range(2)])
        return {state: Counted(number, first) for state, number, first in cursor.fetchall()}


def gauges(now: datetime) -> Iterator[GaugeMetricFamily]:
    """Yield the ages of the last sign of life of worker and beat and of the last backup, and how long rows wait."""
    silent = signs.silent_for(now)
    heartbeat = GaugeMetricFamily(
        "panelist_heartbeat_age_seconds", "Seconds since a worker last carried out what beat sends every 30 seconds."
    )
    if silent is not None:
        heartbeat.add_metric([], silent.total_seconds())
    yield heartbeat
    backup = GaugeMetricFamily("panelist_backup_age_seconds", "Seconds since the newest nightly backup.")
    if (age := nightly.newest_age(now)) is not None:
        backup.add_metric([], age.total_seconds())
    yield backup
    waits = GaugeMetricFamily(
        "panelist_oldest_waiting_seconds", "Seconds that the oldest due row waits for a worker.", labels=["queue"]
    )
    for what, at in signs.oldest_due(now).items():
        waits.add_metric([what], 0 if at is None else (now - at).total_seconds())
    yield waits

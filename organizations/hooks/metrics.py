"""Gauges that each app adds to `/metrics`, read from the database at each scrape."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily

#: Each yields gauges as they are at a moment. All of them together ask at most twelve queries, however many rows exist:
#: what could be many is counted by `organizations.diagnosis.gauges`.
Source = Callable[[datetime], Iterator[GaugeMetricFamily]]
SOURCES: list[Source] = []

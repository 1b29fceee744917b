"""Another time zone for a form whose rows have times: they keep their moments, or their wall-clock times.

A pure function of the form's hidden fields: the zone of the rows, the one before, and which of the two is kept. A
change keeps the moments; the reader can choose the wall-clock times, and go back.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import QueryDict

from organizations import zones
from organizations.parameters import choice, time_zone
from scheduling.availability.local_time import format_start
from scheduling.planning.form_rows import Values, clock_fields, moment_of, read_rows, write_rows

#: Hidden fields: the zone in which the rows stand, the one in which they stood before, and what is kept of them by now.
ZONE, BEFORE, KEPT = "rows-zone", "zone-before", "zone-kept"
#: The choice of the reader.
KEEP = "zone-keep"
MOMENT, CLOCK = "moment", "clock"


@dataclass(frozen=True)
class ZoneQuestion:
    """The question what to keep, with the first row's time as an example of both answers."""

    before: str
    now: str
    kept: str
    moment: str
    clock: str


def follow_zone(data: QueryDict, otherwise: str) -> None:
    """Write the rows' times for the chosen zone and the answer to the question."""
    zone = time_zone(data.get("time_zone"), otherwise)
    stood = time_zone(data.get(ZONE), zone)
    before = time_zone(data.get(BEFORE), "")
    rows = read_rows(data)
    if stood != zone:
        write_rows(data, [in_zone(row, stood, zone) for row in rows])
        data[BEFORE], data[KEPT], data[KEEP] = stood, MOMENT, MOMENT
    elif before:
        wanted = choice(data.get(KEEP), (MOMENT, CLOCK), MOMENT)
        if wanted != choice(data.get(KEPT), (MOMENT, CLOCK), MOMENT):
            now, then = (zone, before) if wanted == CLOCK else (before, zone)
            write_rows(data, [in_zone(row, now, then) for row in rows])
        data[KEPT] = data[KEEP] = wanted
    data[ZONE] = zone


def in_zone(row: Values, now: str, then: str) -> Values:
    """Return the row with its moment as clocks in another zone show it; unchanged where it has none."""
    at = moment_of(row, now)
    # Conflicts overridden for the old moment still are: their tokens name the moment.
    return row if at is None else row | clock_fields(at, then)


def question_of(data: QueryDict) -> ZoneQuestion | None:
    """Return the question below the choice of the zone; None while no row changed with it."""
    before, zone = time_zone(data.get(BEFORE), ""), time_zone(data.get(ZONE), "")
    if not before or not zone or before == zone:
        return None
    at = next((at for row in read_rows(data) if (at := moment_of(row, zone)) is not None), None)
    if at is None:
        return None
    kept = choice(data.get(KEPT), (MOMENT, CLOCK), MOMENT)
    as_clock = moment_of(clock_fields(at, before if kept == MOMENT else zone), zone)
    as_moment = at if kept == MOMENT else moment_of(clock_fields(at, zone), before)
    if as_clock is None or as_moment is None:
        return None
    return ZoneQuestion(
        zones.city(before), zones.city(zone), kept, format_start(as_moment, zone), format_start(as_clock, zone)
    )

"""Wall-clock times in a named zone, and the moments they mean.

On the days on which clocks change, some wall-clock times do not exist and some come twice; both are said, never guessed
(PEP 495 gives the two readings as `fold` 0 and 1).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from organizations import zones

CLOCK_FORMAT = "H:i"


class WallClock(NamedTuple):
    """A date and a time as clocks show them; `fold` says which of two is meant, where the time comes twice."""

    day: date
    time: time
    fold: int | None


class WallClockError(ValueError):
    """A wall-clock time does not name exactly one moment."""


@dataclass
class NonexistentTime(WallClockError):
    """The clocks jump over it. `nearest` is the first local time after the jump, naive."""

    nearest: datetime


@dataclass
class AmbiguousTime(WallClockError):
    """The clocks are put back and show it twice: `first` and `second`, both aware, in the zone of the clocks."""

    first: datetime
    second: datetime


def moment(day: date, clock: time, zone: str, fold: int | None = None) -> datetime:
    """Return the moment, in UTC, at which clocks in `zone` show `day` and `clock`.

    `fold` 0 or 1 says which of two is meant where the clocks show it twice, and is ignored everywhere else.
    Raises NonexistentTime, and AmbiguousTime when `fold` is needed and missing.
    """
    place = ZoneInfo(zone)
    earlier = datetime.combine(day, clock.replace(fold=0), tzinfo=place)
    later = earlier.replace(fold=1)
    before, after = earlier.utcoffset(), later.utcoffset()
    if before is None or after is None or before == after:
        return earlier.astimezone(UTC)
    if before < after:
        raise NonexistentTime(_end_of_jump(later.astimezone(UTC), earlier.astimezone(UTC), place))
    if fold is None:
        raise AmbiguousTime(earlier, later)
    return (later if fold else earlier).astimezone(UTC)


def _end_of_jump(low: datetime, high: datetime, place: ZoneInfo) -> datetime:
    """Return the first local time after the jump that lies between the moments `low` and `high`."""
    offset = low.astimezone(place).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(place).utcoffset() == offset:
            low = middle
        else:
            high = middle
    # Clocks jump at whole minutes: the search ends less than a second after one.
    return high.astimezone(place).replace(tzinfo=None, second=0, microsecond=0)


def to_wall_clock(at: datetime, zone: str) -> WallClock:
    """Return what clocks in `zone` show at `at`, with the fold where one is needed: the reverse of `moment`."""
    local = at.astimezone(ZoneInfo(zone))
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return WallClock(local.date(), local.time().replace(fold=0, tzinfo=None), local.fold if twice else None)


def day_starts(day: date, zone: str) -> datetime:
    """Return the moment at which a day begins in a zone, also where clocks jump over its midnight."""
    try:
        return moment(day, time(0), zone, fold=0)
    except NonexistentTime as jump:
        return moment(jump.nearest.date(), jump.nearest.time(), zone, fold=0)


def local_days(starts_at: datetime, ends_at: datetime, zone: str) -> tuple[date, ...]:
    """Return the day, or the two days, on which something shorter than a day is, by the clocks in `zone`."""
    place = ZoneInfo(zone)
    first, last = starts_at.astimezone(place), (ends_at - timedelta(microseconds=1)).astimezone(place)
    return tuple(dict.fromkeys((first.date(), last.date())))


def format_span(starts_at: datetime, ends_at: datetime, zone: str) -> str:
    """Return `Mon 1 Mar 2027, 10:00–11:00`, as clocks in `zone` show it; with the offset where they show it twice."""
    place = ZoneInfo(zone)
    start, end = starts_at.astimezone(place), ends_at.astimezone(place)
    first = f"{date_format(start, 'DAY_YEAR_FORMAT')}, {format_clock(start)}"
    if start.date() == end.date():
        return f"{first}–{format_clock(end)}"
    return f"{first} – {date_format(end, 'DAY_YEAR_FORMAT')}, {format_clock(end)}"


def format_entry(starts_at: datetime, ends_at: datetime, zone: str, own_zone: str) -> str:
    """Return `Mon 1 Mar 2027, all day in London` of whole days by its owner's clocks; else as `format_span`."""
    own = ZoneInfo(own_zone)
    start, end = starts_at.astimezone(own), ends_at.astimezone(own)
    if start >= end or (start.time(), end.time()) != (time(0), time(0)):
        return format_span(starts_at, ends_at, zone)
    ends = sorted({start.date(), end.date() - timedelta(days=1)})
    days = " – ".join(date_format(day, "DAY_YEAR_FORMAT") for day in ends)
    return _("%(days)s, all day in %(city)s") % {"days": days, "city": zones.city(own_zone)}


def format_start(starts_at: datetime, zone: str) -> str:
    """Return `Mon 1 Mar 2027, 10:00`, as clocks in `zone` show it."""
    return _format_start(starts_at, zone, get_language())


# Lists say the same fifty times to everybody: kept, as it depends on nothing but what it is given.
@functools.lru_cache(maxsize=4096)
def _format_start(starts_at: datetime, zone: str, language: str | None) -> str:  # noqa: ARG001 - the formats' language
    local = starts_at.astimezone(ZoneInfo(zone))
    return f"{date_format(local, 'DAY_YEAR_FORMAT')}, {format_clock(local)}"


def format_clock(local: datetime) -> str:
    """Return `10:00`, or `02:30 (GMT+1)` where the same clock time comes twice that day."""
    clock = date_format(local, CLOCK_FORMAT)
    if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
        return _("%(clock)s (%(offset)s)") % {"clock": clock, "offset": format_offset(local)}
    return clock


def format_offset(local: datetime) -> str:
    """Return `GMT+1`."""
    return zones.offset(str(local.tzinfo), local)

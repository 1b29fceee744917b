"""Typed local times and the moments they mean.

A person types a date and a clock time in a named zone. On the days on which clocks change, some clock times do not
exist and some come twice; both are said, never guessed (PEP 495 gives the two readings as `fold` 0 and 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

DAY_FORMAT = "D j M Y"
CLOCK_FORMAT = "H:i"


class TypedTimeError(ValueError):
    """What was typed does not name exactly one moment."""


@dataclass
class NonexistentTime(TypedTimeError):
    """The clocks jump over it. `nearest` is the first local time after the jump, naive."""

    nearest: datetime


@dataclass
class AmbiguousTime(TypedTimeError):
    """The clocks are put back and show it twice: `first` and `second`, both aware, in the zone it was typed in."""

    first: datetime
    second: datetime


def moment(day: date, clock: time, zone: str, fold: int | None = None) -> datetime:
    """The moment, in UTC, at which clocks in `zone` show `day` and `clock`.

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
    """The first local time after the jump that lies between the moments `low` and `high`."""
    offset = low.astimezone(place).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(place).utcoffset() == offset:
            low = middle
        else:
            high = middle
    # Clocks jump at whole minutes: the search ends less than a second after one.
    return high.astimezone(place).replace(tzinfo=None, second=0, microsecond=0)


def typed(at: datetime, zone: str) -> tuple[date, time, int | None]:
    """The reverse of `moment`: what to type in `zone` for `at`, with the fold where one is needed."""
    local = at.astimezone(ZoneInfo(zone))
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return local.date(), local.time().replace(fold=0, tzinfo=None), local.fold if twice else None


def day_starts(day: date, zone: str) -> datetime:
    """The moment at which a day begins in a zone, also where clocks jump over its midnight."""
    try:
        return moment(day, time(0), zone, fold=0)
    except NonexistentTime as jump:
        return moment(jump.nearest.date(), jump.nearest.time(), zone, fold=0)


def span(starts_at: datetime, ends_at: datetime, zone: str) -> str:
    """`Mon 1 Mar 2027, 10:00–11:00`, as clocks in `zone` show it; with the offset where they show it twice."""
    place = ZoneInfo(zone)
    start, end = starts_at.astimezone(place), ends_at.astimezone(place)
    first = f"{date_format(start, DAY_FORMAT)}, {clock_words(start)}"
    if start.date() == end.date():
        return f"{first}–{clock_words(end)}"
    return f"{first} – {date_format(end, DAY_FORMAT)}, {clock_words(end)}"


def start(starts_at: datetime, zone: str) -> str:
    """`Mon 1 Mar 2027, 10:00`, as clocks in `zone` show it."""
    local = starts_at.astimezone(ZoneInfo(zone))
    return f"{date_format(local, DAY_FORMAT)}, {clock_words(local)}"


def clock_words(local: datetime) -> str:
    """`10:00`, or `02:30 (UTC+01:00)` where the same clock time comes twice that day."""
    words = date_format(local, CLOCK_FORMAT)
    if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
        return _("%(clock)s (%(offset)s)") % {"clock": words, "offset": offset_words(local)}
    return words


def offset_words(local: datetime) -> str:
    """`UTC+01:00`."""
    return f"UTC{local.isoformat()[-6:]}"

"""Entries of an iCalendar document: its VEVENTs as plain values, grouped by series.

An entry whose time can't be read makes the whole document unreadable: left out, its owner would look free.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
from icalendar.cal.component import Component
from icalendar.prop.broken import vBroken

from integrations.base import Refused, Retryable
from integrations.ical.zones import VTIMEZONE, Zones, hide, known_zone

#: Lines that icalendar's time for grows with the square of their length: long rules and lists of times are refused, and
#: other lines of that size (pictures, free-busy lists) tell nothing that is read here.
_LONG_LINE = re.compile(
    rb"^(?!EXDATE|RDATE|RRULE|EXRULE|DTSTART|DTEND|DURATION|RECURRENCE-ID)[A-Z0-9-]+[;:](?:[^\r\n]|\r?\n[ \t]){50000}"
    rb"(?:[^\r\n]|\r?\n[ \t])*\r?\n",
    re.IGNORECASE | re.MULTILINE,
)
_LONG_RULE = re.compile(rb"^(?:RRULE|EXRULE)[;:](?:[^\r\n]|\r?\n[ \t]){1000}", re.IGNORECASE | re.MULTILINE)
_DAY = timedelta(days=1)
_ZERO = timedelta(0)


@dataclass(frozen=True, slots=True)
class Moment:
    """A wall-clock time in its zone, or the beginning of a whole day."""

    wall: datetime
    zone: tzinfo
    is_day: bool = False

    def utc(self) -> datetime:
        return in_utc(self.wall, self.zone)

    def within(self, zone: tzinfo) -> datetime:
        """The wall-clock time that this is in another zone. Days are the same day everywhere."""
        if self.is_day or self.zone is zone:
            return self.wall
        return self.wall.replace(tzinfo=self.zone).astimezone(zone).replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class Length:
    """How long an entry lasts: on the wall clock, and in time that passes. The later end counts.

    They differ where clocks change inside of an entry, and programs differ in which one they take. `exact` is None for
    whole days.
    """

    nominal: timedelta
    exact: timedelta | None = None

    def end(self, wall: datetime, zone: tzinfo) -> datetime:
        """The end in UTC of what begins at a wall-clock time."""
        end = in_utc(wall + self.nominal, zone)
        return end if self.exact is None else max(end, in_utc(wall, zone) + self.exact)


@dataclass(frozen=True, slots=True)
class Entry:
    """One VEVENT. `recurrence`: which occurrence of its series it stands for; `is_ranged`: and for all after it."""

    component: Component = field(repr=False)
    uid: str
    start: Moment
    length: Length
    recurrence: Moment | None = None
    is_ranged: bool = False
    sequence: int = 0

    def text(self, name: str) -> str:
        """The value of a property; empty without any."""
        value = self.component.get(name)
        value = value[0] if isinstance(value, list) and value else value
        return "" if value is None or isinstance(value, vBroken) else str(value).strip()


@dataclass(frozen=True, slots=True)
class Series:
    """The entries of one UID: masters (one, where the document is right), and those that change one occurrence."""

    uid: str
    masters: tuple[Entry, ...]
    changed: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A document's name, zones and series."""

    name: str
    zones: Zones
    series: tuple[Series, ...]


def in_utc(wall: datetime, zone: tzinfo) -> datetime:
    """The moment of a wall-clock time. One that clocks skip is as much later; of two, it is the first (RFC 5545)."""
    return wall.replace(tzinfo=zone).astimezone(UTC)


def parse(body: bytes) -> Component:
    """The VCALENDAR of a document. Raises `Retryable` for half a one, and `Refused` for anything else."""
    text = body.lstrip(b"\xef\xbb\xbf\r\n\t ")
    if not text[:15].upper().startswith(b"BEGIN:VCALENDAR"):
        raise Refused("no_calendar")
    if not text.rstrip()[-13:].upper().endswith(b"END:VCALENDAR"):
        raise Retryable("unreadable")
    if _LONG_RULE.search(text):
        raise Refused("entry_unreadable")
    found = _parsed(hide(_LONG_LINE.sub(b"", text.replace(b"\x00", b""))))
    if found is None:
        raise Refused("entry_unreadable")
    return found


def _parsed(text: bytes) -> Component | None:
    try:
        calendars = icalendar.Calendar.from_ical(text, multiple=True)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        return None
    if not calendars:
        return None
    first = calendars[0]
    for other in calendars[1:]:
        first.subcomponents.extend(other.subcomponents)
    return first


def read(body: bytes, zone: ZoneInfo) -> Document:
    """The entries of a document. `zone` is the owner's, where the document names none."""
    return document_of(parse(body), zone)


def document_of(calendar: Component, zone: tzinfo) -> Document:
    """The entries of a parsed document."""
    name = str(calendar.get("X-WR-CALNAME", "")).strip()
    own = known_zone(str(calendar.get("X-WR-TIMEZONE", ""))) or zone
    zones = Zones([part for part in calendar.subcomponents if part.name == VTIMEZONE], own)
    return Document(name, zones, _series(calendar, zones))


def _series(calendar: Component, zones: Zones) -> tuple[Series, ...]:
    groups: dict[str, list[Entry]] = {}
    for number, part in enumerate(calendar.subcomponents):
        if part.name != "VEVENT":
            continue
        entry = _entry(part, zones)
        if entry is not None:
            groups.setdefault(entry.uid or f"#{number}", []).append(entry)
    return tuple(_grouped(uid, entries) for uid, entries in groups.items())


def _grouped(uid: str, entries: list[Entry]) -> Series:
    """A series without what newer versions of the same entry replace."""
    masters = [entry for entry in entries if entry.recurrence is None]
    newest = max((entry.sequence for entry in masters), default=0)
    changed: dict[datetime, Entry] = {}
    for entry in entries:
        if entry.recurrence is not None:
            key = entry.recurrence.wall if entry.recurrence.is_day else entry.recurrence.utc().replace(tzinfo=None)
            if key not in changed or changed[key].sequence <= entry.sequence:
                changed[key] = entry
    return Series(uid, tuple(one for one in masters if one.sequence == newest), tuple(changed.values()))


def _entry(part: Component, zones: Zones) -> Entry | None:
    """The values of a VEVENT; None for one that has no time. Raises `Refused` when its time can't be read."""
    start = _moment(part, "DTSTART", zones)
    if start is None:
        return None
    recurrence = _moment(part, "RECURRENCE-ID", zones)
    ranged = getattr(part.get("RECURRENCE-ID"), "params", {}).get("RANGE", "")
    sequence = str(part.get("SEQUENCE", "0"))
    return Entry(
        component=part,
        uid=str(part.get("UID", "")).strip(),
        start=start,
        length=_length(part, start, zones),
        recurrence=recurrence,
        is_ranged=str(ranged).upper() == "THISANDFUTURE",
        sequence=int(sequence) if re.fullmatch(r"\d{1,9}", sequence) else 0,
    )


def _length(part: Component, start: Moment, zones: Zones) -> Length:
    end = _moment(part, "DTEND", zones)
    if end is not None:
        if start.is_day or end.is_day:
            return Length(max(_whole_days(end.wall - start.wall), _DAY))
        exact = end.utc() - start.utc()
        return Length(end.wall - start.wall if end.zone is start.zone else exact, exact)
    duration = _value(part, "DURATION")
    if duration is None:
        return Length(_DAY if start.is_day else _ZERO)
    if not isinstance(duration, timedelta):
        raise Refused("entry_unreadable")
    if start.is_day:
        return Length(max(_whole_days(duration), _DAY))
    return Length(duration) if duration % _DAY == _ZERO else Length(duration, duration)


def _whole_days(length: timedelta) -> timedelta:
    return -(-length // _DAY) * _DAY


def _value(part: Component, name: str) -> Any:
    """The value of a property with one time; None without it. Raises `Refused` for one that can't be read."""
    found = part.get(name)
    if found is None:
        return None
    found = found[0] if isinstance(found, list) and found else found
    if isinstance(found, vBroken) or not hasattr(found, "dt"):
        raise Refused("entry_unreadable")
    return found.dt


def _moment(part: Component, name: str, zones: Zones) -> Moment | None:
    value = _value(part, name)
    if value is None:
        return None
    found = part.get(name)
    found = found[0] if isinstance(found, list) else found
    return moment(value, str(found.params.get("TZID", "")), zones)


def moment(value: object, tzid: str, zones: Zones) -> Moment:
    """A date or a time as iCalendar has it, with the zone that its document means."""
    if isinstance(value, datetime):
        if value.tzinfo is not None and str(value.tzinfo) in ("UTC", "tzutc()"):
            return Moment(value.replace(tzinfo=None), UTC)
        return Moment(value.replace(tzinfo=None, fold=0), zones.named(tzid) if tzid else zones.own)
    if isinstance(value, date):
        return Moment(datetime.combine(value, time()), zones.own, is_day=True)
    raise Refused("entry_unreadable")


def times(part: Component, name: str, zones: Zones) -> Iterator[tuple[Moment, Length | None]]:
    """The times of EXDATE or RDATE; with its own length for a period."""
    found = part.get(name)
    for values in found if isinstance(found, list) else [found]:
        if values is None:
            continue
        if isinstance(values, vBroken) or not hasattr(values, "dts"):
            raise Refused("entry_unreadable")
        for one in values.dts:
            tzid = str(one.params.get("TZID", "") or getattr(values, "params", {}).get("TZID", ""))
            if not isinstance(one.dt, tuple):
                yield moment(one.dt, tzid, zones), None
                continue
            start, end = moment(one.dt[0], tzid, zones), one.dt[1]
            exact = end if isinstance(end, timedelta) else moment(end, tzid, zones).utc() - start.utc()
            yield start, Length(exact, exact)

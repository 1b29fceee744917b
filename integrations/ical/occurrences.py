"""Expand the entries of iCalendar documents into occurrences of a window.

Rules are followed on the wall clock of the series, and each time is then placed in its zone, so that a meeting at nine
stays at nine when clocks change. The work is bounded: a rule for every second is refused before it is followed.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from typing import Any

from dateutil.rrule import rrule, rrulestr

from integrations.base import Refused
from integrations.calendars import Answer, Occurrence, TimeKind, Window
from integrations.ical import entries
from integrations.ical.entries import Document, Entry, Length, Series
from integrations.ical.ours import our_id_of

#: Occurrences in one window, and seconds of work, after which a calendar is given up.
MAX_OCCURRENCES = 20_000
MAX_SECONDS = 10.0
#: Steps from a rule's beginning to the end of the window: 680 years of days, 28 years of hours, 3 days of seconds.
MAX_STEPS = 250_000

_STEP = {"SECONDLY": 1, "MINUTELY": 60, "HOURLY": 3600}
_DAY_STEP = 86_400
#: Rules finer than a day may not have these: where nothing fits, the next 8,000 years would be searched by the second.
_COARSE = ("BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYEASTER", "BYSETPOS")
_MONTH_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
# Zones are at most 14 hours away from UTC.
_MARGIN = timedelta(days=2)
_ANSWERS = {"ACCEPTED": Answer.ACCEPTED, "TENTATIVE": Answer.TENTATIVE, "DECLINED": Answer.DECLINED}
_KINDS = {"OOF": TimeKind.OUT_OF_OFFICE, "WORKINGELSEWHERE": TimeKind.WORKING_LOCATION}


@dataclass(slots=True)
class Budget:
    """The work that one reading may take. Raises `Refused` ("too_many") when it is used up."""

    deadline: float
    left: int = MAX_OCCURRENCES

    def spend(self, occurrences: int = 0) -> None:
        self.left -= occurrences
        if self.left < 0 or time.monotonic() > self.deadline:
            raise Refused("too_many")


def budget() -> Budget:
    return Budget(time.monotonic() + MAX_SECONDS)


def expand(
    document: Document, window: Window, owners: Iterable[str], *, name: str = "", limit: Budget | None = None
) -> list[Occurrence]:
    """The occurrences in the window, earliest first. `owners`: the owner's addresses, whose answer counts.

    `name` is the document's at a CalDAV server: its occurrences then are a series of that name.
    """
    limit = limit or budget()
    mine = frozenset(address.strip().lower() for address in owners if address)
    found: dict[str, Occurrence] = {}
    for series in document.series:
        limit.spend()
        for entry, start, length, key in _starts(series, window, document, limit):
            one = _occurrence(entry, start, length, mine, key)
            if one.starts_at < one.ends_at and one.starts_at < window.ends_at and one.ends_at > window.starts_at:
                limit.spend(1)
                series_name = name or (series.uid if key else "")
                one_id = _id(name or series.uid, key, one, found)
                found[one_id] = replace(one, id=one_id, series=series_name)
    return sorted(found.values(), key=lambda one: (one.starts_at, one.id))


def _id(series: str, key: str, one: Occurrence, taken: Mapping[str, Occurrence]) -> str:
    """An id that stays the same while the occurrence does, also where documents use a UID twice."""
    found = f"{series}#{key}" if key else series
    if found not in taken or (taken[found].starts_at, taken[found].ends_at) == (one.starts_at, one.ends_at):
        return found
    return f"{found}#{one.starts_at:%Y%m%dT%H%M%S}-{one.ends_at:%Y%m%dT%H%M%S}"


def _starts(
    series: Series, window: Window, document: Document, limit: Budget
) -> Iterator[tuple[Entry, datetime, Length, str]]:
    """Each occurrence that may touch the window: its entry, beginning on the wall clock, length and key in its series.

    Cancelled ones are left out. The key is empty for entries that do not recur.
    """
    for entry in series.changed:
        if entry.text("STATUS").upper() != "CANCELLED" and entry.recurrence is not None:
            yield entry, entry.start.wall, entry.length, f"{entry.recurrence.utc():%Y%m%dT%H%M%S}"
    for master in series.masters:
        if master.text("STATUS").upper() == "CANCELLED":
            continue
        recurs = any(master.component.get(name) is not None for name in ("RRULE", "RDATE"))
        for wall, own in _walls(master, series.changed, window, document, limit):
            key = f"{entries.in_utc(wall, master.start.zone):%Y%m%dT%H%M%S}" if recurs else ""
            limit.spend()
            current, start, length = _ranged(series.changed, master, wall, own or master.length)
            if current is not None:
                yield current, start, length, key


def _ranged(
    changed: Iterable[Entry], master: Entry, wall: datetime, length: Length
) -> tuple[Entry | None, datetime, Length]:
    """The entry that an occurrence is one of: the master, or the last change "of this and all after it"."""
    zone = master.start.zone
    before = [
        (entry.recurrence.within(zone), entry)
        for entry in changed
        if entry.is_ranged and entry.recurrence is not None and entry.recurrence.within(zone) < wall
    ]
    if not before:
        return master, wall, length
    since, entry = max(before, key=lambda pair: pair[0])
    if entry.text("STATUS").upper() == "CANCELLED":
        return None, wall, length
    return entry, entry.start.wall + (wall - since), entry.length


def _walls(
    master: Entry, changed: Iterable[Entry], window: Window, document: Document, limit: Budget
) -> Iterator[tuple[datetime, Length | None]]:
    """Beginnings of occurrences that nothing changes or leaves out, and the lengths of those with one of their own."""
    zone, part = master.start.zone, master.component
    low, high = _bounds(master, changed, window)
    found: dict[datetime, Length | None] = {master.start.wall: None}
    rules = part.get("RRULE")
    for rule in rules if isinstance(rules, list) else [rules]:
        limit.spend()
        if rule is not None:
            found.update(dict.fromkeys(_follow(rule, master, low, high, limit)))
    for extra, length in entries.times(part, "RDATE", document.zones):
        found[extra.within(zone)] = length
    left_out = [one for one, _length in entries.times(part, "EXDATE", document.zones)]
    left_out += [entry.recurrence for entry in changed if entry.recurrence is not None]
    walls = {one.within(zone) for one in left_out}
    days = {one.wall.date() for one in left_out if one.is_day}
    moments = {one.utc() for one in left_out}  # a time that clocks skip has another one on the wall
    for wall, length in found.items():
        if not low <= wall <= high or wall in walls or wall.date() in days:
            continue
        if not moments or entries.in_utc(wall, zone) not in moments:
            yield wall, length


def _bounds(master: Entry, changed: Iterable[Entry], window: Window) -> tuple[datetime, datetime]:
    """The wall-clock times between which an occurrence can begin that touches the window."""
    zone = master.start.zone
    longest = max(entry.length.nominal for entry in (master, *changed))
    shifts = [abs(one.start.wall - one.recurrence.within(zone)) for one in changed if one.is_ranged and one.recurrence]
    shift = max(shifts, default=timedelta())
    low = window.starts_at.astimezone(UTC).replace(tzinfo=None) - _MARGIN - longest - shift
    return low, window.ends_at.astimezone(UTC).replace(tzinfo=None) + _MARGIN + shift


def _follow(rule: Any, master: Entry, low: datetime, high: datetime, limit: Budget) -> Iterator[datetime]:
    made = _rule(rule, master, high)
    if made is None:
        return
    for number, wall in enumerate(made):
        if wall > high:
            return
        if number % 500 == 0:
            limit.spend()
        if wall >= low:
            yield wall


def _rule(rule: Any, master: Entry, high: datetime) -> rrule | None:
    """The rule on the wall clock; None for one that nothing fits. Raises `Refused` for one that can't be followed."""
    try:
        parts = {str(name).upper(): [str(value) for value in values] for name, values in rule.items()}
        _refuse_endless(parts, master.start.wall, high)
        if _fits_nothing(parts):
            return None
        until = rule.get("UNTIL")
        text = ";".join(
            f"{name}={','.join(rule_values(rule, name))}" for name in parts if name not in ("UNTIL", "RSCALE", "SKIP")
        )
        made = rrulestr(text, dtstart=master.start.wall)
        if isinstance(made, rrule):
            return made.replace(until=_until(until[0], master)) if until else made
    except (ValueError, TypeError, AttributeError, KeyError, OverflowError, IndexError):
        pass
    raise Refused("entry_unreadable")


def rule_values(rule: Any, name: str) -> list[str]:
    """The values of one part of a rule as they stand in documents."""
    return [str(value.to_ical().decode() if hasattr(value, "to_ical") else value) for value in rule[name]]


def _refuse_endless(parts: Mapping[str, list[str]], start: datetime, high: datetime) -> None:
    """Raise for a rule that takes too long to follow, before anybody does."""
    frequency, interval = parts["FREQ"][0].upper(), int(parts.get("INTERVAL", ["1"])[0])
    if interval < 1:
        raise ValueError
    fine = frequency in _STEP
    steps = (high - start).total_seconds() / (_STEP.get(frequency, _DAY_STEP) * interval)
    if steps > MAX_STEPS or (fine and any(name in parts for name in _COARSE)):
        raise Refused("too_many")


def _fits_nothing(parts: Mapping[str, list[str]]) -> bool:
    """Whether no month of the rule has any of its days (30 February): it would be searched for until the year 9999."""
    months, days = parts.get("BYMONTH", []), [int(day) for day in parts.get("BYMONTHDAY", [])]
    return bool(months and days) and all(abs(day) > _MONTH_DAYS[int(month) - 1] for month in months for day in days)


def _until(value: Any, master: Entry) -> datetime:
    """The last moment of a rule on the wall clock of its series. A date is its whole day."""
    if not isinstance(value, datetime):
        return datetime.combine(value, clock(23, 59, 59))
    if value.tzinfo is None or master.start.is_day:
        return value.replace(tzinfo=None)
    return value.astimezone(master.start.zone).replace(tzinfo=None)


def _occurrence(entry: Entry, wall: datetime, length: Length, owners: frozenset[str], key: str) -> Occurrence:
    zone = entry.start.zone
    shown = entry.text("X-MICROSOFT-CDO-BUSYSTATUS").upper()
    return Occurrence(
        id=key,
        starts_at=entries.in_utc(wall, zone),
        ends_at=length.end(wall, zone),
        title=entry.text("SUMMARY"),
        is_all_day=entry.start.is_day,
        is_free=_is_free(entry.text("TRANSP").upper(), shown),
        is_private=entry.text("CLASS").upper() not in ("", "PUBLIC"),
        is_tentative=entry.text("STATUS").upper() == "TENTATIVE" or shown == "TENTATIVE",
        kind=_KINDS.get(shown, TimeKind.DEFAULT),
        answer=answer_of(entry, owners),
        our_id=our_id_of(entry.uid),
    )


def _is_free(transparency: str, shown: str) -> bool:
    """Whether an entry leaves its owner free. Where the two marks disagree, it does not."""
    if transparency:
        return transparency == "TRANSPARENT" and shown not in ("BUSY", "OOF")
    return shown in ("FREE", "WORKINGELSEWHERE")


def answer_of(entry: Entry, owners: frozenset[str]) -> Answer:
    """The answer of the attendee with one of these addresses.

    The attendee of Panelist's own event is the calendar's owner, whatever address they have there.
    """
    found = entry.component.get("ATTENDEE", [])
    attendees = found if isinstance(found, list) else [found]
    alone = len(attendees) == 1 and bool(our_id_of(entry.uid))
    for attendee in attendees:
        address = str(attendee).strip().lower().removeprefix("mailto:")
        if alone or address in owners or str(attendee.params.get("EMAIL", "")).strip().lower() in owners:
            return _ANSWERS.get(str(attendee.params.get("PARTSTAT", "")).upper(), Answer.NONE)
    return Answer.NONE

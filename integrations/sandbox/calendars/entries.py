"""Rows of the calendars' world. Moments are aware and in UTC; a vendor's surface turns them into its own shapes."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

#: Occurrences of one series that an expansion looks at.
MOST_OCCURRENCES = 5000


class Access(enum.StrEnum):
    """The connected account's rights in a calendar. With `NONE` it is not found."""

    WRITE = "write"
    READ = "read"
    BUSY_ONLY = "busy_only"
    NONE = "none"


class Answer(enum.StrEnum):
    """The calendar owner's answer to an entry."""

    NONE = "none"
    ACCEPTED = "accepted"
    TENTATIVE = "tentative"
    DECLINED = "declined"


class Kind(enum.StrEnum):
    """The kind of an entry."""

    DEFAULT = "default"
    OUT_OF_OFFICE = "out_of_office"
    FOCUS = "focus"
    WORKING_LOCATION = "working_location"
    BIRTHDAY = "birthday"


@dataclass(slots=True)
class Person:
    """A person of the organization, or a room of it. `seats` and `place` are a room's; 0 seats are unknown."""

    address: str
    name: str
    zone: str = "UTC"
    is_room: bool = False
    seats: int = 0
    place: str = ""


@dataclass(slots=True)
class CalendarRow:
    """One calendar. `last_change` counts its changes, and `oldest_token` is the first of them still told."""

    id: str
    owner: str
    name: str
    zone: str
    is_main: bool = True
    access: Access = Access.WRITE
    last_change: int = 0
    oldest_token: int = 0


@dataclass(slots=True)
class Entry:
    """One entry: a single one, a series (`rule`), or a changed occurrence of one (`series` and `original_start`).

    `rule`: an RRULE without its name, counted in `zone`. `ended`: starts of occurrences that a change took away.
    `room_answers` are those of its rooms, by address; the copy of it that a room has is in that room's calendar.
    `made_by`: the id of the account or app that wrote it; empty for what a person did by hand. `change`: the number of
    its last change in its calendar. `extra`: members that a vendor's surface keeps with it.
    """

    id: str
    calendar: str
    title: str
    starts_at: datetime
    ends_at: datetime
    zone: str = "UTC"
    description: str = ""
    location: str = ""
    is_all_day: bool = False
    is_free: bool = False
    is_private: bool = False
    is_tentative: bool = False
    kind: Kind = Kind.DEFAULT
    answer: Answer = Answer.NONE
    comment: str = ""
    proposed_starts_at: datetime | None = None
    proposed_ends_at: datetime | None = None
    organizer: str = ""
    rooms: tuple[str, ...] = ()
    room_answers: dict[str, str] = field(default_factory=dict)
    rule: str = ""
    skipped: tuple[datetime, ...] = ()
    ended: tuple[datetime, ...] = ()
    series: str = ""
    original_start: datetime | None = None
    meeting_url: str = ""
    cancelled: bool = False
    made_by: str = ""
    version: int = 1
    change: int = 0
    created_at: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    changed_at: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def length(self) -> timedelta:
        """How long each occurrence takes."""
        return self.ends_at - self.starts_at

    def starts(self, after: datetime, before: datetime) -> Iterator[datetime]:
        """Starts of occurrences that lie in, or reach into, the stretch. Skipped ones are left out."""
        if not self.rule:
            if self.starts_at < before and self.ends_at > after:
                yield self.starts_at
            return
        zone = ZoneInfo(self.zone)
        first = self.starts_at.astimezone(zone).replace(tzinfo=None)
        rule = rrulestr(_naive_until(self.rule, zone), dtstart=first)
        for number, start in enumerate(rule):
            moment = start.replace(tzinfo=zone).astimezone(UTC)
            if moment >= before or number > MOST_OCCURRENCES:
                return
            if moment + self.length > after and moment not in self.skipped:
                yield moment


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One occurrence of an entry. `series` is the id of the series, `start` the moment that the series gives it."""

    entry: Entry
    id: str
    starts_at: datetime
    ends_at: datetime
    series: str = ""
    start: datetime | None = None
    cancelled: bool = False


def occurrence_id(series: str, start: datetime, *, is_all_day: bool, zone: str) -> str:
    """The id of an occurrence, as Google makes it: the series, and the moment that the series gives it."""
    if is_all_day:
        return f"{series}_{start.astimezone(ZoneInfo(zone)):%Y%m%d}"
    return f"{series}_{start.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def to_row(entry: Entry) -> dict[str, Any]:
    """The entry as JSON can hold it."""
    return {name: _plain(value) for name, value in dataclasses.asdict(entry).items()}


def from_row(row: dict[str, Any]) -> Entry:
    """The entry of a row."""
    kept = dict(row)
    for name in ("starts_at", "ends_at", "created_at", "changed_at"):
        kept[name] = datetime.fromisoformat(kept[name])
    for name in ("proposed_starts_at", "proposed_ends_at", "original_start"):
        kept[name] = datetime.fromisoformat(kept[name]) if kept[name] else None
    for name in ("skipped", "ended"):
        kept[name] = tuple(datetime.fromisoformat(value) for value in kept[name])
    kept |= {"rooms": tuple(kept["rooms"]), "kind": Kind(kept["kind"]), "answer": Answer(kept["answer"])}
    return Entry(**kept)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return [_plain(each) for each in value] if isinstance(value, tuple) else value


def _naive_until(rule: str, zone: ZoneInfo) -> str:
    """The rule with its UNTIL as a wall-clock time, as the expansion counts in these."""
    parts = dict(part.split("=", 1) for part in rule.split(";") if "=" in part)
    until = parts.get("UNTIL", "")
    if until.endswith("Z"):
        moment = datetime.strptime(until, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        parts["UNTIL"] = moment.astimezone(zone).strftime("%Y%m%dT%H%M%S")
    return ";".join(f"{name}={value}" for name, value in parts.items())

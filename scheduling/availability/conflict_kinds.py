"""Kinds of conflicts, and what a conflict says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Severity(StrEnum):
    """Impossible: can't be saved. Overridable: saved only when a person says so. Hint: shown, and saved."""

    IMPOSSIBLE = "impossible"
    OVERRIDABLE = "overridable"
    HINT = "hint"


class ConflictKind(StrEnum):
    NONEXISTENT_TIME = "nonexistent_time"
    AMBIGUOUS_TIME = "ambiguous_time"
    SAME_PERSON_TWICE = "same_person_twice"
    PAST = "past"
    CANDIDATE_ELSEWHERE = "candidate_elsewhere"
    DOUBLE_BOOKED = "double_booked"
    CALENDAR_BUSY = "calendar_busy"
    CALENDAR_SOFT = "calendar_soft"
    CALENDAR_UNKNOWN = "calendar_unknown"
    ROOM_TAKEN = "room_taken"
    ROOM_DECLINED = "room_declined"
    ROOM_GONE = "room_gone"
    ROOM_UNKNOWN = "room_unknown"
    ROOM_SMALL = "room_small"
    DAY_OFF = "day_off"
    PUBLIC_HOLIDAY = "public_holiday"
    OUTSIDE_HOURS = "outside_hours"
    INTERVIEW_HOURS = "interview_hours"
    SHORT_BUFFER = "short_buffer"
    FEWER_PEOPLE = "fewer_people"
    CANDIDATE_NIGHT = "candidate_night"
    CANDIDATE_WEEKEND = "candidate_weekend"


_SEVERITY = {
    ConflictKind.NONEXISTENT_TIME: Severity.IMPOSSIBLE,
    ConflictKind.AMBIGUOUS_TIME: Severity.IMPOSSIBLE,
    ConflictKind.SAME_PERSON_TWICE: Severity.IMPOSSIBLE,
    ConflictKind.FEWER_PEOPLE: Severity.HINT,
    ConflictKind.CALENDAR_SOFT: Severity.HINT,
    ConflictKind.CALENDAR_UNKNOWN: Severity.HINT,
    ConflictKind.SHORT_BUFFER: Severity.HINT,
    ConflictKind.ROOM_DECLINED: Severity.HINT,
    ConflictKind.ROOM_UNKNOWN: Severity.HINT,
    ConflictKind.ROOM_SMALL: Severity.HINT,
}


@dataclass(frozen=True)
class Conflict:
    """One reason against the planned interview with the key `planned`."""

    kind: ConflictKind
    planned: str
    message: str
    # Makes it this conflict and no other: ids of people and interviews, and the planned time.
    about: str = ""
    # NONEXISTENT_TIME only: the nearest time that exists, naive, in the zone of entry.
    nearest: datetime | None = None
    # AMBIGUOUS_TIME only: what to choose from, aware.
    readings: tuple[datetime, datetime] | None = None
    # The account of the interviewer concerned.
    user: int | None = None
    # The room concerned, and until when it is taken.
    room: int | None = None
    until: datetime | None = None
    # An interviewer's or a room's only: the message in two or three words, beside the name.
    brief: str = ""

    @property
    def severity(self) -> Severity:
        return _SEVERITY.get(self.kind, Severity.OVERRIDABLE)

    @property
    def token(self) -> str:
        return f"{self.kind}:{self.about}"


@dataclass(frozen=True)
class Overridden:
    """A conflict that a person has overridden, for the trail: it names an account, and nobody. `reason` may be ""."""

    kind: ConflictKind
    user: int | None = None
    reason: str = ""

"""Read the calendar part of an answer (RFC 5546): who answered which version of which event, and how."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from icalendar.cal.component import Component
from icalendar.prop.broken import vBroken

from integrations.base import ToolError
from integrations.calendars import Answer
from integrations.ical.entries import document_of, parse
from organizations import text

#: Bytes of a calendar part. Invitations have 2,000.
LARGEST = 64 * 1024
LONGEST_COMMENT = 1000
REPLY, COUNTER, REFRESH = "REPLY", "COUNTER", "REFRESH"
_ANSWERS = {
    "ACCEPTED": Answer.ACCEPTED,
    "TENTATIVE": Answer.TENTATIVE,
    "DECLINED": Answer.DECLINED,
    "NEEDS-ACTION": Answer.NONE,
}


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. `attendees`: addresses in small letters, each with its answer; None for one of another kind.

    `stamped_at`: when the attendee's program made it. Times are None where there are none that can be read.
    """

    method: str
    uid: str
    sequence: int
    organizer: str
    attendees: dict[str, Answer | None]
    comment: str
    stamped_at: datetime | None
    starts_at: datetime | None
    ends_at: datetime | None


def read(body: bytes) -> Reply | None:
    """Return the answer in a calendar part; None for anything else, such as an invitation that is quoted."""
    if len(body) > LARGEST:
        return None
    try:
        calendar = parse(body)
    except ToolError:
        return None
    method = _line(calendar.get("METHOD")).upper()
    event = next((one for one in calendar.subcomponents if one.name == "VEVENT"), None)
    if event is None or method not in {REPLY, COUNTER, REFRESH}:
        return None
    starts_at, ends_at = _times(calendar) if method == COUNTER else (None, None)
    return Reply(
        method=method,
        uid=_line(event.get("UID")),
        sequence=_sequence(event),
        organizer=_address(_first(event.get("ORGANIZER"))),
        attendees={_address(one): _answer(one) for one in _all(event.get("ATTENDEE"))[:20]},
        comment=text.lines("\n".join(_comments(event)))[:LONGEST_COMMENT],
        stamped_at=_moment(_first(event.get("DTSTAMP"))),
        starts_at=starts_at,
        ends_at=ends_at,
    )


def _comments(event: Component) -> list[str]:
    """Return the words with the answer: COMMENT, or else a parameter of the attendee (Google, Apple)."""
    found = [str(one) for one in _all(event.get("COMMENT"))[:5]]
    attendees = _all(event.get("ATTENDEE"))
    if not found and len(attendees) == 1:
        found = [str(attendees[0].params.get("X-RESPONSE-COMMENT", ""))]
    return found


def _sequence(event: Component) -> int:
    """Return the SEQUENCE; 0 without one, and -1, which no event has, for one that can't be read."""
    if event.get("SEQUENCE") is None:
        return 0
    found = _line(event.get("SEQUENCE"))
    return int(found) if re.fullmatch(r"\d{1,9}", found) else -1


def _times(calendar: Component) -> tuple[datetime | None, datetime | None]:
    try:
        entries = [entry for series in document_of(calendar, UTC).series for entry in series.masters]
        if not entries or entries[0].start.is_day:
            return None, None
        start, length = entries[0].start, entries[0].length
        return start.utc(), length.end(start.wall, start.zone)
    except (ToolError, OverflowError, ValueError):
        return None, None


def _all(value: object) -> Sequence[Any]:
    found = value if isinstance(value, list) else [] if value is None else [value]
    return [one for one in found if not isinstance(one, vBroken)]


def _first(value: object) -> Any:
    return next(iter(_all(value)), None)


def _line(value: object) -> str:
    found = _first(value)
    return "" if found is None else text.line(str(found)[:1000])


def _address(value: object) -> str:
    """Return the address behind `mailto:`, in small letters."""
    found = text.line(str(value or "")[:1000]).lower()
    return found.removeprefix("mailto:").strip()


def _answer(attendee: Any) -> Answer | None:
    return _ANSWERS.get(str(getattr(attendee, "params", {}).get("PARTSTAT", "NEEDS-ACTION")).upper())


def _moment(value: Any) -> datetime | None:
    """Return a time in UTC, as DTSTAMP is; one without a zone is taken for it."""
    found = getattr(value, "dt", None)
    if not isinstance(found, datetime):
        return None
    try:
        return found.astimezone(UTC) if found.tzinfo is not None else found.replace(tzinfo=UTC)
    except (OverflowError, ValueError):
        return None

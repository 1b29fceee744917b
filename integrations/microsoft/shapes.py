"""JSON of Microsoft Graph to the contract's shapes.

Texts and ids that do not fit are left out. A time that can't be read is an error: an entry without its time would
show its owner as free.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tzlocal.windows_tz import win_tz

from integrations.base import Retryable
from integrations.calendars import Answer, CalendarRef, Occurrence, TimeKind, VendorEvent, worst
from integrations.ical.ours import our_id_of

Json = Mapping[str, object]

#: The start of each transaction id that Panelist makes events with; 32 hexadecimal digits and perhaps more follow.
TRANSACTION = "panelist-"
_OURS = re.compile(rf"{TRANSACTION}([0-9a-f]{{32}})(-\w+)*")
_MAX_ID = 600
_MAX_URL = 2000
#: More seats than any room has: such a number is none.
_MOST_SEATS = 100_000
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)?")
_MIDNIGHT = time(0)

_ANSWERS = {
    "accepted": Answer.ACCEPTED,
    "tentativelyAccepted": Answer.TENTATIVE,
    "declined": Answer.DECLINED,
}
_FREE = {"free", "workingElsewhere"}
_KINDS = {"oof": TimeKind.OUT_OF_OFFICE, "workingElsewhere": TimeKind.WORKING_LOCATION}
_PRIVATE = {"private", "confidential", "personal"}


def text(value: object) -> str:
    """A string that any database stores: no NUL, no half of a surrogate pair. Empty for anything but a string."""
    if not isinstance(value, str):
        return ""
    return value.replace("\x00", "").encode("utf-8", "replace").decode()


def identifier(value: object) -> str:
    """A vendor's id; empty when it can't be one."""
    found = text(value)
    return found if found == value and found.strip() == found and len(found) <= _MAX_ID else ""


def objects(value: object) -> list[dict[str, object]]:
    """The objects of a list; none for anything else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def inner(value: Json, name: str) -> Json:
    """The object with this name; empty without one."""
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def address(value: object) -> str:
    """The address of an `emailAddress`, in lower case."""
    return text(value.get("address")).strip().lower() if isinstance(value, dict) else ""


def web_address(value: object) -> str:
    """An https URL that a browser can be sent to; empty for anything else."""
    found = text(value)
    good = found == value and len(found) <= _MAX_URL and re.fullmatch(r"https?://[^\s/@]+(/\S*)?", found)
    return found if good and found.isprintable() else ""


def zone_named(value: object) -> ZoneInfo | None:
    """The zone with an IANA or Windows name; None for names that mean no zone (`Customized Time Zone`)."""
    name = text(value).removeprefix("tzone://Microsoft/").replace("Utc", "UTC")
    try:
        return ZoneInfo(win_tz.get(name, name)) if name and name != "Custom" else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def moment(value: object) -> datetime:
    """A `dateTimeTimeZone`, aware and in UTC. Raises `Retryable` where it can't be read."""
    if isinstance(value, dict) and isinstance(value.get("dateTime"), str):
        found = _MOMENT.fullmatch(value["dateTime"])
        zone = UTC if found and found[3] else zone_named(value.get("timeZone", "UTC"))
        if found and zone is not None:
            try:
                read = datetime.fromisoformat(found[1] + (found[3] or "").replace("Z", "+00:00"))
                return (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)
            except (ValueError, OverflowError):
                pass
    raise unreadable()


def unreadable() -> Retryable:
    return Retryable("unreadable")


def occurrence(item: Json, zone: ZoneInfo) -> Occurrence | None:
    """One occurrence of an `event`; None for those that take no time: cancelled, or without any length.

    Raises `Retryable` where its id or times can't be read. A status that is missing or unknown counts as busy.
    """
    id = identifier(item.get("id"))
    if not id:
        raise unreadable()
    starts_at, ends_at = _span(item, zone)
    if ends_at < starts_at:
        raise unreadable()
    if item.get("isCancelled") is True or starts_at == ends_at:
        return None
    shown_as = text(item.get("showAs"))
    ours = _OURS.fullmatch(text(item.get("transactionId")))
    return Occurrence(
        id=id,
        starts_at=starts_at,
        ends_at=ends_at,
        title=text(item.get("subject")),
        series=identifier(item.get("seriesMasterId")),
        is_all_day=item.get("isAllDay") is True,
        is_free=shown_as in _FREE,
        is_private=text(item.get("sensitivity")) in _PRIVATE,
        is_tentative=shown_as == "tentative",
        kind=_KINDS.get(shown_as, TimeKind.DEFAULT),
        answer=_ANSWERS.get(text(inner(item, "responseStatus").get("response")), Answer.NONE),
        room_answer=_room_answer(item),
        our_id=ours[1] if ours else our_id_of(text(item.get("iCalUId"))),
    )


def _span(item: Json, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Start and end. Of whole days they are midnights in `zone`, whatever zone their maker was in."""
    starts_at, ends_at = moment(item.get("start")), moment(item.get("end"))
    if item.get("isAllDay") is not True:
        return starts_at, ends_at
    for made_in in (UTC, zone_named(item.get("originalStartTimeZone")), zone):
        if made_in is not None:
            first, last = starts_at.astimezone(made_in), ends_at.astimezone(made_in)
            if first.time() == last.time() == _MIDNIGHT:
                return _midnight(first.date(), zone), _midnight(last.date(), zone)
    return starts_at, ends_at


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, _MIDNIGHT, zone).astimezone(UTC)


def stretch(item: Json) -> Occurrence | None:
    """A `scheduleItem`; None for one that does not keep its owner busy. Raises `Retryable` like `occurrence`."""
    starts_at, ends_at = moment(item.get("start")), moment(item.get("end"))
    if ends_at < starts_at:
        raise unreadable()
    status = text(item.get("status"))
    if status in _FREE or starts_at == ends_at:
        return None
    return busy(starts_at, ends_at, status)


def busy(starts_at: datetime, ends_at: datetime, status: str) -> Occurrence:
    """A busy stretch, with nothing about what it is."""
    kind = _KINDS.get(status, TimeKind.DEFAULT)
    return Occurrence("", starts_at, ends_at, is_tentative=status == "tentative", kind=kind)


def event(item: Json, our_id: str, owner: str) -> VendorEvent:
    """Panelist's `event` as it stands. Raises `Retryable` where id or times can't be read.

    `owner`: the calendar owner's address, empty when unknown. An organizer has given no answer.
    """
    id = identifier(item.get("id"))
    if not id:
        raise unreadable()
    people = [one for one in objects(item.get("attendees")) if one.get("type") != "resource"]
    invited = next((one for one in people if owner and address(one.get("emailAddress")) == owner.lower()), None)
    own = text(inner(item, "responseStatus").get("response"))
    word = text(inner(invited, "status").get("response")) if invited and own not in _ANSWERS else own
    proposers = [one for one in (invited or {}, *people) if one.get("proposedNewTime")]
    proposed = inner(proposers[0], "proposedNewTime") if proposers else {}
    meeting_url = web_address(inner(item, "onlineMeeting").get("joinUrl"))
    return VendorEvent(
        our_id=our_id,
        external_id=id,
        version=version(item),
        starts_at=moment(item.get("start")),
        ends_at=moment(item.get("end")),
        answer=_ANSWERS.get(word, Answer.NONE),
        proposed_starts_at=moment(proposed.get("start")) if proposed else None,
        proposed_ends_at=moment(proposed.get("end")) if proposed else None,
        meeting_url=meeting_url,
        meeting_pending=item.get("isOnlineMeeting") is True and not meeting_url,
        room_answer=_room_answer(item),
    )


def _room_answer(item: Json) -> Answer:
    rooms = [one for one in objects(item.get("attendees")) if one.get("type") == "resource"]
    return worst(_ANSWERS.get(text(inner(one, "status").get("response")), Answer.NONE) for one in rooms)


def version(item: Json) -> str:
    """The mark of an event's state, for If-Match."""
    etag = text(item.get("@odata.etag"))
    return etag if etag.isascii() and etag.isprintable() and len(etag) <= 200 else ""


def calendar(item: Json, *, id: str = "", is_main: bool | None = None) -> CalendarRef | None:
    """A `calendar`; None without an id. `id`: to be used in place of the vendor's."""
    own = id or identifier(item.get("id"))
    if not own:
        return None
    return CalendarRef(
        id=own,
        name=text(item.get("name")) or own,
        owner=address(item.get("owner")),
        is_main=item.get("isDefaultCalendar") is True if is_main is None else is_main,
        can_write=item.get("canEdit") is True,
    )


def room(item: Json) -> CalendarRef | None:
    """A `room`; None without an address, by which rooms are booked."""
    found = text(item.get("emailAddress")).strip().lower()
    if "@" not in found:
        return None
    seats = item.get("capacity")
    place = ", ".join(filter(None, (text(item.get("building")), text(item.get("floorLabel")))))
    return CalendarRef(
        found,
        text(item.get("displayName")) or found,
        owner=found,
        capacity=seats if isinstance(seats, int) and 0 < seats < _MOST_SEATS else 0,
        place=place,
    )

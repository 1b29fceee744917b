"""Google's JSON in the contract's shapes. Nothing in an answer is trusted: entries that make no sense are left out."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from integrations.calendars import Answer, CalendarRef, Occurrence, TimeKind, VendorEvent, worst
from integrations.google.errors import Json
from integrations.ical.ours import our_id_of

#: Names of private extended properties of Panelist's events: its own id, and whether it asked for the meeting.
OURS, MEETING = "panelist", "panelistMeeting"

ANSWERS = {
    "needsAction": Answer.NONE,
    "accepted": Answer.ACCEPTED,
    "tentative": Answer.TENTATIVE,
    "declined": Answer.DECLINED,
}
KINDS = {
    "outOfOffice": TimeKind.OUT_OF_OFFICE,
    "focusTime": TimeKind.FOCUS,
    "workingLocation": TimeKind.WORKING_LOCATION,
    "birthday": TimeKind.BIRTHDAY,
}


def zone_of(name: object, otherwise: ZoneInfo) -> ZoneInfo:
    """The zone with this name, or the other one where there is none."""
    if isinstance(name, str) and name:
        try:
            return ZoneInfo(name)
        except (ValueError, OSError, KeyError):
            return otherwise
    return otherwise


def moment(value: object, zone: ZoneInfo) -> datetime | None:
    """The moment, in UTC, of an event's start or end; a date is its midnight in the zone. None where it makes no sense.

    A wall-clock time without an offset is in the zone that it names, else in the given one.
    """
    if not isinstance(value, dict):
        return None
    try:
        if isinstance(value.get("dateTime"), str):
            found = datetime.fromisoformat(value["dateTime"])
            if found.tzinfo is None:
                found = found.replace(tzinfo=zone_of(value.get("timeZone"), zone))
            return found.astimezone(UTC)
        if isinstance(value.get("date"), str):
            return datetime.combine(date.fromisoformat(value["date"]), time(), zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return None


def text(value: object) -> str:
    return value if isinstance(value, str) else ""


def ours(event: Json) -> str:
    """Panelist's id of an event that it wrote; empty for others, and for a copy of one, which has another id."""
    extended = event.get("extendedProperties")
    private = extended.get("private") if isinstance(extended, dict) else None
    mark = text(private.get(OURS)) if isinstance(private, dict) else ""
    return mark if mark and mark == event.get("id") else ""


def occurrence(event: Json, zone: ZoneInfo) -> Occurrence | None:
    """The occurrence; None for what takes no time, or is no event."""
    starts_at, ends_at = moment(event.get("start"), zone), moment(event.get("end"), zone)
    if not text(event.get("id")) or starts_at is None or ends_at is None or ends_at <= starts_at:
        return None
    start = event["start"]
    return Occurrence(
        id=event["id"],
        starts_at=starts_at,
        ends_at=ends_at,
        title=text(event.get("summary")),
        series=text(event.get("recurringEventId")),
        is_all_day="dateTime" not in start,
        is_free=event.get("transparency") == "transparent",
        is_private=event.get("visibility") in ("private", "confidential"),
        is_tentative=event.get("status") == "tentative",
        kind=KINDS.get(text(event.get("eventType")), TimeKind.DEFAULT),
        answer=ANSWERS.get(text(_self(event).get("responseStatus")), Answer.NONE),
        room_answer=_room_answer(event),
        our_id=ours(event) or our_id_of(text(event.get("iCalUID"))),
    )


def vendor_event(event: Json, zone: ZoneInfo) -> VendorEvent | None:
    """Panelist's event; None where its times make no sense."""
    starts_at, ends_at = moment(event.get("start"), zone), moment(event.get("end"), zone)
    if not text(event.get("id")) or starts_at is None or ends_at is None:
        return None
    me = _self(event)
    url = meeting_url(event)
    return VendorEvent(
        our_id=ours(event),
        external_id=event["id"],
        version=text(event.get("etag")),
        starts_at=starts_at,
        ends_at=ends_at,
        answer=ANSWERS.get(text(me.get("responseStatus")), Answer.NONE),
        comment=text(me.get("comment")),
        meeting_url=url,
        meeting_pending=not url and _meeting_status(event) == "pending",
        room_answer=_room_answer(event),
    )


def meeting_url(event: Json) -> str:
    """The address of the event's meeting; empty while Google still makes it, and without any."""
    data = event.get("conferenceData")
    entries = data.get("entryPoints") if isinstance(data, dict) else None
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, dict) and entry.get("entryPointType") == "video" and text(entry.get("uri")):
            return text(entry["uri"])
    return text(event.get("hangoutLink"))


def _meeting_status(event: Json) -> str:
    value: Any = event.get("conferenceData")
    for name in ("createRequest", "status", "statusCode"):
        value = value.get(name) if isinstance(value, dict) else None
    return text(value)


def _self(event: Json) -> Json:
    """The attendee that the calendar belongs to."""
    for attendee in attendees(event):
        if attendee.get("self") is True:
            return attendee
    return {}


def _room_answer(event: Json) -> Answer:
    rooms = (each for each in attendees(event) if each.get("resource") is True and each.get("self") is not True)
    return worst(ANSWERS.get(text(each.get("responseStatus")), Answer.NONE) for each in rooms)


def attendees(event: Json) -> list[Json]:
    """The attendees, as objects."""
    found = event.get("attendees")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def calendar_ref(item: object) -> CalendarRef | None:
    """A calendar of a person's list; None for one that can't be read, or is no calendar."""
    if not isinstance(item, dict) or not text(item.get("id")) or item.get("deleted") is True:
        return None
    role = item.get("accessRole")
    if role not in ("owner", "writer", "reader"):
        return None
    main = item.get("primary") is True
    id = text(item["id"])
    name = text(item.get("summaryOverride")) or text(item.get("summary")) or id
    return CalendarRef(id=id, name=name, owner=id if main else "", is_main=main, can_write=role != "reader")

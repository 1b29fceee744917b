"""Entries of the world of calendars as Graph's events, and back."""

from __future__ import annotations

import base64
import dataclasses
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from integrations.sandbox.calendars.entries import Access, Answer, CalendarRow, Entry, Kind, Occurrence
from integrations.sandbox.microsoft.refusals import bad_request

Json = dict[str, Any]

_DIGITS = {"free": "0", "workingElsewhere": "0", "tentative": "1", "busy": "2", "oof": "3"}

#: Members of an event that a client may write.
WRITABLE = {
    "subject",
    "body",
    "start",
    "end",
    "location",
    "attendees",
    "transactionId",
    "singleValueExtendedProperties",
    "isOnlineMeeting",
    "onlineMeetingProvider",
    "allowNewTimeProposals",
    "showAs",
    "sensitivity",
    "isAllDay",
    "responseRequested",
    "isReminderOn",
    "categories",
}
_RESPONSES = {
    Answer.ACCEPTED: "accepted",
    Answer.TENTATIVE: "tentativelyAccepted",
    Answer.DECLINED: "declined",
}


def etag(entry: Entry) -> str:
    """The mark of a state of the event."""
    return f'W/"{base64.b64encode(f"{entry.id}:{entry.version}".encode()).decode()}"'


def event(entry: Entry, owner: str) -> Json:
    """A single event, an exception, or the master of a series, whole."""
    kind = "seriesMaster" if entry.rule else "exception" if entry.series else "singleInstance"
    online = bool(entry.extra.get("online"))
    start, end = span(entry, entry.starts_at, entry.ends_at)
    return {
        "@odata.etag": etag(entry),
        "id": entry.id,
        "createdDateTime": _moment(entry.created_at) + "Z",
        "lastModifiedDateTime": _moment(entry.changed_at) + "Z",
        "changeKey": etag(entry)[3:-1],
        "categories": [],
        "transactionId": entry.extra.get("transactionId"),
        "originalStartTimeZone": entry.zone,
        "originalEndTimeZone": entry.zone,
        "iCalUId": f"040000008200E00074C5B7101A82E008{entry.id}",
        "subject": entry.title,
        "bodyPreview": entry.description[:255],
        "body": {"contentType": "html", "content": entry.description},
        "importance": "normal",
        "sensitivity": "private" if entry.is_private else "normal",
        "isAllDay": entry.is_all_day,
        "isCancelled": False,
        "isOrganizer": not entry.organizer or entry.organizer == owner,
        "responseRequested": True,
        "seriesMasterId": entry.series or None,
        "showAs": shown_as(entry),
        "type": kind,
        "isOnlineMeeting": online,
        "onlineMeetingProvider": "teamsForBusiness" if online else "unknown",
        "onlineMeeting": {"joinUrl": entry.meeting_url} if entry.meeting_url else None,
        "allowNewTimeProposals": True,
        "recurrence": {"pattern": {"type": "daily"}, "range": {"type": "noEnd"}} if entry.rule else None,
        "responseStatus": {"response": _response(entry, owner), "time": "0001-01-01T00:00:00Z"},
        "start": start,
        "end": end,
        "location": {"displayName": entry.location, "locationType": "default"},
        "attendees": _attendees(entry, owner),
        "organizer": {"emailAddress": {"name": entry.organizer or owner, "address": entry.organizer or owner}},
    }


def occurrence(one: Occurrence, owner: str, *, whole: bool) -> Json:
    """An occurrence. In a delta round those of a series come without what stands in the series (`whole`: with it)."""
    if not one.entry.rule:
        return event(one.entry, owner)
    start, end = span(one.entry, one.starts_at, one.ends_at)
    few = {"id": one.id, "type": "occurrence", "seriesMasterId": one.series, "start": start, "end": end}
    return (
        {"@odata.etag": etag(one.entry), **few} if not whole else event(one.entry, owner) | few | {"recurrence": None}
    )


def removed(id: str) -> Json:
    """The sign of an event that is gone, which holds nothing else."""
    return {"@odata.type": "#microsoft.graph.event", "id": id, "@removed": {"reason": "deleted"}}


def schedule_item(one: Occurrence, *, details: bool) -> Json:
    """A `scheduleItem`. Without `details` it has only its status and times."""
    entry = one.entry
    start, end = ({"dateTime": _moment(each), "timeZone": "UTC"} for each in (one.starts_at, one.ends_at))
    told = {"subject": entry.title, "location": entry.location} if details and not entry.is_private else {}
    return {"isPrivate": entry.is_private, "status": shown_as(entry), "start": start, "end": end, **told}


def shown_as(entry: Entry) -> str:
    """The word for how the time is shown. What its owner declined takes no time."""
    if entry.is_free or entry.answer is Answer.DECLINED:
        return "free"
    if entry.kind is Kind.OUT_OF_OFFICE:
        return "oof"
    if entry.kind is Kind.WORKING_LOCATION:
        return "workingElsewhere"
    return "tentative" if entry.is_tentative else "busy"


def span(entry: Entry, starts_at: datetime, ends_at: datetime) -> tuple[Json, Json]:
    """Start and end in UTC; those of whole days are midnights of no zone, which are told as UTC."""
    if entry.is_all_day:
        zone = ZoneInfo(entry.zone)
        starts_at, ends_at = (each.astimezone(zone).replace(tzinfo=UTC) for each in (starts_at, ends_at))
    return ({"dateTime": _moment(starts_at), "timeZone": "UTC"}, {"dateTime": _moment(ends_at), "timeZone": "UTC"})


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0")


def _response(entry: Entry, owner: str) -> str:
    unanswered = "organizer" if not entry.organizer or entry.organizer == owner else "notResponded"
    return _RESPONSES.get(entry.answer, unanswered)


def _attendees(entry: Entry, owner: str) -> list[Json]:
    rooms = [
        _attendee(room, "resource", _RESPONSES.get(Answer(entry.room_answers.get(room.lower(), "none")), "none"))
        for room in entry.rooms
    ]
    people = [_attendee(one, "required", "none") for one in entry.extra.get("people", ())]
    if entry.proposed_starts_at is None or entry.proposed_ends_at is None:
        return [*people, *rooms]
    proposed = {"start": entry.proposed_starts_at, "end": entry.proposed_ends_at}
    slot = {name: {"dateTime": _moment(value), "timeZone": "UTC"} for name, value in proposed.items()}
    return [_attendee(owner, "required", _response(entry, owner)) | {"proposedNewTime": slot}, *people, *rooms]


def _attendee(address: str, kind: str, response: str) -> Json:
    status = {"response": response, "time": "0001-01-01T00:00:00Z"}
    return {"type": kind, "status": status, "emailAddress": {"name": address, "address": address}}


# What a client writes


def fields(body: object, entry: Entry | None) -> Json:
    """The fields of `Entry` that a body sets. Raises Refusal for one that Graph would not take."""
    if not isinstance(body, dict):
        raise bad_request("The body must be an object.")
    if unknown := sorted(body.keys() - WRITABLE):
        raise bad_request(f"The property '{unknown[0]}' does not exist on type 'microsoft.graph.event'.")
    if entry is None and not {"start", "end"} <= body.keys():
        raise bad_request("The start and end of an event are required.")
    if entry is not None and "transactionId" in body:
        raise bad_request("The transactionId can't be changed.")
    found: Json = _plain(body)
    if "start" in body or "end" in body:
        found["starts_at"] = read_moment(body["start"]) if "start" in body else entry.starts_at if entry else None
        found["ends_at"] = read_moment(body["end"]) if "end" in body else entry.ends_at if entry else None
        if found["ends_at"] < found["starts_at"]:
            raise bad_request("The end is before the start.")
    if "attendees" in body:
        found |= _invited(body["attendees"])
    return found


def _plain(body: Json) -> Json:
    found: Json = {}
    if "subject" in body:
        found["title"] = str(body["subject"])
    if "body" in body:
        found["description"] = str(body["body"]["content"])
    if "location" in body:
        found["location"] = str(body["location"].get("displayName", ""))
    if "showAs" in body:
        found |= {"is_free": body["showAs"] == "free", "is_tentative": body["showAs"] == "tentative"}
    if "sensitivity" in body:
        found["is_private"] = body["sensitivity"] == "private"
    if "isAllDay" in body:
        found["is_all_day"] = body["isAllDay"] is True
    return found


def _invited(attendees: list[Json]) -> Json:
    rooms = [one["emailAddress"]["address"] for one in attendees if one.get("type") == "resource"]
    people = [one["emailAddress"]["address"] for one in attendees if one.get("type") != "resource"]
    if len(attendees) > 500:
        raise bad_request("The maximum number of attendees is 500.")
    return {"rooms": tuple(rooms), "people": people}


def read_moment(value: object) -> datetime:
    """The moment of a `dateTimeTimeZone`. Raises Refusal."""
    if not isinstance(value, dict) or value.keys() != {"dateTime", "timeZone"}:
        raise bad_request("A time has a dateTime and a timeZone.")
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?", str(value["dateTime"])):
        raise bad_request("The dateTime is not valid.")
    try:
        zone = ZoneInfo(str(value["timeZone"]))
        return datetime.fromisoformat(str(value["dateTime"])[:19]).replace(tzinfo=zone).astimezone(UTC)
    except (ZoneInfoNotFoundError, ValueError):
        raise bad_request("The timeZone or the dateTime is not valid.") from None


def with_meeting(entry: Entry, host: str) -> Entry:
    """The entry one reading later: with the online meeting that was asked for, once that was pending for long enough.

    A meeting once made stays.
    """
    if not entry.extra.get("online") or entry.meeting_url:
        return entry
    if (pending := entry.extra.get("pending", 0)) > 0:
        return dataclasses.replace(entry, extra=entry.extra | {"pending": pending - 1})
    url = f"{host}/teams/{entry.id}"
    way_in = f'<div class="me-email-text">Microsoft Teams<br><a href="{url}">Join the meeting now</a></div>'
    return dataclasses.replace(entry, meeting_url=url, description=f"{entry.description}<br>{way_in}")


def calendar(row: CalendarRow) -> Json:
    """A calendar of a person."""
    return {
        "id": row.id,
        "name": row.name if not row.is_main else "Calendar",
        "canEdit": row.access is Access.WRITE,
        "isDefaultCalendar": row.is_main,
        "owner": {"name": row.owner, "address": row.owner},
    }


def digits(found: list[Occurrence], after: datetime, before: datetime, step: timedelta) -> str:
    """`availabilityView`: the busiest word of each stretch."""
    taken = [(one.starts_at, one.ends_at, _DIGITS[shown_as(one.entry)]) for one in found]
    found_digits, moment = [], after.astimezone(UTC)
    while moment < before:
        inside = [digit for start, end, digit in taken if start < moment + step and end > moment]
        found_digits.append(max(inside, default="0"))
        moment += step
    return "".join(found_digits)

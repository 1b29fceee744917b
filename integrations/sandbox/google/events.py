"""Entries of the calendars' world in Google's shapes, and back."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from integrations.sandbox.calendars.entries import Answer, Entry, Kind, Occurrence
from integrations.sandbox.directory import VendorError

Json = dict[str, Any]

ANSWERS = {
    Answer.NONE: "needsAction",
    Answer.ACCEPTED: "accepted",
    Answer.TENTATIVE: "tentative",
    Answer.DECLINED: "declined",
}
KINDS = {
    Kind.DEFAULT: "default",
    Kind.OUT_OF_OFFICE: "outOfOffice",
    Kind.FOCUS: "focusTime",
    Kind.WORKING_LOCATION: "workingLocation",
    Kind.BIRTHDAY: "birthday",
}
#: Members of an event that are kept as they came.
KEPT = ("extendedProperties", "source", "reminders", "colorId", "guestsCanInviteOthers", "conferenceData", "attendees")
ID_LETTERS = frozenset("0123456789abcdefghijklmnopqrstuv")


class BadEvent(VendorError):
    """The event in a request is wrong; the text says how (HTTP 400)."""


def etag(entry: Entry) -> str:
    """The mark of the entry's state."""
    return f'"{entry.version:016d}"'


def shown(each: Occurrence, *, max_attendees: int | None = None) -> Json:
    """An occurrence as an Event. One that is cancelled shows only what Google guarantees."""
    entry = each.entry
    series: Json = {}
    if each.series and each.start is not None:
        series = {"recurringEventId": each.series, "originalStartTime": _shown(each.start, entry)}
    if each.cancelled or entry.cancelled:
        return {"kind": "calendar#event", "etag": etag(entry), "id": each.id, "status": "cancelled", **series}
    event: Json = {
        "kind": "calendar#event",
        "etag": etag(entry),
        "id": each.id,
        "status": "tentative" if entry.is_tentative else "confirmed",
        "created": _stamp(entry.created_at),
        "updated": _stamp(entry.changed_at),
        "summary": entry.title,
        "organizer": {"email": entry.organizer or entry.calendar, "self": entry.organizer in ("", entry.calendar)},
        "start": _shown(each.starts_at, entry),
        "end": _shown(each.ends_at, entry),
        "iCalUID": f"{entry.series or entry.id}@google.com",
        "sequence": entry.version - 1,
        "eventType": KINDS[entry.kind],
        **series,
    }
    event |= {name: text for name, text in (("description", entry.description), ("location", entry.location)) if text}
    event |= {"transparency": "transparent"} if entry.is_free else {}
    event |= {"visibility": "private"} if entry.is_private else {}
    event |= {name: entry.extra[name] for name in KEPT if name in entry.extra and name != "attendees"}
    if guests := _guests(entry):
        mine = [guest for guest in guests if guest.get("self")]
        omitted = max_attendees is not None and len(guests) > max_attendees
        event["attendees"] = mine if omitted else guests
        event |= {"attendeesOmitted": True} if omitted else {}
    if entry.meeting_url:
        event["hangoutLink"] = entry.meeting_url
    return event


def master(entry: Entry) -> Json:
    """The entry itself as an Event: a series with its rule, anything else as its one occurrence."""
    if entry.rule and not entry.cancelled:
        event = shown(Occurrence(entry, entry.id, entry.starts_at, entry.ends_at))
        return {**event, "recurrence": [f"RRULE:{entry.rule}"]}
    return shown(Occurrence(entry, entry.id, entry.starts_at, entry.ends_at, entry.series, entry.original_start))


def _guests(entry: Entry) -> list[Json]:
    """The attendees, the calendar's owner among them where there is an answer, or a question, of theirs."""
    guests = [dict(each) for each in entry.extra.get("attendees", [])]
    mine = {"email": entry.calendar, "self": True, "responseStatus": ANSWERS[entry.answer]}
    if entry.comment:
        mine["comment"] = entry.comment
    for guest in guests:
        if str(guest.get("email", "")).lower() == entry.calendar:
            guest |= mine
            continue
        if guest.get("resource"):
            answer = entry.room_answers.get(str(guest.get("email", "")).lower(), Answer.NONE.value)
            guest["responseStatus"] = ANSWERS[Answer(answer)]
        guest.setdefault("responseStatus", "needsAction")
    is_asked = any(guest.get("self") for guest in guests)
    return [*guests, mine] if entry.answer is not Answer.NONE and not is_asked else guests


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _shown(moment: datetime, entry: Entry) -> Json:
    zone = ZoneInfo(entry.zone)
    if entry.is_all_day:
        return {"date": moment.astimezone(zone).date().isoformat()}
    return {"dateTime": moment.astimezone(zone).isoformat(timespec="seconds"), "timeZone": entry.zone}


def entry_of(body: Json, calendar: str, zone: str, id: str, account: str) -> Entry:
    """A new entry for the Event of a request. Raises BadEvent."""
    if not body.get("start") or not body.get("end"):
        raise BadEvent("Missing end time." if body.get("start") else "Missing start time.")
    blank = Entry(id, calendar, "", datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 1, tzinfo=UTC), zone=zone)
    return changed(dataclasses.replace(blank, made_by=account, organizer=calendar), body)


def changed(entry: Entry, body: Json) -> Entry:
    """The entry with the members of an Event that a request has; null takes one away. Raises BadEvent."""
    new = dataclasses.replace(entry, extra=dict(entry.extra))
    if "start" in body or "end" in body:
        _set_times(new, body)
    _set_signs(new, body)
    for name in KEPT:
        if name in body and name != "conferenceData":
            new.extra[name] = body[name]
    if "attendees" in body:
        _set_guests(new, body["attendees"] or [])
    return new


def _set_signs(entry: Entry, body: Json) -> None:
    """Set what the body says of texts, status, and how the event counts."""
    for name, member in (("title", "summary"), ("description", "description"), ("location", "location")):
        if member in body:
            setattr(entry, name, str(body[member] or ""))
    if "transparency" in body:
        entry.is_free = body["transparency"] == "transparent"
    if "visibility" in body:
        entry.is_private = body["visibility"] in ("private", "confidential")
    if "status" in body:
        entry.cancelled, entry.is_tentative = body["status"] == "cancelled", body["status"] == "tentative"
    if "recurrence" in body:
        rules = [each.removeprefix("RRULE:") for each in body["recurrence"] or [] if each.startswith("RRULE:")]
        entry.rule = rules[0] if rules else ""


def _set_times(entry: Entry, body: Json) -> None:
    start, end = body.get("start") or {}, body.get("end") or {}
    entry.is_all_day = "date" in start
    if not entry.is_all_day and start.get("timeZone"):
        entry.zone = str(start["timeZone"])
    try:
        entry.starts_at, entry.ends_at = (_moment(each, entry.zone) for each in (start, end))
    except (KeyError, ValueError, OSError):
        raise BadEvent("Invalid start or end time.") from None
    if entry.ends_at < entry.starts_at:
        raise BadEvent("The specified time range is empty.")


def _moment(value: Json, zone: str) -> datetime:
    """The moment of an EventDateTime. A time without an offset needs a zone."""
    if "date" in value:
        return datetime.combine(date.fromisoformat(value["date"]), time(), ZoneInfo(zone)).astimezone(UTC)
    moment = datetime.fromisoformat(value["dateTime"])
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(value["timeZone"]))
    return moment.astimezone(UTC)


def _set_guests(entry: Entry, guests: list[Json]) -> None:
    entry.rooms = tuple(str(each["email"]).lower() for each in guests if each.get("resource"))
    statuses = {status: answer for answer, status in ANSWERS.items()}
    entry.answer, entry.comment = Answer.NONE, ""
    for each in guests:
        if not each.get("email"):
            raise BadEvent("Missing attendee email.")
        if str(each["email"]).lower() == entry.calendar:
            entry.answer = statuses.get(str(each.get("responseStatus", "needsAction")), Answer.NONE)
            entry.comment = str(each.get("comment", ""))


def check_id(id: str) -> None:
    """Raise BadEvent for an id that is not base32hex of 5 to 1024 letters."""
    if not 5 <= len(id) <= 1024 or not set(id) <= ID_LETTERS:
        raise BadEvent("Invalid resource id value.")


def order_meeting(entry: Entry, body: Json, host: str, *, pending: int, fails: bool = False) -> Entry:
    """The entry with the meeting that a request orders, or without the one that it takes away. Raises BadEvent.

    The same order again makes no other meeting. `pending`: readings of the event until the meeting is there. `fails`:
    it never is.
    """
    if "conferenceData" not in body:
        return entry
    new = dataclasses.replace(entry, extra=dict(entry.extra))
    order = (body["conferenceData"] or {}).get("createRequest")
    if body["conferenceData"] is None:
        new.extra.pop("conferenceData", None)
        new.meeting_url = ""
        return new
    if not order:
        return entry
    if (order.get("conferenceSolutionKey") or {}).get("type") != "hangoutsMeet":
        raise BadEvent("Invalid conference type value.")
    known = (entry.extra.get("conferenceData") or {}).get("createRequest") or {}
    if known.get("requestId") == order.get("requestId"):
        return entry
    status = "failure" if fails else "pending"
    new.extra["conferenceData"] = {"createRequest": {**order, "status": {"statusCode": status}}}
    new.extra["pending"] = pending
    return finish_meeting(new, host)


def finish_meeting(entry: Entry, host: str) -> Entry:
    """The entry one reading later: its meeting is there once it has been pending for long enough.

    It is on a page of the sandbox, which begins with `host`: Google's own address would lead people to strangers.
    """
    data = entry.extra.get("conferenceData") or {}
    if (data.get("createRequest") or {}).get("status", {}).get("statusCode") != "pending":
        return entry
    new = dataclasses.replace(entry, extra=dict(entry.extra))
    if entry.extra.get("pending", 0) > 0:
        new.extra["pending"] = entry.extra["pending"] - 1
        return new
    letters = "".join(chr(ord("a") + byte % 26) for byte in str(data["createRequest"]["requestId"])[-10:].encode())
    new.meeting_url = f"{host}/meet/{letters[:3]}-{letters[3:7]}-{letters[7:]}"
    new.extra["conferenceData"] = {
        "createRequest": {**data["createRequest"], "status": {"statusCode": "success"}},
        "entryPoints": [{"entryPointType": "video", "uri": new.meeting_url}],
        "conferenceSolution": {"key": {"type": "hangoutsMeet"}, "name": "Google Meet"},
        "conferenceId": new.meeting_url.rpartition("/")[2],
    }
    return new


def busy(occurrences: list[Occurrence], after: datetime, before: datetime) -> list[Json]:
    """Busy stretches without overlaps, cut to the time that was asked about."""
    merged: list[list[datetime]] = []
    for each in occurrences:
        entry = each.entry
        free = entry.is_free or entry.answer is Answer.DECLINED or entry.kind in (Kind.WORKING_LOCATION, Kind.BIRTHDAY)
        start, end = max(each.starts_at, after), min(each.ends_at, before)
        if free or end - start <= timedelta():
            continue
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return [{"start": _stamp(start)[:-5] + "Z", "end": _stamp(end)[:-5] + "Z"} for start, end in merged]

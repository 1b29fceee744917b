"""Panelist's events in a calendar: made once however often they are asked for, and no other event is touched.

The event's id is the request's own. What lies under that id is Panelist's only where its private mark says so.
"""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from integrations.base import Gone, OutcomeUnknown, Refused, Retryable
from integrations.calendars import EventChanged, EventRequest, Meeting, TokenExpired, VendorEvent
from integrations.google.addresses import Addresses
from integrations.google.client import Ask, Client, events_url
from integrations.google.errors import Conflict, Json
from integrations.google.reading import stamp
from integrations.google.shapes import MEETING, OURS, attendees, moment, ours, text, vendor_event

#: How often somebody may change the event between our reading and our writing of it.
ROUNDS = 3
UTC = ZoneInfo("UTC")
#: Nobody is mailed by Google: Panelist tells people itself. The other one makes Google read `conferenceData` at all.
_WRITE = {"sendUpdates": "none", "conferenceDataVersion": "1", "maxAttendees": "200"}


class Writer:
    """Writes Panelist's events into one calendar."""

    def __init__(self, client: Client, addresses: Addresses, calendar: str) -> None:
        self._client, self._addresses, self._calendar = client, addresses, calendar

    def put(self, request: EventRequest) -> VendorEvent:
        """Make or change the event. Raises `EventChanged`, `Gone`, and `Refused` where another event has the id."""
        for round in range(ROUNDS):
            if not request.version and round == 0:
                try:
                    return self._answered(self._insert(request))
                except Conflict:
                    pass
            found = self._get(request.id)
            if found is None:
                if request.version:
                    raise EventChanged("changed")
                raise Retryable("conflict")
            try:
                return self._answered(self._change(request, found))
            except EventChanged:
                if request.version:
                    raise
            except Gone:
                if request.version:
                    raise EventChanged("changed") from None
        raise Retryable("conflict")

    def delete(self, our_id: str, version: str) -> None:
        """Delete the event, if it is there and Panelist's. Raises `EventChanged` where it has another version."""
        for _round in range(ROUNDS):
            found = self._get(our_id)
            if found is None or found.get("status") == "cancelled" or ours(found) != our_id:
                return
            current = text(found.get("etag"))
            if version and current != version:
                raise EventChanged("changed")
            url = events_url(self._addresses, self._calendar, our_id)
            try:
                self._client.run(
                    Ask("event_delete", "DELETE", url, {"sendUpdates": "none"}, if_match=current, changes=True)
                )
            except Gone:
                continue  # it was there just now: this is believed where the next look says so too
            except EventChanged:
                if version:
                    raise
            else:
                return
        raise Retryable("conflict")

    def fetch(self, our_id: str) -> VendorEvent | None:
        """The event as it is now. Raises `Gone` where the calendar itself is not there: then nothing is certain."""
        found = self._get(our_id)
        if found is None or found.get("status") == "cancelled" or ours(found) != our_id:
            return None
        event = vendor_event(found, UTC)
        if event is None:
            raise Retryable("unreadable")
        return event

    def _insert(self, request: EventRequest) -> Json:
        body = {"id": request.id, **_body(request, {})}
        url = events_url(self._addresses, self._calendar)
        return self._client.run(Ask("event_insert", "POST", url, _WRITE, body, changes=True))

    def _change(self, request: EventRequest, found: Json) -> Json:
        """Change the event that was found. A deleted one is revived, unless the request was made from a state."""
        if ours(found) != request.id and not _is_bare(found):
            raise Refused("not_ours")
        current = text(found.get("etag"))
        if request.version and (current != request.version or found.get("status") == "cancelled"):
            raise EventChanged("changed")
        url = events_url(self._addresses, self._calendar, request.id)
        ask = Ask("event_change", "PATCH", url, _WRITE, _body(request, found), if_match=current, changes=True)
        return self._client.run(ask)

    def _get(self, our_id: str) -> Json | None:
        """The event, cancelled or not; None where it is certainly not there."""
        url = events_url(self._addresses, self._calendar, our_id)
        try:
            return self._client.run(Ask("event_get", "GET", url))
        except TokenExpired:  # 410
            return None
        except Gone:
            # 404 is said of an event and of its calendar alike: this one raises Gone for a calendar.
            url = events_url(self._addresses, self._calendar)
            self._client.run(Ask("calendar_get", "GET", url, {"maxResults": "1", "fields": "timeZone"}))
            return None

    def _answered(self, body: Json) -> VendorEvent:
        """The written event. An answer that is none leaves it unknown what became of it."""
        event = vendor_event(body, UTC)
        if event is None or not event.our_id:
            raise OutcomeUnknown("unreadable")
        return event


def _body(request: EventRequest, found: Json) -> dict[str, Any]:
    """The members of the event that Panelist sets. Others (colour, reminders, guests) stay as people set them."""
    private = {OURS: request.id, MEETING: "1" if request.meeting is Meeting.GOOGLE_MEET else "0"}
    body: dict[str, Any] = {
        "status": "confirmed",
        "summary": request.title,
        "description": request.description,
        "location": request.location,
        "start": {"dateTime": stamp(request.starts_at), "timeZone": request.time_zone},
        "end": {"dateTime": stamp(request.ends_at), "timeZone": request.time_zone},
        "transparency": "opaque",
        "extendedProperties": {"private": private},
    }
    if request.url.startswith(("https://", "http://")):
        body["source"] = {"title": "Panelist", "url": request.url}
    if (guests := _guests(request, found)) is not None:
        body["attendees"] = guests
    return body | _conference(request, found)


def _guests(request: EventRequest, found: Json) -> list[dict[str, Any]] | None:
    """The owner, so that there is somebody to answer, the rooms, and guests that people added; None where nobody is.

    An answer that was given stays: it belongs to who gave it. The owner and the rooms are asked anew about another
    time, and everybody about a revived event.
    """
    known = {} if found.get("status") == "cancelled" else {_address(each): each for each in attendees(found)}
    rooms = {room.lower() for room in request.rooms}
    anew = {request.owner.lower(), *rooms} if _is_another_time(request, found) else set()
    guests = [
        _unanswered(each) if address in anew else each
        for address, each in known.items()
        if each.get("resource") is not True or address in rooms
    ]
    wanted = [{"email": room, "resource": True} for room in request.rooms]
    if request.owner:
        wanted.insert(0, {"email": request.owner, "responseStatus": "needsAction"})
    guests += [each for each in wanted if str(each["email"]).lower() not in known]
    return guests if guests or known else None


def _is_another_time(request: EventRequest, found: Json) -> bool:
    times = [moment(found.get(end), UTC) for end in ("start", "end")]
    return times != [request.starts_at.astimezone(UTC), request.ends_at.astimezone(UTC)]


def _unanswered(attendee: Json) -> Json:
    return {name: value for name, value in attendee.items() if name != "comment"} | {"responseStatus": "needsAction"}


def _is_bare(found: Json) -> bool:
    """Whether this is a deleted event of which Google tells nothing any more: under Panelist's id it was Panelist's."""
    return found.get("status") == "cancelled" and "extendedProperties" not in found and "summary" not in found


def _address(attendee: Json) -> str:
    return text(attendee.get("email")).lower()


def _conference(request: EventRequest, found: Json) -> dict[str, Any]:
    """The order for a meeting, where there is none yet; its end, where Panelist had ordered it and wants none now.

    The same order number makes the same meeting, so that a repeated request makes no second one.
    """
    has_one = isinstance(found.get("conferenceData"), dict) and found.get("status") != "cancelled"
    if request.meeting is Meeting.GOOGLE_MEET and not (has_one and _has_room(found)):
        order = {"requestId": f"{request.id}{request.revision}", "conferenceSolutionKey": {"type": "hangoutsMeet"}}
        return {"conferenceData": {"createRequest": order}}
    if request.meeting is not Meeting.GOOGLE_MEET and has_one and _ordered(found):
        return {"conferenceData": None}
    return {}


def _has_room(found: Json) -> bool:
    """Whether the meeting is there or being made; one that failed is ordered again."""
    data = found["conferenceData"]
    status = data.get("createRequest", {}) if isinstance(data.get("createRequest"), dict) else {}
    code = status.get("status", {}).get("statusCode") if isinstance(status.get("status"), dict) else ""
    return bool(data.get("entryPoints")) or code == "pending"


def _ordered(found: Json) -> bool:
    private = found.get("extendedProperties", {}).get("private", {})
    return isinstance(private, dict) and private.get(MEETING) == "1"

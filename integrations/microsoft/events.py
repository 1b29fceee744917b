"""Panelist's events in a calendar: made once, changed, found again and deleted.

An event is found by a named property that holds Panelist's id. It is made with a transaction id, with which Graph makes
no second one however often it is asked; so a lost answer harms nothing. The calendar's owner is the organizer.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from integrations.base import Gone, OutcomeUnknown, Refused, Retryable
from integrations.calendars import EventChanged, EventRequest, Meeting, VendorEvent
from integrations.microsoft import errors, places, shapes, texts
from integrations.microsoft.client import Call, Client
from integrations.microsoft.places import MARK, Place
from integrations.microsoft.shapes import TRANSACTION, Json

#: An answer to a create with an event that is older than this is an earlier one's, which may be deleted by now.
FRESH = timedelta(seconds=30)
#: How often one revision can be deleted in the calendar and made again.
MOST_MADE_AGAIN = 5


def put(client: Client, place: Place, request: EventRequest) -> VendorEvent:
    """Make the event, or change the one with this id. Raises `EventChanged` also where it was deleted since then.

    Graph takes no online meeting off an event: one that Panelist ordered, and wants no longer, is replaced by another.
    """
    found = _ours(client, place, request.id)
    if request.version and request.version not in map(shapes.version, found):
        raise EventChanged("changed")
    kept = [one for one in found if request.meeting is Meeting.MICROSOFT_TEAMS or not texts.has_ordered_meeting(one)]
    if found and not kept:
        event: Json | None = _make_anew(client, place, request, found)
    else:
        event = _change_first(client, place, request, kept)
    if event is None and request.version:
        raise EventChanged("changed")
    if event is None:
        return shapes.event(_create(client, place, request), request.id, place.owner)
    for other in found:
        if other.get("id") != event.get("id"):
            _delete(client, place, request.id, other)
    return shapes.event(event, request.id, place.owner)


def _change_first(client: Client, place: Place, request: EventRequest, found: list[Json]) -> Json | None:
    """Change the first of the events; None where there is none, or it is gone by now."""
    try:
        return _change(client, place, request, found[0]) if found else None
    except Gone:
        _certainly_gone(client, place, request.id, found[0])
        return None


def _make_anew(client: Client, place: Place, request: EventRequest, found: list[Json]) -> Json:
    """Make another event beside those that were found, with the guests of the first.

    A room says no to a second event at once: so the first one lets it go before.
    """
    people = shapes.objects(found[0].get("attendees"))
    guests = [one for one in people if one.get("type") != "resource"]
    if len(guests) < len(people):
        path, without = place.event(shapes.identifier(found[0].get("id"))), {"attendees": _guests(guests)}
        client.run(Call("changeEvent", "PATCH", path, without, version=shapes.version(found[0]), changes=True))
    made = _create(client, place, request, guests)
    if any(one.get("id") == made.get("id") for one in found):
        raise Retryable("server_error")  # it was made before, and is not listed yet
    return made


def delete(client: Client, place: Place, our_id: str, version: str) -> None:
    """Delete the event, wherever it stands in the calendar. Already gone is success."""
    try:
        found = _ours(client, place, our_id)
    except Gone:
        if _is_there(client, place.path):
            raise Retryable("server_error") from None
        return
    for number, item in enumerate(found):
        _delete(client, place, our_id, item, "" if number else version)


def fetch(client: Client, place: Place, our_id: str) -> VendorEvent | None:
    """The event as it stands; None where it certainly is not there, or is cancelled."""
    found = _ours(client, place, our_id)
    if not found or found[0].get("isCancelled") is True:
        return None
    return shapes.event(found[0], our_id, place.owner)


def _ours(client: Client, place: Place, our_id: str) -> list[Json]:
    """Panelist's events with this id, the first one made first. There is more than one only where Graph made two.

    A person who duplicates an event duplicates its properties, but not its transaction id: such a copy is theirs, also
    once the original is gone.
    """
    found: dict[str, Json] = {}
    for page in client.pages(Call("findEvent", "GET", place.marked(our_id))):
        for item in shapes.objects(page["value"]):
            if not (id := shapes.identifier(item.get("id"))):
                raise shapes.unreadable()
            found[id] = item
    ours = f"{TRANSACTION}{our_id}"
    made = [item for item in found.values() if shapes.text(item.get("transactionId")).startswith(ours)]
    untold = [item for item in found.values() if "transactionId" not in item]
    by_age = sorted(made or untold, key=lambda one: (shapes.text(one.get("createdDateTime")), str(one["id"])))
    return by_age if made else by_age[:1]


def _create(client: Client, place: Place, request: EventRequest, guests: Sequence[Json] = ()) -> Json:
    """Make the event. Each deletion uses a transaction id up: the revision is in it, and a number where it has to be
    made again at the same revision."""
    for number in range(MOST_MADE_AGAIN):
        transaction = f"{TRANSACTION}{request.id}-{request.revision}-{number}"
        made = _make(client, place, request, _post(place, request, transaction, guests))
        if made is not None:
            return made
    raise OutcomeUnknown("unknown")


def _make(client: Client, place: Place, request: EventRequest, post: Call) -> Json | None:
    """The event as asked for; None where this transaction id made it before, and it is not there any more.

    Graph answers a second create with the same transaction id with an error, or with the event of the first.
    """
    known: Json | None
    try:
        known = _readable(client.run(post))
        if not _is_fresh(known):
            known = _read(client, place, shapes.identifier(known.get("id")))
    except errors.DuplicateTransaction as duplicate:
        known = _known(client, place, request, duplicate.event_id)
    try:
        return known if known is None or _is_as_asked(known, request) else _change(client, place, request, known)
    except Gone:
        return None


def _known(client: Client, place: Place, request: EventRequest, event_id: str) -> Json | None:
    """The event that an earlier create made; None where it is not there any more.

    Where Graph does not say which event that is, it may only not be listed yet: then a second one must not be made.
    """
    if found := _ours(client, place, request.id):
        return found[0]
    if not event_id:
        raise Retryable("server_error")
    item = _read(client, place, event_id)
    if item is not None and not shapes.text(item.get("transactionId")).startswith(TRANSACTION + request.id):
        raise Refused("not_ours")
    return item


def _is_there(client: Client, path: str) -> bool:
    try:
        client.run(Call("calendar", "GET", path))
    except Gone:
        return False
    return True


def _read(client: Client, place: Place, event_id: str) -> Json | None:
    try:
        return client.run(Call("getEvent", "GET", place.event(event_id)))
    except Gone:
        return None


def _post(place: Place, request: EventRequest, transaction: str, guests: Sequence[Json]) -> Call:
    body = _body(request) | texts.body(request) | _meeting(request)
    body |= {
        "transactionId": transaction,
        "singleValueExtendedProperties": [{"id": MARK, "value": request.id}],
        "attendees": _attendees(request, guests),
        "allowNewTimeProposals": True,
        "showAs": "busy",
    }
    return Call("createEvent", "POST", place.events, body, changes=True)


def _change(client: Client, place: Place, request: EventRequest, known: Json) -> Json:
    """Change the event that stands there. Whom its owner has invited besides stays invited."""
    body = _body(request)
    if known.get("isOnlineMeeting") is True:
        body |= texts.changed_body(request, known)
    else:
        body |= texts.body(request) | _meeting(request)
    people = shapes.objects(known.get("attendees"))
    rooms = {shapes.address(one.get("emailAddress")) for one in people if one.get("type") == "resource"}
    if rooms != {room.lower() for room in request.rooms}:
        body["attendees"] = _attendees(request, people)
    path = place.event(shapes.identifier(known.get("id")))
    version = request.version and shapes.version(known)
    changed = client.run(Call("changeEvent", "PATCH", path, body, version=version, changes=True))
    if not _is_as_asked(_readable(changed), request):
        raise OutcomeUnknown("unreadable")
    return changed


def _readable(item: Json) -> Json:
    """The event of an answer to a change. Where it can't be read, what became of it is unknown."""
    try:
        shapes.moment(item.get("start")), shapes.moment(item.get("end"))
        if shapes.identifier(item.get("id")):
            return item
    except Retryable:
        pass
    raise OutcomeUnknown("unreadable")


def _is_as_asked(item: Json, request: EventRequest) -> bool:
    times = (shapes.moment(item.get("start")), shapes.moment(item.get("end")))
    return times == (request.starts_at.replace(microsecond=0), request.ends_at.replace(microsecond=0))


def _is_fresh(item: Json) -> bool:
    """Whether it was made just now, by this machine's clock."""
    try:
        made_at = shapes.moment({"dateTime": item.get("createdDateTime"), "timeZone": "UTC"})
    except Retryable:
        return False
    return abs(datetime.now(UTC) - made_at) < FRESH


def _delete(client: Client, place: Place, our_id: str, item: Json, version: str = "") -> None:
    path = place.event(shapes.identifier(item.get("id")))
    try:
        client.run(Call("deleteEvent", "DELETE", path, version=version, changes=True))
    except Gone:
        _certainly_gone(client, place, our_id, item)


def _certainly_gone(client: Client, place: Place, our_id: str, item: Json) -> None:
    """Look once more after Graph did not find an event that it had just listed: it may have been a fault."""
    try:
        found = _ours(client, place, our_id)
    except Gone:
        return
    if any(one.get("id") == item.get("id") for one in found):
        raise Retryable("server_error")


def _body(request: EventRequest) -> dict[str, object]:
    return {
        "subject": request.title,
        "start": {"dateTime": places.moment(request.starts_at), "timeZone": "UTC"},
        "end": {"dateTime": places.moment(request.ends_at), "timeZone": "UTC"},
        "location": {"displayName": request.location},
    }


def _meeting(request: EventRequest) -> dict[str, object]:
    if request.meeting is not Meeting.MICROSOFT_TEAMS:
        return {}
    return {"isOnlineMeeting": True, "onlineMeetingProvider": "teamsForBusiness"}


def _attendees(request: EventRequest, known: Sequence[Json]) -> list[dict[str, object]]:
    rooms: list[dict[str, object]] = [{"type": "resource", "emailAddress": {"address": room}} for room in request.rooms]
    return _guests(known) + rooms


def _guests(known: Sequence[Json]) -> list[dict[str, object]]:
    return [
        {"type": one.get("type", "required"), "emailAddress": one.get("emailAddress")}
        for one in known
        if one.get("type") != "resource"
    ]

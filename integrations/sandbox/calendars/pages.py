"""The pages about people's calendars: a week of entries to move, answer, delete and add by hand, calls, and faults."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote
from zoneinfo import ZoneInfo

from integrations.sandbox.calendars.entries import Answer as Reply
from integrations.sandbox.calendars.entries import CalendarRow, Entry, Occurrence
from integrations.sandbox.calendars.faults import CalendarFault
from integrations.sandbox.calendars.weeks import fill
from integrations.sandbox.calendars.world import World
from integrations.sandbox.directory import Unknown, VendorError
from integrations.sandbox.gateway import Answer
from integrations.sandbox.rendering import Form, page

if TYPE_CHECKING:
    from integrations.sandbox.controls import Controls

#: Weeks from this one that can be looked at, each way.
FARTHEST = 104
#: The products behind the first part of a call's address.
CALLS = {"meet": "Google Meet", "teams": "Microsoft Teams"}


def people_page(controls: Controls, form: Form, problem: str) -> Answer:
    """Everybody's calendars, and the form for one more person."""
    world = controls.calendars
    with world.lock:
        rows = sorted(world.calendars.values(), key=lambda row: (row.owner, not row.is_main, row.name))
        shown = [{"row": row, "path": quote(row.id), "entries": len(world.live(row.id))} for row in rows]
    return page("calendars.html", "Calendars", problem, calendars=shown, typed=form)


def add_person(controls: Controls, form: Form) -> None:
    """Add a person with believable weeks, or a room without any."""
    if "@" not in form["address"] or len(form["address"]) > 254:
        raise VendorError("Enter an e-mail address.")
    zone = form["zone"] or "UTC"
    _zone(zone)
    is_room = form["is_room"] == "yes"
    controls.calendars.add_person(form["address"], form["name"][:100], zone, is_room=is_room)
    if not is_room:
        fill(controls.calendars, form["address"])


def week_page(controls: Controls, calendar: str, week: str, form: Form, problem: str) -> Answer:
    """One week of a calendar, in the calendar's own zone. `week`: weeks from this one, empty for this one."""
    world = controls.calendars
    row = world.calendar(calendar)
    zone, number = _zone(row.zone), _number(week)
    today = world.now().astimezone(zone).date()
    monday = today + timedelta(weeks=number, days=-today.weekday())
    ends = [datetime.combine(day, time(), zone).astimezone(UTC) for day in (monday, monday + timedelta(days=7))]
    path = f"/calendars/{quote(row.id)}"
    return page(
        "calendar.html",
        row.name,
        problem,
        row=row,
        path=path,
        here=f"{path}/{number}",
        before=f"{path}/{number - 1}",
        after=f"{path}/{number + 1}",
        monday=f"{monday:%A, %d %B %Y}",
        occurrences=[_shown(each, zone) for each in world.occurrences(row.id, ends[0], ends[1])],
        answers=list(Reply),
        typed=form or _next_hour(monday, today),
    )


def _next_hour(monday: date, today: date) -> Form:
    """The times that the form for a new entry begins with."""
    day = max(monday, min(today, monday + timedelta(days=6)))
    return Form({"starts_at": f"{day}T10:00", "ends_at": f"{day}T11:00"})


def _shown(each: Occurrence, zone: ZoneInfo) -> dict[str, object]:
    entry = each.entry
    starts_at, ends_at = (moment.astimezone(zone) for moment in (each.starts_at, each.ends_at))
    signs = [
        *(["free"] if entry.is_free else []),
        *(["private"] if entry.is_private else []),
        *(["tentative"] if entry.is_tentative else []),
        *([entry.kind.value.replace("_", " ")] if entry.kind.value != "default" else []),
        *(["recurring"] if each.series else []),
    ]
    return {
        "id": each.id,
        "title": entry.title or "No title",
        "signs": ", ".join(signs),
        "is_written": bool(entry.made_by),
        "day": f"{starts_at:%a %d %b}",
        "times": "Whole day" if entry.is_all_day else f"{starts_at:%H:%M}\u2013{ends_at:%H:%M}",
        "starts_at": f"{starts_at:%Y-%m-%dT%H:%M}",
        "ends_at": f"{ends_at:%Y-%m-%dT%H:%M}",
        "answer": entry.answer,
        "proposed": _proposed(entry, zone),
        "comment": entry.comment,
        "meeting_url": entry.meeting_url,
    }


def _proposed(entry: Entry, zone: ZoneInfo) -> str:
    if entry.proposed_starts_at is None or entry.proposed_ends_at is None:
        return ""
    starts_at, ends_at = (moment.astimezone(zone) for moment in (entry.proposed_starts_at, entry.proposed_ends_at))
    return f"{starts_at:%a %d %b, %H:%M}\u2013{ends_at:%H:%M}"


def add_entry(controls: Controls, calendar: str, _week: str, form: Form) -> None:
    """Add an entry."""
    row = controls.calendars.calendar(calendar)
    starts_at, ends_at = _stretch(row, form)
    controls.calendars.add(row.id, form["title"][:200] or "Busy", starts_at, ends_at)


def change_entry(controls: Controls, calendar: str, _week: str, id: str, form: Form) -> None:
    """Move, answer or delete an entry, or one occurrence of a recurring one, or propose another time for it."""
    world = controls.calendars
    row = world.calendar(calendar)
    if form["delete"]:
        world.delete(row.id, id)
        return
    starts_at, ends_at = _stretch(row, form)
    comment = form["comment"][:500]
    if form["propose"]:
        proposed = {"proposed_starts_at": starts_at, "proposed_ends_at": ends_at}
        world.change(row.id, id, answer=Reply.TENTATIVE, comment=comment, **proposed)
        return
    changes = {"starts_at": starts_at, "ends_at": ends_at, "answer": Reply(form["answer"]), "comment": comment}
    world.change(row.id, id, **changes, proposed_starts_at=None, proposed_ends_at=None)


def call_page(controls: Controls, product: str, id: str) -> Answer:
    """The page behind a video call's address: whose call it is. The product itself is not here."""
    with controls.calendars.lock:
        entry = _entry_of_call(controls.calendars, f"/{product}/{id}")
    if entry is None:
        raise Unknown("There is no such call. It ended with its event.")
    zone = _zone(entry.zone)
    starts_at, ends_at = (moment.astimezone(zone) for moment in (entry.starts_at, entry.ends_at))
    details = {
        "Call": entry.title,
        "When": f"{starts_at:%A, %d %B %Y, %H:%M}\u2013{ends_at:%H:%M} ({entry.zone})",
        "In the calendar of": controls.calendars.person(controls.calendars.calendar(entry.calendar).owner).name,
    }
    return page("call.html", "Video call", product=CALLS[product], details=details)


def _entry_of_call(world: World, path: str) -> Entry | None:
    """The entry with this call. Copies in rooms' calendars have it, too."""
    people = (row.id for row in world.calendars.values() if not world.person(row.owner).is_room)
    entries = (entry for id in people for entry in world.live(id))
    return next((entry for entry in entries if entry.meeting_url.endswith(path)), None)


def add_fault(controls: Controls, form: Form) -> None:
    """Add a fault to a calendar vendor. The operation is typed as "vendor operation"; "any" is each of them."""
    vendor, _, operation = form["operation"].partition(" ")
    times = int(form["times"]) if form["times"] else 1
    controls.calendar_fault(vendor, CalendarFault(form["fault"]), operation=operation or "any", times=times)


def operations(controls: Controls) -> list[str]:
    """Each vendor's operations, as `add_fault` takes them."""
    return [
        f"{vendor} {name}" for vendor, surface in controls.surfaces.items() for name in ("any", *surface.operations)
    ]


def _stretch(row: CalendarRow, form: Form) -> tuple[datetime, datetime]:
    """The typed times, which are in the calendar's zone. Raises VendorError."""
    try:
        starts_at, ends_at = (
            datetime.fromisoformat(form[name]).replace(tzinfo=_zone(row.zone)).astimezone(UTC)
            for name in ("starts_at", "ends_at")
        )
    except (ValueError, OverflowError):
        raise VendorError("Enter a start and an end.") from None
    if ends_at <= starts_at:
        raise VendorError("The end must be after the start.")
    return starts_at, ends_at


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise VendorError("Enter a time zone such as Europe/Berlin.") from None


def _number(week: str) -> int:
    return max(-FARTHEST, min(FARTHEST, int(week))) if week else 0

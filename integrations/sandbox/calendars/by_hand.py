"""The calendars' world for a test in another process: words and texts in place of objects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from integrations.sandbox.calendars.entries import Answer, Entry
from integrations.sandbox.calendars.weeks import fill
from integrations.sandbox.calendars.world import World


@dataclass(frozen=True, slots=True)
class EntryView:
    """An entry as another process sees it; moments are ISO 8601 in UTC. `made_by` is empty for entries by hand."""

    id: str
    calendar: str
    title: str
    starts_at: str
    ends_at: str
    answer: str
    made_by: str
    meeting_url: str
    cancelled: bool
    version: int


class ByHand:
    """A person's own doings in a calendar, over the controls."""

    def __init__(self, world: World) -> None:
        self._world = world

    def add_calendar_person(self, address: str, name: str = "", zone: str = "UTC", *, weeks: bool = False) -> None:
        """Add a person with an empty main calendar, or with believable weeks."""
        self._world.add_person(address, name, zone)
        if weeks:
            fill(self._world, address)

    def calendar_entries(self, calendar: str, *, made_by_hand: bool | None = None) -> list[EntryView]:
        """The live entries of a calendar; with `made_by_hand` those that an app did, or did not, write."""
        entries = self._world.live(calendar)
        return [_view(each) for each in entries if made_by_hand in (None, not each.made_by)]

    def add_calendar_entry(self, calendar: str, title: str, starts_at: str, ends_at: str) -> EntryView:
        """Add an entry."""
        return _view(self._world.add(calendar, title, _moment(starts_at), _moment(ends_at)))

    def move_calendar_entry(self, calendar: str, id: str, starts_at: str, ends_at: str) -> EntryView:
        """Move an entry."""
        return _view(self._world.move(calendar, id, _moment(starts_at), _moment(ends_at)))

    def answer_calendar_entry(self, calendar: str, id: str, answer: str, comment: str = "") -> EntryView:
        """Answer an entry: accepted, tentative, declined or none."""
        return _view(self._world.answer(calendar, id, Answer(answer), comment=comment))

    def delete_calendar_entry(self, calendar: str, id: str) -> EntryView:
        """Delete an entry."""
        return _view(self._world.delete(calendar, id))


def _view(entry: Entry) -> EntryView:
    return EntryView(
        entry.id,
        entry.calendar,
        entry.title,
        entry.starts_at.isoformat(),
        entry.ends_at.isoformat(),
        entry.answer.value,
        entry.made_by,
        entry.meeting_url,
        entry.cancelled,
        entry.version,
    )


def _moment(text: str) -> datetime:
    """The moment of a text; without an offset it is in UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)

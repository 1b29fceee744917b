"""The calendars' world: what is in each calendar, and the log of its changes."""

from __future__ import annotations

import dataclasses
import secrets
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.sandbox.calendars.entries import (
    Access,
    Answer,
    CalendarRow,
    Entry,
    Occurrence,
    Person,
    from_row,
    occurrence_id,
    to_row,
)
from integrations.sandbox.directory import Unknown, VendorError
from integrations.sandbox.journal import Journal

#: What a vendor's surface keeps with an entry of whoever made it. A room's copy has none of it.
MARKS = frozenset({"extendedProperties", "transactionId", "properties"})
#: How far from now a changed series is compared with what it was, to tell which occurrences ended.
COMPARED = timedelta(days=400)


class NotThere(Unknown):
    """No such person, calendar or entry; the text says which."""


class TokenTooOld(VendorError):
    """The changes since that token are not told any more."""


Listener = Callable[[str], None]


class World:
    """Every method may be called from any thread. What it changes is in the journal before it returns.

    `listeners` are called with the id of a calendar after each change of it.
    """

    def __init__(
        self, journal: Journal | None = None, lock: threading.RLock | None = None, now: Callable[[], int] | None = None
    ) -> None:
        self.lock = lock or threading.RLock()
        self.listeners: list[Listener] = []
        self.journal = journal or Journal(None)
        self._clock = now
        self.people = {row["address"]: Person(**row) for row in self.journal.load("person")}
        self.calendars: dict[str, CalendarRow] = {}
        for row in self.journal.load("calendar"):
            self.calendars[row["id"]] = CalendarRow(**{**row, "access": Access(row["access"])})
        self._entries: dict[str, dict[str, Entry]] = {}
        for row in self.journal.load("entry"):
            entry = from_row(row)
            self._entries.setdefault(entry.calendar, {})[entry.id] = entry

    def now(self) -> datetime:
        """The world's clock."""
        return datetime.now(UTC) if self._clock is None else datetime.fromtimestamp(self._clock() / 1000, UTC)

    # People and calendars

    def add_person(
        self, address: str, name: str = "", zone: str = "UTC", *, is_room: bool = False, seats: int = 0, place: str = ""
    ) -> Person:
        """A person or room with a main calendar; known ones are changed."""
        address = address.lower()
        with self.lock:
            person = Person(
                address, name or address.partition("@")[0].replace(".", " ").title(), zone, is_room, seats, place
            )
            self.people[address] = person
            self.journal.put("person", address, dataclasses.asdict(person))
            known = self.calendars.get(address)
            row = CalendarRow(address, address, person.name, zone)
            self._keep(row if known is None else dataclasses.replace(known, name=person.name, zone=zone))
            return person

    def add_calendar(self, owner: str, name: str, *, id: str = "", zone: str = "UTC") -> CalendarRow:
        """One more calendar of a person."""
        with self.lock:
            id = id or f"c_{secrets.token_hex(12)}@group.example"
            return self._keep(CalendarRow(id, owner.lower(), name, zone, is_main=False))

    def set_access(self, calendar: str, access: Access | str) -> None:
        """Change what the connected account may do with a calendar."""
        with self.lock:
            self._keep(dataclasses.replace(self.calendar(calendar), access=Access(access)))

    def person(self, address: str) -> Person:
        """The person or room with this address. Raises NotThere."""
        try:
            return self.people[address.lower()]
        except KeyError:
            raise NotThere("There is no such person.") from None

    def rooms(self) -> list[Person]:
        """The rooms, by name."""
        with self.lock:
            return sorted((each for each in self.people.values() if each.is_room), key=lambda each: each.name)

    def calendar(self, id: str) -> CalendarRow:
        """The calendar. Raises NotThere; addresses are found whatever their case."""
        row = self.calendars.get(id) or self.calendars.get(id.lower())
        if row is None:
            raise NotThere("There is no such calendar.")
        return row

    def calendars_of(self, address: str) -> list[CalendarRow]:
        """The calendars of one person, the main one first."""
        with self.lock:
            rows = [row for row in self.calendars.values() if row.owner == address.lower()]
            return sorted(rows, key=lambda row: (not row.is_main, row.name))

    def _keep(self, row: CalendarRow) -> CalendarRow:
        self.calendars[row.id] = row
        self.journal.put("calendar", row.id, dataclasses.asdict(row))
        return row

    # Entries

    def entry(self, calendar: str, id: str) -> Entry:
        """The entry, cancelled or not. Raises NotThere."""
        try:
            return self._entries[self.calendar(calendar).id][id]
        except KeyError:
            raise NotThere("There is no such entry.") from None

    def find(self, calendar: str, id: str) -> Entry | None:
        """The entry, cancelled or not; None where there is none."""
        return self._entries.get(self.calendar(calendar).id, {}).get(id)

    def live(self, calendar: str) -> list[Entry]:
        """The entries that are not cancelled, by their start."""
        with self.lock:
            rows = self._entries.get(self.calendar(calendar).id, {}).values()
            return sorted((each for each in rows if not each.cancelled), key=lambda each: (each.starts_at, each.id))

    def add(self, calendar: str, title: str, starts_at: datetime, ends_at: datetime, **fields: Any) -> Entry:
        """A new entry, by hand unless `made_by` says otherwise. `fields` are those of `Entry`."""
        row = self.calendar(calendar)
        fields = {"id": secrets.token_hex(13), "zone": row.zone} | fields
        return self.put(Entry(calendar=row.id, title=title, starts_at=starts_at, ends_at=ends_at, **fields))

    def put(self, entry: Entry) -> Entry:
        """Write an entry, new or changed; its version, its number in the change log and its times are set here."""
        with self.lock:
            before = self.find(entry.calendar, entry.id)
            row = self.calendar(entry.calendar)
            row = self._keep(dataclasses.replace(row, last_change=row.last_change + 1))
            moment = self.now()
            written = dataclasses.replace(
                entry,
                version=before.version + 1 if before else 1,
                change=row.last_change,
                created_at=before.created_at if before else moment,
                changed_at=moment,
                ended=self._ended(before, entry) if before else (),
            )
            self._entries.setdefault(row.id, {})[entry.id] = written
            self.journal.put("entry", f"{row.id} {entry.id}", to_row(written))
            self._mirror(written, before)
            self._tell(written)
        for listener in list(self.listeners):
            listener(row.id)
        return written

    def change(self, calendar: str, id: str, /, **fields: Any) -> Entry:
        """Change fields of an entry, which may be one occurrence of a series, by its id. Raises NotThere."""
        with self.lock:
            found = self.find(calendar, id)
            entry = found if found is not None else self._split(calendar, id)
            return self.put(dataclasses.replace(entry, **fields))

    def move(self, calendar: str, id: str, starts_at: datetime, ends_at: datetime) -> Entry:
        """Move an entry by hand."""
        return self.change(calendar, id, starts_at=starts_at, ends_at=ends_at)

    def answer(self, calendar: str, id: str, answer: Answer | str, *, comment: str = "") -> Entry:
        """Set the calendar owner's answer, as they would by hand."""
        return self.change(calendar, id, answer=Answer(answer), comment=comment)

    def decline(self, calendar: str, id: str, *, comment: str = "") -> Entry:
        """Decline by hand."""
        return self.answer(calendar, id, Answer.DECLINED, comment=comment)

    def delete(self, calendar: str, id: str) -> Entry:
        """Delete an entry by hand: it stays as a cancelled one, and a series takes its changed occurrences along."""
        with self.lock:
            entry = self.change(calendar, id, cancelled=True)
            for other in list(self._entries.get(entry.calendar, {}).values()):
                if other.series == entry.id and not other.cancelled:
                    self.put(dataclasses.replace(other, cancelled=True))
            return entry

    # What readers ask for

    def occurrences(self, calendar: str, after: datetime, before: datetime) -> list[Occurrence]:
        """Occurrences that lie in, or reach into, the stretch, by their start."""
        with self.lock:
            found = [each for entry in self.live(calendar) for each in self._expand(entry, after, before)]
        return sorted(found, key=lambda each: (each.starts_at, each.id))

    def changed(self, calendar: str, since: int) -> list[Entry]:
        """Entries that changed since the position, cancelled ones among them. Raises TokenTooOld."""
        with self.lock:
            row = self.calendar(calendar)
            if not row.oldest_token <= since <= row.last_change:
                raise TokenTooOld("The token is too old.")
            entries = self._entries.get(row.id, {}).values()
            return sorted((each for each in entries if each.change > since), key=lambda each: each.change)

    def occurrences_of(self, entry: Entry, after: datetime, before: datetime) -> list[Occurrence]:
        """Occurrences of one entry, with those that ended as cancelled ones."""
        with self.lock:
            gone = [] if entry.rule else [self._occurrence(entry, entry.starts_at, cancelled=True)]
            if entry.cancelled and entry.rule:
                starts = entry.starts(after, before)
                return [self._occurrence(entry, start, cancelled=True) for start in (*starts, *entry.ended)]
            if entry.cancelled:
                return gone
            ended = [self._occurrence(entry, start, cancelled=True) for start in entry.ended if after <= start < before]
            return [*self._expand(entry, after, before), *ended]

    def expire_tokens(self, calendar: str) -> None:
        """From now on, positions from before are too old."""
        with self.lock:
            row = self.calendar(calendar)
            self._keep(dataclasses.replace(row, last_change=row.last_change + 1, oldest_token=row.last_change + 1))

    def _expand(self, entry: Entry, after: datetime, before: datetime) -> Iterator[Occurrence]:
        changed = {each.original_start for each in self._exceptions(entry)} if entry.rule else set()
        for start in entry.starts(after, before):
            if start not in changed:
                yield self._occurrence(entry, start)

    def _exceptions(self, entry: Entry) -> list[Entry]:
        return [each for each in self._entries.get(entry.calendar, {}).values() if each.series == entry.id]

    def _occurrence(self, entry: Entry, start: datetime, *, cancelled: bool = False) -> Occurrence:
        if not entry.rule:
            series, original = entry.series, entry.original_start
            return Occurrence(entry, entry.id, entry.starts_at, entry.ends_at, series, original, cancelled)
        id = occurrence_id(entry.id, start, is_all_day=entry.is_all_day, zone=entry.zone)
        return Occurrence(entry, id, start, start + entry.length, entry.id, start, cancelled)

    def _split(self, calendar: str, id: str) -> Entry:
        """The occurrence with this id as an entry of its own, not yet written. Raises NotThere."""
        series = self.entry(calendar, id.rpartition("_")[0])
        now = self.now()
        for each in self._expand(series, now - COMPARED, now + COMPARED):
            if each.id == id:
                alone = dataclasses.replace(series, id=id, rule="", skipped=(), ended=(), series=series.id)
                alone.starts_at, alone.ends_at, alone.original_start = each.starts_at, each.ends_at, each.start
                return alone
        raise NotThere("There is no such entry.")

    def _ended(self, before: Entry, after: Entry) -> tuple[datetime, ...]:
        """Starts that the entry had and has no more: a series keeps them, so that readers of changes learn of them."""
        if not before.rule:
            return ()
        now = self.now()
        stays = set(after.starts(now - COMPARED, now + COMPARED)) if after.rule else set()
        had = (*before.ended, *before.starts(now - COMPARED, now + COMPARED))
        return tuple(sorted({start for start in had if start not in stays}))

    def _mirror(self, entry: Entry, before: Entry | None) -> None:
        """Show the entry in the calendars of its rooms, and no more in those of rooms that it had.

        A room that has something else then declines. Its copy has no marks of whoever made the entry.
        """
        for room in {*entry.rooms, *(before.rooms if before else ())}:
            calendar = room.lower()
            if calendar not in self.calendars or calendar == entry.calendar:
                continue
            cancelled = entry.cancelled or room not in entry.rooms
            copy = self.find(calendar, entry.id)
            times = (entry.starts_at, entry.ends_at)
            stays = copy is not None and not copy.cancelled and (copy.starts_at, copy.ends_at) == times
            if copy is not None and stays and not cancelled and copy.title == entry.title:
                continue
            answer = copy.answer if copy is not None and stays else self._answer_of(calendar, entry)
            extra = {name: value for name, value in entry.extra.items() if name not in MARKS}
            blank = dataclasses.replace(entry, calendar=calendar, rooms=(), room_answers={}, extra=extra)
            self.put(dataclasses.replace(blank, cancelled=cancelled, answer=answer))

    def _answer_of(self, room: str, entry: Entry) -> Answer:
        """A room's answer to an entry: it takes what comes while it is free."""
        others = (each for each in self.occurrences(room, entry.starts_at, entry.ends_at) if each.entry.id != entry.id)
        taken = any(each.entry.answer is not Answer.DECLINED and not each.entry.is_free for each in others)
        return Answer.DECLINED if taken else Answer.ACCEPTED

    def _tell(self, copy: Entry) -> None:
        """Tell the entry that a room's copy is of how the room answered; one that is deleted there is declined."""
        person = self.people.get(copy.calendar)
        if person is None or not person.is_room:
            return
        answer = Answer.DECLINED if copy.cancelled else copy.answer
        for entries in list(self._entries.values()):
            entry = entries.get(copy.id)
            if entry is None or entry.cancelled or copy.calendar not in {room.lower() for room in entry.rooms}:
                continue
            if entry.room_answers.get(copy.calendar) != answer.value:
                answers = {**entry.room_answers, copy.calendar: answer.value}
                self.put(dataclasses.replace(entry, room_answers=answers))

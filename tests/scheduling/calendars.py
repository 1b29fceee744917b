"""A calendar vendor in memory, as small as the contract allows, and rows that tests of calendars start from."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from integrations.base import Operation, OutcomeUnknown, Pacer, Refused, ToolError
from integrations.calendar_registry import CalendarEntry, Credentials
from integrations.calendars import (
    Answer,
    CalendarAccount,
    CalendarInfo,
    CalendarLimits,
    CalendarRef,
    Changes,
    EventRequest,
    Meeting,
    Notice,
    Notices,
    Occurrence,
    TokenExpired,
    VendorEvent,
    Watch,
    Window,
)
from integrations.models import CalendarConnection
from organizations.models import Membership
from scheduling.models import MemberCalendar

HOUR = timedelta(hours=1)


def memory_info() -> CalendarInfo:
    return CalendarInfo(
        kind="memory",
        name="Memory Calendar",
        description="Calendars in this process.",
        limits=CalendarLimits(
            writes_per_second=1000,
            reads_per_second=1000,
            timeout=5,
            settle=1,
            poll_minutes=5,
            watched_poll_minutes=60,
        ),
        for_everyone=True,
        for_person=True,
        can_watch=True,
        meeting=Meeting.GOOGLE_MEET,
        meeting_name="Google Meet",
    )


@dataclass
class Book:
    """One calendar at the vendor: its occurrences by id, and what has changed, in order."""

    occurrences: dict[str, Occurrence] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    #: Addresses of video calls by event: "" while one is being made, None where the vendor makes none.
    calls: dict[str, str | None] = field(default_factory=dict)
    #: Words that its owner wrote beside an answer, by event.
    comments: dict[str, str] = field(default_factory=dict)

    def put(self, *occurrences: Occurrence) -> None:
        for one in occurrences:
            self.occurrences[one.id] = one
            self.log.append(one.series or one.id)

    def remove(self, name: str) -> None:
        """Remove an occurrence, or a whole series."""
        for one in list(self.occurrences.values()):
            if name in {one.id, one.series}:
                del self.occurrences[one.id]
                self.log.append(one.series if one.series and one.series != name else name)

    def replace_series(self, series: str, occurrences: Iterable[Occurrence]) -> None:
        for one in [one for one in self.occurrences.values() if one.series == series or one.id == series]:
            del self.occurrences[one.id]
        self.log.append(series)
        self.put(*occurrences)


@dataclass
class Vendor:
    """All calendars by their ids, the calls that came in, and the faults of the next ones.

    `fates` are of the next changes, which are carried out: "lost" loses the answer, "crash" the worker, and "late" also
    waits with the change, in `late`; "" is none.
    """

    books: dict[str, Book] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    rooms: list[CalendarRef] = field(default_factory=list)
    # Rooms of events by the event's id, and the answers of rooms that say no.
    invited: dict[str, tuple[str, ...]] = field(default_factory=dict)
    declined: set[tuple[str, str]] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)
    zones: list[str] = field(default_factory=list)
    faults: list[ToolError] = field(default_factory=list)
    fates: list[str] = field(default_factory=list)
    late: list[Callable[[], None]] = field(default_factory=list)
    forgets_tokens: bool = False
    answers_in_part: bool = False
    during: Callable[[], None] | None = None
    watches: dict[str, str] = field(default_factory=dict)
    #: Looks at an event until its video call is there. `makes_calls`: "yes", "no" (silently none) or "refuses".
    calls_pending: int = 0
    makes_calls: str = "yes"

    def book(self, calendar: str) -> Book:
        return self.books.setdefault(calendar, Book())


#: The vendor's side. The fixture `calendar_vendor` empties it.
VENDOR = Vendor()


class MemoryCalendar:
    """A vendor that keeps its calendars in this process."""

    def __init__(
        self,
        credentials: Credentials,
        *,
        pacer: Pacer | None = None,
        keep: Callable[[Credentials], None] | None = None,
    ) -> None:
        self.info = memory_info()
        self._pacer = pacer

    def _asked(self, what: str, operation: Operation = "read") -> None:
        if self._pacer is not None:
            self._pacer(operation)
        VENDOR.calls.append(what)
        if VENDOR.during is not None:
            VENDOR.during()
        if VENDOR.faults:
            raise VENDOR.faults.pop(0)

    def check(self) -> CalendarAccount:
        self._asked("check")
        return CalendarAccount("memory", "Memory", {})

    def calendar_of(self, address: str) -> CalendarRef | None:
        self._asked("calendar_of")
        found = VENDOR.people.get(address)
        return CalendarRef(found, address, owner=address, is_main=True, can_write=True) if found else None

    def changes(self, calendar: str, window: Window, zone: ZoneInfo, token: str = "") -> Changes:
        self._asked("changes" if token else "all")
        VENDOR.zones.append(str(zone))
        book = VENDOR.book(calendar)
        there = [one for one in book.occurrences.values() if _meets(one, window)]
        if not token:
            return Changes(tuple(there), token=str(len(book.log)), is_whole=not VENDOR.answers_in_part)
        if VENDOR.forgets_tokens:
            raise TokenExpired
        named = set(book.log[int(token) :])
        changed = tuple(one for one in there if one.id in named or one.series in named)
        left = {one.id for one in changed} | {one.series for one in changed}
        return Changes(changed, tuple(sorted(named - left)), token=str(len(book.log)))

    def busy(self, calendars: Sequence[str], window: Window, zone: ZoneInfo) -> dict[str, list[Occurrence] | ToolError]:
        self._asked("busy")
        return {one: [row for row in VENDOR.book(one).occurrences.values() if _meets(row, window)] for one in calendars}

    def put_event(self, calendar: str, request: EventRequest) -> VendorEvent:
        self._asked("put", "write")
        if request.meeting and VENDOR.makes_calls == "refuses":
            raise Refused("forbidden")
        one = Occurrence(
            request.id,
            request.starts_at,
            request.ends_at,
            title=request.title,
            our_id=request.id,
            room_answer=self._invite(request),
        )
        book = VENDOR.book(calendar)

        def put() -> None:
            book.put(one)
            if not request.meeting:
                book.calls.pop(request.id, None)
            elif book.calls.get(request.id) is None:
                made = _call(calendar, request.id)
                book.calls[request.id] = None if VENDOR.makes_calls == "no" else "" if VENDOR.calls_pending else made

        _carry_out(put)
        return self._event(calendar, one, str(request.revision))

    def _event(self, calendar: str, one: Occurrence, version: str) -> VendorEvent:
        url = VENDOR.book(calendar).calls.get(one.id)
        return VendorEvent(
            one.id,
            one.id,
            version,
            one.starts_at,
            one.ends_at,
            one.answer,
            comment=VENDOR.book(calendar).comments.get(one.id, ""),
            meeting_url=url or "",
            meeting_pending=url == "",
            room_answer=one.room_answer,
        )

    def _invite(self, request: EventRequest) -> Answer:
        """Put a copy of the event into its rooms' calendars, under an id of its own, and take it out of others."""
        for room in VENDOR.invited.pop(request.id, ()):
            VENDOR.book(room).remove(f"copy-{request.id}")
        VENDOR.invited[request.id] = request.rooms
        for room in request.rooms:
            copy = Occurrence(f"copy-{request.id}", request.starts_at, request.ends_at, title=request.title)
            VENDOR.book(room).put(copy)
        declined = any((room, request.id) in VENDOR.declined for room in request.rooms)
        return Answer.DECLINED if declined else Answer.ACCEPTED if request.rooms else Answer.NONE

    def delete_event(self, calendar: str, our_id: str, version: str = "") -> None:
        self._asked("delete", "write")
        book = VENDOR.book(calendar)

        def delete() -> None:
            book.calls.pop(our_id, None)
            book.remove(our_id)

        _carry_out(delete)
        for room in VENDOR.invited.pop(our_id, ()):
            VENDOR.book(room).remove(f"copy-{our_id}")

    def fetch_event(self, calendar: str, our_id: str) -> VendorEvent | None:
        self._asked("fetch")
        book = VENDOR.book(calendar)
        one = book.occurrences.get(our_id)
        if book.calls.get(our_id) == "":
            VENDOR.calls_pending -= 1
            book.calls[our_id] = "" if VENDOR.calls_pending > 0 else _call(calendar, our_id)
        return self._event(calendar, one, "") if one else None

    def list_rooms(self) -> list[CalendarRef]:
        self._asked("rooms")
        return list(VENDOR.rooms)

    def watch(self, calendar: str, *, id: str, token: str, address: str) -> Watch:
        self._asked("watch")
        VENDOR.watches[id] = token
        return Watch(id, f"resource-{calendar}", timezone.now() + timedelta(days=7))

    def stop_watch(self, calendar: str, watch: Watch) -> None:
        self._asked("stop")
        VENDOR.watches.pop(watch.id, None)


class Crash(Exception):
    """The end of a worker."""


def _carry_out(change: Callable[[], None]) -> None:
    fate = VENDOR.fates.pop(0) if VENDOR.fates else ""
    if fate == "late":
        VENDOR.late.append(change)
        raise OutcomeUnknown("lost")
    change()
    if fate == "lost":
        raise OutcomeUnknown("lost")
    if fate == "crash":
        raise Crash


def memory_notices(headers: Mapping[str, str], parameters: Mapping[str, str], _body: bytes) -> Notices:
    """Read a call as the vendor makes it: the watch and its token in headers, or a text to send back."""
    if "echo" in parameters:
        return Notices(answer=parameters["echo"])
    found = {name.lower(): value for name, value in headers.items()}
    is_over = found.get("x-over") == "1"
    return Notices((Notice(found.get("x-watch", ""), found.get("x-token", ""), is_over=is_over),))


MEMORY = CalendarEntry(memory_info, MemoryCalendar, notices=memory_notices)


def _call(calendar: str, event: str) -> str:
    return f"https://call.example/{calendar}-{event[:8]}"


def _meets(one: Occurrence, window: Window) -> bool:
    return one.starts_at < window.ends_at and one.ends_at > window.starts_at


def connect_calendars(membership: Membership, *, for_all: bool = True) -> CalendarConnection:
    """Make a connection that works: for the whole organization, or one member's own."""
    return CalendarConnection.objects.create(
        organization=membership.organization,
        membership=None if for_all else membership,
        kind="memory",
        account_id="memory",
        state=CalendarConnection.State.CONNECTED,
        credentials='{"secret": "s"}',
        credentials_version=1,
        read_rate=1000,
        read_ceiling=1000,
        write_rate=1000,
        write_ceiling=1000,
    )


def calendar_for(member: Membership, connection: CalendarConnection | None = None) -> MemberCalendar:
    """Make a member's calendar that is due to be read; it is the vendor's `cal-<member>`."""
    return MemberCalendar.objects.create(
        organization=member.organization,
        connection=connection or connect_calendars(member),
        membership=member,
        external_id=f"cal-{member.pk}",
    )


_numbers = itertools.count(1)


def entry(starts_at: datetime, hours: float = 1, title: str = "Dentist", **fields: object) -> Occurrence:
    """Return an entry of a calendar, with an id of its own."""
    name = f"event-{next(_numbers)}"
    return replace(
        Occurrence(name, starts_at, starts_at + hours * HOUR, title=title),
        **fields,  # type: ignore[arg-type]
    )

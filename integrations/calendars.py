"""The contract between Panelist and a calendar vendor.

A vendor's folder turns its API into these plain shapes and the errors of `integrations.base`. No Django model, no
request and no vendor exception crosses this line, in either direction. What each error means here:

* `Retryable` - the vendor certainly did nothing, or a read failed; the same call may be made again.
  `CalendarLimited`: a limit of one calendar's owner is used up, and other people's calendars go on.
* `Refused` - the vendor said no for good; a person has to change something. `Gone`: the calendar or event is not there.
* `CredentialsRejected` - the connection is dead or lacks a permission; every call would fail, so stop asking.
* `OutcomeUnknown` - the answer to a change was lost. `fetch_event` tells what became of it.
* `TokenExpired` - the token of a change list is too old; read everything anew.
* `EventChanged` - somebody changed the event since the state that the request was made from; nothing was written.

All times are aware and in UTC. A calendar that could not be read is unknown: never is a failed read an empty list.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from integrations.base import Refused, Retryable, ToolError, Verdict


class TokenExpired(ToolError):
    """The vendor does not know the token of `changes` any more (Google and Graph: 410): read everything anew."""


class CalendarLimited(Retryable):
    """The vendor's limit for one person is used up, not that of the connection: only their calendar waits."""

    def __init__(self, code: str, *, retry_after: float) -> None:
        super().__init__(code, retry_after=retry_after, rate_limited=True)


class EventChanged(Refused):
    """The event is not as it was when the request was made (HTTP 412), and nothing was written."""


class Answer(enum.StrEnum):
    """An attendee's answer to an invitation."""

    NONE = "none"
    ACCEPTED = "accepted"
    TENTATIVE = "tentative"
    DECLINED = "declined"


def worst(answers: Iterable[Answer]) -> Answer:
    """The answer that matters among those of several rooms; NONE without any."""
    found = set(answers)
    order = (Answer.DECLINED, Answer.NONE, Answer.TENTATIVE, Answer.ACCEPTED)
    return next((one for one in order if one in found), Answer.NONE)


class TimeKind(enum.StrEnum):
    """The kind of an entry, as the vendor marks it."""

    DEFAULT = "default"
    OUT_OF_OFFICE = "out_of_office"
    FOCUS = "focus"
    WORKING_LOCATION = "working_location"
    BIRTHDAY = "birthday"


class Meeting(enum.StrEnum):
    """A meeting that the vendor makes together with the event."""

    NONE = ""
    GOOGLE_MEET = "google_meet"
    MICROSOFT_TEAMS = "microsoft_teams"


@dataclass(frozen=True, slots=True)
class CalendarRef:
    """One calendar that a connection reaches. `owner` is the e-mail address of the person, empty when unknown.

    `id` is the vendor's, at most 600 characters: an address, an opaque id, or for CalDAV its URL. `capacity` (0:
    unknown) and `place` are a room's.
    """

    id: str
    name: str
    owner: str = ""
    is_main: bool = False
    can_write: bool = False
    capacity: int = 0
    place: str = ""


@dataclass(frozen=True, slots=True)
class CalendarAccount:
    """The account that credentials belong to, and what they may do there.

    `calendars`: those of one person's connection; empty where it is for a whole organization, whose people are looked
    up by their addresses with `calendar_of`.
    """

    id: str
    name: str
    permissions: Mapping[str, Verdict]
    calendars: tuple[CalendarRef, ...] = ()

    def missing(self) -> list[str]:
        """Names of permissions that are known to be lacking."""
        return [name for name, verdict in self.permissions.items() if verdict is Verdict.NO]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One occurrence of an entry. Recurring ones are expanded and name their `series`; others may.

    `starts_at` and `ends_at` of whole days are midnights in the calendar's own zone, else in the `zone` asked with.
    `our_id`: the id that `put_event` wrote it with, or that of an invitation that Panelist mailed (`ical.ours`), also
    for another organization or by another installation; empty for other entries. `title` is empty where the vendor
    does not tell it. `answer` is the calendar owner's; NONE also for entries without invitations.
    `room_answer` is that of the invited rooms: declined where one of them declined.
    """

    id: str
    starts_at: datetime
    ends_at: datetime
    title: str = field(default="", repr=False)
    series: str = ""
    is_all_day: bool = False
    is_free: bool = False
    is_private: bool = False
    is_tentative: bool = False
    kind: TimeKind = TimeKind.DEFAULT
    answer: Answer = Answer.NONE
    room_answer: Answer = Answer.NONE
    our_id: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """A calendar's occurrences since a token. `is_whole`: these are all of the window, and others are gone.

    `removed`: ids of occurrences or of whole series that are gone (cancelled, deleted, or moved out of the window);
    an occurrence of `series` in `occurrences` replaces all that were stored of that series. `token` is for the next
    call; empty where the vendor has none, and then each call is whole.
    """

    occurrences: tuple[Occurrence, ...] = ()
    removed: tuple[str, ...] = ()
    token: str = field(default="", repr=False)
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """The stretch of time that a calendar is read for: `starts_at` until `ends_at`, both aware."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class EventRequest:
    """An event as it should become in one person's calendar.

    `id` is derived from Panelist's own ids: 32 hexadecimal digits, the same for the same interview and person, so that
    writing it twice makes one event. `revision` rises with each change. `version` is the vendor's mark (an ETag) of
    the state that the request was made from; empty: whatever is there. `organizer`: the address that answers by mail go
    to, for vendors where an event can have another owner than its calendar; empty: the installation's sender. Texts
    stay out of the repr, and so out of logs.
    """

    id: str
    revision: int
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    title: str = field(repr=False)
    description: str = field(default="", repr=False)
    location: str = field(default="", repr=False)
    url: str = field(default="", repr=False)
    owner: str = field(default="", repr=False)
    organizer: str = field(default="", repr=False)
    rooms: tuple[str, ...] = ()
    meeting: Meeting = Meeting.NONE
    version: str = ""


@dataclass(frozen=True, slots=True)
class VendorEvent:
    """An event of Panelist's as it stands in a calendar now. `answer` and `comment` are the calendar owner's,
    `room_answer` that of the invited rooms.

    `external_id` is its `Occurrence.id`, by which `Changes.removed` names it.
    `proposed_starts_at`: another time that the person proposed, with `proposed_ends_at`. `meeting_url` is empty while
    the vendor still makes it (`meeting_pending`).
    """

    our_id: str
    external_id: str
    version: str
    starts_at: datetime
    ends_at: datetime
    answer: Answer = Answer.NONE
    comment: str = field(default="", repr=False)
    proposed_starts_at: datetime | None = None
    proposed_ends_at: datetime | None = None
    meeting_url: str = field(default="", repr=False)
    meeting_pending: bool = False
    room_answer: Answer = Answer.NONE


@dataclass(frozen=True, slots=True)
class Watch:
    """A vendor's promise to call when a calendar changes, until `expires_at`. `id` and `resource` end it."""

    id: str
    resource: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """A vendor's word about one watch. `token` is to be the one that was given to `watch`; then the calendar is read.

    `is_over`: the vendor does not call any more, so the calendar is to be watched anew.
    """

    watch_id: str
    token: str = field(repr=False)
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class Notices:
    """One call of a vendor: its notices, and the text to answer with (text/plain) where it asks for one."""

    notices: tuple[Notice, ...] = ()
    answer: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class CalendarLimits:
    """A vendor's limits, and how long to wait for its answers.

    Rates are requests per second of one connection. `timeout`: seconds of silence after which a call is given up.
    `settle`: seconds after a lost answer in which the request may still take effect. `poll_minutes`: how often a
    calendar is asked for changes where the vendor can't call us; `watched_poll_minutes`: where it can.
    """

    writes_per_second: float
    reads_per_second: float
    timeout: float
    settle: float
    poll_minutes: int
    watched_poll_minutes: int


@dataclass(frozen=True, slots=True)
class CalendarInfo:
    """A vendor's name, limits and abilities, for pages and the queue, known without calling it.

    `name` stands in every sentence about it. `problems`, `description`: message ids, translated when shown; a
    `%(tool)s` in them is the name. `for_everyone`: one connection serves a whole organization; `for_person`: a member
    connects their own. `is_live` is false for copies that lag behind, whose free times prove nothing. `meeting`: the
    video call that it makes with an event where that is asked for, and its name.
    """

    kind: str
    name: str
    description: str
    limits: CalendarLimits
    scopes: tuple[str, ...] = ()
    problems: Mapping[str, str] = field(default_factory=dict)
    for_everyone: bool = False
    for_person: bool = False
    can_write: bool = True
    can_watch: bool = False
    is_live: bool = True
    meeting: Meeting = Meeting.NONE
    meeting_name: str = ""
    # The permission without which only rooms are not read; empty where there is none such.
    room_scope: str = ""

    def missing(self, account: CalendarAccount) -> list[str]:
        """Names of permissions without which nothing works and that are known to be lacking."""
        return [name for name in account.missing() if name != self.room_scope]


class Calendar(Protocol):
    """One vendor with one connection's credentials. Every method makes HTTP calls, each with a timeout, and raises only
    `ToolError`s. For reads a lost answer is `Retryable`.

    `calendar`: a `CalendarRef.id`. `zone`: of the calendar's owner, for whole days and floating times.
    """

    info: CalendarInfo

    def check(self) -> CalendarAccount:
        """The account and what may be done with it. Leaves nothing behind at the vendor."""

    def calendar_of(self, address: str) -> CalendarRef | None:
        """The main calendar of a person of the organization; None when the vendor has nobody with this address."""

    def changes(self, calendar: str, window: Window, zone: ZoneInfo, token: str = "") -> Changes:
        """Occurrences in the window: all, or those changed since `token`. Raises `TokenExpired`.

        The window of a token never changes: after it has moved, the caller asks without a token.
        """

    def busy(self, calendars: Sequence[str], window: Window, zone: ZoneInfo) -> dict[str, list[Occurrence] | ToolError]:
        """Busy stretches of several calendars at once, without titles: for a last look before an interview is saved.

        A calendar whose times can't be told has its error in place of a list.
        """

    def put_event(self, calendar: str, request: EventRequest) -> VendorEvent:
        """Make the event, or change the one with this id. Repeating it is safe. Raises `EventChanged`, `Gone` when
        the calendar is not there, and `Refused` when an event with the id is not Panelist's."""

    def delete_event(self, calendar: str, our_id: str, version: str = "") -> None:
        """Delete the event with this id. Already gone is success; one that is not Panelist's is never touched."""

    def fetch_event(self, calendar: str, our_id: str) -> VendorEvent | None:
        """The event as it is now; None when it is certainly not there (deleted, cancelled)."""

    def list_rooms(self) -> list[CalendarRef]:
        """The organization's rooms, by name, at most 500; empty where the vendor has none to tell. Raises `Refused`
        with the code `rooms_denied` where only rooms may not be read."""

    def watch(self, calendar: str, *, id: str, token: str, address: str) -> Watch:
        """Ask the vendor to call `address` with `token` at each change. Only where `info.can_watch`."""

    def stop_watch(self, calendar: str, watch: Watch) -> None:
        """End the calls for changes of the calendar. Already ended is success."""

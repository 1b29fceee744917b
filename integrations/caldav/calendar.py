"""CalDAV as a calendar: Nextcloud, Fastmail, iCloud and whatever else speaks RFC 4791.

Recurring entries are expanded here and not by the server: servers differ in it. For the same reason busy times come
from entries and not from a free-busy report, which also knows no answers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parseaddr
from urllib.parse import quote, urljoin, urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext_noop as _
from django.views.decorators.debug import sensitive_variables

from integrations import guarded
from integrations.base import CredentialsRejected, Gone, Pacer, Refused, Retryable, ToolError, Verdict
from integrations.caldav import events
from integrations.caldav.dav import Dav, raise_problem
from integrations.caldav.discovery import Discovered, discover, may_write
from integrations.caldav.events import Stored
from integrations.caldav.snapshot import Snapshot, owners_of, parse_token
from integrations.calendars import (
    CalendarAccount,
    CalendarInfo,
    CalendarLimits,
    CalendarRef,
    Changes,
    EventChanged,
    EventRequest,
    Occurrence,
    VendorEvent,
    Watch,
    Window,
)
from integrations.guarded import Reply
from integrations.ical.problems import PROBLEMS
from integrations.transport import lost

#: Signs of an ETag that there is room for.
_LONGEST_VERSION = 200
#: A window that nothing is in: to ask whether a calendar may be read.
_NO_TIME = Window(datetime(2000, 1, 1, tzinfo=UTC), datetime(2000, 1, 2, tzinfo=UTC))
#: A name that no object has: to ask whether it may be deleted leaves nothing behind.
_NO_OBJECT = "panelist-00000000000000000000000000000000.ics"


def caldav_info() -> CalendarInfo:
    """The kind as pages and the queue know it. Servers are people's own: they are asked gently."""
    return CalendarInfo(
        kind="caldav",
        name="CalDAV",
        description=_("Your calendars on a server of your choice: Nextcloud, Fastmail, iCloud and others."),
        limits=CalendarLimits(
            writes_per_second=2.0,
            reads_per_second=5.0,
            timeout=guarded.TOTAL_SECONDS,
            settle=30.0,
            poll_minutes=10,
            watched_poll_minutes=10,
        ),
        problems=PROBLEMS
        | {
            "key_rejected": _("The server did not accept the user name and the app password."),
            "denied": _("The server does not let this account read or write there."),
            "read_only": _("The server does not let this account write into the calendar."),
            "no_calendar": _(
                "No calendar was found at this address. Copy the calendar's own address from its settings."
            ),
            "wrong_address": _("The address does not lead to a CalDAV server."),
            "gone": _("The calendar or the event no longer exists on the server."),
            "not_ours": _("Another event has the place of this one in the calendar. It was left as it is."),
            "changed": _("Somebody changed the event in the calendar."),
        },
        for_person=True,
    )


@sensitive_variables()
def caldav_calendar(
    credentials: Mapping[str, str],
    *,
    pacer: Pacer | None = None,
    keep: Callable[[Mapping[str, str]], None] | None = None,
) -> CalDav:
    """The account of `address`, `username` and `password`."""
    del keep  # app passwords do not change while they are used
    sender = parseaddr(str(settings.DEFAULT_FROM_EMAIL))[1]
    return CalDav(credentials, sender=sender, pacer=pacer)


class CalDav:
    """One account. `integrations.calendars.Calendar` has the promises of each method; ids of calendars are URLs."""

    @sensitive_variables()
    def __init__(self, credentials: Mapping[str, str], *, sender: str, pacer: Pacer | None = None) -> None:
        self.info = caldav_info()
        self._sender = sender
        self._credentials = credentials
        self._pacer = pacer

    # -- the account -----------------------------------------------------------------------------------------------

    def check(self) -> CalendarAccount:
        dav = self._dav()
        found = discover(dav)
        refs = found.refs()
        main = next(ref for ref in refs if ref.is_main)
        item = next(one for one in found.calendars if one.url == main.id)
        Snapshot(dav, main.id, _NO_TIME, ZoneInfo("UTC")).busy()
        write = self._may_write(dav, main.id) if may_write(item) else Verdict.NO
        person = found.person
        name = (person.name if person else "") or dav.username
        return CalendarAccount(
            id=_account_id(dav, found),
            name=name[:200],
            permissions={"read": Verdict.YES, "write": write},
            calendars=tuple(replace(one, can_write=False) for one in refs) if write is Verdict.NO else refs,
        )

    def _may_write(self, dav: Dav, calendar: str) -> Verdict:
        """Whether an event may be made, told by asking to delete one that is not there."""
        try:
            status = dav.delete(_within(calendar, _NO_OBJECT), {"If-Match": '"none"'}).status
        except CredentialsRejected:
            raise
        except ToolError:
            return Verdict.UNKNOWN
        if status in (404, 410, 412):
            return Verdict.YES
        return Verdict.NO if status in (403, 405) else Verdict.UNKNOWN

    def calendar_of(self, address: str) -> CalendarRef | None:
        del address  # an account is one person's
        return None

    # -- reading ---------------------------------------------------------------------------------------------------

    def changes(self, calendar: str, window: Window, zone: ZoneInfo, token: str = "") -> Changes:
        snapshot = Snapshot(self._dav_of(calendar), calendar, window, zone)
        return snapshot.since(parse_token(token)) if token else snapshot.whole()

    def busy(self, calendars: Sequence[str], window: Window, zone: ZoneInfo) -> dict[str, list[Occurrence] | ToolError]:
        return {calendar: self._busy(calendar, window, zone) for calendar in calendars}

    def _busy(self, calendar: str, window: Window, zone: ZoneInfo) -> list[Occurrence] | ToolError:
        try:
            found = Snapshot(self._dav_of(calendar), calendar, window, zone).busy()
        except CredentialsRejected:
            raise
        except ToolError as problem:
            return problem
        return [replace(one, title="") for one in found]

    # -- events ----------------------------------------------------------------------------------------------------

    def put_event(self, calendar: str, request: EventRequest) -> VendorEvent:
        """Make or change the event. A change keeps what its owner added, so that the event is read first."""
        dav, url = self._dav_of(calendar), _within(calendar, _name(request.id))
        if not request.version:
            reply = dav.put(url, events.new_object(request, self._sender), {"If-None-Match": "*"})
            if reply.status != 412:
                return self._written(dav, url, reply, request)
        there = dav.get(url)
        old = self._ours(there, request.id)
        if old is None:
            # Without a version the server had just said that there is one: somebody deletes it at this moment.
            raise EventChanged("changed") if request.version else Retryable("server_error")
        version = _version(there)
        if request.version and version != request.version:
            if _is_written(old, request):  # by this very request, whose answer was lost
                return self._event(dav, version, old, request)
            raise EventChanged("changed")
        reply = dav.put(url, events.changed_object(old, request, self._sender), _unchanged(there))
        if reply.status == 412:
            raise EventChanged("changed")
        return self._written(dav, url, reply, request)

    def _written(self, dav: Dav, url: str, reply: Reply, request: EventRequest) -> VendorEvent:
        """The event after a PUT. Servers that changed what they store give no ETag: it is read then."""
        if reply.status in (404, 410):
            raise Gone("gone")
        if reply.status == 409 or (reply.status == 403 and b"no-uid-conflict" in reply.body):
            raise Gone("gone") if b"no-uid-conflict" not in reply.body else Refused("not_ours")
        raise_problem(reply, changes=True)
        if reply.status not in (200, 201, 204):
            raise Refused("refused")
        made = VendorEvent(
            request.id, _name(request.id), reply.headers.get("etag", ""), request.starts_at, request.ends_at
        )
        try:
            return made if made.version else self._fetched(dav, url, request.id) or made
        except ToolError:
            return made  # it is there; its version is not known

    def delete_event(self, calendar: str, our_id: str, version: str = "") -> None:
        dav, url = self._dav_of(calendar), _within(calendar, _name(our_id))
        there = dav.get(url)
        old = None if there.status in (404, 410) else self._stored(there)
        if old is None or not old.is_ours(our_id):
            return
        if version and _version(there) != version:
            raise EventChanged("changed")
        reply = dav.delete(url, _unchanged(there))
        if reply.status == 412:
            raise EventChanged("changed")
        raise_problem(reply, changes=True)

    def fetch_event(self, calendar: str, our_id: str) -> VendorEvent | None:
        return self._fetched(self._dav_of(calendar), _within(calendar, _name(our_id)), our_id)

    def _fetched(self, dav: Dav, url: str, our_id: str) -> VendorEvent | None:
        there = dav.get(url)
        if there.status in (404, 410):
            return None
        found = self._stored(there)
        if not found.is_ours(our_id):
            return None
        return events.vendor_event(our_id, _name(our_id), _version(there), found, owners_of(dav))

    def _ours(self, there: Reply, our_id: str) -> Stored | None:
        """The event of this id; None where there is none. Raises `Refused` where a person's is in its place."""
        if there.status in (404, 410):
            return None
        found = self._stored(there)
        if not found.is_ours(our_id):
            raise Refused("not_ours")
        return found

    def _stored(self, there: Reply) -> Stored:
        """The object of an answer. Raises `Retryable` for half a one."""
        raise_problem(there)
        found = events.stored(there.body) if there.status == 200 else None
        if found is None:
            raise lost("unreadable", changes=False)
        return found

    def _event(self, dav: Dav, version: str, found: Stored, request: EventRequest) -> VendorEvent:
        made = events.vendor_event(request.id, _name(request.id), version, found, [*owners_of(dav), request.owner])
        if made is None:
            raise EventChanged("changed")
        return made

    # -- what CalDAV does not have ---------------------------------------------------------------------------------

    def list_rooms(self) -> list[CalendarRef]:
        return []

    def watch(self, calendar: str, *, id: str, token: str, address: str) -> Watch:
        del calendar, id, token, address
        raise Refused("refused")

    def stop_watch(self, calendar: str, watch: Watch) -> None:
        del calendar, watch

    # -- helpers ---------------------------------------------------------------------------------------------------

    @sensitive_variables()
    def _dav(self) -> Dav:
        entered = self._credentials
        return Dav(entered.get("address", ""), entered.get("username", ""), entered.get("password", ""), self._pacer)

    def _dav_of(self, calendar: str) -> Dav:
        """The server, which has to be the one that the calendar is at: its password goes nowhere else."""
        dav = self._dav()
        if not dav.is_own(calendar):
            raise Gone("gone")
        return dav


def _within(calendar: str, name: str) -> str:
    return urljoin(calendar.rstrip("/") + "/", quote(name))


def _name(our_id: str) -> str:
    """The name of an event's object in its calendar: also the id of its occurrence."""
    return f"{our_id}.ics"


def _version(reply: Reply) -> str:
    """The ETag of an object, or a hash of one that is too long to keep: nothing but `_unchanged` goes back."""
    etag = _etag(reply)
    return etag if len(etag) <= _LONGEST_VERSION else hashlib.sha256(etag.encode()).hexdigest()


def _unchanged(there: Reply) -> dict[str, str]:
    """The condition that an object is still as it was read."""
    etag = _etag(there)
    return {"If-Match": etag} if etag else {}


def _etag(reply: Reply) -> str:
    """The ETag; without the mark of a weak one, which proxies that compress put there: weak ones never match."""
    return reply.headers.get("etag", "").strip().removeprefix("W/")


def _is_written(old: Stored, request: EventRequest) -> bool:
    """Whether an object is what a request asks for."""
    sequence = str(old.event.get("SEQUENCE", ""))
    return sequence == str(request.revision) and old.times() == (request.starts_at, request.ends_at)


def _account_id(dav: Dav, found: Discovered) -> str:
    """The principal's address without its scheme, or for a lone calendar that of the calendar; short enough to keep."""
    url = found.person.url if found.person else found.calendars[0].url
    parts = urlsplit(url)
    text = f"{dav.username}@{parts.netloc}{parts.path}"
    return text if len(text) <= 200 else hashlib.sha256(text.encode()).hexdigest()

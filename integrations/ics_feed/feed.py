"""A secret .ics address as a calendar: read again and again, never written.

The address is all that it takes to read the calendar: it stands in no id, log line, error or repr. Such feeds lag
behind their calendars (Google's by hours), so their free times prove nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NoReturn
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.debug import sensitive_variables

from integrations import guarded
from integrations.base import CredentialsRejected, Gone, Pacer, Refused, ToolError, Verdict
from integrations.calendars import (
    CalendarAccount,
    CalendarInfo,
    CalendarLimits,
    CalendarRef,
    Changes,
    EventRequest,
    Occurrence,
    VendorEvent,
    Watch,
    Window,
)
from integrations.guarded import Reply, Request
from integrations.ical.entries import Document, read
from integrations.ical.occurrences import expand
from integrations.ical.problems import PROBLEMS

#: The one calendar that a feed has.
CALENDAR = "feed"
_ADDRESS = re.compile(r"[^@\s/]+@[^@\s/]+\.[^@\s/]+")


def ics_feed_info() -> CalendarInfo:
    """The kind as pages and the queue know it. Publishers make feeds anew every few hours: half an hour is often."""
    return CalendarInfo(
        kind="ics_feed",
        name=gettext("Calendar feed"),
        description=_("A secret .ics address, which can only be read and is some hours behind."),
        limits=CalendarLimits(
            writes_per_second=1.0,
            reads_per_second=2.0,
            timeout=guarded.TOTAL_SECONDS,
            settle=0.0,
            poll_minutes=30,
            watched_poll_minutes=30,
        ),
        problems=PROBLEMS
        | {
            "key_rejected": _("The address does not work any more. Copy the calendar's secret address again."),
            "gone": _("There is no calendar at this address any more. Copy the calendar's secret address again."),
            "no_calendar": _("The address leads to a page, not to a calendar. Copy the one that ends with .ics."),
            "read_only": _("A calendar feed can only be read."),
        },
        for_person=True,
        can_write=False,
        is_live=False,
    )


@sensitive_variables()
def ics_feed_calendar(
    credentials: Mapping[str, str],
    *,
    pacer: Pacer | None = None,
    keep: Callable[[Mapping[str, str]], None] | None = None,
) -> IcsFeed:
    """The feed at `credentials["address"]`."""
    del keep  # an address never changes while it is used
    return IcsFeed(credentials.get("address", ""), pacer=pacer)


class IcsFeed:
    """One feed. `integrations.calendars.Calendar` has the promises of each method."""

    def __init__(self, address: str, *, pacer: Pacer | None = None) -> None:
        self.info = ics_feed_info()
        self._address = address
        self._pacer = pacer

    def check(self) -> CalendarAccount:
        address = guarded.clean_address(self._address)
        document = read(self._fetch({}).body, ZoneInfo("UTC"))
        owner = next(iter(self._owners(document)), "")
        name = document.name or owner or urlsplit(address).hostname or ""
        return CalendarAccount(
            id=hashlib.sha256(address.encode()).hexdigest()[:32],
            name=name[:200],
            permissions={"read": Verdict.YES},
            calendars=(CalendarRef(CALENDAR, name[:200], owner=owner, is_main=True),),
        )

    def calendar_of(self, address: str) -> CalendarRef | None:
        del address  # a feed is one person's
        return None

    def changes(self, calendar: str, window: Window, zone: ZoneInfo, token: str = "") -> Changes:
        """All of the window, or nothing where the feed is the same as when `token` was given."""
        del calendar
        known = _known(token)
        conditions = {"If-None-Match": known.get("etag", ""), "If-Modified-Since": known.get("modified", "")}
        reply = self._fetch({name: value for name, value in conditions.items() if value})
        digest = hashlib.sha256(reply.body).hexdigest()
        if reply.status == 304 and known:
            return Changes(token=token)
        token = _token(reply, digest)
        if known.get("digest") == digest:
            return Changes(token=token)
        return Changes(tuple(self._occurrences(reply, window, zone)), token=token, is_whole=True)

    def busy(self, calendars: Sequence[str], window: Window, zone: ZoneInfo) -> dict[str, list[Occurrence] | ToolError]:
        found: list[Occurrence] | ToolError
        try:
            found = [replace(one, title="") for one in self._occurrences(self._fetch({}), window, zone)]
        except CredentialsRejected:
            raise
        except ToolError as problem:
            found = problem
        return dict.fromkeys(calendars, found)

    def put_event(self, calendar: str, request: EventRequest) -> VendorEvent:
        del calendar, request
        self._refuse()

    def delete_event(self, calendar: str, our_id: str, version: str = "") -> None:
        del calendar, our_id, version
        self._refuse()

    def fetch_event(self, calendar: str, our_id: str) -> VendorEvent | None:
        del calendar, our_id
        self._refuse()

    def list_rooms(self) -> list[CalendarRef]:
        return []

    def watch(self, calendar: str, *, id: str, token: str, address: str) -> Watch:
        del calendar, id, token, address
        self._refuse()

    def stop_watch(self, calendar: str, watch: Watch) -> None:
        del calendar, watch

    def _refuse(self) -> NoReturn:
        raise Refused("read_only")

    def _occurrences(self, reply: Reply, window: Window, zone: ZoneInfo) -> list[Occurrence]:
        document = read(reply.body, zone)
        return expand(document, window, self._owners(document))

    @sensitive_variables()
    def _owners(self, document: Document) -> list[str]:
        """Addresses that the feed tells of its owner: its name, or a part of its own address (both at Google)."""
        parts = [document.name, *unquote(urlsplit(self._address).path).split("/")]
        return list(dict.fromkeys(part.lower() for part in parts if _ADDRESS.fullmatch(part)))

    @sensitive_variables()
    def _fetch(self, conditions: Mapping[str, str]) -> Reply:
        if self._pacer is not None:
            self._pacer("read")
        headers = {"Accept": "text/calendar, */*;q=0.5", "Accept-Encoding": "gzip", **conditions}
        reply = guarded.send(Request("GET", self._address, headers))
        if reply.status in (404, 410):
            raise Gone("gone")
        if reply.status in (401, 403):
            raise CredentialsRejected("key_rejected")
        problem = guarded.problem_of(reply)
        if problem is not None:
            raise problem
        if reply.status not in (200, 304) or (reply.status == 304 and not conditions):
            raise Refused("no_calendar")
        return reply


def _token(reply: Reply, digest: str) -> str:
    tags = {"etag": reply.headers.get("etag", ""), "modified": reply.headers.get("last-modified", "")}
    return json.dumps({name: value[:300] for name, value in tags.items() if value} | {"digest": digest})


def _known(token: str) -> dict[str, str]:
    """The parts of a token; none of one that can't be read."""
    try:
        found = json.loads(token) if token else {}
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}

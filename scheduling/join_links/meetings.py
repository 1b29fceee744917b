"""Where an interview's video call is, and why there is none."""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Case, Exists, OuterRef, Value, When
from django.db.models.expressions import Combinable
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from integrations.meeting_server_registry import MEETING_SERVERS
from integrations.meeting_servers import Visitor
from integrations.meetings import WAYS, Source, told_name, way_of
from integrations.models import MeetingServer
from organizations.web_addresses import is_link
from scheduling.models import Interview, InterviewerAssignment

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


SALT = "scheduling.join_links.meetings"


class CallState(enum.StrEnum):
    """The state of a video call: somebody can join it, the vendor still makes it, or it can't be made."""

    READY = "ready"
    BEING_MADE = "being_made"
    MISSING = "missing"


#: Why there is no video call, by code, and what to do; `%(way)s` is its name.
PROBLEMS: Mapping[str, StrOrPromise] = {
    "nobody": _("No interviewer has a connected calendar for %(way)s. Choose another way to meet."),
    "refused": _("%(way)s could not be created. Choose another way to meet."),
    "removed": _("%(way)s was removed in the calendar. Put it back, or choose another way to meet."),
    "no_server": _("%(way)s is not set up, or its secret can't be read. Choose another way to meet."),
    "no_room": _("No interviewer has a room of their own. Choose another way to meet."),
    "unknown": _("%(way)s is no longer available. Choose another way to meet."),
}


@dataclass(frozen=True, slots=True)
class Call:
    """The video call of an interview. `problem` is a code where it is MISSING.

    `url` is empty unless it is READY, and where a server asks for a token, which is made when somebody enters.

    `way` is its name for members, `told` the one for those who take part.
    """

    way: str
    told: str
    state: CallState
    url: str = ""
    problem: str = ""

    @property
    def is_removed(self) -> bool:
        """Whether somebody took it out of the event, so that it can be put back."""
        return self.problem == "removed"

    @property
    def sentence(self) -> str:
        """Why there is none, and what to do."""
        return str(PROBLEMS[self.problem]) % {"way": self.way} if self.problem else ""


def call_of(interview: Interview, rooms: Iterable[str], servers: Mapping[str, MeetingServer]) -> Call | None:
    """Return the video call of an interview; None where it has none.

    `rooms`: those of its interviewers, in order. `servers`: those of its organization, by kind.
    """
    if not interview.meeting:
        return None
    columns = {"url": interview.meeting_url, "problem": interview.meeting_problem}
    set_up = {kind for kind, server in servers.items() if server.secret or not server.app_id}
    call = find_call(interview.meeting, rooms, set_up, **columns)
    server = servers.get(interview.meeting)
    if server is None or server.secret or call.state is not CallState.READY:
        return call
    return replace(call, url=MEETING_SERVERS[server.kind].address(server.host, room_name(interview)))


def find_call(meeting: str, rooms: Iterable[str], set_up: Collection[str], *, url: str, problem: str) -> Call:
    """Return the video call of a kind. `url` and `problem` are those of the interview's columns.

    `set_up`: kinds of servers that can be used.
    """
    way = way_of(meeting)
    if way is None:
        return Call(meeting, told_name(meeting), CallState.MISSING, problem="unknown")
    names = (str(way.name), str(way.told))
    if way.source is Source.SERVER:
        is_set_up = meeting in set_up
        return Call(*names, CallState.READY) if is_set_up else Call(*names, CallState.MISSING, problem="no_server")
    if way.source is Source.PERSON:
        url, problem = next((room for room in rooms if is_link(room)), ""), "no_room"
    if url:
        return Call(*names, CallState.READY, url)
    if problem:
        return Call(*names, CallState.MISSING, problem=problem if problem in PROBLEMS else "refused")
    return Call(*names, CallState.BEING_MADE)


def servers_of(organization: int, meetings: Iterable[str]) -> dict[str, MeetingServer]:
    """Return the organization's servers by kind; one query where some `meetings` are on one, else none."""
    ways = [way for way in map(way_of, meetings) if way is not None and way.source is Source.SERVER]
    if not ways:
        return {}
    rows = MeetingServer.objects.filter(organization=organization, kind__in={way.kind for way in ways}).order_by("id")
    return {row.kind: row for row in rows}


def is_server_set_up() -> Combinable:
    """Return a column for queries of interviews that are made anyway: whether the server of their call is set up.

    Whether its secret can be read, no query can tell.
    """
    kinds = [way.kind for way in WAYS.values() if way.source is Source.SERVER]
    rows = MeetingServer.objects.filter(organization=OuterRef("organization"), kind=OuterRef("meeting"))
    return Case(When(meeting__in=kinds, then=Exists(rows.order_by())), default=Value(value=False))


def room_name(interview: Interview) -> str:
    """Return the interview's room on a server: the same however it moves, and nobody can guess it."""
    return f"interview-{salted_hmac(SALT, str(interview.pk), algorithm='sha256').hexdigest()[:32]}"


def entrance(interview: Interview, call: Call, *, is_host: bool, until: datetime) -> str:
    """Return the address that leads somebody into a video call now; empty where there is none."""
    server = servers_of(interview.organization_id, [interview.meeting]).get(interview.meeting)
    if call.state is not CallState.READY or server is None or not server.secret:
        return call.url
    return MEETING_SERVERS[server.kind].signed_address(
        server.host,
        room_name(interview),
        app_id=server.app_id,
        secret=server.secret,
        visitor=Visitor(is_host),
        until=until,
    )


def rooms_of(interview: Interview) -> list[str]:
    """Return the own rooms of an interview's interviewers, in the order in which they were chosen."""
    rooms = InterviewerAssignment.objects.filter(interview=interview).exclude(membership__user__video_room="")
    return list(rooms.order_by("id").values_list("membership__user__video_room", flat=True))

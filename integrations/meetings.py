"""The ways in which people can meet by video, by kind: made with a calendar event, on an own server, or in an own room.

An interview without a kind takes place where somebody typed that it does, or nobody has said yet.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Case, Exists, Value, When
from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy as _

from integrations.calendar_registry import CALENDARS
from integrations.calendars import Meeting
from integrations.meeting_server_registry import MEETING_SERVERS
from integrations.models import CalendarConnection, MeetingServer
from organizations.models import Organization

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

#: The kind of the room that an interviewer always uses: its address is in their profile.
OWN_ROOM = "own_room"


class Source(enum.Enum):
    """Where the address comes from."""

    CALENDAR = "calendar"
    SERVER = "server"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class MeetingWay:
    """A way to meet. `name` is what is chosen from: a vendor's name, or plain words."""

    kind: str
    name: StrOrPromise
    source: Source

    @property
    def told(self) -> StrOrPromise:
        """Its name for those who take part: whose room it is concerns nobody."""
        return _("Video call") if self.source is Source.PERSON else self.name

    @property
    def meeting(self) -> Meeting:
        """The call that a calendar makes with an event; NONE for the other ways."""
        return Meeting(self.kind) if self.source is Source.CALENDAR else Meeting.NONE


def _ways() -> Iterable[MeetingWay]:
    for entry in CALENDARS.values():
        if entry.info.meeting:
            yield MeetingWay(entry.info.meeting.value, entry.info.meeting_name, Source.CALENDAR)
    for kind, server in MEETING_SERVERS.items():
        yield MeetingWay(kind, server.info.name, Source.SERVER)
    yield MeetingWay(OWN_ROOM, _("Interviewer's own room"), Source.PERSON)


WAYS: dict[str, MeetingWay] = {way.kind: way for way in _ways()}
#: Those that an organization has to connect something for.
_CONNECTED = [way for way in WAYS.values() if way.source is not Source.PERSON]
#: The choice of forms for interviews whose link or location is typed.
TYPED = ("", _("Enter a link or location"))


def choices(usable: Collection[str] | None = None, chosen: str = "") -> list[tuple[str, StrOrPromise]]:
    """Return the choices of a form: the ways that are `usable`, and the one that is `chosen`; None: all there are.

    A form that is sent is checked against all: what was offered stays valid.
    """
    return [TYPED, *((kind, way.name) for kind, way in WAYS.items() if usable is None or kind in {*usable, chosen})]


def usable_ways(organization: Organization) -> frozenset[str]:
    """Return the kinds that somebody in the organization can use now. Takes one query."""
    found = Organization.objects.filter(pk=organization.pk).annotate(ways=usable_column(organization))
    return usable_of(found.values_list("ways", flat=True).get())


def usable_column(organization: Organization) -> Combinable:
    """Return a column for any query that is made anyway: the kinds that the organization can use, for `usable_of`.

    It has a bit for each way that is not always there.
    """
    connected = CalendarConnection.objects.filter(organization=organization)
    connected = connected.exclude(state=CalendarConnection.State.DISCONNECTED)
    column: Combinable = Value(0)
    for bit, way in enumerate(_CONNECTED):
        if way.source is Source.SERVER:
            has_one = Exists(MeetingServer.objects.filter(organization=organization, kind=way.kind))
        else:
            kinds = [kind for kind, entry in CALENDARS.items() if entry.info.meeting == way.meeting]
            has_one = Exists(connected.filter(kind__in=kinds))
        column = column + Case(When(has_one, then=Value(2**bit)), default=Value(0))
    return column


def usable_of(column: int) -> frozenset[str]:
    """Return the kinds that a `usable_column` names."""
    return frozenset({OWN_ROOM, *(way.kind for bit, way in enumerate(_CONNECTED) if column >> bit & 1)})


def way_of(kind: str) -> MeetingWay | None:
    """Return the way of this kind; None for "", and for one that is gone from the registry."""
    return WAYS.get(kind)


def way_name(kind: str) -> str:
    """Return the name of a kind, for sentences; the kind itself where nobody knows it any more."""
    way = WAYS.get(kind)
    return str(way.name) if way is not None else kind


def told_name(kind: str) -> str:
    """Return the name of a kind as those who take part read it."""
    way = WAYS.get(kind)
    return str(way.told) if way is not None else str(_("Video call"))

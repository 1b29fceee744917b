"""The text of an interviewer's event, and the digest by which a change of it is noticed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from integrations.calendars import EventRequest
from integrations.meetings import told_name
from organizations import addresses
from organizations.bidi import isolated
from organizations.languages import speaking_to
from organizations.web_addresses import is_link
from scheduling.calendar_events.meetings import asked_of
from scheduling.join_links.services import address
from scheduling.models import CalendarEvent, JoinLink

LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class Told:
    """The part of an interview that its interviewers' events tell: a change of it is written into their calendars."""

    interview: int
    name: str
    place: str
    starts_at: datetime
    ends_at: datetime
    candidate: str
    people: tuple[int, ...]
    has_link: bool
    # The kind of video call, and whether it is this interviewer's event that has it.
    meeting: str = ""
    has_meeting: bool = False
    # The room's name and place; and its id where this event is the one that brings it along.
    room: str = ""
    brings: int = 0

    def digest(self) -> str:
        """Return 64 hexadecimal characters."""
        values: list[Any] = [
            self.interview,
            self.name,
            self.place,
            self.starts_at.isoformat(),
            self.ends_at.isoformat(),
            self.candidate,
            sorted(self.people),
            self.has_link,
            *([self.meeting, self.has_meeting] if self.meeting else []),
            *([self.room, self.brings] if self.room else []),
        ]
        return hashlib.sha256(json.dumps(values).encode()).hexdigest()


def request_of(event: CalendarEvent, links: Iterable[JoinLink] = ()) -> EventRequest:
    """Return the event as it should be in the calendar now. Wants the interview with its schedule joined in.

    `links`: the interviewer's valid join link, where the interview has a coding link or a video call.
    """
    interview = event.interview
    assert interview is not None and event.membership is not None  # noqa: S101 - without, it is only removed
    user = event.membership.user
    link = next((address(one) for one in links if one.token), "")
    with speaking_to(user, event.organization):
        title = _("%(interview)s with %(whom)s") % {
            "interview": interview.name,
            "whom": interview.schedule.candidate.name,
        }
        description = _description(event, link)
    return EventRequest(
        id=event.our_id,
        revision=event.revision,
        starts_at=interview.starts_at,
        ends_at=interview.ends_at,
        time_zone=user.time_zone,
        title=title[:LONGEST_TITLE],
        description=description,
        location=interview.where or link,
        url=interview.place if is_link(interview.place) else link,
        owner=addresses.tidy(user.email),
        meeting=asked_of(event),
        rooms=(event.room.external_id,) if event.room is not None else (),
        version=event.version,
    )


def _description(event: CalendarEvent, link: str) -> str:
    interview = event.interview
    assert interview is not None  # noqa: S101
    schedule, people = interview.schedule, _names(event)
    path = reverse("schedule", kwargs={"organization": event.organization.slug, "pk": schedule.pk})
    lines = [" · ".join(part for part in (_title(schedule.job), _title(schedule.stage)) if part)]
    if people:
        lines.append(_("Interviewers: %(names)s") % {"names": ", ".join(people)})
    if interview.room is not None:
        lines.append(_("Room: %(room)s") % {"room": interview.room.where})
    if interview.place:
        lines.append(_("Where: %(place)s") % {"place": interview.place})
    if link and interview.meeting:
        lines.append(_("%(way)s: %(address)s") % {"way": told_name(interview.meeting), "address": link})
    elif link:
        lines.append(_("Coding interview: %(address)s") % {"address": link})
    lines.append(_("Schedule: %(address)s") % {"address": f"{settings.BASE_URL}{path}"})
    return "\n".join(line for line in lines if line)


def _names(event: CalendarEvent) -> Sequence[str]:
    interview = event.interview
    assert interview is not None  # noqa: S101
    members = interview.interviewers.select_related("user").order_by("user__search_key", "pk")
    return [isolated(member.user.name or member.user.email) for member in members]


def _title(row: Any) -> str:
    return str(row) if row is not None else ""

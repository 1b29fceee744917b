"""Snapshots of a schedule for one reader: its interviews now, those last notified of, and the difference.

A message keeps the interviews that it told of (`Message.interviews`). Whether somebody needs an update never depends on
an edit as such: it is the difference between what they were last notified of and the schedule now.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from organizations import addresses, languages
from organizations.compiled import Compiled, among
from organizations.models import Membership, Organization
from organizations.web_addresses import is_link
from scheduling.calendar_events.shown import there_in_calendar
from scheduling.join_links import services as join_link_services
from scheduling.models import CodingLink, Interview, InterviewerAssignment, JoinLink, Schedule
from scheduling.models.coding_links import HAD
from scheduling.models.messages import NOTIFIED, Audience, Message


@dataclass(frozen=True, slots=True)
class InterviewSnapshot:
    """One interview as a message tells it to one reader. `people` are membership ids with names.

    `join_link_id` is the reader's join link where the interview has a coding link, otherwise 0. A coding link that is
    replaced behind the same join link is no news; another join link is. `room`: its name and place.
    """

    interview_id: int
    name: str
    kind: str
    location: str
    starts_at: datetime
    ends_at: datetime
    people: tuple[tuple[int, str], ...]
    join_link_id: int
    # The kind of video call (`integrations.meetings`), the reader's join link to it, and which one it is: another one
    # in its place is news. "" and 0 where `location` says where.
    meeting: str = ""
    meeting_link_id: int = 0
    meeting_number: int = 0
    room: str = ""

    @property
    def where(self) -> str:
        """Where people go, as `Interview.where` has it."""
        beside = "" if self.room and is_link(self.location) else self.location
        return " · ".join(part for part in (self.room, beside) if part)

    @property
    def names(self) -> list[str]:
        return [name for _id, name in self.people]

    def comparable(self) -> list[Any]:
        """Return the values that make it another one. A person who changes their name is still the same person.

        Digests that are stored with messages are made of this list: its order and its values must not change.
        """
        people = sorted(person for person, _name in self.people)
        return [
            self.interview_id,
            self.name,
            self.kind,
            self.location,
            self.starts_at.isoformat(),
            self.ends_at.isoformat(),
            people,
            self.join_link_id,
            *([self.meeting, self.meeting_link_id, self.meeting_number] if self.meeting else []),
            *([self.room] if self.room else []),
        ]


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who gets messages about a schedule. `zone` is the IANA name of the zone they read times in.

    `language`: the code of their own; "" for the organization's.
    """

    audience: Audience
    membership_id: int | None
    name: str
    email: str
    zone: str
    language: str = ""

    @property
    def key(self) -> tuple[str, int | None]:
        return (self.audience.value, self.membership_id)


@dataclass(frozen=True)
class ScheduleSnapshot:
    """A schedule with everything that its messages need.

    `interviews` are those that will take place, in order of time; `interviewers` and `coding_links` are by interview
    id. `join_links` are the valid ones of interviews with a coding link, by interview and membership id (None: the
    candidate's); `meeting_links` those of interviews with a video call, which may be the same. `in_calendars` are the
    pairs of which an interviewer's calendar has the event.
    """

    schedule: Schedule
    organization: Organization
    interviews: tuple[Interview, ...]
    interviewers: Mapping[int, tuple[Membership, ...]]
    coding_links: Mapping[int, CodingLink]
    join_links: Mapping[tuple[int, int | None], JoinLink]
    meeting_links: Mapping[tuple[int, int | None], JoinLink] = field(default_factory=dict)
    in_calendars: frozenset[tuple[int, int | None]] = frozenset()

    def interviews_for(self, audience: Audience, membership_id: int | None) -> list[InterviewSnapshot]:
        """Return the interviews that concern a person: all for the candidate, their own for an interviewer."""
        return [
            _snapshot(
                interview,
                self.interviewers.get(interview.pk, ()),
                self.join_links.get((interview.pk, membership_id)),
                self.meeting_links.get((interview.pk, membership_id)),
            )
            for interview in self.interviews
            if audience == Audience.CANDIDATE
            or membership_id in {membership.pk for membership in self.interviewers.get(interview.pk, ())}
        ]

    @cached_property
    def candidate(self) -> Recipient:
        person = self.schedule.candidate
        return Recipient(Audience.CANDIDATE, None, person.name, addresses.tidy(person.email), person.time_zone)

    @cached_property
    def recipients(self) -> list[Recipient]:
        """Everybody who takes part now: the candidate, then the interviewers by name."""
        if not self.interviews:
            return []
        assigned = {membership.pk: membership for members in self.interviewers.values() for membership in members}
        people = sorted(assigned.values(), key=lambda membership: (membership.user.search_key, membership.pk))
        return [self.candidate, *(interviewer(membership) for membership in people)]


def interviewer(membership: Membership) -> Recipient:
    """Return a member as a recipient."""
    user = membership.user
    return Recipient(
        Audience.INTERVIEWER,
        membership.pk,
        user.name or user.email,
        addresses.tidy(user.email),
        user.time_zone,
        languages.known(user.language),
    )


RELATED = ("candidate", "job", "stage", "organization")
_HEAVY: Final = [f"integration__{name}" for name in ("api_key", "templates", "webhook_secret", "webhook_token")]
_INTERVIEWS: Final = Compiled(
    lambda schedule: (
        Interview.objects.filter(schedule=schedule, state=Interview.State.SCHEDULED)
        .select_related("plan_interview", "room__connection")
        .order_by("starts_at", "position", "id")
    ),
    int,
)
_ASSIGNMENTS: Final = Compiled(
    lambda interviews: (
        InterviewerAssignment.objects.filter(among("interview", interviews))
        .select_related("membership__user")
        .annotate(is_there=there_in_calendar("interview", "membership"))
        .order_by("membership__user__search_key", "membership_id")
    ),
    list,
)
_CODING_LINKS: Final = Compiled(
    lambda interviews: (
        CodingLink.objects.filter(among("interview", interviews), state__in=HAD)
        .select_related("integration")
        .defer(*_HEAVY)
        .order_by("id")
    ),
    list,
)


def load_snapshot(schedule_id: int) -> ScheduleSnapshot:
    """Read a schedule and take its snapshot. Raises Schedule.DoesNotExist."""
    return take_snapshot(Schedule.objects.select_related(*RELATED).get(pk=schedule_id))


def take_snapshot(schedule: Schedule, *, makes_join_links: bool = False) -> ScheduleSnapshot:
    """Take the snapshot of a schedule that was just read together with its `RELATED` rows.

    `makes_join_links`: missing ones are made; the caller holds the schedule's lock.
    """
    interviews = _INTERVIEWS.all(schedule.pk) if schedule.state == Schedule.State.SCHEDULED else []
    interviewers, in_calendars = _people(interviews)
    coding_links = _coding_links(interviews)
    if makes_join_links:
        assigned = [(pk, member.pk) for pk, members in interviewers.items() for member in members]
        found = join_link_services.valid_and_missing(interviews, assigned)
    else:
        leading_on = [interview for interview in interviews if interview.pk in coding_links or interview.meeting]
        found = join_link_services.valid(leading_on)
    with_meeting = {interview.pk for interview in interviews if interview.meeting}
    meeting_links = {
        (link.interview_id, link.membership_id): link for link in found if link.interview_id in with_meeting
    }
    join_links = {(link.interview_id, link.membership_id): link for link in found if link.interview_id in coding_links}
    return ScheduleSnapshot(
        schedule,
        schedule.organization,
        tuple(interviews),
        interviewers,
        coding_links,
        join_links,
        meeting_links,
        in_calendars,
    )


def _people(
    interviews: Sequence[Interview],
) -> tuple[dict[int, tuple[Membership, ...]], frozenset[tuple[int, int | None]]]:
    """Return the interviewers by interview, in order of name, and the pairs that are in their calendars."""
    found: dict[int, tuple[Membership, ...]] = {}
    in_calendars = []
    for assignment in _ASSIGNMENTS.all([interview.pk for interview in interviews]) if interviews else []:
        found[assignment.interview_id] = (*found.get(assignment.interview_id, ()), assignment.membership)
        if assignment.is_there:
            in_calendars.append((assignment.interview_id, assignment.membership_id))
    return found, frozenset(in_calendars)


def cancelled_interviews(ids: Iterable[int]) -> list[InterviewSnapshot]:
    """Return snapshots of interviews that do not take place for their reader any more: without people and links."""
    rows = Interview.objects.filter(pk__in=list(ids)).select_related("room")
    return [_snapshot(interview, (), None, None) for interview in rows.order_by("starts_at", "id")]


def _coding_links(interviews: Sequence[Interview]) -> dict[int, CodingLink]:
    """Return each interview's coding link: the live one, or the latest that was used or expired. Use is no news."""
    links: dict[int, CodingLink] = {}
    for link in _CODING_LINKS.all([interview.pk for interview in interviews]) if interviews else []:
        if link.interview_id is not None and (link.is_live or not _is_live(links.get(link.interview_id))):
            links[link.interview_id] = link
    return links


def _is_live(link: CodingLink | None) -> bool:
    return link is not None and link.is_live


def _snapshot(
    interview: Interview, members: Iterable[Membership], join_link: JoinLink | None, meeting_link: JoinLink | None
) -> InterviewSnapshot:
    return InterviewSnapshot(
        interview_id=interview.pk,
        name=interview.name,
        kind=interview.kind,
        location=interview.place,
        starts_at=interview.starts_at,
        ends_at=interview.ends_at,
        people=tuple((member.pk, member.user.name or member.user.email) for member in members),
        join_link_id=join_link.pk if join_link else 0,
        meeting=interview.meeting,
        meeting_link_id=meeting_link.pk if meeting_link else 0,
        meeting_number=interview.meeting_number if interview.meeting else 0,
        room=interview.room.where if interview.room else "",
    )


# --- as JSON in a message ------------------------------------------------------------------------------------------


def to_json(interviews: Sequence[InterviewSnapshot]) -> list[dict[str, Any]]:
    """Return `interviews` as `Message.interviews` keeps them."""
    return [
        {
            "interview": interview.interview_id,
            "name": interview.name,
            "kind": interview.kind,
            "location": interview.location,
            "starts_at": interview.starts_at.isoformat(),
            "ends_at": interview.ends_at.isoformat(),
            "people": [list(person) for person in interview.people],
            "join_link": interview.join_link_id,
            "meeting": [interview.meeting, interview.meeting_link_id, interview.meeting_number],
        }
        | ({"room": interview.room} if interview.room else {})
        for interview in interviews
    ]


def from_json(rows: Sequence[Mapping[str, Any]]) -> list[InterviewSnapshot]:
    """Return the interviews that `Message.interviews` keeps. Those of older messages have no video call."""
    return [_from_json(row, *row.get("meeting", ("", 0, 0))) for row in rows]


def _from_json(row: Mapping[str, Any], meeting: str, link: int, number: int) -> InterviewSnapshot:
    return InterviewSnapshot(
        interview_id=row["interview"],
        name=row["name"],
        kind=row["kind"],
        location=row["location"],
        starts_at=datetime.fromisoformat(row["starts_at"]),
        ends_at=datetime.fromisoformat(row["ends_at"]),
        people=tuple((person, name) for person, name in row["people"]),
        join_link_id=row["join_link"],
        meeting=meeting,
        meeting_link_id=link,
        meeting_number=number,
        room=row.get("room", ""),
    )


def digest_of(interviews: Sequence[InterviewSnapshot]) -> str:
    """Return 64 hexadecimal characters that change when a person would have to be notified."""
    return hashlib.sha256(json.dumps([interview.comparable() for interview in interviews]).encode()).hexdigest()


# --- differences ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """One interview that is not as it was told. `old` is None for a new one, `new` is None for a cancelled one."""

    old: InterviewSnapshot | None
    new: InterviewSnapshot | None


def differences(notified: Sequence[InterviewSnapshot], now: Sequence[InterviewSnapshot]) -> list[Difference]:
    """Return what changed, in order of time. Empty when the person knows everything already."""
    before = {interview.interview_id: interview for interview in notified}
    after = {interview.interview_id: interview for interview in now}
    found = [
        Difference(before.get(key), after.get(key))
        for key in {**before, **after}
        if key not in before or key not in after or before[key].comparable() != after[key].comparable()
    ]
    return sorted(found, key=_when)


def _when(difference: Difference) -> tuple[datetime, int]:
    interview = difference.new or difference.old
    assert interview is not None  # noqa: S101 - one of the two is always there
    return interview.starts_at, interview.interview_id


def last_notified(messages: Iterable[Message]) -> list[InterviewSnapshot] | None:
    """Return the interviews of the last of one person's `messages` (in order of id) that they have, or may have."""
    notified = [message for message in messages if message.state in NOTIFIED]
    return from_json(notified[-1].interviews) if notified else None

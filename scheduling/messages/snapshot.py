"""What a person has to know of a schedule, what they were told of it, and what is different.

A message keeps the facts it told (`Message.facts`). Whether somebody needs an update is never a matter of who changed
what: it is the difference between what they were told last and what is true now.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from organizations import addresses
from organizations.models import Membership, Organization
from scheduling.models import CodingLink, Interview, InterviewerAssignment, JoinLink, Schedule
from scheduling.models.coding_links import HAD
from scheduling.models.messages import TOLD, Audience, Message


@dataclass(frozen=True, slots=True)
class Fact:
    """One interview as a message tells it. `people` are membership ids with names.

    `door` is the id of the reader's join link where the interview has a coding link, otherwise 0. A link that is made,
    replaced or behind the same door as ever is no news; another door is.
    """

    interview: int
    name: str
    kind: str
    place: str
    starts_at: datetime
    ends_at: datetime
    people: tuple[tuple[int, str], ...]
    door: int

    @property
    def names(self) -> list[str]:
        return [name for _id, name in self.people]

    def told(self) -> list[Any]:
        """What makes this fact another one. A person who changes their name is still the same person."""
        people = sorted(person for person, _name in self.people)
        return [
            self.interview,
            self.name,
            self.kind,
            self.place,
            self.starts_at.isoformat(),
            self.ends_at.isoformat(),
            people,
            self.door,
        ]


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who gets messages about a schedule. `zone` is the one they read times in."""

    audience: Audience
    membership_id: int | None
    name: str
    email: str
    zone: str

    @property
    def key(self) -> tuple[str, int | None]:
        return (self.audience.value, self.membership_id)


@dataclass(frozen=True, slots=True)
class Loop:
    """A schedule with everything its messages need, read in five queries.

    `interviews` are those that will take place, in order of time; `seats` has their interviewers by interview id,
    `links` the coding links by interview id, and `doors` the valid join links by interview and membership id (None:
    the candidate's).
    """

    schedule: Schedule
    organization: Organization
    interviews: tuple[Interview, ...]
    seats: Mapping[int, tuple[Membership, ...]]
    links: Mapping[int, CodingLink]
    doors: Mapping[tuple[int, int | None], JoinLink]

    def facts_for(self, audience: Audience, membership_id: int | None) -> list[Fact]:
        """The interviews that concern this person: the candidate all, an interviewer those they sit in."""
        return [
            _fact(interview, self.seats.get(interview.pk, ()), self.doors.get((interview.pk, membership_id)))
            for interview in self.interviews
            if audience == Audience.CANDIDATE
            or membership_id in {membership.pk for membership in self.seats.get(interview.pk, ())}
        ]

    def candidate(self) -> Recipient:
        person = self.schedule.candidate
        return Recipient(Audience.CANDIDATE, None, person.name, addresses.tidy(person.email), person.time_zone)

    def recipients(self) -> list[Recipient]:
        """Everybody who takes part now: the candidate, then the interviewers by name."""
        if not self.interviews:
            return []
        seated = {membership.pk: membership for members in self.seats.values() for membership in members}
        people = sorted(seated.values(), key=lambda membership: (membership.user.search_key, membership.pk))
        return [self.candidate(), *(interviewer(membership) for membership in people)]


def interviewer(membership: Membership) -> Recipient:
    """A member as somebody who gets messages."""
    user = membership.user
    return Recipient(
        Audience.INTERVIEWER, membership.pk, user.name or user.email, addresses.tidy(user.email), user.time_zone
    )


RELATED = ("candidate", "job", "stage", "organization")


def load(schedule_id: int) -> Loop:
    """Reads the loop as it is now. Raises Schedule.DoesNotExist."""
    return loop_of(Schedule.objects.select_related(*RELATED).get(pk=schedule_id))


def loop_of(schedule: Schedule) -> Loop:
    """The loop of a schedule that was just read together with its `RELATED` rows."""
    interviews: list[Interview] = []
    if schedule.state == Schedule.State.SCHEDULED:
        interviews = list(
            Interview.objects.filter(schedule=schedule, state=Interview.State.SCHEDULED)
            .select_related("plan_interview")
            .order_by("starts_at", "position", "id")
        )
    seats: dict[int, tuple[Membership, ...]] = {}
    for assignment in (
        InterviewerAssignment.objects.filter(interview__in=[interview.pk for interview in interviews])
        .select_related("membership__user")
        .order_by("membership__user__search_key", "membership_id")
    ):
        seats[assignment.interview_id] = (*seats.get(assignment.interview_id, ()), assignment.membership)
    links = _links(interviews)
    doors = _doors([interview for interview in interviews if interview.pk in links])
    return Loop(schedule, schedule.organization, tuple(interviews), seats, links, doors)


def _links(interviews: Sequence[Interview]) -> dict[int, CodingLink]:
    """Each interview's coding link: the live one, or the latest that was used or expired. A used link is no news."""
    found = CodingLink.objects.filter(interview__in=[interview.pk for interview in interviews], state__in=HAD)
    links: dict[int, CodingLink] = {}
    for link in found.order_by("id"):
        if link.interview_id is not None and (link.is_live or not _is_live(links.get(link.interview_id))):
            links[link.interview_id] = link
    return links


def _is_live(link: CodingLink | None) -> bool:
    return link is not None and link.is_live


def _doors(interviews: Sequence[Interview]) -> dict[tuple[int, int | None], JoinLink]:
    """The valid join links. Whoever writes makes those that are missing before: see `messages`."""
    valid = JoinLink.objects.filter(interview__in=[interview.pk for interview in interviews], revoked_at__isnull=True)
    return {(link.interview_id, link.membership_id): link for link in valid.order_by("id")}


def _fact(interview: Interview, members: Iterable[Membership], door: JoinLink | None) -> Fact:
    return Fact(
        interview=interview.pk,
        name=interview.name,
        kind=interview.kind,
        place=interview.place,
        starts_at=interview.starts_at,
        ends_at=interview.ends_at,
        people=tuple((member.pk, member.user.name or member.user.email) for member in members),
        door=door.pk if door else 0,
    )


# --- as JSON in a message ------------------------------------------------------------------------------------------


def to_json(facts: Sequence[Fact]) -> list[dict[str, Any]]:
    return [
        {
            "interview": fact.interview,
            "name": fact.name,
            "kind": fact.kind,
            "place": fact.place,
            "starts_at": fact.starts_at.isoformat(),
            "ends_at": fact.ends_at.isoformat(),
            "people": [list(person) for person in fact.people],
            "door": fact.door,
        }
        for fact in facts
    ]


def from_json(rows: Sequence[Mapping[str, Any]]) -> list[Fact]:
    return [
        Fact(
            interview=row["interview"],
            name=row["name"],
            kind=row["kind"],
            place=row["place"],
            starts_at=datetime.fromisoformat(row["starts_at"]),
            ends_at=datetime.fromisoformat(row["ends_at"]),
            people=tuple((person, name) for person, name in row["people"]),
            door=row["door"],
        )
        for row in rows
    ]


def fingerprint(facts: Sequence[Fact]) -> str:
    """64 hexadecimal characters that change when a person would have to be told something new."""
    return hashlib.sha256(json.dumps([fact.told() for fact in facts]).encode()).hexdigest()


# --- differences ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """One interview that is not as it was told. `old` is None when it is new, `new` is None when it is off."""

    old: Fact | None
    new: Fact | None


def differences(told: Sequence[Fact], now: Sequence[Fact]) -> list[Difference]:
    """What changed, in order of time. Empty when the person knows everything already."""
    before = {fact.interview: fact for fact in told}
    after = {fact.interview: fact for fact in now}
    found = [
        Difference(before.get(key), after.get(key))
        for key in {**before, **after}
        if (before[key].told() if key in before else None) != (after[key].told() if key in after else None)
    ]
    return sorted(found, key=_when)


def _when(difference: Difference) -> tuple[datetime, int]:
    fact = difference.new or difference.old
    assert fact is not None  # noqa: S101 - one of the two is always there
    return fact.starts_at, fact.interview


def told_by(messages: Iterable[Message]) -> list[Fact] | None:
    """What the last of one person's `messages` (in order of id) that reached them, or may have, told them."""
    told = [message for message in messages if message.state in TOLD]
    return from_json(told[-1].facts) if told else None

"""Loops of an organization: their candidates, interviews, links, messages and all that goes with them.

Half of a small organization, and 150 loops of one of any size, are still to come, in the three weeks from now. As many
were in the three weeks before; all others lie further back, on the working days of eight years. So what is going on
now is alike in all sizes, and only what is over grows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple

from django.utils import timezone

from benchmarks.names import person
from benchmarks.rows import Rows, moment, stored, write_all
from integrations.models import Integration
from jobs.models import Stage
from organizations.models import AuditEvent, Membership, Organization
from organizations.search import search_key
from scheduling.calendar_events import stored as stored_events
from scheduling.calendar_events.ics import Event, Method, Person
from scheduling.join_links.services import hash_of
from scheduling.messages.snapshot import InterviewSnapshot, digest_of, to_json
from scheduling.models import (
    CalendarEntry,
    Candidate,
    CodingLink,
    Interview,
    InterviewerAssignment,
    JoinLink,
    LinkEvent,
    Message,
    Schedule,
)

_json = json.JSONEncoder().encode
#: Interviews of one loop after the other: one and a half on average.
LENGTHS = (3, 1, 1, 2, 1, 1)
PER_LOOP = sum(LENGTHS) / len(LENGTHS)
NOW = 150
WEEKS = 3
YEARS = 8
#: The trail of what is older has been deleted, as organizations choose.
KEEPS = timedelta(days=730)
#: Loops that are written at once.
BATCH = 2000
HOUR = timedelta(hours=1)
TEXTS = ("Your interviews", "Welcome. Here are your interviews.", "<p>Welcome. Here are your interviews.</p>")
NAMES = ("Live coding", "System design", "Hiring manager")
# States of links to come and of links that are over, in the shares of real life.
COMING = ("ready", "ready", "ready", "pending", "ready", "failed", "ready", "ready", "pending", "ready")
OVER = ("finished", "finished", "expired", "finished", "finished", "finished", "cancelled", "finished")
STEPS = {
    "pending": ("by_default",),
    "failed": ("by_default", "sent", "refused"),
    "ready": ("by_default", "sent", "made"),
    "finished": ("by_default", "sent", "made", "finished"),
    "expired": ("by_default", "sent", "made", "expired"),
    "cancelled": ("by_default", "sent", "made", "deleted"),
}
STATES = {"by_default": "pending", "sent": "creating", "made": "ready", "refused": "failed", "deleted": "cancelled"}


class Told(NamedTuple):
    """One interview of a loop, and the join links of its readers by membership id (None: the candidate)."""

    pk: int
    position: int
    starts_at: datetime
    people: tuple[Membership, ...]
    join_links: Mapping[int | None, int]

    def snapshot(self, reader: int | None) -> InterviewSnapshot:
        names = tuple((member.pk, member.user.name) for member in self.people)
        ends_at, join_link = self.starts_at + HOUR, self.join_links.get(reader, 0)
        return InterviewSnapshot(self.pk, NAMES[self.position], "video", "", self.starts_at, ends_at, names, join_link)


class Content(NamedTuple):
    """The columns of a message that its interviews decide: of all readers who are told the same."""

    covers: str
    event: str
    interviews: str
    digest: str
    covers_from: str
    covers_until: str


@dataclass
class Loop:
    """One loop on its way into the tables. `number` counts from the first one to come, 0."""

    number: int
    starts_at: datetime
    is_over: bool
    candidate: int = 0
    candidate_name: str = ""
    candidate_email: str = ""
    schedule: int = 0
    interviews: list[Told] = field(default_factory=list)

    has_no_trail: bool = False

    @property
    def is_cancelled(self) -> bool:
        return self.is_over and self.number % 20 == 7


def times(count: int, now: datetime) -> Iterator[tuple[datetime, bool]]:
    """The beginnings of so many loops, and whether each is over: those to come first, then ever further back."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    coming = max(1, min(count // 2 + count // 4, NOW))
    recent = max(0, min(count - coming, NOW))
    yield hour + 2 * HOUR, False
    for number in range(1, coming):
        yield _working(hour, 1 + number * WEEKS * 5 // coming, number), False
    for number in range(recent):
        yield _working(hour, -1 - number * WEEKS * 5 // recent, number), True
    rest = count - coming - recent
    for number in range(rest):
        yield _working(hour, -1 - WEEKS * 5 - number * YEARS * 260 // rest, number), True


def _working(hour: datetime, days: int, number: int) -> datetime:
    """An hour, 7:00 to 16:00 UTC, of the day that is so many working days away. A weekend counts as its Friday."""
    weeks, left = divmod(min(hour.weekday(), 4) + days, 5)
    monday = hour - timedelta(days=hour.weekday())
    return (monday + timedelta(days=weeks * 7 + left)).replace(hour=7 + number % 7)


class Loops:
    """The tables that loops are written into, and the people who take part."""

    def __init__(
        self,
        organization: Organization,
        members: Sequence[Membership],
        stages: Sequence[Stage],
        integration: Integration,
    ) -> None:
        self.organization, self.members, self.stages = organization, members, stages
        here, author = {"organization": organization}, members[0].user
        self.candidates = Rows(
            Candidate,
            "name",
            "email",
            "search_key",
            "job_id",
            "stage_id",
            "created_at",
            time_zone="Europe/Berlin",
            **here,
        )
        self.schedules = Rows(
            Schedule, "candidate_id", "job_id", "stage_id", "state", "first_starts_at", "last_ends_at", "created_at",
            time_zone="Europe/Berlin", created_by=author, **here,
        )  # fmt: skip
        self.interviews = Rows(
            Interview, "schedule_id", "position", "name", "starts_at", "ends_at", "state", "created_at", **here
        )
        self.assignments = Rows(InterviewerAssignment, "interview_id", "membership_id")
        self.links = Rows(
            CodingLink, "interview_id", "candidate_id", "state", "candidate_key", "candidate_name", "candidate_email",
            "external_id", "url", "problem_code", "ready_at", "created_at",
            integration=integration, next_attempt_at=None, requested_by=author, by_default=True, **here,
        )  # fmt: skip
        self.link_events = Rows(LinkEvent, "link_id", "from_state", "to_state", "code", "at")
        self.join_links = Rows(JoinLink, "interview_id", "membership_id", "token_hash", "token", "created_at", **here)
        sender = {"from_name": "Us", "from_email": "us@example.com", "reply_to": "", "reply_name": ""}
        self.messages = Rows(
            Message, "schedule_id", "audience", "membership_id", "kind", "state", "subject", "text", "html", "to_name",
            "to_email", "calendar", "interviews", "interviews_digest", "covers_from", "covers_until", "message_id",
            "created_at", "sent_at", "problem_code", sender=sender, created_by=author, sent_by=author, **here,
        )  # fmt: skip
        self.entries = Rows(
            CalendarEntry, "schedule_id", "audience", "membership_id", "uid", "interview_ids", "created_at", **here
        )
        self.trail = Rows(
            AuditEvent, "action", "subject_type", "subject_id", "person_type", "person_id", "detail", "texts",
            "search_key", "created_at", actor=author, **here,
        )  # fmt: skip
        self.tables = (
            self.candidates, self.schedules, self.interviews, self.assignments, self.links, self.link_events,
            self.join_links, self.messages, self.entries, self.trail,
        )  # fmt: skip
        self._words: dict[tuple[str, Any, Any], str] = {}

    def write(self, count: int) -> None:
        """Write so many loops."""
        now = timezone.now().astimezone(UTC)
        loops = (
            Loop(number, starts_at, is_over, has_no_trail=starts_at < now - KEEPS)
            for number, (starts_at, is_over) in enumerate(times(count, now))
        )
        while batch := list(islice(loops, BATCH)):
            for loop in batch:
                self._add(loop)
            write_all(*self.tables)
        for table in self.tables:
            table.go_on()

    def _add(self, loop: Loop) -> None:
        made = moment(loop.starts_at - timedelta(days=9))
        stage = self.stages[loop.number % len(self.stages)]
        self._candidate(loop, stage, made)
        length = LENGTHS[loop.number % len(LENGTHS)]
        shown = (None, None) if loop.is_cancelled else (loop.starts_at, loop.starts_at + length * HOUR)
        loop.schedule = self.schedules.add(
            loop.candidate, stage.job_id, stage.pk, "cancelled" if loop.is_cancelled else "scheduled",
            *(moment(at) if at else None for at in shown), made,
        )  # fmt: skip
        for position in range(length):
            self._interview(loop, position, made)
        self._note(
            loop,
            "schedule.created", made, ("schedule", loop.schedule), ("candidate", loop.candidate),
            count=length, names=NAMES[:length],
        )  # fmt: skip
        self._tell(loop, made)

    def _candidate(self, loop: Loop, stage: Stage, made: str) -> None:
        """A new candidate for two of three loops; the third is another one of the candidate before."""
        who = loop.number - loop.number // 3 - (loop.number % 3 == 2)
        loop.candidate_name, loop.candidate_email, key = person(who)
        if loop.number % 3 == 2:
            loop.candidate = self.candidates.next_id - 1
            return
        loop.candidate = self.candidates.add(
            loop.candidate_name, loop.candidate_email, key, stage.job_id, stage.pk, made
        )
        self._note(loop, "candidate.added", made, ("candidate", loop.candidate), ("candidate", loop.candidate))

    def _interview(self, loop: Loop, position: int, made: str) -> None:
        starts_at = loop.starts_at + position * HOUR
        pk = self.interviews.add(
            loop.schedule, position, NAMES[position], moment(starts_at), moment(starts_at + HOUR),
            "cancelled" if loop.is_cancelled else "scheduled", made,
        )  # fmt: skip
        chosen = self.members[2:]
        people = [chosen[(pk + more) % len(chosen)] for more in range(1 + pk % 3 // 2)]
        if loop.number == position == 0:
            people.append(self.members[0])
        for member in people:
            self.assignments.add(pk, member.pk)
        joins: dict[int | None, int] = {}
        if position == 0 and loop.number % 2 == 0:
            self._link(loop, pk, made)
            joins = {reader: self._join(pk, reader, made) for reader in (None, *(member.pk for member in people))}
        loop.interviews.append(Told(pk, position, starts_at, tuple(people), joins))

    def _link(self, loop: Loop, interview: int, made: str) -> None:
        shares = OVER if loop.is_over else COMING
        state = "cancelled" if loop.is_cancelled else shares[loop.number // 2 % len(shares)]
        if loop.is_over and loop.number % 128 == 64:
            state = "failed"  # and nobody saw to it in time
        has_url = state in {"ready", "finished", "expired", "cancelled"}
        external = f"{self.organization.slug}-{interview}" if has_url else ""
        link = self.links.add(
            interview, loop.candidate, state, loop.candidate_email.lower() or "-", loop.candidate_name,
            loop.candidate_email, external, f"https://codesignal.example/live/{external}" if has_url else "",
            "refused" if state == "failed" else "", made if has_url else None, made,
        )  # fmt: skip
        before = ""
        for code in STEPS[state]:
            after = STATES.get(code, code)
            self.link_events.add(link, before, after, code, made)
            before = after

    def _join(self, interview: int, reader: int | None, made: str) -> int:
        token = f"{self.organization.slug}-{interview}-{reader or 'candidate'}"
        return self.join_links.add(interview, reader, hash_of(token), stored(JoinLink, "token", token), made)

    def _tell(self, loop: Loop, made: str) -> None:
        """Write what was sent: to the candidate and to each interviewer. Of every fourth loop to come: drafts."""
        readers: dict[int | None, Membership | None] = {None: None} if loop.candidate_email else {}
        readers |= {member.pk: member for one in loop.interviews for member in one.people}
        is_draft = not loop.is_over and loop.number % 4 == 0
        is_failed = loop.number % 1000 == 500 or (not loop.is_over and loop.number % 25 == 9)
        known: dict[tuple[tuple[int, int], ...], Content] = {}
        for pk, member in readers.items():
            told = [one for one in loop.interviews if member is None or member in one.people]
            key = tuple((one.pk, one.join_links.get(pk, 0)) for one in told)
            content = known.get(key) or known.setdefault(key, _content([one.snapshot(pk) for one in told]))
            state = "draft" if is_draft and member else "failed" if is_failed and not member else "sent"
            self._message(loop, member, state, content, made)

    def _message(self, loop: Loop, member: Membership | None, state: str, content: Content, made: str) -> None:
        audience, pk = ("interviewer", member.pk) if member else ("candidate", None)
        name, email = (member.user.name, member.user.email) if member else (loop.candidate_name, loop.candidate_email)
        kind = f"{audience}_invitation"
        if state == "draft":
            words: tuple[str | None, ...] = ("", "", "", name, "", "[]", "[]", content.digest, None, None)
        else:
            uid = f"{self.entries.next_id}@{self.organization.slug}.example"
            self.entries.add(loop.schedule, audience, pk, uid, content.covers, made)
            event = content.event.replace("@uid", uid).replace("@name", name).replace("@email", email)
            words = (*TEXTS, name, email, event, *content[2:])
        message = self.messages.add(
            loop.schedule, audience, pk, kind, state, *words,
            f"<{self.organization.slug}.{self.messages.next_id}@mail.example>", made,
            made if state == "sent" else None, "refused" if state == "failed" else "",
        )  # fmt: skip
        if state == "sent":
            person = ("user", member.user_id) if member else ("candidate", loop.candidate)
            self._note(loop, "message.queued", made, ("schedule", loop.schedule), person, message=message, kind=kind)

    def _note(
        self, loop: Loop, action: str, made: str, subject: tuple[str, int], person: tuple[str, int], **detail: Any
    ) -> None:
        if loop.has_no_trail:
            return
        texts = {"interviews": detail.pop("names")} if "names" in detail else {}
        key = (action, detail.get("count"), detail.get("kind"))
        if key not in self._words:
            row = AuditEvent(action=action, detail=detail, texts=texts, person_type=person[0], person_id=person[1])
            self._words[key] = search_key(row.words)
        self.trail.add(action, *subject, *person, _json(detail), _json(texts), self._words[key], made)


def _content(told: Sequence[InterviewSnapshot]) -> Content:
    begins, ends = told[0].starts_at, told[-1].ends_at
    event = Event(
        uid="@uid", sequence=0, stamped_at=begins, starts_at=begins, ends_at=ends, summary="Your interviews",
        organizer=Person("Us", "us@example.com"), attendees=(Person("@name", "@email"),),
    )  # fmt: skip
    return Content(
        _json([one.interview_id for one in told]),
        _json([stored_events.to_json(Method.REQUEST, event)]),
        _json(to_json(told)),
        digest_of(told),
        moment(begins),
        moment(ends),
    )

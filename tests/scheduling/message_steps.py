"""Rows and steps that tests of messages start from: a loop with people in it, drafts, and sending them."""

from __future__ import annotations

import email
import email.policy
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

from django.core import mail
from django.db.models import QuerySet
from django.utils import timezone

from organizations.models import Membership, User
from scheduling.messages import delivery as message_delivery
from scheduling.messages import queueing
from scheduling.messages import services as message_services
from scheduling.messages.compose import Composed, compose
from scheduling.messages.message_context import load_message_context
from scheduling.models import Interview, InterviewerAssignment, Message, MessageState, Schedule
from scheduling.models.messages import TROUBLED
from tests.conftest import Team
from tests.scheduling.loops import make_loop


def staffed_loop(team: Team, *names: str, **fields: Any) -> Schedule:
    """A loop whose interviews have the team's interviewer in the first, and the recruiter in all others."""
    schedule = make_loop(team, *names, **fields)
    if "hours_ahead" not in fields:
        _start_at_ten(schedule)
    for place, interview in enumerate(schedule.interviews.order_by("position")):
        assign(interview, team.interviewer if place == 0 else team.recruiter)
    return schedule


def _start_at_ten(schedule: Schedule) -> None:
    """Start the loop the day after tomorrow at 10:00 UTC: no interview crosses midnight, whenever the tests run."""
    begin = (timezone.now() + timedelta(days=2)).replace(hour=10, minute=0, second=0, microsecond=0)
    for place, interview in enumerate(schedule.interviews.order_by("position")):
        interview.starts_at = begin + timedelta(hours=place)
        interview.ends_at = begin + timedelta(hours=place + 1)
        interview.save()


def assign(interview: Interview, member: Membership) -> None:
    InterviewerAssignment.objects.create(interview=interview, membership=member)


def colleague(team: Team, name: str, **fields: Any) -> Membership:
    user = User.objects.create_user(f"{name.lower()}@{team.slug}.example", "demo", name=name, **fields)
    return Membership.objects.create(organization=team.organization, user=user, role=Membership.Role.INTERVIEWER)


def propose(schedule: Schedule, team: Team, **fields: Any) -> list[Message]:
    return message_services.propose_updates(schedule=schedule, actor=team.recruiter.user, **fields)


def composed(schedule: Schedule, team: Team) -> dict[int, Composed]:
    """Compose each draft as it would be sent now, by the message's id."""
    context = load_message_context(schedule.pk)
    return {
        message.pk: compose(context=context, message=message, actor=team.recruiter.user, now=timezone.now())
        for rows in context.messages.values()
        for message in rows
        if message.state == MessageState.DRAFT
    }


def queue(schedule: Schedule, team: Team, *, overridden: bool = False) -> list[Message]:
    """Queue every draft as its preview shows it."""
    picks = {pk: content.digest for pk, content in composed(schedule, team).items()}
    return queueing.queue_messages(schedule=schedule, actor=team.recruiter.user, picks=picks, overridden=overridden)


def send(schedule: Schedule, team: Team) -> list[EmailMessage]:
    """Propose, queue and deliver. Return the mails that left, in the order of their messages, further mails last."""
    propose(schedule, team)
    queue(schedule, team)
    return deliver_all(schedule)


def deliver_all(schedule: Schedule) -> list[EmailMessage]:
    """Deliver everything that is queued, as workers do. Return the mails that left."""
    before = len(mail.outbox)
    for rows in (schedule.messages.filter(part_of=None), schedule.messages.exclude(part_of=None)):
        for message in rows.filter(state=MessageState.QUEUED).order_by("id"):
            message_delivery.deliver(message.pk)
    return [parsed(one.message().as_bytes()) for one in mail.outbox[before:]]


def parsed(raw: bytes) -> EmailMessage:
    found = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def calendars(found: EmailMessage) -> list[bytes]:
    """The mail's .ics files."""
    return [part.get_payload(decode=True) for part in found.iter_attachments()]  # type: ignore[misc]


def move(interview: Interview, **by: float) -> None:
    interview.starts_at += timedelta(**by)
    interview.ends_at += timedelta(**by)
    interview.save()


def kinds(drafts: list[Message]) -> list[tuple[str, str]]:
    return sorted((draft.kind, draft.to_name) for draft in drafts)


def in_trouble(team: Team) -> QuerySet[Message]:
    """Messages on which a person has to act."""
    return Message.objects.filter(organization=team.organization, state__in=TROUBLED, replaced_at__isnull=True)


def states(schedule: Schedule) -> list[str]:
    return list(schedule.messages.order_by("id").values_list("state", flat=True))


def interview(schedule: Schedule, name: str) -> Interview:
    return schedule.interviews.get(name=name)


def sentences(schedule: Schedule, team: Team, kind: str) -> list[tuple[str, bool]]:
    """Codes of what speaks against the drafts of one kind, and whether each blocks."""
    propose(schedule, team)
    return [
        (check.code, check.blocks)
        for content in composed(schedule, team).values()
        if content.kind == kind
        for check in content.checks
    ]

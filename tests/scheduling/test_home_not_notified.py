"""The home page and the messages' own rule agree on who has not been told, whatever happened before."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from integrations.models import CalendarConnection
from organizations.access import access_for
from scheduling.home.unsent_messages import not_notified
from scheduling.home.upcoming import read
from scheduling.join_links import services as join_link_services
from scheduling.messages import delivery as message_delivery
from scheduling.messages import services as message_services
from scheduling.messages.message_context import load_message_context, needed
from scheduling.models import (
    CalendarEvent,
    EventState,
    Interview,
    InterviewerAssignment,
    JoinLink,
    Message,
    MessageState,
    Schedule,
)
from tests.conftest import Team
from tests.scheduling.calendars import connect_calendars
from tests.scheduling.home_steps import good_loop, linked_loop, shift
from tests.scheduling.loops import connect
from tests.scheduling.message_steps import propose, queue
from tests.thorough import mostly

pytestmark = pytest.mark.django_db
NOON = datetime(2027, 3, 10, 12, tzinfo=UTC)
Step = Callable[[Team, Schedule, random.Random], object]


@pytest.fixture(autouse=True)
def _noon() -> object:
    with time_machine.travel(NOON, tick=False):
        yield


def by_the_page(team: Team, schedule: Schedule) -> dict[tuple[str, int | None], str]:
    upcoming = read(access_for(team.recruiter.user, team.slug), timezone.now())
    found = next((one for one in upcoming.schedules if one.pk == schedule.pk), None)
    return {one.key: one.occasion for one in not_notified(found, upcoming)} if found else {}


def by_the_rule(schedule: Schedule) -> dict[tuple[str, int | None], str]:
    context = load_message_context(schedule.pk)
    kinds = {key: needed(context, key) for key in context.recipient_keys()}
    return {key: kind.occasion for key, kind in kinds.items() if kind is not None}


def one_of(schedule: Schedule, dice: random.Random) -> Interview:
    return dice.choice(list(schedule.interviews.order_by("id")))


def reseat(team: Team, schedule: Schedule, dice: random.Random) -> None:
    interview = one_of(schedule, dice)
    if interview.assignments.filter(membership=team.admin).exists():
        interview.assignments.filter(membership=team.admin).delete()
    else:
        InterviewerAssignment.objects.create(interview=interview, membership=team.admin)


def rewrite(_team: Team, schedule: Schedule, dice: random.Random) -> None:
    interview = one_of(schedule, dice)
    interview.place, interview.name = f"Room {dice.randrange(3)}", dice.choice(["Coding", "Pairing"])
    interview.save()


def toggle(_team: Team, schedule: Schedule, dice: random.Random) -> None:
    interview = one_of(schedule, dice)
    interview.state = "scheduled" if interview.is_cancelled else "cancelled"
    interview.save()


def change_address(_team: Team, schedule: Schedule, dice: random.Random) -> None:
    schedule.candidate.email = dice.choice(["ada@example.com", "ADA@example.com", "new@example.com", ""])
    schedule.candidate.save()


def renew(_team: Team, schedule: Schedule, dice: random.Random) -> None:
    """Revoke a join link; sometimes another takes its place."""
    valid = list(JoinLink.objects.filter(interview__schedule=schedule, revoked_at__isnull=True).order_by("id"))
    if valid:
        old = dice.choice(valid)
        JoinLink.objects.filter(pk=old.pk).update(revoked_at=timezone.now())
        if dice.random() < 0.5:
            join_link_services.join_link(interview=old.interview, membership=old.membership)


def change_link(_team: Team, schedule: Schedule, dice: random.Random) -> None:
    state = dice.choice(["ready", "cancelled", "finished", "active"])
    one_of(schedule, dice).coding_links.update(state=state)


def send_some(team: Team, schedule: Schedule, dice: random.Random) -> None:
    propose(schedule, team)
    if not schedule.candidate.email:
        return
    for message in queue(schedule, team, overridden=True):
        if dice.random() < 0.6:
            message_delivery.deliver(message.pk)


def spoil(_team: Team, schedule: Schedule, dice: random.Random) -> None:
    states = [MessageState.FAILED, MessageState.UNKNOWN, MessageState.NOT_SENT]
    rows = list(schedule.messages.filter(state__in=["sent", "queued"]).order_by("id"))
    if rows:
        Message.objects.filter(pk=dice.choice(rows).pk).update(state=dice.choice(states))


def discard(team: Team, schedule: Schedule, _dice: random.Random) -> None:
    for draft in schedule.messages.filter(state="draft").order_by("id"):
        message_services.discard_draft(message=draft, actor=team.recruiter.user)


def move(_team: Team, schedule: Schedule, dice: random.Random) -> None:
    shift(one_of(schedule, dice), hours=dice.choice([-1, 1, 2]))


def write_into_calendars(team: Team, schedule: Schedule, dice: random.Random) -> None:
    """Have the events of one interview in its interviewers' calendars, or on their way, or not."""
    connection = CalendarConnection.objects.filter(organization=team.organization).first()
    connection = connection or connect_calendars(team.interviewer)
    CalendarConnection.objects.update(state=dice.choice(["connected", "paused"]))
    interview = one_of(schedule, dice)
    interview.calendar_events.all().delete()
    shown = interview.starts_at + timedelta(hours=dice.choice([0, 0, 1, -1]))
    for assignment in interview.assignments.order_by("id"):
        CalendarEvent.objects.create(
            organization=team.organization,
            interview=interview,
            membership=assignment.membership,
            connection=connection,
            our_id=f"{assignment.pk:032}",
            state=dice.choice(EventState.values),
            written_revision=dice.choice([0, 1]),
            starts_at=shown,
            ends_at=shown + timedelta(hours=1),
        )


def leave(team: Team, _schedule: Schedule, dice: random.Random) -> None:
    if dice.random() < 0.2:
        team.admin.messages.update(membership=None)


STEPS: list[Step] = [
    reseat, rewrite, toggle, change_address, renew, change_link, send_some, send_some, spoil, discard, move, leave,
    write_into_calendars, write_into_calendars,
]  # fmt: skip


@pytest.mark.parametrize("seed", mostly(range(12), 3))
def test_the_page_and_the_rule_agree_after_every_step(team: Team, seed: int) -> None:
    """Another seed is another history of a schedule."""
    dice = random.Random(seed)
    schedule = linked_loop(team, connect(team), "Coding", "Pairing", "Talk")
    history = []
    for _ in range(14):
        step = dice.choice(STEPS)
        history.append(step.__name__)
        step(team, schedule, dice)
        schedule.refresh_from_db()
        assert by_the_page(team, schedule) == by_the_rule(schedule), history


def test_those_who_have_it_in_their_calendar_are_told(team: Team) -> None:
    schedule = good_loop(team, "Coding", notified=False)
    before = by_the_page(team, schedule)
    (told,) = [key for key in before if key[0] == "interviewer"]
    CalendarEvent.objects.create(
        organization=team.organization,
        interview=schedule.interviews.get(),
        membership_id=told[1],
        connection=connect_calendars(team.interviewer),
        our_id="0" * 32,
        state=EventState.PENDING,
    )
    assert by_the_page(team, schedule) == by_the_rule(schedule) == {("candidate", None): "invitation"}


def test_they_agree_on_a_schedule_that_nobody_was_told_of(team: Team) -> None:
    schedule = good_loop(team, "Coding", "Talk", notified=False)
    assert by_the_page(team, schedule) == by_the_rule(schedule)
    assert set(by_the_rule(schedule).values()) == {"invitation"}
    assert mail.outbox == []


def test_no_message_is_looked_into_where_everybody_knows(team: Team) -> None:
    """Its digest says enough."""
    schedule = linked_loop(team, connect(team), "Coding", "Talk")
    Message.objects.update(interviews=["nothing that could be read"])
    assert by_the_page(team, schedule) == {}

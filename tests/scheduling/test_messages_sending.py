"""Messages on their way: what was shown, each once, through Celery."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone
from kombu.exceptions import OperationalError

from config.celery import app as celery_app
from organizations.models import AuditEvent
from scheduling.messages import delivery as message_delivery
from scheduling.messages import queueing
from scheduling.messages import services as message_services
from scheduling.messages.message_context import load_message_context
from scheduling.messages.queueing import NotQueued
from scheduling.models import MessageState, Schedule
from scheduling.tasks import send_message
from tests.conftest import Team
from tests.scheduling.loops import connect, make_link
from tests.scheduling.message_steps import (
    assign,
    colleague,
    composed,
    in_trouble,
    interview,
    move,
    propose,
    queue,
    send,
    staffed_loop,
    states,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def schedule(team: Team) -> Schedule:
    return staffed_loop(team, "Coding", "Design")


def test_what_is_sent_is_what_the_preview_showed(team: Team, schedule: Schedule) -> None:
    propose(schedule, team)
    shown = composed(schedule, team)
    for message in queue(schedule, team):
        message_delivery.deliver(message.pk)
    for message in schedule.messages.order_by("id"):
        assert message.text == shown[message.pk].rendered.text
        assert message.html == shown[message.pk].rendered.html
        assert message.subject == shown[message.pk].rendered.subject
        uids = [event["uid"] for event in message.calendar]
        assert uids == [item.event.uid for item in shown[message.pk].changes]
    assert [one.body for one in mail.outbox] == [message.text for message in schedule.messages.order_by("id")]


def test_a_second_click_sends_nothing_again(team: Team, schedule: Schedule) -> None:
    propose(schedule, team)
    picks = {pk: content.digest for pk, content in composed(schedule, team).items()}
    actor = team.recruiter.user
    assert len(queueing.queue_messages(schedule=schedule, actor=actor, picks=picks)) == 3
    assert queueing.queue_messages(schedule=schedule, actor=actor, picks=picks) == []
    for message in schedule.messages.order_by("id"):
        message_delivery.deliver(message.pk)
        message_delivery.deliver(message.pk)
    assert len(mail.outbox) == 3


def test_only_the_picked_ones_go_out(team: Team, schedule: Schedule) -> None:
    propose(schedule, team)
    pk, content = next(iter(composed(schedule, team).items()))
    queueing.queue_messages(schedule=schedule, actor=team.recruiter.user, picks={pk: content.digest})
    assert sorted(states(schedule)) == ["draft", "draft", "queued"]


def test_what_changed_since_the_preview_is_not_sent(team: Team, schedule: Schedule) -> None:
    propose(schedule, team)
    picks = {pk: content.digest for pk, content in composed(schedule, team).items()}
    move(interview(schedule, "Design"), hours=1)
    with pytest.raises(NotQueued) as caught:
        queueing.queue_messages(schedule=schedule, actor=team.recruiter.user, picks=picks)
    assert {objection.name for objection in caught.value.objections} == {"Ada Osei", "Recruiter Acme"}
    assert "This changed since you opened it" in caught.value.objections[0].reasons[0]
    assert not caught.value.can_override
    assert states(schedule) == ["draft"] * 3


def test_what_nobody_needs_any_more_is_not_sent_though_it_is_as_it_was_shown(team: Team, schedule: Schedule) -> None:
    """The schedule is as it was told again: the update that somebody wrote has nothing to say."""
    send(schedule, team)
    move(interview(schedule, "Coding"), hours=-1)
    draft = next(one for one in propose(schedule, team) if one.audience == "candidate")
    message_services.edit_draft(message=draft, actor=team.recruiter.user, subject="Hi", body="We begin earlier.")
    move(interview(schedule, "Coding"), hours=1)
    shown = composed(schedule, team)[draft.pk].digest
    with pytest.raises(NotQueued) as caught:
        queueing.queue_messages(schedule=schedule, actor=team.recruiter.user, picks={draft.pk: shown}, overridden=True)
    assert not caught.value.can_override
    draft.refresh_from_db()
    assert draft.state == MessageState.DRAFT


def test_another_schedules_messages_can_not_be_picked(team: Team, schedule: Schedule) -> None:
    other = staffed_loop(team, "Other")
    propose(other, team)
    picks = {pk: content.digest for pk, content in composed(other, team).items()}
    assert queueing.queue_messages(schedule=schedule, actor=team.recruiter.user, picks=picks) == []
    assert states(other) == ["draft", "draft"]


def test_a_queued_message_that_became_wrong_is_a_draft_again(team: Team, schedule: Schedule) -> None:
    propose(schedule, team)
    queue(schedule, team)
    move(interview(schedule, "Design"), hours=1)
    propose(schedule, team)
    assert [(m.to_name, m.state, m.kind) for m in schedule.messages.order_by("id")] == [
        ("Ada Osei", "draft", "candidate_invitation"),
        ("Interviewer Acme", "queued", "interviewer_invitation"),
        ("Recruiter Acme", "draft", "interviewer_invitation"),
    ]


def test_a_worker_never_sends_what_is_not_true_any_more(team: Team, schedule: Schedule) -> None:
    propose(schedule, team)
    queue(schedule, team)
    move(interview(schedule, "Design"), hours=1)
    for message in schedule.messages.order_by("id"):
        message_delivery.deliver(message.pk)
    assert [one.to for one in mail.outbox] == [["Interviewer Acme <interviewer@acme.example>"]]
    failed = schedule.messages.filter(state=MessageState.FAILED).order_by("id")
    assert [message.problem_code for message in failed] == ["changed", "changed"]
    assert set(in_trouble(team)) == set(failed)
    propose(schedule, team)
    assert list(in_trouble(team)) == []
    assert sorted(states(schedule)) == ["draft", "draft", "sent"]


def test_each_step_is_in_the_history(team: Team, schedule: Schedule) -> None:
    send(schedule, team)
    events = AuditEvent.objects.filter(subject_type="schedule", subject_id=schedule.pk).order_by("id")
    assert [event.action for event in events] == ["message.queued"] * 3 + ["message.sent"] * 3
    assert [event.detail["message"] for event in events][:3] == list(
        schedule.messages.order_by("id").values_list("pk", flat=True)
    )
    assert "@" not in "".join(f"{event.detail} {event.texts}" for event in events)


def test_the_board_is_read_in_as_many_queries_for_many_people(
    team: Team, schedule: Schedule, django_assert_num_queries: object
) -> None:
    make_link(interview(schedule, "Coding"), connect(team), "ready")
    for number in range(12):
        assign(interview(schedule, "Coding"), colleague(team, f"P{number}"))
    send(schedule, team)
    with django_assert_num_queries(8):  # type: ignore[operator]
        context = load_message_context(schedule.pk)
        assert context.entries and context.texts


@pytest.fixture
def at_once() -> Iterator[None]:
    """Run tasks where they are enqueued, as a worker would run them."""
    celery_app.conf.task_always_eager = True
    yield
    celery_app.conf.task_always_eager = False


@pytest.mark.django_db(transaction=True)
def test_a_click_reaches_the_mail_server_through_a_task(team: Team, schedule: Schedule, at_once: None) -> None:
    propose(schedule, team)
    queue(schedule, team)
    assert sorted(one.to[0] for one in mail.outbox) == [
        "Ada Osei <ada@example.com>",
        "Interviewer Acme <interviewer@acme.example>",
        "Recruiter Acme <recruiter@acme.example>",
    ]
    assert states(schedule) == ["sent"] * 3


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_loses_nothing(team: Team, schedule: Schedule, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_args: object, **_options: object) -> None:
        raise OperationalError("no broker")

    monkeypatch.setattr(send_message, "apply_async", down)
    propose(schedule, team)
    assert len(queue(schedule, team)) == 3
    assert states(schedule) == ["queued"] * 3
    monkeypatch.undo()
    celery_app.conf.task_always_eager = True
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        message_delivery.sweep()
    celery_app.conf.task_always_eager = False
    assert states(schedule) == ["sent"] * 3
    assert len(mail.outbox) == 3

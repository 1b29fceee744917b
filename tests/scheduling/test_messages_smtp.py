"""Delivery against a real SMTP server: it accepts, refuses, defers, stalls and drops. Never twice, never lost."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from organizations.models import AuditEvent
from scheduling.messages import delivery as message_delivery
from scheduling.messages import repeats as message_repeats
from scheduling.models import Message, MessageState, Schedule
from tests.conftest import Team
from tests.scheduling.message_steps import calendars, move, parsed, propose, queue, staffed_loop
from tests.scheduling.smtp_server import MailServer
from tests.scheduling.test_ics import lines_named

pytestmark = [pytest.mark.django_db, pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"])]


@pytest.fixture
def schedule(team: Team) -> Schedule:
    return staffed_loop(team, "Coding")


@pytest.fixture
def message(team: Team, schedule: Schedule) -> Message:
    """The candidate's invitation, queued."""
    propose(schedule, team)
    queue(schedule, team)
    return schedule.messages.get(audience="candidate")


def after(message: Message) -> Message:
    message.refresh_from_db()
    return message


def later(message: Message) -> None:
    """Deliver at the time of the next attempt."""
    due = after(message).next_attempt_at
    assert due is not None
    with time_machine.travel(due + timedelta(seconds=1), tick=True):
        message_delivery.deliver(message.pk)


def test_an_accepted_message_is_sent_once(box: MailServer, message: Message) -> None:
    message_delivery.deliver(message.pk)
    message_delivery.deliver(message.pk)
    assert after(message).state == MessageState.SENT
    assert message.sent_at is not None
    (envelope,) = box.taken
    assert envelope.rcpt_tos == ["ada@example.com"]
    assert envelope.mail_from == "panelist@testserver"
    content = envelope.content
    assert isinstance(content, bytes)
    found = parsed(content)
    assert found["Message-ID"] == message.message_id
    assert lines_named(calendars(found)[0], "METHOD") == ["METHOD:REQUEST"]
    assert content.isascii()
    assert max(len(line) for line in content.split(b"\r\n")) <= 998


def test_the_invitation_arrives_byte_for_byte(box: MailServer, message: Message) -> None:
    message_delivery.deliver(message.pk)
    content = box.taken[0].content
    assert isinstance(content, bytes)
    (data,) = calendars(parsed(content))
    (alternative,) = [part for part in parsed(content).walk() if part.get_content_type() == "text/calendar"]
    assert alternative.get_payload(decode=True) == data
    assert b"\r\n" in data
    assert b"\n" not in data.replace(b"\r\n", b"")


def test_a_server_that_speaks_tls_from_the_first_byte_takes_it_too(tls_box: MailServer, message: Message) -> None:
    message_delivery.deliver(message.pk)
    assert (after(message).state, message.problem) == (MessageState.SENT, "")
    assert len(tls_box.taken) == 1


@pytest.mark.parametrize("step", ["mail_answers", "rcpt_answers", "data_answers"])
def test_a_permanent_refusal_fails_with_the_servers_reason(box: MailServer, message: Message, step: str) -> None:
    getattr(box, step).append("550 5.1.1 No such mailbox")
    message_delivery.deliver(message.pk)
    assert after(message).state == MessageState.FAILED
    assert "550 5.1.1 No such mailbox" in message.problem
    message_delivery.deliver(message.pk)
    message_delivery.sweep()
    assert box.taken == []


def test_what_can_not_be_printed_of_a_servers_answer_is_left_out(box: MailServer, message: Message) -> None:
    box.rcpt_answers.append("550 No such\x1b[31m\tmailbox")
    message_delivery.deliver(message.pk)
    assert after(message).problem == "The mail server refused the message: 550 No such [31m mailbox"


@pytest.mark.parametrize("step", ["mail_answers", "rcpt_answers", "data_answers"])
def test_a_temporary_refusal_is_tried_again_later(box: MailServer, message: Message, step: str) -> None:
    getattr(box, step).append("451 4.7.1 Greylisted, come back")
    message_delivery.deliver(message.pk)
    assert after(message).state == MessageState.QUEUED
    assert message.next_attempt_at is not None
    assert timedelta(seconds=25) < message.next_attempt_at - timezone.now() < timedelta(seconds=40)
    assert (message.problem_code, "Greylisted" in message.problem) == ("put_off", True)
    message_delivery.deliver(message.pk)
    assert box.taken == []
    later(message)
    assert after(message).state == MessageState.SENT
    assert message.problem == ""
    assert len(box.taken) == 1


def test_waits_grow_and_end_in_a_failure(box: MailServer, message: Message) -> None:
    box.rcpt_answers = ["451 later"] * 100
    waits = []
    message_delivery.deliver(message.pk)
    while after(message).state == MessageState.QUEUED:
        assert message.next_attempt_at is not None
        with time_machine.travel(message.next_attempt_at + timedelta(seconds=1), tick=False):
            message_delivery.deliver(message.pk)
            if after(message).state == MessageState.QUEUED:
                waits.append(message.next_attempt_at - timezone.now())
    assert message.state == MessageState.FAILED
    assert message.attempts == len(message_delivery.WAITS) + 1
    assert "Tried 10 times" in message.problem
    assert waits[0] < waits[1] < waits[2]
    assert box.taken == []


@pytest.mark.parametrize("trouble", ["drop_at_data", "stall_at_data"])
def test_trouble_before_the_content_is_tried_again(box: MailServer, message: Message, trouble: str) -> None:
    setattr(box, trouble, True)
    message_delivery.deliver(message.pk)
    assert after(message).state == MessageState.QUEUED
    setattr(box, trouble, False)
    later(message)
    assert after(message).state == MessageState.SENT
    assert len(box.taken) == 1


@pytest.mark.parametrize("trouble", ["drop_after_content", "stall_after_content"])
def test_trouble_after_the_content_is_never_repeated_by_itself(box: MailServer, message: Message, trouble: str) -> None:
    setattr(box, trouble, True)
    message_delivery.deliver(message.pk)
    assert after(message).state == MessageState.UNKNOWN
    assert "may have been sent" in message.problem
    setattr(box, trouble, False)
    with time_machine.travel(timezone.now() + timedelta(days=1), tick=True):
        message_delivery.sweep()
        message_delivery.deliver(message.pk)
    assert after(message).state == MessageState.UNKNOWN
    assert len(box.taken) == 1


def test_a_person_may_send_again_what_may_have_been_sent(box: MailServer, message: Message, team: Team) -> None:
    box.drop_after_content = True
    message_delivery.deliver(message.pk)
    box.drop_after_content = False
    assert message_repeats.send_again(message=message, actor=team.recruiter.user) == MessageState.QUEUED
    message_delivery.deliver(message.pk)
    assert after(message).state == MessageState.SENT
    first, second = (parsed(one.content) for one in box.taken if isinstance(one.content, bytes))
    assert first["Message-ID"] == second["Message-ID"]
    assert calendars(first) == calendars(second)


def test_what_is_sent_again_by_a_person_has_all_its_tries_again(box: MailServer, message: Message, team: Team) -> None:
    box.rcpt_answers = ["451 later"] * len(message_delivery.WAITS)
    message_delivery.deliver(message.pk)
    while box.rcpt_answers:
        later(message)
    box.drop_after_content = True
    later(message)
    assert after(message).state == MessageState.UNKNOWN
    assert message_repeats.send_again(message=message, actor=team.recruiter.user) == MessageState.QUEUED
    box.rcpt_answers = ["451 later"]
    message_delivery.deliver(message.pk)
    assert after(message).state == MessageState.QUEUED


def test_what_may_have_been_sent_and_is_not_true_any_more_is_updated_instead(
    box: MailServer, message: Message, team: Team, schedule: Schedule
) -> None:
    box.drop_after_content = True
    message_delivery.deliver(message.pk)
    move(schedule.interviews.get(), hours=1)
    assert message_repeats.send_again(message=message, actor=team.recruiter.user) == MessageState.UNKNOWN
    propose(schedule, team)
    assert schedule.messages.get(audience="candidate", state="draft").kind == "candidate_update"


def test_a_person_may_know_that_it_arrived(box: MailServer, message: Message, team: Team) -> None:
    box.drop_after_content = True
    message_delivery.deliver(message.pk)
    assert message_repeats.mark_sent(message=message, actor=team.recruiter.user)
    assert after(message).state == MessageState.SENT
    assert not message_repeats.mark_sent(message=message, actor=team.recruiter.user)


def test_a_failed_message_is_written_anew_and_sent(box: MailServer, message: Message, team: Team) -> None:
    box.rcpt_answers.append("550 no")
    message_delivery.deliver(message.pk)
    assert message_repeats.send_again(message=message, actor=team.recruiter.user) == MessageState.QUEUED
    message_delivery.deliver(message.pk)
    assert after(message).state == MessageState.SENT
    assert len(box.taken) == 1


def test_a_failed_message_goes_to_the_corrected_address(
    box: MailServer, message: Message, team: Team, schedule: Schedule
) -> None:
    box.rcpt_answers.append("550 no such user")
    message_delivery.deliver(message.pk)
    schedule.candidate.email = "right@example.com"
    schedule.candidate.save()
    assert message_repeats.send_again(message=message, actor=team.recruiter.user) == MessageState.QUEUED
    message_delivery.deliver(message.pk)
    assert [one.rcpt_tos for one in box.taken] == [["right@example.com"]]


def test_a_failed_message_whose_schedule_changed_is_a_draft_to_look_at(
    box: MailServer, message: Message, team: Team, schedule: Schedule
) -> None:
    box.rcpt_answers.append("550 no")
    message_delivery.deliver(message.pk)
    move(schedule.interviews.get(), hours=1)
    assert message_repeats.send_again(message=message, actor=team.recruiter.user) == MessageState.DRAFT
    assert after(message).state == MessageState.DRAFT


def test_a_sent_message_can_be_sent_once_more_and_two_clicks_are_one(
    box: MailServer, message: Message, team: Team, schedule: Schedule
) -> None:
    message_delivery.deliver(message.pk)
    for _click in range(2):
        message_repeats.send_again(message=message, actor=team.recruiter.user)
    copy = schedule.messages.exclude(pk=message.pk).get(audience="candidate")
    message_delivery.deliver(copy.pk)
    first, second = (parsed(one.content) for one in box.taken if isinstance(one.content, bytes))
    assert first["Message-ID"] != second["Message-ID"]
    assert calendars(first) == calendars(second)
    assert propose(schedule, team) == []


def test_nothing_is_sent_when_nobody_listens(message: Message, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 9, 0.5
    message_delivery.deliver(message.pk)
    assert after(message).state == MessageState.QUEUED
    assert message.problem == "The mail server could not be reached."


def test_a_dead_workers_message_is_shown_as_perhaps_sent(message: Message, team: Team) -> None:
    Message.objects.filter(pk=message.pk).update(state="sending", claim="gone", claimed_at=timezone.now())
    message_delivery.sweep()
    assert after(message).state == MessageState.SENDING
    with time_machine.travel(timezone.now() + message_delivery.LEASE + timedelta(seconds=1)):
        message_delivery.sweep()
    assert after(message).state == MessageState.UNKNOWN
    assert "interrupted" in message.problem
    assert AuditEvent.objects.filter(action="message.unknown", subject_id=message.schedule_id).count() == 1


class Reentrant:
    """A mail backend during whose sending somebody else tries to deliver the same message, and sweeps."""

    sent = 0
    message_id = 0

    def __init__(self, **options: Any) -> None:
        pass

    def send_messages(self, mails: list[Any]) -> int:
        Reentrant.sent += 1
        message_delivery.deliver(Reentrant.message_id)
        message_delivery.sweep()
        return len(mails)


def test_two_workers_never_send_the_same_message(message: Message, settings: Any) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Reentrant"
    Reentrant.sent, Reentrant.message_id = 0, message.pk
    message_delivery.deliver(message.pk)
    assert Reentrant.sent == 1
    assert after(message).state == MessageState.SENT


class Slow(Reentrant):
    """A mail backend that takes so long that the sweeper gives the message up before it answers."""

    def send_messages(self, mails: list[Any]) -> int:
        with time_machine.travel(timezone.now() + message_delivery.LEASE + timedelta(seconds=1)):
            message_delivery.sweep()
        return len(mails)


def test_a_slow_worker_that_was_given_up_still_tells_the_truth(message: Message, settings: Any) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Slow"
    message_delivery.deliver(message.pk)
    assert after(message).state == MessageState.SENT
    assert message.problem == ""


class Overtaken(Reentrant):
    """A mail backend that fails after the message was given up, sent again by a person, and taken by another worker."""

    def send_messages(self, mails: list[Any]) -> int:
        Message.objects.filter(pk=Reentrant.message_id).update(state="sending", claim="another worker")
        raise OSError("no space left")


def test_a_slow_worker_that_fails_puts_nothing_off_that_another_has_taken(message: Message, settings: Any) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Overtaken"
    Reentrant.message_id = message.pk
    message_delivery.deliver(message.pk)
    assert (after(message).state, message.claim) == (MessageState.SENDING, "another worker")


def test_a_lost_nudge_is_made_good_by_the_sweeper(message: Message, monkeypatch: pytest.MonkeyPatch) -> None:
    enqueued: list[int] = []
    monkeypatch.setattr(
        "scheduling.tasks.send_message.apply_async", lambda arguments, **_options: enqueued.append(arguments[0])
    )
    message_delivery.sweep()
    assert enqueued == []
    with time_machine.travel(timezone.now() + timedelta(seconds=30)):
        message_delivery.sweep()
    assert message.pk in enqueued


@pytest.mark.parametrize(
    "trouble",
    [
        lambda box: box.rcpt_answers.append("550 ada@example.com unknown"),
        lambda box: setattr(box, "drop_after_content", True),
    ],
)
def test_no_address_reaches_the_logs(
    box: MailServer, message: Message, trouble: Callable[[MailServer], None], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="scheduling")
    trouble(box)
    message_delivery.deliver(message.pk)
    # The test's own server writes to "mail.log".
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name != "mail.log")
    assert "ada@example.com" not in ours
    assert f"'message': {message.pk}" in ours

"""Each mail brings one calendar event, so that every calendar can take it; each is sent and reported separately."""

from __future__ import annotations

import html
from datetime import timedelta
from email.message import EmailMessage

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from organizations.models import AuditEvent, Organization
from organizations.trail import Trail
from scheduling.messages import delivery as message_delivery
from scheduling.messages import queueing
from scheduling.messages import repeats as message_repeats
from scheduling.messages.message_context import load_message_context, needed
from scheduling.models import Interview, Message, MessageState, Schedule
from tests.conftest import Team
from tests.scheduling.loops import connect, make_link
from tests.scheduling.message_steps import (
    assign,
    calendars,
    composed,
    deliver_all,
    in_trouble,
    interview,
    move,
    parsed,
    propose,
    queue,
    send,
    staffed_loop,
)
from tests.scheduling.smtp_server import MailServer
from tests.scheduling.test_preview_is_sent import NASTY, part, without_stamp

pytestmark = pytest.mark.django_db


@pytest.fixture
def schedule(team: Team) -> Schedule:
    """A loop of three days; the interviewer has the first and the last."""
    return over_days(staffed_loop(team, "Coding", "Design", "Talk"), team)


def over_days(schedule: Schedule, team: Team) -> Schedule:
    for number, one in enumerate(schedule.interviews.order_by("position")):
        move(one, days=number)
    assign(interview(schedule, "Talk"), team.interviewer)
    return schedule


def events_of(found: EmailMessage) -> list[tuple[str, str, str, int]]:
    """The events of a mail as calendars read them: (method of the part, method, UID, SEQUENCE) of each."""
    parts = [one for one in found.walk() if one.get_content_type() == "text/calendar"]
    assert len(parts) == 1
    body = parts[0].get_payload(decode=True)
    assert isinstance(body, bytes)
    whole = Calendar.from_ical(body)
    assert isinstance(whole, Calendar)
    assert [file.get_content_type() for file in found.iter_attachments()] == ["application/ics"]
    assert [file.replace(b"\r", b"") for file in calendars(found)] == [body.replace(b"\r", b"")]
    return [
        (str(parts[0].get_param("method")), str(whole["METHOD"]), str(event["UID"]), int(str(event["SEQUENCE"])))
        for event in whole.walk("VEVENT")
    ]


def mails_to(mails: list[EmailMessage], address: str) -> list[EmailMessage]:
    return [found for found in mails if address in found["To"]]


@pytest.mark.parametrize(
    ("names", "days", "grouping", "count"),
    [
        (["A"], [0], "day", 1),
        (["A", "B"], [0, 0], "day", 1),
        (["A", "B", "C"], [0, 1, 2], "day", 3),
        (["A", "B", "C", "D", "E"], [0, 0, 1, 1, 4], "day", 3),
        (["A", "B", "C"], [0, 0, 0], "interview", 3),
        (["A", "B"], [0, 0], "block", 1),
        (["A", "B"], [0, 3], "block", 2),
        (["A", "B", "C", "D"], [0, 7, 14, 21], "interview", 4),
    ],
)
def test_a_candidate_gets_a_mail_for_each_event(
    team: Team, names: list[str], days: list[int], grouping: str, count: int
) -> None:
    Organization.objects.filter(pk=team.organization.pk).update(invitation_grouping=grouping)
    schedule = staffed_loop(team, *names)
    for name, day in zip(names, days, strict=True):
        move(interview(schedule, name), days=day)
    mails = mails_to(send(schedule, team), "ada@example.com")
    found = [events_of(one) for one in mails]
    assert [len(events) for events in found] == [1] * count
    assert len({events[0][2] for events in found}) == count
    assert {(events[0][0], events[0][1], events[0][3]) for events in found} == {("REQUEST", "REQUEST", 0)}
    assert len({one["Message-ID"] for one in mails}) == count
    assert len({str(one["Subject"]) for one in mails}) == count


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_an_interviewer_gets_a_mail_for_each_interview(team: Team, count: int) -> None:
    schedule = staffed_loop(team, *[f"Round {number}" for number in range(count)])
    for one in schedule.interviews.exclude(name="Round 0"):
        assign(one, team.interviewer)
    mails = mails_to(send(schedule, team), "interviewer@acme.example")
    assert [len(events_of(one)) for one in mails] == [1] * count


def test_the_first_mail_says_everything_and_the_others_what_they_bring(team: Team, schedule: Schedule) -> None:
    make_link(interview(schedule, "Design"), connect(team), "ready")
    first, second, third = mails_to(send(schedule, team), "ada@example.com")
    for name in ("Coding", "Design", "Talk"):
        assert name in part(first, "text/plain")
    assert "Design" in part(second, "text/plain") and "Talk" not in part(second, "text/plain")
    assert "http://testserver/join/" in part(second, "text/plain")
    assert "Talk" in part(third, "text/plain") and "Design" not in part(third, "text/plain")
    assert f"“{first['Subject']}”" in part(third, "text/plain")
    for later in (second, third):
        assert later["From"] == first["From"] and later["Reply-To"] == first["Reply-To"]


def test_uids_stay_and_sequences_rise_over_moves_and_a_cancellation(team: Team, schedule: Schedule) -> None:
    invited = [events_of(one)[0] for one in mails_to(send(schedule, team), "ada@example.com")]
    for name in ("Coding", "Design", "Talk"):
        move(interview(schedule, name), hours=2)
    moved = [events_of(one)[0] for one in mails_to(send(schedule, team), "ada@example.com")]
    Schedule.objects.filter(pk=schedule.pk).update(state=Schedule.State.CANCELLED)
    ended = [events_of(one)[0] for one in mails_to(send(schedule, team), "ada@example.com")]
    assert [uid for _part, _method, uid, _sequence in invited] == [one[2] for one in moved] == [one[2] for one in ended]
    assert {one[1:2] + one[3:] for one in moved} == {("REQUEST", 1)}
    assert {one[:2] + one[3:] for one in ended} == {("CANCEL", "CANCEL", 2)}


def test_only_what_changed_goes_out_again(team: Team, schedule: Schedule) -> None:
    invited = [events_of(one)[0] for one in mails_to(send(schedule, team), "ada@example.com")]
    move(interview(schedule, "Talk"), hours=1)
    (again,) = mails_to(send(schedule, team), "ada@example.com")
    assert events_of(again) == [("REQUEST", "REQUEST", invited[2][2], 1)]


@pytest.mark.parametrize("name", NASTY)
def test_the_further_mails_leave_as_they_were_shown(
    team: Team, schedule: Schedule, as_recruiter: Client, name: str
) -> None:
    Interview.objects.filter(schedule=schedule).update(name=name[:120])
    Organization.objects.filter(pk=team.organization.pk).update(name=name[:120], sender_name=name[:120])
    propose(schedule, team)
    draft = schedule.messages.get(audience="candidate")
    address = team.url(f"messages/{draft.pk}/")
    shown = html.unescape(as_recruiter.get(address, headers={"HX-Request": "true"}).content.decode())
    queue(schedule, team)
    mails = [found for found in deliver_all(schedule) if "ada@example.com" in str(found["To"])]
    assert len(mails) == 3
    after = html.unescape(as_recruiter.get(address, headers={"HX-Request": "true"}).content.decode())
    for found in mails:
        for page in (shown, after):
            assert part(found, "text/plain").strip() in page
            assert str(found["Subject"]) in page
            assert without_stamp(part(found, "text/calendar")) in without_stamp(page)
        assert found["Bcc"] is None


def test_a_changed_further_mail_is_refused_like_a_changed_message(team: Team, schedule: Schedule) -> None:
    propose(schedule, team)
    picks = {pk: content.digest for pk, content in composed(schedule, team).items()}
    Organization.objects.filter(pk=team.organization.pk).update(invitation_grouping="interview")
    Interview.objects.filter(name="Talk").update(place="Room 7")
    with pytest.raises(queueing.NotQueued):
        queueing.queue_messages(schedule=schedule, actor=team.recruiter.user, picks=picks)
    assert not schedule.messages.exclude(part_of=None).exists()


# --- on their way --------------------------------------------------------------------------------------------------


@pytest.fixture
def letter(team: Team, schedule: Schedule) -> Message:
    """The candidate's invitation, queued with two further mails."""
    propose(schedule, team)
    queue(schedule, team)
    letter = schedule.messages.get(audience="candidate", part_of=None)
    assert letter.parts.count() == 2
    return letter


def parts_of(letter: Message) -> list[Message]:
    return list(letter.parts.order_by("id"))


def test_the_further_mails_wait_for_their_message(letter: Message) -> None:
    for one in parts_of(letter):
        message_delivery.deliver(one.pk)
    assert mail.outbox == []
    message_delivery.deliver(letter.pk)
    for one in parts_of(letter):
        message_delivery.deliver(one.pk)
        message_delivery.deliver(one.pk)
    assert len(mail.outbox) == 3
    assert [one.state for one in parts_of(letter)] == ["sent", "sent"]


def test_a_lost_nudge_for_a_further_mail_is_made_good(letter: Message, monkeypatch: pytest.MonkeyPatch) -> None:
    enqueued: list[int] = []
    monkeypatch.setattr(
        "scheduling.tasks.send_message.apply_async", lambda arguments, **_options: enqueued.append(arguments[0])
    )
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        message_delivery.sweep()
        assert not {one.pk for one in parts_of(letter)} & set(enqueued)
        message_delivery.deliver(letter.pk)
        message_delivery.sweep()
    assert {one.pk for one in parts_of(letter)} <= set(enqueued)


smtp = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"])]


class TestWithAServer:
    pytestmark = smtp

    def deliver(self, letter: Message) -> None:
        for one in [letter, *parts_of(letter)]:
            message_delivery.deliver(one.pk)

    def test_a_lost_answer_to_the_second_repeats_neither_first_nor_third(
        self,
        box: MailServer,
        letter: Message,
        team: Team,
    ) -> None:
        second, third = parts_of(letter)
        message_delivery.deliver(letter.pk)
        box.drop_after_content = True
        message_delivery.deliver(second.pk)
        box.drop_after_content = False
        message_delivery.deliver(third.pk)
        for one in (letter, second, third):
            one.refresh_from_db()
        assert [letter.state, second.state, third.state] == ["sent", "unknown", "sent"]
        assert len(box.taken) == 3
        with time_machine.travel(timezone.now() + timedelta(days=1), tick=True):
            message_delivery.sweep()
            self.deliver(letter)
        assert len(box.taken) == 3
        after = message_repeats.send_again(message=second, actor=team.recruiter.user)
        assert after == MessageState.QUEUED
        self.deliver(letter)
        assert len(box.taken) == 4
        ids = [parsed(one.content)["Message-ID"] for one in box.taken if isinstance(one.content, bytes)]
        assert ids == [letter.message_id, second.message_id, third.message_id, second.message_id]

    def test_a_lost_answer_to_the_first_keeps_the_others_going(
        self,
        box: MailServer,
        letter: Message,
    ) -> None:
        box.drop_after_content = True
        message_delivery.deliver(letter.pk)
        box.drop_after_content = False
        self.deliver(letter)
        letter.refresh_from_db()
        assert [letter.state, *(one.state for one in parts_of(letter))] == ["unknown", "sent", "sent"]
        assert len(box.taken) == 3

    def test_a_refusal_of_the_first_holds_the_others_back(
        self,
        box: MailServer,
        letter: Message,
        team: Team,
    ) -> None:
        box.rcpt_answers.append("550 no such mailbox")
        self.deliver(letter)
        letter.refresh_from_db()
        assert [letter.state, *(one.state for one in parts_of(letter))] == ["failed", "queued", "queued"]
        assert message_repeats.send_again(message=letter, actor=team.recruiter.user) == MessageState.QUEUED
        assert letter.parts.count() == 2
        self.deliver(letter)
        assert len(box.taken) == 3

    def test_a_refusal_of_the_second_is_its_own(
        self,
        box: MailServer,
        letter: Message,
        team: Team,
        schedule: Schedule,
        as_recruiter: Client,
    ) -> None:
        second, _third = parts_of(letter)
        message_delivery.deliver(letter.pk)
        box.data_answers.append("552 too much")
        self.deliver(letter)
        second.refresh_from_db()
        assert second.state == MessageState.FAILED
        assert needed(load_message_context(schedule.pk), ("candidate", None)) is None
        assert list(in_trouble(team)) == [second]
        page = as_recruiter.get(
            team.url(f"schedules/{schedule.pk}/messages/"), headers={"HX-Request": "true"}
        ).content.decode()
        assert "552 too much" in page and team.url(f"messages/{second.pk}/again/") in page
        as_recruiter.post(team.url(f"messages/{second.pk}/again/"), headers={"HX-Request": "true"})
        self.deliver(letter)
        assert [one.state for one in parts_of(letter)] == ["sent", "sent"]
        assert len(box.taken) == 3
        assert list(in_trouble(team)) == []

    def test_one_that_is_put_off_is_tried_alone(self, box: MailServer, letter: Message) -> None:
        second, _third = parts_of(letter)
        message_delivery.deliver(letter.pk)
        box.rcpt_answers.append("451 later")
        self.deliver(letter)
        second.refresh_from_db()
        assert second.state == MessageState.QUEUED and second.next_attempt_at is not None
        with time_machine.travel(second.next_attempt_at + timedelta(seconds=1), tick=True):
            self.deliver(letter)
        assert [one.state for one in parts_of(letter)] == ["sent", "sent"]
        assert len(box.taken) == 3


def test_what_changed_on_the_way_goes_into_the_update(team: Team, schedule: Schedule, letter: Message) -> None:
    message_delivery.deliver(letter.pk)
    move(interview(schedule, "Talk"), hours=1)
    propose(schedule, team)
    for one in parts_of(letter):
        message_delivery.deliver(one.pk)
    assert [(one.state, one.problem_code) for one in parts_of(letter)] == [("failed", "changed")] * 2
    update = mails_to(send(schedule, team), "ada@example.com")
    # Both events that never arrived come now, the moved one as it is, and nothing is left to see to.
    assert sorted(events_of(one)[0][3] for one in update) == [1, 1]
    assert list(in_trouble(team)) == []


def test_what_still_waits_when_the_update_is_queued_never_leaves(
    team: Team, schedule: Schedule, letter: Message
) -> None:
    message_delivery.deliver(letter.pk)
    move(interview(schedule, "Talk"), hours=1)
    propose(schedule, team)
    queue(schedule, team)
    assert [(one.state, one.problem_code) for one in parts_of(letter)] == [("failed", "changed")] * 2
    assert list(in_trouble(team)) == []


def test_a_copy_is_a_copy_of_all_mails(team: Team, schedule: Schedule, letter: Message) -> None:
    deliver_all(schedule)
    before = len(mail.outbox)
    letter.refresh_from_db()
    assert message_repeats.send_again(message=letter, actor=team.recruiter.user) == MessageState.QUEUED
    again = deliver_all(schedule)
    assert len(again) == 3
    first = [parsed(one.message().as_bytes()) for one in mail.outbox[:before]]
    assert [calendars(one) for one in mails_to(first, "ada@example.com")] == [calendars(one) for one in again]
    assert len({one["Message-ID"] for one in [*first, *again]}) == before + 3


def test_the_history_names_each_mail(team: Team, schedule: Schedule, letter: Message) -> None:
    deliver_all(schedule)
    events = AuditEvent.objects.filter(action="message.sent")
    lines = [Trail(events).sentence(event) for event in events]
    assert sum("Ada Osei" in line for line in lines) == 3
    assert sum("Ada Osei), further calendar event" in line for line in lines) == 2

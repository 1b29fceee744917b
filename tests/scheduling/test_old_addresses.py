"""An address that is corrected: the old mailbox is told at once, the new one is invited."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from django.core import mail
from django.test import Client
from icalendar import Calendar

from organizations.models import AuditEvent, User
from organizations.trail import Trail
from scheduling.candidates import services as candidate_services
from scheduling.messages import delivery as message_delivery
from scheduling.messages import repeats as message_repeats
from scheduling.messages.message_context import load_message_context, needed
from scheduling.models import Candidate, Message, MessageState, Schedule
from tests.conftest import Team
from tests.scheduling.loops import connect, make_link
from tests.scheduling.message_steps import (
    assign,
    deliver_all,
    in_trouble,
    interview,
    kinds,
    move,
    parsed,
    propose,
    queue,
    send,
    staffed_loop,
)
from tests.scheduling.smtp_server import MailServer

pytestmark = pytest.mark.django_db
OLD, NEW = "ada@example.com", "ada.osei@example.org"
ADA = ("candidate", None)


@pytest.fixture
def schedule(team: Team) -> Schedule:
    """The interviewer has the first interview, the recruiter the others; everybody was notified."""
    schedule = staffed_loop(team, "Coding", "Design")
    send(schedule, team)
    return schedule


def readdress(schedule: Schedule, team: Team, email: str) -> None:
    candidate = Candidate.objects.get(pk=schedule.candidate_id)
    candidate.email = email
    candidate_services.save_candidate(candidate=candidate, actor=team.recruiter.user)


def mailbox(mails: list[EmailMessage], address: str) -> dict[str, tuple[str, int]]:
    """The calendar of this mailbox's reader: UID to (STATUS, SEQUENCE), as RFC 5546 has mails applied."""
    events: dict[str, tuple[str, int]] = {}
    for found in mails:
        if address not in [one.addr_spec for one in found["To"].addresses]:
            continue
        for part in found.walk():
            if part.get_content_type() != "text/calendar":
                continue
            body = part.get_payload(decode=True)
            assert isinstance(body, bytes)
            for event in Calendar.from_ical(body).walk("VEVENT"):
                known = events.get(str(event["UID"]), ("", -1))
                assert [address.lower()] == [str(event["ATTENDEE"]).removeprefix("mailto:").lower()]
                if int(str(event["SEQUENCE"])) >= known[1]:
                    events[str(event["UID"])] = (str(event["STATUS"]), int(str(event["SEQUENCE"])))
    return events


def all_mails() -> list[EmailMessage]:
    return [parsed(one.message().as_bytes()) for one in mail.outbox]


def states_at(address: str) -> list[str]:
    return sorted(state for state, _sequence in mailbox(all_mails(), address).values())


@pytest.mark.parametrize(
    "new",
    [
        NEW,
        "ada@example.org",
        "ada+interviews@example.com",
        "o.ada@example.com",
        "",
        "ada@sub.example.com",
        "ada@xn--bcher-kva.example",
        "x@example.com",
    ],
)
def test_the_old_mailbox_is_told_at_once(team: Team, schedule: Schedule, new: str) -> None:
    before = len(mail.outbox)
    readdress(schedule, team, new)
    (withdrawal,) = deliver_all(schedule)
    assert [one.addr_spec for one in withdrawal["To"].addresses] == [OLD]
    assert states_at(OLD) == ["CANCELLED"]
    assert len(mail.outbox) == before + 1
    assert withdrawal["Auto-Submitted"] == "auto-generated"
    assert withdrawal["Reply-To"].addresses[0].addr_spec == "recruiter@acme.example"
    text = withdrawal.get_body(("plain",))
    assert text is not None
    assert "now goes to another address" in text.get_content()
    assert not new or new not in text.get_content()


def test_the_new_one_is_invited_and_hears_of_everything_later(team: Team, schedule: Schedule) -> None:
    readdress(schedule, team, NEW)
    assert kinds(list(schedule.messages.filter(state="draft"))) == [("candidate_invitation", "Ada Osei")]
    send(schedule, team)
    assert states_at(NEW) == ["CONFIRMED"]
    Schedule.objects.filter(pk=schedule.pk).update(state=Schedule.State.CANCELLED)
    send(schedule, team)
    assert states_at(NEW) == states_at(OLD) == ["CANCELLED"]


def test_cancelled_before_the_new_one_was_invited_nobody_is_left_behind(team: Team, schedule: Schedule) -> None:
    readdress(schedule, team, NEW)
    Schedule.objects.filter(pk=schedule.pk).update(state=Schedule.State.CANCELLED)
    send(schedule, team)
    assert states_at(OLD) == ["CANCELLED"]
    assert mailbox(all_mails(), NEW) == {}


def test_corrected_after_the_cancellation_was_only_drafted(team: Team, schedule: Schedule) -> None:
    Schedule.objects.filter(pk=schedule.pk).update(state=Schedule.State.CANCELLED)
    propose(schedule, team)
    readdress(schedule, team, NEW)
    deliver_all(schedule)
    assert states_at(OLD) == ["CANCELLED"]
    assert not schedule.messages.filter(audience="candidate", state="draft").exists()


def test_each_event_is_struck_by_a_mail_of_its_own(team: Team) -> None:
    schedule = staffed_loop(team, "Coding", "Design", "Talk")
    for number, one in enumerate(schedule.interviews.order_by("position")):
        move(one, days=number)
    send(schedule, team)
    readdress(schedule, team, NEW)
    mails = deliver_all(schedule)
    assert len(mails) == 3
    assert states_at(OLD) == ["CANCELLED"] * 3


def test_what_is_over_is_not_struck(team: Team) -> None:
    schedule = staffed_loop(team, "Coding")
    send(schedule, team)
    move(interview(schedule, "Coding"), days=-30)
    message = schedule.messages.get(audience="candidate")
    for event in message.calendar:
        event["starts_at"], event["ends_at"] = "2020-01-01T10:00:00+00:00", "2020-01-01T11:00:00+00:00"
    message.save()
    readdress(schedule, team, NEW)
    assert deliver_all(schedule) == []


def test_another_spelling_of_the_same_address_is_no_other_address(team: Team, schedule: Schedule) -> None:
    readdress(schedule, team, "Ada@Example.COM")
    assert deliver_all(schedule) == []


def test_who_was_never_told_there_gets_nothing(team: Team) -> None:
    schedule = staffed_loop(team, "Coding")
    propose(schedule, team)
    queue(schedule, team)
    readdress(schedule, team, NEW)
    assert [one["To"].addresses[0].addr_spec for one in deliver_all(schedule)] == ["interviewer@acme.example"]
    send(schedule, team)
    assert states_at(NEW) == ["CONFIRMED"] and mailbox(all_mails(), OLD) == {}


def test_it_happens_once(team: Team, schedule: Schedule) -> None:
    readdress(schedule, team, NEW)
    propose(schedule, team)
    readdress(schedule, team, NEW)
    assert len(deliver_all(schedule)) == 1
    propose(schedule, team)
    assert deliver_all(schedule) == []


def test_a_second_correction_clears_the_second_address_only(team: Team, schedule: Schedule) -> None:
    readdress(schedule, team, NEW)
    send(schedule, team)
    readdress(schedule, team, "third@example.net")
    (withdrawal,) = deliver_all(schedule)
    assert withdrawal["To"].addresses[0].addr_spec == NEW
    send(schedule, team)
    assert [states_at(one) for one in (OLD, NEW, "third@example.net")] == [["CANCELLED"], ["CANCELLED"], ["CONFIRMED"]]


def test_taken_back_before_it_left_nothing_happened(team: Team, schedule: Schedule) -> None:
    readdress(schedule, team, NEW)
    readdress(schedule, team, OLD)
    assert deliver_all(schedule) == []
    assert needed(load_message_context(schedule.pk), ADA) is None
    assert states_at(OLD) == ["CONFIRMED"]
    assert list(in_trouble(team)) == []
    readdress(schedule, team, NEW)
    assert len(deliver_all(schedule)) == 1
    assert states_at(OLD) == ["CANCELLED"]


def test_taken_back_later_the_old_one_is_invited_anew(team: Team, schedule: Schedule) -> None:
    readdress(schedule, team, NEW)
    deliver_all(schedule)
    readdress(schedule, team, OLD)
    assert kinds(list(schedule.messages.filter(state="draft"))) == [("candidate_invitation", "Ada Osei")]
    send(schedule, team)
    assert states_at(OLD) == ["CONFIRMED"]


def test_one_mailbox_behind_both_addresses_ends_up_with_the_event(team: Team, schedule: Schedule) -> None:
    readdress(schedule, team, NEW)
    send(schedule, team)
    newest: dict[str, tuple[str, int]] = {}
    for address in (OLD, NEW):
        for uid, (status, sequence) in mailbox(all_mails(), address).items():
            if sequence >= newest.get(uid, ("", -1))[1]:
                newest[uid] = (status, sequence)
    assert [status for status, _sequence in newest.values()] == ["CONFIRMED"]


def test_the_organizer_stays_who_invited(team: Team, schedule: Schedule) -> None:
    readdress(schedule, team, NEW)
    deliver_all(schedule)
    first = schedule.messages.get(audience="candidate", kind="candidate_invitation", state="sent")
    withdrawal = schedule.messages.get(kind="candidate_withdrawal")
    assert withdrawal.calendar[0]["organizer"] == first.calendar[0]["organizer"]
    assert withdrawal.calendar[0]["attendees"] == first.calendar[0]["attendees"]
    assert withdrawal.calendar[0]["uid"] == first.calendar[0]["uid"]


def test_join_links_of_the_old_mail_are_not_repeated(team: Team) -> None:
    schedule = staffed_loop(team, "Coding")
    make_link(interview(schedule, "Coding"), connect(team), "ready")
    send(schedule, team)
    readdress(schedule, team, NEW)
    (withdrawal,) = deliver_all(schedule)
    assert "/join/" not in withdrawal.as_string()
    assert "Ada" not in str(withdrawal.get_body(("plain",)))


# --- members -------------------------------------------------------------------------------------------------------


def test_a_member_whose_address_the_administration_changes(team: Team, schedule: Schedule) -> None:
    User.objects.create_superuser("root@panelist.example", "demo", name="Root")
    client = Client()
    client.force_login(User.objects.get(email="root@panelist.example"))
    user = team.interviewer.user
    page = client.get(f"/admin/organizations/user/{user.pk}/change/")
    assert page.status_code == 200
    data = {"email": "i@acme.example", "name": user.name, "time_zone": user.time_zone, "is_active": "on"}
    assert client.post(f"/admin/organizations/user/{user.pk}/change/", data).status_code == 302
    (withdrawal,) = deliver_all(schedule)
    assert withdrawal["To"].addresses[0].addr_spec == "interviewer@acme.example"
    assert states_at("interviewer@acme.example") == ["CANCELLED"]
    assert kinds(list(schedule.messages.filter(state="draft"))) == [("interviewer_invitation", "Interviewer Acme")]
    send(schedule, team)
    assert states_at("i@acme.example") == ["CONFIRMED"]


def test_a_member_who_then_interviews_no_more(team: Team, schedule: Schedule) -> None:
    User.objects.filter(pk=team.interviewer.user_id).update(email="i@acme.example")
    interview(schedule, "Coding").assignments.all().delete()
    assign(interview(schedule, "Coding"), team.recruiter)
    send(schedule, team)
    assert states_at("interviewer@acme.example") == ["CANCELLED"]
    assert mailbox(all_mails(), "i@acme.example") == {}


# --- on its way ----------------------------------------------------------------------------------------------------


@pytest.mark.enable_socket
@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_mailbox_that_never_was_is_nobodys_trouble(team: Team, schedule: Schedule, box: MailServer) -> None:
    readdress(schedule, team, NEW)
    box.rcpt_answers.append("550 5.1.1 no such mailbox")
    withdrawal = schedule.messages.get(kind="candidate_withdrawal")
    message_delivery.deliver(withdrawal.pk)
    withdrawal.refresh_from_db()
    assert withdrawal.state == MessageState.FAILED
    assert list(in_trouble(team)) == []
    propose(schedule, team)
    assert schedule.messages.filter(kind="candidate_withdrawal").count() == 1


def test_a_withdrawal_from_an_address_that_is_theirs_again_is_nobodys_trouble(team: Team, schedule: Schedule) -> None:
    readdress(schedule, team, NEW)
    Candidate.objects.filter(pk=schedule.candidate_id).update(email=OLD)
    assert deliver_all(schedule) == []
    withdrawal = schedule.messages.get(kind="candidate_withdrawal")
    assert (withdrawal.state, withdrawal.problem_code) == (MessageState.FAILED, "changed")
    assert list(in_trouble(team)) == []


@pytest.mark.enable_socket
@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_lost_answer_is_shown_and_can_be_settled(
    team: Team, schedule: Schedule, box: MailServer, as_recruiter: Client
) -> None:
    readdress(schedule, team, NEW)
    withdrawal = schedule.messages.get(kind="candidate_withdrawal")
    box.drop_after_content = True
    message_delivery.deliver(withdrawal.pk)
    box.drop_after_content = False
    assert list(in_trouble(team)) == [Message.objects.get(pk=withdrawal.pk)]
    page = as_recruiter.get(
        team.url(f"schedules/{schedule.pk}/messages/"), headers={"HX-Request": "true"}
    ).content.decode()
    assert f"Withdrawn from {OLD}" in page
    assert message_repeats.send_again(message=withdrawal, actor=team.recruiter.user) == MessageState.QUEUED
    message_delivery.deliver(withdrawal.pk)
    assert Message.objects.get(pk=withdrawal.pk).state == MessageState.SENT
    assert len(box.taken) == 2


def test_the_history_says_so_without_the_address(team: Team, schedule: Schedule) -> None:
    readdress(schedule, team, NEW)
    deliver_all(schedule)
    events = AuditEvent.objects.filter(subject_type="schedule")
    lines = [Trail(events).sentence(event) for event in events]
    assert "Withdrew the calendar event from the former address (Ada Osei)" in lines
    assert "@" not in "".join(lines)

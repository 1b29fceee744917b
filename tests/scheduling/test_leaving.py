"""A member who leaves: their calendar is freed, and everybody else hears of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from organizations.models import AuditEvent, Membership, User
from scheduling.messages import delivery as message_delivery
from scheduling.models import Interview, Message, Schedule
from tests.conftest import Team
from tests.scheduling.message_steps import assign, calendars, kinds, move, parsed, propose, queue, send, staffed_loop
from tests.scheduling.test_communications import text_of
from tests.scheduling.test_ics import lines_named

pytestmark = pytest.mark.django_db


@pytest.fixture
def schedule(team: Team) -> Schedule:
    """The interviewer in Coding, the recruiter beside them and in Design; everybody was notified."""
    schedule = staffed_loop(team, "Coding", "Design")
    assign(schedule.interviews.get(name="Coding"), team.recruiter)
    send(schedule, team)
    return schedule


def leave(client: Client, team: Team, member: Membership) -> None:
    assert client.post(team.url(f"settings/members/{member.pk}/remove/")).status_code == 302
    assert not Membership.objects.filter(pk=member.pk).exists()


def delivered(schedule: Schedule) -> list[str]:
    """Deliver what is queued. Return to whom something went."""
    before = len(mail.outbox)
    for message in schedule.messages.filter(state="queued").order_by("id"):
        message_delivery.deliver(message.pk)
    return [one.to[0] for one in mail.outbox[before:]]


def test_the_dialog_says_so(team: Team, as_admin: Client) -> None:
    dialog = as_admin.get(team.url(f"settings/members/{team.interviewer.pk}/remove/")).content.decode()
    assert "removed from upcoming interviews. Interviewer Acme is told at once." in text_of(dialog)


def test_who_leaves_gets_their_calendar_freed(team: Team, schedule: Schedule, as_admin: Client) -> None:
    (invited,) = schedule.messages.get(membership=team.interviewer).calendar
    leave(as_admin, team, team.interviewer)
    assert delivered(schedule) == ["Interviewer Acme <interviewer@acme.example>"]
    (cancel,) = calendars(parsed(mail.outbox[-1].message().as_bytes()))
    assert lines_named(cancel, "METHOD") == ["METHOD:CANCEL"]
    assert lines_named(cancel, "UID") == [f"UID:{invited['uid']}"]
    assert Message.objects.get(kind="interviewer_cancellation").state == "sent"


def test_everybody_else_gets_a_draft_and_the_history_a_line(
    team: Team, schedule: Schedule, as_admin: Client, as_recruiter: Client
) -> None:
    leave(as_admin, team, team.interviewer)
    assert kinds(list(schedule.messages.filter(state="draft"))) == [
        ("candidate_update", "Ada Osei"),
        ("interviewer_update", "Recruiter Acme"),
    ]
    history = text_of(as_recruiter.get(team.url(f"schedules/{schedule.pk}/history/")).content.decode())
    assert "Interviewer Acme left the organization and was removed from “Coding”" in history
    tab = text_of(as_recruiter.get(team.url(f"schedules/{schedule.pk}/")).content.decode())
    assert "2 people haven't been told yet" in tab


def test_who_was_never_told_needs_no_message(team: Team, as_admin: Client) -> None:
    schedule = staffed_loop(team, "Coding")
    propose(schedule, team)
    leave(as_admin, team, team.interviewer)
    assert delivered(schedule) == []
    assert kinds(list(schedule.messages.all())) == [("candidate_invitation", "Ada Osei")]


def test_what_was_on_its_way_to_them_does_not_arrive(team: Team, as_admin: Client) -> None:
    schedule = staffed_loop(team, "Coding")
    propose(schedule, team)
    queue(schedule, team)
    leave(as_admin, team, team.interviewer)
    assert delivered(schedule) == []


def test_what_is_over_stays_as_it_was(team: Team, schedule: Schedule, as_admin: Client) -> None:
    for interview in schedule.interviews.all():
        move(interview, days=-7)
    leave(as_admin, team, team.interviewer)
    assert delivered(schedule) == []
    assert not AuditEvent.objects.filter(action="interview.changed").exists()


def test_an_address_that_is_none_keeps_nobody_from_being_removed(
    team: Team, schedule: Schedule, as_admin: Client
) -> None:
    User.objects.filter(pk=team.interviewer.user_id).update(email="nonsense")
    leave(as_admin, team, team.interviewer)
    # Their calendar is freed at the address where they were invited.
    assert delivered(schedule) == ["Interviewer Acme <interviewer@acme.example>"]
    assert not schedule.messages.filter(state="draft", audience="interviewer", membership=None).exists()


def test_other_organizations_interviews_stay(
    team: Team, other_team: Team, schedule: Schedule, as_admin: Client
) -> None:
    theirs = staffed_loop(other_team, "Coding")
    Interview.objects.filter(schedule=theirs).update(ends_at=timezone.now() + timedelta(days=9))
    member = Membership.objects.create(
        organization=other_team.organization, user=team.interviewer.user, role="interviewer"
    )
    assign(theirs.interviews.get(), member)
    leave(as_admin, team, team.interviewer)
    assert theirs.interviews.get().assignments.filter(membership=member).exists()

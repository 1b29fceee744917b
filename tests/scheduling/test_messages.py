"""The messages that a change of a schedule causes: from what each recipient was notified of to what is true now."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.core import mail

from scheduling.join_links import services as join_link_services
from scheduling.join_links.references import reference
from scheduling.join_links.services import address, join_link
from scheduling.messages.message_context import load_message_context, needed
from scheduling.models import CodingLink, InterviewerAssignment, Message, MessageKind, MessageTemplate, Schedule
from scheduling.models.messages import CUSTOMIZABLE
from scheduling.schedules import interviews as interview_services
from scheduling.schedules import services as schedule_services
from scheduling.schedules.trail_rows import GivenReason
from tests.conftest import Team
from tests.scheduling.loops import connect, make_link
from tests.scheduling.message_steps import (
    colleague,
    composed,
    interview,
    kinds,
    move,
    propose,
    send,
    sentences,
    staffed_loop,
    states,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def schedule(team: Team) -> Schedule:
    return staffed_loop(team, "Coding", "Design")


def test_a_new_schedule_proposes_one_invitation_for_each_person(team: Team, schedule: Schedule) -> None:
    assert kinds(propose(schedule, team)) == [
        ("candidate_invitation", "Ada Osei"),
        ("interviewer_invitation", "Interviewer Acme"),
        ("interviewer_invitation", "Recruiter Acme"),
    ]
    assert len(propose(schedule, team)) == 3
    assert states(schedule) == ["draft"] * 3
    assert mail.outbox == []


def test_interviews_are_told_in_the_order_of_their_times(team: Team, schedule: Schedule) -> None:
    move(interview(schedule, "Design"), hours=-3)
    (invitation, *_others) = send(schedule, team)
    text = invitation.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert 0 < text.index("Design") < text.index("Coding")


def test_who_was_told_everything_needs_nothing(team: Team, schedule: Schedule) -> None:
    assert len(send(schedule, team)) == 3
    assert propose(schedule, team) == []
    assert states(schedule) == ["sent"] * 3


def test_other_words_are_no_news(team: Team, schedule: Schedule) -> None:
    """The need to notify somebody follows from the schedule alone: not from templates, nor from older texts."""
    send(schedule, team)
    for kind in CUSTOMIZABLE:
        MessageTemplate.objects.create(organization=team.organization, kind=kind, subject="New", body="New words")
    for message in Message.objects.all():
        message.calendar[0]["description"] = message.calendar[0]["summary"] = "Words of an older version"
        message.subject = message.text = message.html = "Words of an older version"
        message.save()
    context = load_message_context(schedule.pk)
    assert [needed(context, key) for key in context.recipient_keys()] == [None, None, None]
    assert propose(schedule, team) == []


def test_what_was_told_in_the_names_of_before_is_known_after_the_migration(team: Team, schedule: Schedule) -> None:
    make_link(interview(schedule, "Coding"), connect(team), "ready")
    send(schedule, team)
    migration = import_module("scheduling.migrations.0020_plain_names_of_messages")
    now = list(Message.objects.order_by("id").values_list("interviews", flat=True))
    migration.to_old_names(apps, None)
    assert all({"door", "place"} < set(one) for message in Message.objects.all() for one in message.interviews)
    migration.to_new_names(apps, None)
    assert list(Message.objects.order_by("id").values_list("interviews", flat=True)) == now
    assert propose(schedule, team) == []


def test_a_move_concerns_the_candidate_and_those_who_sit_in_it(team: Team, schedule: Schedule) -> None:
    send(schedule, team)
    move(interview(schedule, "Coding"), hours=-2)
    assert kinds(propose(schedule, team)) == [
        ("candidate_update", "Ada Osei"),
        ("interviewer_update", "Interviewer Acme"),
    ]
    assert "Coding: " in next(iter(composed(schedule, team).values())).rendered.text


def test_two_moves_before_the_update_are_told_as_one(team: Team, schedule: Schedule) -> None:
    send(schedule, team)
    first = interview(schedule, "Coding")
    begin = first.starts_at
    move(first, hours=-5)
    propose(schedule, team)
    move(first, hours=3)
    propose(schedule, team)
    (update,) = [c for c in composed(schedule, team).values() if c.kind == "interviewer_update"]
    text = update.rendered.text
    assert text.count("→") == 1
    assert f"{begin:%H:%M}" in text
    assert f"{begin - timedelta(hours=2):%H:%M}" in text


def test_a_change_that_is_taken_back_leaves_no_draft(team: Team, schedule: Schedule) -> None:
    send(schedule, team)
    move(interview(schedule, "Coding"), hours=-2)
    assert len(propose(schedule, team)) == 2
    move(interview(schedule, "Coding"), hours=2)
    assert propose(schedule, team) == []
    assert states(schedule) == ["sent"] * 3


def test_another_interviewer_is_invited_and_the_old_one_told(team: Team, schedule: Schedule) -> None:
    send(schedule, team)
    cem = colleague(team, "Cem")
    InterviewerAssignment.objects.filter(interview=interview(schedule, "Coding")).update(membership=cem)
    assert kinds(propose(schedule, team, reason="Ill")) == [
        ("candidate_update", "Ada Osei"),
        ("interviewer_cancellation", "Interviewer Acme"),
        ("interviewer_invitation", "Cem"),
    ]
    texts = {content.kind: content.rendered.text for content in composed(schedule, team).values()}
    assert "Interviewer Acme → Cem" in texts["candidate_update"]  # type: ignore[index]
    assert "Reason: Ill" in texts["interviewer_cancellation"]  # type: ignore[index]
    assert "Ill" not in texts["candidate_update"]  # type: ignore[index]


def test_a_cancelled_schedule_tells_everybody_who_knew_of_it(team: Team, schedule: Schedule) -> None:
    send(schedule, team)
    Schedule.objects.filter(pk=schedule.pk).update(state=Schedule.State.CANCELLED)
    assert kinds(propose(schedule, team)) == [
        ("candidate_cancellation", "Ada Osei"),
        ("interviewer_cancellation", "Interviewer Acme"),
        ("interviewer_cancellation", "Recruiter Acme"),
    ]


def test_a_schedule_cancelled_before_anybody_knew_tells_nobody(team: Team, schedule: Schedule) -> None:
    propose(schedule, team)
    Schedule.objects.filter(pk=schedule.pk).update(state=Schedule.State.CANCELLED)
    assert propose(schedule, team) == []
    assert states(schedule) == []


def test_a_coding_link_added_later_is_news(team: Team, schedule: Schedule) -> None:
    send(schedule, team)
    make_link(interview(schedule, "Coding"), connect(team), "ready")
    assert kinds(propose(schedule, team)) == [
        ("candidate_update", "Ada Osei"),
        ("interviewer_update", "Interviewer Acme"),
    ]


def test_each_reader_gets_a_join_link_of_their_own_that_never_changes(team: Team, schedule: Schedule) -> None:
    link = make_link(interview(schedule, "Coding"), connect(team), "ready")
    sent = {one["To"]: one.get_body(("plain",)).get_content() for one in send(schedule, team)}  # type: ignore[union-attr]
    coding = interview(schedule, "Coding")
    own, theirs = (
        address(join_link(interview=coding)),
        address(join_link(interview=coding, membership=team.interviewer)),
    )
    assert own in sent["Ada Osei <ada@example.com>"]
    assert theirs in sent["Interviewer Acme <interviewer@acme.example>"]
    assert theirs not in sent["Ada Osei <ada@example.com>"]
    assert not any(link.url in text for text in sent.values())
    CodingLink.objects.filter(pk=link.pk).update(state="expired")
    make_link(coding, link.integration, "pending")
    assert propose(schedule, team) == []


def test_a_renewed_join_link_is_news_and_a_revoked_one_is_said(team: Team, schedule: Schedule) -> None:
    make_link(interview(schedule, "Coding"), connect(team), "ready")
    send(schedule, team)
    own = join_link(interview=interview(schedule, "Coding"))
    join_link_services.revoke(link=own, actor=None)
    assert sentences(schedule, team, "candidate_update") == [("join_link_revoked", False)]
    join_link_services.renew(link=own, actor=None)
    assert kinds(propose(schedule, team)) == [("candidate_update", "Ada Osei")]
    (update,) = composed(schedule, team).values()
    assert "the old join link → a new join link" in update.rendered.text
    assert reference(join_link(interview=interview(schedule, "Coding"))) in update.rendered.text


def test_a_candidate_with_a_new_address_is_invited_there(team: Team, schedule: Schedule) -> None:
    send(schedule, team)
    schedule.candidate.email = "new@example.com"
    schedule.candidate.save()
    assert kinds(propose(schedule, team)) == [("candidate_invitation", "Ada Osei")]
    # The old one is told first: its calendar is cleared.
    assert [one["To"] for one in send(schedule, team)] == ["Ada Osei <ada@example.com>", "Ada Osei <new@example.com>"]
    assert propose(schedule, team) == []


def test_who_left_the_organization_is_not_written_to(team: Team, schedule: Schedule) -> None:
    send(schedule, team)
    move(interview(schedule, "Coding"), hours=-2)
    assert len(propose(schedule, team)) == 2
    team.interviewer.delete()
    InterviewerAssignment.objects.create(interview=interview(schedule, "Coding"), membership=team.admin)
    assert kinds(propose(schedule, team)) == [
        ("candidate_update", "Ada Osei"),
        ("interviewer_invitation", "Admin Acme"),
    ]
    assert [message.to_name for message in schedule.messages.filter(audience="interviewer").order_by("id")] == [
        "Interviewer Acme",
        "Recruiter Acme",
        "Admin Acme",
    ]
    assert len(send(schedule, team)) == 2


def test_what_is_done_to_a_schedule_leaves_the_drafts_that_follow_from_it(team: Team, schedule: Schedule) -> None:
    actor, coding = team.recruiter.user, interview(schedule, "Coding")
    send(schedule, team)
    details = interview_services.InterviewDetails(
        name=coding.name,
        kind=coding.kind,
        starts_at=coding.starts_at + timedelta(hours=5),
        ends_at=coding.ends_at + timedelta(hours=5),
        interviewers=(team.interviewer,),
    )
    interview_services.edit_interview(
        interview=coding, details=details, actor=actor, reason=GivenReason("Ill", "a cold")
    )
    assert kinds(list(schedule.messages.filter(state="draft"))) == [
        ("candidate_update", "Ada Osei"),
        ("interviewer_update", "Interviewer Acme"),
    ]
    texts = {content.kind: content.rendered.text for content in composed(schedule, team).values()}
    assert "Reason: Ill" in texts[MessageKind.INTERVIEWER_UPDATE]
    assert "a cold" not in "".join(texts.values())
    schedule_services.cancel_schedule(schedule=schedule, actor=actor, reason=GivenReason("Filled"))
    assert kinds(list(schedule.messages.filter(state="draft"))) == [
        ("candidate_cancellation", "Ada Osei"),
        ("interviewer_cancellation", "Interviewer Acme"),
        ("interviewer_cancellation", "Recruiter Acme"),
    ]

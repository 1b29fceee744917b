"""Who gets which message when: from what they were told to what is true, each once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone
from kombu.exceptions import OperationalError

from config.celery import app as celery_app
from organizations.models import AuditEvent, Organization
from scheduling import actions, delivery, join, messages
from scheduling.composing import open_board
from scheduling.join import join_link, join_url
from scheduling.messages import NotQueued
from scheduling.models import CalendarEntry, CodingLink, Interview, Message, MessageKind, MessageState, Schedule, Seat
from scheduling.tasks import send_message
from tests.conftest import Team
from tests.scheduling.letters import calendars, colleague, composed, move, propose, queue, seat, seated_loop, send
from tests.scheduling.loops import connect, make_link
from tests.scheduling.test_ics import lines_named

pytestmark = pytest.mark.django_db


@pytest.fixture
def schedule(team: Team) -> Schedule:
    return seated_loop(team, "Coding", "Design")


def kinds(drafts: list[Message]) -> list[tuple[str, str]]:
    return sorted((draft.kind, draft.to_name) for draft in drafts)


def states(schedule: Schedule) -> list[str]:
    return list(schedule.messages.order_by("id").values_list("state", flat=True))


def interview(schedule: Schedule, name: str) -> Interview:
    return schedule.interviews.get(name=name)


# --- who needs what ------------------------------------------------------------------------------------------------


def test_a_new_schedule_proposes_one_invitation_for_each_person(team: Team, schedule: Schedule) -> None:
    assert kinds(propose(schedule, team)) == [
        ("candidate_invitation", "Ada Osei"),
        ("interviewer_invitation", "Interviewer Acme"),
        ("interviewer_invitation", "Recruiter Acme"),
    ]
    assert len(propose(schedule, team)) == 3
    assert states(schedule) == ["draft"] * 3
    assert mail.outbox == []


def test_who_was_told_everything_needs_nothing(team: Team, schedule: Schedule) -> None:
    assert len(send(schedule, team)) == 3
    assert propose(schedule, team) == []
    assert states(schedule) == ["sent"] * 3


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
    Seat.objects.filter(interview=interview(schedule, "Coding")).update(membership=cem)
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
    own, theirs = join_url(interview=coding), join_url(interview=coding, membership=team.interviewer)
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
    door = join_link(interview=interview(schedule, "Coding"))
    join.revoke(link=door, actor=None)
    assert sentences(schedule, team, "candidate_update") == [("door_revoked", False)]
    join.renew(link=door, actor=None)
    assert kinds(propose(schedule, team)) == [("candidate_update", "Ada Osei")]
    (update,) = composed(schedule, team).values()
    assert "the old join link → a new join link" in update.rendered.text
    assert join_url(interview=interview(schedule, "Coding")) in update.rendered.text


def test_a_candidate_with_a_new_address_is_invited_there(team: Team, schedule: Schedule) -> None:
    send(schedule, team)
    schedule.candidate.email = "new@example.com"
    schedule.candidate.save()
    assert kinds(propose(schedule, team)) == [("candidate_invitation", "Ada Osei")]
    assert [one["To"] for one in send(schedule, team)] == ["Ada Osei <new@example.com>"]
    assert propose(schedule, team) == []


def test_who_left_the_organization_is_not_written_to(team: Team, schedule: Schedule) -> None:
    send(schedule, team)
    move(interview(schedule, "Coding"), hours=-2)
    assert len(propose(schedule, team)) == 2
    team.interviewer.delete()
    assert kinds(propose(schedule, team)) == [("candidate_update", "Ada Osei")]
    assert [message.to_name for message in schedule.messages.filter(audience="interviewer").order_by("id")] == [
        "Interviewer Acme",
        "Recruiter Acme",
    ]
    assert len(send(schedule, team)) == 1


def test_what_is_done_to_a_schedule_leaves_the_drafts_that_follow_from_it(team: Team, schedule: Schedule) -> None:
    actor, coding = team.recruiter.user, interview(schedule, "Coding")
    send(schedule, team)
    draft = actions.Draft(
        name=coding.name,
        kind=coding.kind,
        starts_at=coding.starts_at + timedelta(hours=5),
        ends_at=coding.ends_at + timedelta(hours=5),
        interviewers=(team.interviewer,),
    )
    actions.edit_interview(interview=coding, draft=draft, actor=actor, why=actions.Why("Ill", "a cold"))
    assert kinds(list(schedule.messages.filter(state="draft"))) == [
        ("candidate_update", "Ada Osei"),
        ("interviewer_update", "Interviewer Acme"),
    ]
    texts = {content.kind: content.rendered.text for content in composed(schedule, team).values()}
    assert "Reason: Ill" in texts[MessageKind.INTERVIEWER_UPDATE]
    assert "a cold" not in "".join(texts.values())
    actions.cancel_schedule(schedule=schedule, actor=actor, why=actions.Why("Filled"))
    assert kinds(list(schedule.messages.filter(state="draft"))) == [
        ("candidate_cancellation", "Ada Osei"),
        ("interviewer_cancellation", "Interviewer Acme"),
        ("interviewer_cancellation", "Recruiter Acme"),
    ]


# --- sending -------------------------------------------------------------------------------------------------------


def test_what_is_sent_is_what_the_preview_showed(team: Team, schedule: Schedule) -> None:
    propose(schedule, team)
    shown = composed(schedule, team)
    for message in queue(schedule, team):
        delivery.deliver(message.pk)
    for message in schedule.messages.order_by("id"):
        assert message.text == shown[message.pk].rendered.text
        assert message.html == shown[message.pk].rendered.html
        assert message.subject == shown[message.pk].rendered.subject
        uids = [event["uid"] for event in message.calendar]
        assert uids == [item.event.uid for item in shown[message.pk].planned]
    assert [one.body for one in mail.outbox] == [message.text for message in schedule.messages.order_by("id")]


def test_a_second_click_sends_nothing_again(team: Team, schedule: Schedule) -> None:
    propose(schedule, team)
    picks = {pk: content.digest for pk, content in composed(schedule, team).items()}
    actor = team.recruiter.user
    assert len(messages.queue_messages(schedule=schedule, actor=actor, picks=picks)) == 3
    assert messages.queue_messages(schedule=schedule, actor=actor, picks=picks) == []
    for message in schedule.messages.order_by("id"):
        delivery.deliver(message.pk)
        delivery.deliver(message.pk)
    assert len(mail.outbox) == 3


def test_only_the_picked_ones_go_out(team: Team, schedule: Schedule) -> None:
    propose(schedule, team)
    pk, content = next(iter(composed(schedule, team).items()))
    messages.queue_messages(schedule=schedule, actor=team.recruiter.user, picks={pk: content.digest})
    assert sorted(states(schedule)) == ["draft", "draft", "queued"]


def test_what_changed_since_the_preview_is_not_sent(team: Team, schedule: Schedule) -> None:
    propose(schedule, team)
    picks = {pk: content.digest for pk, content in composed(schedule, team).items()}
    move(interview(schedule, "Design"), hours=1)
    with pytest.raises(NotQueued) as caught:
        messages.queue_messages(schedule=schedule, actor=team.recruiter.user, picks=picks)
    assert {objection.name for objection in caught.value.objections} == {"Ada Osei", "Recruiter Acme"}
    assert "something changed since" in caught.value.objections[0].sentences[0]
    assert not caught.value.overrulable
    assert states(schedule) == ["draft"] * 3


def test_another_schedules_messages_can_not_be_picked(team: Team, schedule: Schedule) -> None:
    other = seated_loop(team, "Other")
    propose(other, team)
    picks = {pk: content.digest for pk, content in composed(other, team).items()}
    assert messages.queue_messages(schedule=schedule, actor=team.recruiter.user, picks=picks) == []
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
        delivery.deliver(message.pk)
    assert [one.to for one in mail.outbox] == [["Interviewer Acme <interviewer@acme.example>"]]
    failed = schedule.messages.filter(state=MessageState.FAILED).order_by("id")
    assert [message.problem_code for message in failed] == ["changed", "changed"]
    assert set(messages.in_trouble(team.organization)) == set(failed)
    propose(schedule, team)
    assert list(messages.in_trouble(team.organization)) == []
    assert sorted(states(schedule)) == ["draft", "draft", "sent"]


def test_each_step_is_in_the_history(team: Team, schedule: Schedule) -> None:
    send(schedule, team)
    events = AuditEvent.objects.filter(subject_type="schedule", subject_id=schedule.pk).order_by("id")
    assert [event.action for event in events] == ["message.queued"] * 3 + ["message.sent"] * 3
    assert "@" not in "".join(event.summary for event in events)


# --- checks --------------------------------------------------------------------------------------------------------


def sentences(schedule: Schedule, team: Team, kind: str) -> list[tuple[str, bool]]:
    propose(schedule, team)
    return [
        (check.code, check.blocks)
        for content in composed(schedule, team).values()
        if content.kind == kind
        for check in content.checks
    ]


def test_a_whole_loop_has_nothing_against_it(team: Team, schedule: Schedule) -> None:
    make_link(interview(schedule, "Coding"), connect(team), "ready", expires_at=timezone.now() + timedelta(days=9))
    assert sentences(schedule, team, "candidate_invitation") == []


def test_no_address_blocks(team: Team, schedule: Schedule) -> None:
    schedule.candidate.email = ""
    schedule.candidate.save()
    assert sentences(schedule, team, "candidate_invitation") == [("no_address", True)]
    with pytest.raises(NotQueued) as caught:
        queue(schedule, team, overruled=True)
    assert "Add one on the candidate's page" in caught.value.objections[0].sentences[0]
    assert states(schedule) == ["draft"] * 3


@pytest.mark.parametrize(
    ("state", "fields", "code"),
    [
        ("failed", {"problem_code": "refused"}, "link_failed"),
        ("ready", {"expires_at": timezone.now() + timedelta(hours=1)}, "link_dies"),
    ],
)
def test_a_link_in_trouble_is_said_and_can_be_overruled(
    team: Team, schedule: Schedule, state: str, fields: dict[str, object], code: str
) -> None:
    make_link(interview(schedule, "Coding"), connect(team), state, **fields)
    assert sentences(schedule, team, "candidate_invitation") == [(code, False)]
    with pytest.raises(NotQueued) as caught:
        queue(schedule, team)
    assert caught.value.overrulable
    assert len(queue(schedule, team, overruled=True)) == 3


def test_a_link_that_the_plan_asks_for_and_is_not_there_is_said(team: Team, schedule: Schedule) -> None:
    from jobs.models import InterviewPlan, Job, PlanInterview, Stage

    organization = team.organization
    job = Job.objects.create(organization=organization, title="Engineer")
    stage = Stage.objects.create(organization=organization, job=job, name="Onsite")
    plan = InterviewPlan.objects.create(organization=organization, stage=stage)
    row = PlanInterview.objects.create(organization=organization, plan=plan, name="Coding", link_tool="codesignal")
    schedule.interviews.filter(name="Coding").update(plan_interview=row)
    assert sentences(schedule, team, "candidate_invitation") == [("link_missing", False)]


def test_a_time_in_the_past_is_said(team: Team) -> None:
    schedule = seated_loop(team, "Coding", hours_ahead=-3)
    assert sentences(schedule, team, "candidate_invitation") == [("past", False)]


@pytest.mark.parametrize(
    "body",
    [
        "Hello, see http://testserver/o/acme/schedules/1/",
        "Hello. Sign in at CodeSignal as interviewer first, then open this link.",
    ],
)
def test_interviewers_text_in_a_candidates_message_blocks(team: Team, schedule: Schedule, body: str) -> None:
    propose(schedule, team)
    draft = schedule.messages.get(audience="candidate")
    messages.edit_draft(message=draft, actor=team.recruiter.user, subject="Hi", body=body)
    assert sentences(schedule, team, "candidate_invitation") == [("for_interviewers", True)]


def test_a_text_edited_before_a_change_has_to_be_read_again(team: Team, schedule: Schedule) -> None:
    propose(schedule, team)
    draft = schedule.messages.get(audience="candidate")
    messages.edit_draft(message=draft, actor=team.recruiter.user, subject="Hi", body="See you at ten.")
    assert sentences(schedule, team, "candidate_invitation") == []
    move(interview(schedule, "Coding"), hours=-1)
    assert sentences(schedule, team, "candidate_invitation") == [("changed_since", False)]
    assert composed(schedule, team)[draft.pk].rendered.text == "See you at ten.\n"


# --- calendar ------------------------------------------------------------------------------------------------------


def events(schedule: Schedule, audience: str = "candidate") -> list[tuple[str, str, int]]:
    message = schedule.messages.filter(audience=audience).order_by("id").last()
    assert message is not None
    return [(event["method"], event["uid"], event["sequence"]) for event in message.calendar]


@pytest.mark.parametrize(("grouping", "count"), [("day", 2), ("block", 3), ("interview", 4)])
def test_the_candidates_events_are_grouped_as_the_organization_sets_it(team: Team, grouping: str, count: int) -> None:
    Organization.objects.filter(pk=team.organization.pk).update(invitation_grouping=grouping)
    schedule = seated_loop(team, "A", "B", "C", "D")
    noon = timezone.now().replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=3)
    # A and B back to back, C after a break, D a day later.
    for name, hours in (("A", 0), ("B", 1), ("C", 4), ("D", 24)):
        begin = noon + timedelta(hours=hours)
        schedule.interviews.filter(name=name).update(starts_at=begin, ends_at=begin + timedelta(hours=1))
    candidate_mail = send(schedule, team)[0]
    assert len(calendars(candidate_mail)) == count
    assert len({uid for _method, uid, _sequence in events(schedule)}) == count


def test_an_update_keeps_the_uid_and_raises_the_sequence(team: Team, schedule: Schedule) -> None:
    send(schedule, team)
    ((_method, uid, first),) = events(schedule)
    move(interview(schedule, "Coding"), days=1)
    move(interview(schedule, "Design"), days=1)
    send(schedule, team)
    assert events(schedule) == [("REQUEST", uid, first + 1)]


def test_a_day_that_falls_apart_keeps_one_event_and_adds_one(team: Team, schedule: Schedule) -> None:
    send(schedule, team)
    ((_method, uid, _sequence),) = events(schedule)
    move(interview(schedule, "Design"), days=2)
    send(schedule, team)
    now = events(schedule)
    assert ("REQUEST", uid, 1) in now
    assert [sequence for method, other, sequence in now if other != uid] == [0]
    move(interview(schedule, "Design"), days=-2)
    send(schedule, team)
    assert sorted(method for method, _uid, _sequence in events(schedule)) == ["CANCEL", "REQUEST"]
    assert ("REQUEST", uid, 2) in events(schedule)


def test_an_event_that_did_not_change_is_not_sent_again(team: Team, schedule: Schedule) -> None:
    move(interview(schedule, "Design"), days=2)
    send(schedule, team)
    before = {uid: sequence for _method, uid, sequence in events(schedule)}
    assert len(before) == 2
    move(interview(schedule, "Design"), hours=1)
    send(schedule, team)
    ((method, uid, sequence),) = events(schedule)
    assert (method, sequence) == ("REQUEST", before[uid] + 1)


def test_a_cancellation_strikes_out_what_was_entered(team: Team, schedule: Schedule) -> None:
    invited = send(schedule, team)
    Schedule.objects.filter(pk=schedule.pk).update(state=Schedule.State.CANCELLED)
    cancelled = send(schedule, team)
    assert len(cancelled) == 3
    for before, after in zip(invited, cancelled, strict=True):
        assert before["To"] == after["To"]
        (asked,), (struck,) = calendars(before), calendars(after)
        assert lines_named(struck, "METHOD") == ["METHOD:CANCEL"]
        assert lines_named(struck, "UID") == lines_named(asked, "UID")
        assert lines_named(struck, "SEQUENCE") == ["SEQUENCE:1"]
        assert (
            lines_named(struck, "ATTENDEE")[0].split("mailto:")[1]
            == lines_named(asked, "ATTENDEE")[0].split("mailto:")[1]
        )
    assert propose(schedule, team) == []
    assert not CalendarEntry.objects.filter(schedule=schedule, cancelled=False).exists()


def test_a_schedule_that_comes_back_uses_the_same_event(team: Team, schedule: Schedule) -> None:
    send(schedule, team)
    ((_method, uid, _sequence),) = events(schedule)
    Schedule.objects.filter(pk=schedule.pk).update(state=Schedule.State.CANCELLED)
    send(schedule, team)
    Schedule.objects.filter(pk=schedule.pk).update(state=Schedule.State.SCHEDULED)
    assert len(send(schedule, team)) == 3
    assert events(schedule) == [("REQUEST", uid, 2)]


def test_an_interviewers_calendar_holds_own_interviews_only(team: Team, schedule: Schedule) -> None:
    seat(interview(schedule, "Design"), team.interviewer)
    send(schedule, team)
    message = schedule.messages.get(membership=team.interviewer)
    assert [event["summary"] for event in message.calendar] == ["Coding with Ada Osei", "Design with Ada Osei"]
    message = schedule.messages.get(membership=team.recruiter)
    assert [event["summary"] for event in message.calendar] == ["Design with Ada Osei"]


def test_the_mail_has_the_parts_that_mail_programs_look_for(team: Team, schedule: Schedule) -> None:
    Organization.objects.filter(pk=team.organization.pk).update(reply_to="jobs@acme.example", sender_name="Acme, Jobs")
    found = send(schedule, team)[0]
    assert found["From"] == '"Acme, Jobs" <panelist@testserver>'
    assert found["Reply-To"] == "jobs@acme.example"
    assert found["Message-ID"] == schedule.messages.get(audience="candidate").message_id
    assert found.get_content_type() == "multipart/mixed"
    alternative, file = found.iter_parts()
    assert alternative.get_content_type() == "multipart/alternative"
    text, html, invitation = alternative.iter_parts()
    assert [text.get_content_type(), html.get_content_type()] == ["text/plain", "text/html"]
    assert invitation.get_content_type() == "text/calendar"
    assert invitation.get_param("method") == "REQUEST"
    assert invitation.get_param("charset") == "utf-8"
    assert file.get_content_type() == "application/ics"
    assert file.get_filename() == "invite.ics"
    body = file.get_payload(decode=True)
    assert lines_named(body, "METHOD") == ["METHOD:REQUEST"]  # type: ignore[arg-type]
    assert invitation.get_payload(decode=True).replace(b"\r\n", b"\n") == body.replace(b"\r\n", b"\n")  # type: ignore[union-attr]
    assert lines_named(body, "ORGANIZER") == [  # type: ignore[arg-type]
        'ORGANIZER;CN="Acme, Jobs";SENT-BY="mailto:panelist@testserver":mailto:jobs@acme.example'
    ]


def test_the_board_is_read_in_as_many_queries_for_many_people(
    team: Team, schedule: Schedule, django_assert_num_queries: object
) -> None:
    make_link(interview(schedule, "Coding"), connect(team), "ready")
    for number in range(12):
        seat(interview(schedule, "Coding"), colleague(team, f"P{number}"))
    send(schedule, team)
    with django_assert_num_queries(8):  # type: ignore[operator]
        open_board(schedule.pk)


# --- through Celery ------------------------------------------------------------------------------------------------


@pytest.fixture
def at_once() -> Iterator[None]:
    """Tasks run where they are asked for, as a worker would run them."""
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
        delivery.sweep()
    celery_app.conf.task_always_eager = False
    assert states(schedule) == ["sent"] * 3
    assert len(mail.outbox) == 3

"""Reasons against sending a message, and those that can be overridden."""

from __future__ import annotations

import struct
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from scheduling.messages import services as message_services
from scheduling.messages.queueing import NotQueued
from scheduling.messages.render_context import interviewer_sign_in_hint
from scheduling.models import InterviewerAssignment, Message, Schedule
from tests.conftest import Team
from tests.scheduling.loops import connect, make_link
from tests.scheduling.message_steps import (
    composed,
    interview,
    move,
    propose,
    queue,
    sentences,
    staffed_loop,
    states,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def schedule(team: Team) -> Schedule:
    return staffed_loop(team, "Coding", "Design")


def test_a_whole_loop_has_nothing_against_it(team: Team, schedule: Schedule) -> None:
    make_link(interview(schedule, "Coding"), connect(team), "ready", expires_at=timezone.now() + timedelta(days=9))
    assert sentences(schedule, team, "candidate_invitation") == []


def test_no_address_blocks(team: Team, schedule: Schedule) -> None:
    schedule.candidate.email = ""
    schedule.candidate.save()
    assert sentences(schedule, team, "candidate_invitation") == [("no_address", True)]
    with pytest.raises(NotQueued) as caught:
        queue(schedule, team, overridden=True)
    assert "Add one on the candidate's page" in caught.value.objections[0].reasons[0]
    assert states(schedule) == ["draft"] * 3


@pytest.mark.parametrize(
    ("state", "fields", "code"),
    [
        ("failed", {"problem_code": "refused"}, "link_failed"),
        ("ready", {"expires_at": timezone.now() + timedelta(hours=1)}, "link_expires"),
    ],
)
def test_a_link_in_trouble_is_said_and_can_be_overridden(
    team: Team, schedule: Schedule, state: str, fields: dict[str, object], code: str
) -> None:
    make_link(interview(schedule, "Coding"), connect(team), state, **fields)
    assert sentences(schedule, team, "candidate_invitation") == [(code, False)]
    with pytest.raises(NotQueued) as caught:
        queue(schedule, team)
    assert caught.value.can_override
    assert len(queue(schedule, team, overridden=True)) == 3


def test_a_link_that_the_plan_asks_for_and_is_not_there_is_said(team: Team, schedule: Schedule) -> None:
    from jobs.models import InterviewPlan, Job, PlanInterview, Stage

    organization = team.organization
    job = Job.objects.create(organization=organization, title="Engineer")
    stage = Stage.objects.create(organization=organization, job=job, name="Onsite")
    plan = InterviewPlan.objects.create(organization=organization, stage=stage)
    row = PlanInterview.objects.create(organization=organization, plan=plan, name="Coding", link_tool="codesignal")
    schedule.interviews.filter(name="Coding").update(plan_interview=row)
    assert sentences(schedule, team, "candidate_invitation") == [("link_missing", False)]


def test_video_calls_without_an_address_are_said_together(team: Team, schedule: Schedule) -> None:
    schedule.interviews.update(place=" ")
    assert sentences(schedule, team, "candidate_invitation") == [("no_meeting_address", False)]
    assert sentences(schedule, team, "interviewer_invitation") == [("no_meeting_address", False)] * 2
    with pytest.raises(NotQueued) as caught:
        queue(schedule, team)
    assert "“Coding” and “Design” are video calls without a meeting link." in caught.value.objections[0].reasons[0]
    assert caught.value.can_override


@pytest.mark.parametrize("kind", ["phone", "on_site"])
def test_only_video_calls_need_an_address(team: Team, schedule: Schedule, kind: str) -> None:
    schedule.interviews.update(place="", kind=kind)
    assert sentences(schedule, team, "candidate_invitation") == []


def test_an_interview_with_nobody_to_interview_is_said(team: Team, schedule: Schedule) -> None:
    InterviewerAssignment.objects.filter(interview__name="Design").delete()
    assert sentences(schedule, team, "candidate_invitation") == [("no_interviewer", False)]
    with pytest.raises(NotQueued) as caught:
        queue(schedule, team)
    assert caught.value.objections[0].reasons[0].startswith("“Design” has no interviewer.")


def test_what_is_cancelled_needs_neither_address_nor_people(team: Team, schedule: Schedule) -> None:
    propose(schedule, team)
    queue(schedule, team)
    Message.objects.update(state="sent", sent_at=timezone.now())
    InterviewerAssignment.objects.filter(interview__name="Coding").delete()
    schedule.interviews.filter(name="Coding").update(state="cancelled", place="")
    assert sentences(schedule, team, "candidate_update") == []
    assert sentences(schedule, team, "interviewer_cancellation") == []


def test_a_time_in_the_past_is_said(team: Team) -> None:
    schedule = staffed_loop(team, "Coding", hours_ahead=-0.5)
    assert sentences(schedule, team, "candidate_invitation") == [("past", False)]


@pytest.mark.parametrize(
    "body",
    [
        "Hello, see http://testserver/o/acme/schedules/1/",
        "Hello. Sign in to CodeSignal as interviewer first, then open this link.",
    ],
)
def test_interviewers_text_in_a_candidates_message_blocks(team: Team, schedule: Schedule, body: str) -> None:
    propose(schedule, team)
    draft = schedule.messages.get(audience="candidate")
    message_services.edit_draft(message=draft, actor=team.recruiter.user, subject="Hi", body=body)
    assert sentences(schedule, team, "candidate_invitation") == [("for_interviewers", True)]


def test_whatever_the_hint_to_interviewers_says_blocks_in_a_candidates_message(team: Team, schedule: Schedule) -> None:
    """Taken from an interviewer's own mail, so that the two can't drift apart."""
    make_link(interview(schedule, "Coding"), connect(team), "ready")
    propose(schedule, team)
    mails = {content.recipient.name: content.rendered.text for content in composed(schedule, team).values()}  # type: ignore[union-attr]
    lines = [line.strip() for line in mails["Interviewer Acme"].splitlines()]
    hint = lines[next(number for number, line in enumerate(lines) if "/join/" in line) + 1]
    assert hint and hint not in mails["Ada Osei"]
    draft = schedule.messages.get(audience="candidate")
    for written in (hint, f"Hello.\n\n{hint}\n", hint.replace(" ", "\n", 2)):
        body = f"{{interviews}} {written}"
        message_services.edit_draft(message=draft, actor=team.recruiter.user, subject="Hi", body=body)
        assert ("for_interviewers", True) in sentences(schedule, team, "candidate_invitation")


def test_the_hint_blocks_in_every_language(team: Team, schedule: Schedule, settings: Any, tmp_path: Path) -> None:
    """It may be copied from a mail in another language than the reader's."""
    hint = "Melden Sie sich zuerst als Interviewer an."
    catalog(tmp_path / "de" / "LC_MESSAGES" / "django.mo", {interviewer_sign_in_hint("%(tool)s"): hint})
    settings.LOCALE_PATHS, settings.LANGUAGES = [tmp_path], [("en", "English"), ("de", "Deutsch")]
    propose(schedule, team)
    draft = schedule.messages.get(audience="candidate")
    message_services.edit_draft(message=draft, actor=team.recruiter.user, subject="Hi", body=f"Hallo. {hint}")
    assert sentences(schedule, team, "candidate_invitation") == [("for_interviewers", True)]


def catalog(path: Path, translations: dict[str, str]) -> None:
    """A compiled catalog of gettext: a head, a table of originals, one of translations, and the texts."""
    header = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n"
    pairs = sorted({"": header, **translations}.items())
    texts = [text.encode() for column in (0, 1) for text in (pair[column] for pair in pairs)]
    size = len(pairs)
    table, data, at = b"", b"", 28 + 16 * size
    for text in texts:
        table += struct.pack("<II", len(text), at + len(data))
        data += text + b"\0"
    path.parent.mkdir(parents=True)
    path.write_bytes(struct.pack("<7I", 0x950412DE, 0, size, 28, 28 + 8 * size, 0, at) + table + data)


def test_a_text_edited_before_a_change_has_to_be_read_again(team: Team, schedule: Schedule) -> None:
    propose(schedule, team)
    draft = schedule.messages.get(audience="candidate")
    message_services.edit_draft(message=draft, actor=team.recruiter.user, subject="Hi", body="See you at ten.")
    assert sentences(schedule, team, "candidate_invitation") == []
    move(interview(schedule, "Coding"), hours=-1)
    assert sentences(schedule, team, "candidate_invitation") == [("changed_since", False)]
    assert composed(schedule, team)[draft.pk].rendered.text == "See you at ten.\n"

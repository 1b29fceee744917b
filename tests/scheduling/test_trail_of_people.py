"""A candidate who is deleted is nowhere in the trail; what happened, when and by whom stays."""

from __future__ import annotations

import json

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.test import Client

from organizations.models import AuditEvent
from scheduling.erasure import services as erasure
from scheduling.join_links import services as join_links
from scheduling.models import Candidate, JoinLink
from scheduling.schedules import interviews as interview_services
from scheduling.schedules import services
from scheduling.schedules.interviews import InterviewDetails
from scheduling.schedules.trail_rows import GivenReason
from tests.conftest import Team
from tests.scheduling.message_steps import send, staffed_loop

pytestmark = pytest.mark.django_db


def everything() -> str:
    return json.dumps(list(AuditEvent.objects.values()), cls=DjangoJSONEncoder, ensure_ascii=False)


def test_a_removed_candidate_is_in_no_row(team: Team, as_recruiter: Client, as_admin: Client) -> None:
    """Repeats the finding: invited, moved, cancelled with a note, removed, and seven rows kept the name for ever."""
    schedule = staffed_loop(team, "Ada's system design")
    candidate, interview = schedule.candidate, schedule.interviews.get()
    person = {"name": "Ada Osei-Tutu", "email": "ada@example.com", "time_zone": "UTC"}
    assert as_recruiter.post(team.url(f"candidates/{candidate.pk}/edit/"), person).status_code == 302
    details = InterviewDetails(
        name="Talk with Ada",
        kind=interview.kind,
        starts_at=interview.starts_at,
        ends_at=interview.ends_at,
        place="Ada's home",
        interviewers=tuple(interview.interviewers.all()),
    )
    interview_services.edit_interview(
        interview=interview, details=details, actor=team.recruiter.user, reason=GivenReason()
    )
    send(schedule, team)
    join_links.renew(link=JoinLink.objects.filter(membership=None)[0], actor=team.recruiter.user)
    reason = GivenReason("The candidate withdrew", "Ada is ill.")
    services.cancel_schedule(schedule=schedule, actor=team.recruiter.user, reason=reason)
    history = as_recruiter.get(team.url(f"schedules/{schedule.pk}/history/")).content.decode()
    for words in ("Ada is ill.", "Talk with Ada", "Invitation to the candidate (Ada Osei-Tutu)", "Ada&#x27;s home"):
        assert words in history
    send(schedule, team)
    erasure.delete_candidate(candidate=candidate, actor=team.recruiter.user)
    assert not Candidate.objects.exists()
    assert AuditEvent.objects.count() > 7
    assert "Ada" not in everything() and "Osei" not in everything()
    page = as_admin.get(team.url("settings/security/")).content.decode()
    assert "Deleted a deleted candidate" not in page
    assert "Deleted a schedule of a deleted candidate" in page and "Ada" not in page


def test_another_candidates_words_stay(team: Team) -> None:
    gone, other = staffed_loop(team, "First talk"), staffed_loop(team, "Second talk")
    for schedule in (gone, other):
        services.cancel_schedule(schedule=schedule, actor=team.recruiter.user, reason=GivenReason(note="Snow."))
    erasure.delete_candidate(candidate=gone.candidate, actor=team.recruiter.user)
    assert "First talk" not in everything()
    assert "Second talk" in everything() and "Snow." in everything()

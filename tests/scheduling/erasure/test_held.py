"""Everything that is held on a candidate, as a file: the same places that a deletion empties, and no secrets."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from organizations import limits
from organizations.models import AuditEvent
from scheduling.models import JoinLink
from tests.conftest import Team
from tests.scheduling.erasure.steps import EMAIL, NAME, NOTE, ROOM, VERDICT, well_known
from tests.scheduling.loops import connect
from tests.scheduling.message_steps import staffed_loop

pytestmark = pytest.mark.django_db


def test_the_file_has_everything_and_no_secret(team: Team, as_recruiter: Client) -> None:
    schedule = well_known(team, as_recruiter, connect(team))
    answer = as_recruiter.post(team.url(f"candidates/{schedule.candidate_id}/data/"))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json; charset=utf-8")
    assert answer["Cache-Control"] == "private, no-store" and NAME not in answer["Content-Disposition"]
    text = answer.content.decode()
    data = json.loads(text)
    assert (data["candidate"]["name"], data["candidate"]["email"]) == (NAME, EMAIL)
    [loop] = data["schedules"]
    assert loop["interviews"][0]["place"] == ROOM and loop["interviews"][0]["starts_at"].endswith("Z")
    assert [message for message in loop["messages"] if "to_email" in message and message["text"]]
    assert data["coding_interviews"][0]["feedback"][0]["notes"] == VERDICT
    assert data["coding_interviews"][0]["events"] and data["look_ups"]
    assert len(data["form_drafts"]) == 2 and len(data["uploads"]) == 2
    assert NOTE in json.dumps(data["activity"], ensure_ascii=False)
    assert "interviewer@acme.example" not in text
    assert [str(link.token) for link in JoinLink.objects.all() if str(link.token) in text] == []
    assert AuditEvent.objects.filter(action="candidate.exported", subject_id=schedule.candidate_id).count() == 1


def test_it_is_limited_and_posted(team: Team, as_recruiter: Client) -> None:
    candidate = staffed_loop(team, "Coding").candidate
    address = team.url(f"candidates/{candidate.pk}/data/")
    assert as_recruiter.get(address).status_code == 302
    for _ in range(limits.EXPORTS.most):
        limits.note(limits.EXPORTS, team.recruiter.user_id)
    assert as_recruiter.post(address)["Location"] == team.url(f"candidates/{candidate.pk}/")
    assert not AuditEvent.objects.filter(action="candidate.exported").exists()


@pytest.mark.parametrize("role", ["coordinator", "interviewer", "read_only"])
def test_only_who_exports_gets_it(team: Team, role: str) -> None:
    candidate = staffed_loop(team, "Coding").candidate
    assert team.client(team.add(role)).post(team.url(f"candidates/{candidate.pk}/data/")).status_code == 403


def test_an_outsider_finds_nobody(team: Team, as_outsider: Client) -> None:
    candidate = staffed_loop(team, "Coding").candidate
    assert as_outsider.post(team.url(f"candidates/{candidate.pk}/data/")).status_code == 404

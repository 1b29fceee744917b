"""Rows of the trail from before codes: what can be told is told by ids, and no name of a person stays in them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from organizations.models import AuditEvent
from organizations.trail import Trail, words
from tests.conftest import make_team
from tests.scheduling.loops import make_loop
from tests.scheduling.message_steps import propose

BEFORE = [("organizations", "0015_addresses_found_by_equality"), ("scheduling", "0025_references_to_join_links")]


def migrate(to: list[tuple[str, str]]) -> Any:
    MigrationExecutor(connection).migrate(to)
    return MigrationExecutor(connection).loader.project_state(to).apps


@pytest.fixture
def leaves(transactional_db: None) -> Iterator[list[tuple[str, str]]]:
    leaves = MigrationExecutor(connection).loader.graph.leaf_nodes()
    yield leaves
    migrate(leaves)


@pytest.mark.thorough
@pytest.mark.landed
def test_sentences_become_codes(leaves: list[tuple[str, str]], client: Client) -> None:
    team = make_team("acme")
    schedule = make_loop(team, "Coding")
    propose(schedule, team)
    interview, ada = schedule.interviews.get(), schedule.candidate
    message = schedule.messages.get(audience="candidate")
    invited = team.organization.invitations.create(
        email="new@acme.example", role="recruiter", token_hash="x", expires_at=schedule.created_at
    )
    shown = AuditEvent.objects.count()
    old = migrate(BEFORE).get_model("organizations", "AuditEvent").objects

    def add(action: str, subject: Any, summary: str, **detail: Any) -> None:
        old.create(
            organization_id=team.organization.pk,
            actor_id=team.admin.user.pk,
            action=action,
            subject_type=subject._meta.model_name if subject else "membership",
            subject_id=subject.pk if subject else 999,
            summary=summary,
            detail=detail,
        )

    add("candidate.added", ada, "Added Ada Osei")
    add("schedule.created", schedule, "Scheduled 2 interviews", interviews=["Coding", "Ada's talk"])
    add(
        "interview.moved",
        interview,
        "Moved “\u2068Coding\u2069”",
        **{"from": ["2027-03-01T10:00:00+00:00", "2027-03-01T11:00:00+00:00"], "note": "Ada is ill"},
        changes={"people": ["", "Interviewer Acme, Somebody Gone"], "name": ["Talk", "Coding"], "kind": ["a", "b"]},
        overridden=["Interviewer Acme is busy: “Talk” with Grace Lin (10:00–11:00). Reason: Both at once"],
        reason="An interviewer is ill",
    )
    add("interview.changed", interview, "Interviewer Acme left the organization and was removed from “Coding”")
    add("schedule.moved", schedule, "Moved 2 interviews together", moves=[{"name": "Coding"}])
    add("join_link.revoked", interview, "Join link revoked: Ada Osei")
    add("message.sent", schedule, "Sent: Invitation to the candidate (Ada Osei)", message=message.pk, kind=message.kind)
    add("message.queued", schedule, "Withdrew the calendar event from the former address (Ada Osei)", kind=message.kind)
    add("member.role_changed", team.interviewer, "Changed the role of Interviewer Acme from Interviewer to Recruiter")
    add("member.removed", None, "Removed Somebody Gone", role="admin")
    add("member.days_off_changed", team.interviewer, "Removed days off for Interviewer Acme")
    add("member.joined", team.interviewer, "Interviewer Acme joined as Interviewer")
    add("member.invited", invited, "Invited a new Recruiter")
    add("organization.created", team.organization, "Acme was set up with Admin Acme as its first admin")
    add("schedule.deleted", schedule, "Deleted a schedule of Grace Lin", candidate=12345)
    add("job.created", team.organization, "Created the job “Cook”")

    migrate(leaves)
    events = list(AuditEvent.objects.order_by("id"))[shown:]
    trail = Trail(events)
    assert [trail.sentence(event) for event in events] == [
        "Added Ada Osei",
        "Scheduled 2 interviews",
        "Moved “Coding”",
        "Interviewer Acme left the organization and was removed from “Coding”",
        "Moved 1 interview",
        "Join link revoked: Ada Osei",
        "Sent: Invitation to the candidate (Ada Osei)",
        "Withdrew the calendar event from the former address (Ada Osei)",
        "Changed the role of Interviewer Acme from Interviewer to Recruiter",
        "Removed somebody who was erased",
        "Removed days off for Interviewer Acme",
        "Interviewer Acme joined as Interviewer",
        "Invited new@acme.example as Recruiter",
        "Set up the organization with Admin Acme as its first admin",
        "Deleted a schedule of a deleted candidate",
        "Created the job “Cook”",
    ]
    kept = json.dumps([[event.detail, event.search_key] for event in events])
    for name in ("Ada", "ada osei", "Grace", "Interviewer Acme", "Admin Acme", "Gone", "is ill", "@"):
        assert name not in kept.replace("An interviewer is ill", "")
    moved = events[2]
    assert moved.detail["changes"]["people"] == {"user": [[], [team.interviewer.user.pk, 0]]}
    assert moved.detail["overridden"] == [{"conflict": "double_booked"}]
    assert moved.texts["overridden"] == [["Coding", "Both at once"]]
    history = team.client(team.admin).get(team.url(f"schedules/{schedule.pk}/history/")).content.decode()
    people = "Interviewers: none → Interviewer Acme, somebody who was erased"
    assert people in history and "Ada is ill" in history and "Reason: Both at once" in history

    back = migrate(BEFORE).get_model("organizations", "AuditEvent").objects
    assert back.get(action="member.removed").summary == "Removed "
    migrate(leaves)
    assert [(event.detail, event.texts) for event in AuditEvent.objects.order_by("id")[shown:]] == [
        (event.detail, event.texts) for event in events
    ]
    assert words(events[-1]) == "Created the job “Cook”"

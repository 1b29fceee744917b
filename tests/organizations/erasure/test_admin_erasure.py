"""Deletions in the Django admin: by the services of the product's own pages, refused as there."""

from __future__ import annotations

import pytest
from django.db import models
from django.test import Client
from django.urls import reverse

from organizations.erasure import accounts, closing
from organizations.models import AuditEvent, Membership, Organization, User
from scheduling.models import Message, Schedule
from tests.conftest import Team
from tests.organizations.erasure.stored import naming
from tests.scheduling.message_steps import send, staffed_loop

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root@example.com", "demo", name="Root"))
    return client


@pytest.fixture
def schedule(team: Team) -> Schedule:
    schedule = staffed_loop(team, "Coding", "Design")
    send(schedule, team)
    return schedule


def address(row: models.Model, page: str = "delete") -> str:
    name = f"admin:organizations_{row._meta.model_name}_{page}"
    return reverse(name, args=[] if page == "changelist" else [row.pk])


def test_an_account(team: Team, schedule: Schedule, root: Client) -> None:
    user = team.interviewer.user
    page = root.get(address(user)).content.decode()
    assert "Leaves Acme" in page
    assert "Interviews to come that lose their interviewer: 1" in page
    assert root.post(address(user), {"post": "yes"}).status_code == 302
    row = AuditEvent.objects.get(action="admin.account_erased")
    assert (row.person_id, row.actor and row.actor.email) == (user.pk, "root@example.com")
    assert Message.objects.filter(kind="interviewer_cancellation", state="queued").exists()
    accounts.finish(user.pk)
    Message.objects.filter(state="queued").update(state="not_sent", next_attempt_at=None)
    accounts.sweep()
    assert naming(user.name, user.email) == []


def test_several_accounts_at_once_and_no_last_admin(team: Team, root: Client) -> None:
    chosen = [team.interviewer.user_id, team.admin.user_id]
    sent = {"action": "delete_selected", "_selected_action": chosen, "post": "yes"}
    refused = root.post(address(team.admin.user, "changelist"), sent)
    assert "Admin Acme is the last admin of Acme." in refused.content.decode()
    assert Membership.objects.filter(user__in=chosen).count() == 2
    assert "is the last admin of Acme" in root.get(address(team.admin.user)).content.decode()
    root.post(address(team.admin.user), {"post": "yes"})
    assert User.objects.get(pk=team.admin.user_id).is_active
    root.post(address(team.admin.user, "changelist"), sent | {"_selected_action": chosen[:1]})
    assert not Membership.objects.filter(user=chosen[0]).exists()


def test_a_membership_is_a_departure(team: Team, schedule: Schedule, root: Client) -> None:
    assert root.post(address(team.interviewer), {"post": "yes"}).status_code == 302
    assert not Membership.objects.filter(pk=team.interviewer.pk).exists()
    assert User.objects.filter(pk=team.interviewer.user_id, is_active=True).exists()
    assert AuditEvent.objects.filter(action="admin.member_removed", person_id=team.interviewer.user_id).count() == 1
    assert Message.objects.filter(kind="interviewer_cancellation", state="queued").exists()
    assert "is the last admin of Acme" in root.get(address(team.admin)).content.decode()
    root.post(address(team.admin), {"post": "yes"})
    assert Membership.objects.filter(pk=team.admin.pk).exists()


def test_an_organization_is_closed_at_once(team: Team, root: Client) -> None:
    page = root.get(address(team.organization)).content.decode()
    assert "3 members" in page
    assert root.post(address(team.organization), {"post": "yes"}).status_code == 302
    assert Organization.objects.get(pk=team.organization.pk).is_closed
    assert team.client(team.recruiter).get(team.url("home/")).status_code == 410
    for _round in range(3):
        closing.sweep()
    assert not Organization.objects.filter(pk=team.organization.pk).exists()
    assert naming("admin@acme.example", "Recruiter Acme") == []


def test_one_that_is_planned_is_hurried(team: Team, root: Client) -> None:
    closing.plan(organization=team.organization, actor=team.admin.user, tell=False)
    root.post(address(team.organization), {"post": "yes"})
    assert Organization.objects.get(pk=team.organization.pk).is_closed

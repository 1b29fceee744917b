"""One organization is erased: planned, called off, closed, and then gone from every table and from the tool."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.apps import apps
from django.core import mail
from django.test import Client
from django.utils import timezone

from organizations import audit, invitations, members
from organizations.directory import tokens
from organizations.erasure import closing, mails
from organizations.hooks import erasures
from organizations.models import AuditEvent, IdentityProvider, Membership, Organization, User
from scheduling.coding_links.transitions import transition
from scheduling.messages import delivery as message_delivery
from scheduling.models import CodingLink, Interview, Message
from tests.conftest import Team
from tests.everything import one_of_each
from tests.organizations.erasure.stored import naming
from tests.organizations.erasure.test_accounts import confirmed
from tests.scheduling.loops import connect, make_link
from tests.scheduling.message_steps import send, staffed_loop

pytestmark = pytest.mark.django_db
PAGE = "settings/delete/"


def plan(team: Team, *, tell: bool = True) -> None:
    assert closing.plan(organization=team.organization, actor=team.admin.user, tell=tell)


def in_a_week() -> time_machine.travel:
    return time_machine.travel(timezone.now() + closing.FIRST + timedelta(minutes=1), tick=True)


def confirm_at_the_tool() -> None:
    """The tool answers that each link is removed."""
    for link in CodingLink.objects.filter(state="cancelling"):
        transition(link, "cancelled", code="removed")


def finish() -> None:
    """Let beat come by until nothing is left to do, while mail server and tool do their part."""
    for _round in range(8):
        closing.sweep()
        for message in Message.objects.filter(state="queued").order_by("id"):
            message_delivery.deliver(message.pk)
        confirm_at_the_tool()


def of(organization: Organization) -> list[str]:
    """The rows that belong to an organization, by their table."""
    found = []
    for model in apps.get_models():
        fields = {field.name for field in model._meta.fields}
        if "organization" in fields:
            found += [model._meta.label for _row in model._base_manager.filter(organization=organization)]
    return found


def test_every_table_is_deleted_from() -> None:
    models = {model for model in apps.get_models() if "organization" in {field.name for field in model._meta.fields}}
    assert models - {Membership, AuditEvent} == set(erasures.tables())


def test_nothing_is_left_and_the_others_have_everything(team: Team, other_team: Team) -> None:
    one_of_each(other_team)
    before = sorted(of(other_team.organization))
    one_of_each(team)
    Membership.objects.create(organization=other_team.organization, user=team.recruiter.user, role="recruiter")
    operator = User.objects.create_superuser("root@acme.example", "demo", name="Root")
    Membership.objects.create(organization=team.organization, user=operator, role="admin")
    plan(team)
    with in_a_week():
        finish()
    assert not Organization.objects.filter(pk=team.organization.pk).exists()
    assert not User.objects.filter(pk__in=[team.admin.user_id, team.interviewer.user_id]).exists()
    assert User.objects.filter(pk__in=[team.recruiter.user_id, operator.pk]).count() == 2
    assert naming("admin@acme", "interviewer@acme", "Ada Osei", "Baker")[3:] == []
    assert sorted(of(other_team.organization)) == sorted([*before, "organizations.Membership"])


def test_the_name_and_the_password_are_asked_for(team: Team, as_admin: Client) -> None:
    assert as_admin.get(team.url(PAGE))["Location"].startswith("/account/confirm/")
    client = confirmed(as_admin)
    make_link(staffed_loop(team, "Coding").interviews.get(), connect(team), "ready")
    page = client.get(team.url(PAGE)).content.decode()
    for words in (
        "1 candidate",
        "1 interview to come",
        "3 members",
        "1 coding interview in CodeSignal",
        "any admin can call it off",
    ):
        assert words in page
    wrong = client.post(team.url(PAGE), {"name": "Globex", "tell": "on"})
    assert wrong.status_code == 422
    assert "The organization&#x27;s name is “Acme”." in wrong.content.decode()
    assert client.post(team.url(PAGE), {"name": "acme", "tell": "on"}).status_code == 302
    team.organization.refresh_from_db()
    assert team.organization.erase_at is not None
    assert team.organization.erase_tells
    assert client.post(team.url(PAGE), {"name": "Acme"}).status_code == 302, "a second click changes nothing"
    assert AuditEvent.objects.filter(action="organization.deletion_planned").count() == 1


@pytest.mark.parametrize("role", ["recruiter", "coordinator", "interviewer", "read_only"])
def test_only_admins(team: Team, other_team: Team, role: str) -> None:
    client = confirmed(team.client(team.add(role)))
    outsider = confirmed(other_team.client(other_team.admin))
    for rest in (PAGE, "settings/delete/call-off/"):
        assert client.post(team.url(rest), {"name": "Acme"}).status_code == 403
        assert outsider.post(team.url(rest), {"name": "Acme"}).status_code == 404
    assert Organization.objects.get(pk=team.organization.pk).erase_at is None


def test_members_see_it_and_any_admin_calls_it_off(team: Team, as_recruiter: Client) -> None:
    plan(team)
    mails.send(team.organization.pk, mails.Kind.PLANNED)
    assert [one.to for one in mail.outbox] == [["Admin Acme <admin@acme.example>"]]
    assert "settings/delete/" in mail.outbox[0].body
    page = as_recruiter.get(team.url("schedules/")).content.decode()
    assert "will be deleted on" in page
    assert "Call it off" not in page
    other = team.client(team.add("admin"))
    assert "Call it off" in other.get(team.url("schedules/")).content.decode()
    assert other.post(team.url("settings/delete/call-off/"))["Location"] == team.url("settings/")
    assert "will be deleted on" not in as_recruiter.get(team.url("schedules/")).content.decode()
    with in_a_week():
        closing.sweep()
    assert Organization.objects.filter(pk=team.organization.pk).exists()


def test_from_the_moment_on_nobody_gets_in(team: Team, as_admin: Client) -> None:
    here = team.organization
    token = tokens.create(organization=here, actor=team.admin.user)
    IdentityProvider.objects.create(
        organization=here, issuer="https://login.example", client_id="p", client_secret="s", document={"a": 1}, keys=[1]
    )
    invitation = invitations.invite(
        organization=here, email="new@acme.example", role="recruiter", actor=team.admin.user
    )
    link = invitations.link(invitation).split("testserver")[-1].split("/invitations/")[-1]
    plan(team)
    with in_a_week():
        client = team.client(team.admin)
        page = client.get(team.url("settings/"))
        assert page.status_code == 410
        assert "<bdi>Acme</bdi> is being deleted" in page.content.decode()
        assert client.post(team.url("settings/delete/call-off/")).status_code == 410
        assert not closing.call_off(organization=here, actor=team.admin.user)
        assert "You have no organization yet" in client.get("/").content.decode()
        for way in ("", "back/"):
            assert Client().get(f"/sign-in/single/acme/{way}").status_code == 410
        answer = Client().get("/scim/v2/Users", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 403
        assert "being deleted" in answer.content.decode()
        assert Client().get(f"/invitations/{link}").status_code == 404


def test_people_are_told_when_it_happens(team: Team) -> None:
    send(staffed_loop(team, "Coding", hours_ahead=24 * 10), team)
    plan(team)
    mail.outbox.clear()
    with in_a_week():
        closing.sweep()
        assert Interview.objects.get().state == "cancelled"
        finish()
    subjects = [str(one.subject) for one in mail.outbox]
    assert len([one for one in subjects if one.startswith("Cancelled:")]) == 2
    assert "Acme is deleted on Panelist" in subjects
    assert not Organization.objects.filter(pk=team.organization.pk).exists()


def test_or_nobody_is(team: Team) -> None:
    send(staffed_loop(team, "Coding", hours_ahead=24 * 10), team)
    plan(team, tell=False)
    mail.outbox.clear()
    with in_a_week():
        finish()
    assert [str(one.subject) for one in mail.outbox] == ["Acme is deleted on Panelist"]


def test_a_tool_that_does_not_answer_is_waited_for_and_then_named(team: Team) -> None:
    make_link(staffed_loop(team, "Coding", hours_ahead=24 * 20).interviews.get(), connect(team), "ready")
    plan(team, tell=False)
    with in_a_week():
        for _round in range(3):
            closing.sweep()
        assert CodingLink.objects.get().state == "cancelling"
        assert not mail.outbox
    with time_machine.travel(timezone.now() + closing.FIRST + closing.OTHERS_HAVE + timedelta(hours=1)):
        closing.sweep()
    (told,) = mail.outbox
    assert "- 1 coding interview in CodeSignal" in told.body
    assert "http" not in told.body
    assert not CodingLink.objects.exists()
    assert not Organization.objects.filter(pk=team.organization.pk).exists()


def test_what_is_interrupted_goes_on(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    one_of_each(team)
    plan(team, tell=False)
    with in_a_week():
        closing.sweep()
        confirm_at_the_tool()
        monkeypatch.setattr(closing, "ROUND", 0.0)
        monkeypatch.setattr(closing, "BATCH", 1)
        rounds = 0
        while Organization.objects.filter(pk=team.organization.pk).exists():
            closing.sweep()
            rounds += 1
            assert rounds < 200
    assert rounds > 10
    assert len([one for one in mail.outbox if "is deleted" in str(one.subject)]) == 1


def test_somebody_who_joins_in_the_last_moment_goes_too(team: Team, other_team: Team) -> None:
    plan(team, tell=False)
    with in_a_week():
        members.add_member(organization=team.organization, user=other_team.recruiter.user, role="recruiter", actor=None)
        finish()
    assert not Organization.objects.filter(pk=team.organization.pk).exists()
    assert User.objects.filter(pk=other_team.recruiter.user_id).exists()


def test_two_admins_at_once(team: Team) -> None:
    plan(team)
    stale = Organization.objects.get(pk=team.organization.pk)
    assert not closing.plan(organization=stale, actor=team.admin.user, tell=False)
    assert closing.call_off(organization=stale, actor=team.admin.user)
    assert not closing.call_off(organization=stale, actor=team.admin.user)
    assert AuditEvent.objects.filter(action="organization.deletion_called_off").count() == 1
    assert audit.forget_some(team.organization, 100) == 2

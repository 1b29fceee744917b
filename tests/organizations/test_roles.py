"""Roles on the "Members" pages: coordinators with their jobs; and the page that says what each role may."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from jobs.models import Job, JobCoordinator
from organizations import joining
from organizations.members import change_role
from organizations.models import AuditEvent, Invitation, Membership
from organizations.permissions import IN_SHORT, SECTIONS, TABLE, Permission, Role
from organizations.trail import Trail
from tests.conftest import Team
from tests.organizations.member_forms import member_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def baker(team: Team) -> Job:
    return Job.objects.create(organization=team.organization, title="Baker")


@pytest.fixture
def miller(team: Team) -> Job:
    return Job.objects.create(organization=team.organization, title="Miller")


def jobs_of(person: Membership | Invitation) -> list[str]:
    return sorted(person.coordinated_jobs.values_list("job__title", flat=True))


def told(team: Team, action: str) -> list[str]:
    events = list(AuditEvent.objects.filter(organization=team.organization, action=action).order_by("id"))
    return [Trail(events).sentence(event).replace("\u2068", "").replace("\u2069", "") for event in events]


def invite(client: Client, team: Team, **fields: object) -> str:
    sent = {"email": "cora@new.example", "role": "coordinator"} | fields
    return unescape(client.post(team.url("settings/members/invite/"), sent, follow=True).content.decode())


# --- invitations ---------------------------------------------------------------------------------------------------


def test_a_coordinator_is_invited_with_jobs(team: Team, as_admin: Client, baker: Job, miller: Job) -> None:
    page = invite(as_admin, team, jobs=[baker.pk, miller.pk])
    invitation = Invitation.objects.get()
    assert (invitation.role, jobs_of(invitation)) == ("coordinator", ["Baker", "Miller"])
    assert "<span>Coordinator</span>" in page and "Baker, Miller" in page
    assert told(team, "member.invited_to_jobs") == ["Invited cora@new.example as Coordinator of Baker, Miller"]


def test_without_a_job_nobody_is_invited_as_coordinator(team: Team, as_admin: Client, other_team: Team) -> None:
    page = invite(as_admin, team)
    assert "There are no jobs yet. Create one, then choose it here." in page
    Job.objects.create(organization=team.organization, title="Baker")
    foreign = Job.objects.create(organization=other_team.organization, title="Pilot")
    assert "Choose at least one job for a coordinator." in invite(as_admin, team)
    page = invite(as_admin, team, jobs=[foreign.pk])
    assert "One of these jobs was deleted. Choose again." in page and "Pilot" not in page
    assert "One of these jobs was deleted." in invite(as_admin, team, jobs=["²", "9" * 40])
    assert not Invitation.objects.exists()


def test_other_roles_are_invited_without_jobs(team: Team, as_admin: Client, baker: Job) -> None:
    invite(as_admin, team, role="recruiter", jobs=[baker.pk, "nonsense"])
    assert (Invitation.objects.get().role, JobCoordinator.objects.count()) == ("recruiter", 0)


def test_jobs_come_with_the_membership(team: Team, as_admin: Client, other_team: Team, baker: Job) -> None:
    invite(as_admin, team, email="cora@new.example", jobs=[baker.pk])
    opened = joining.Opened(Invitation.objects.get(), is_mailed=True)
    membership = joining.accept_as_new(opened=opened, name="Cora", password="tall-ships-sail-9", time_zone="UTC")
    assert membership is not None
    assert (membership.role, jobs_of(membership)) == ("coordinator", ["Baker"])
    assert not JobCoordinator.objects.filter(invitation__isnull=False).exists()


def test_an_expired_invitation_is_renewed_with_its_jobs(team: Team, as_admin: Client, baker: Job) -> None:
    invite(as_admin, team, jobs=[baker.pk])
    invitation = Invitation.objects.get()
    Invitation.objects.update(expires_at=timezone.now() - timedelta(days=1))
    as_admin.post(team.url(f"settings/members/invitations/{invitation.pk}/again/"))
    assert jobs_of(Invitation.objects.get()) == ["Baker"]


def test_an_invitation_to_another_role_loses_the_jobs(team: Team, as_admin: Client, baker: Job) -> None:
    invite(as_admin, team, jobs=[baker.pk])
    Invitation.objects.update(expires_at=timezone.now() - timedelta(days=1))
    invite(as_admin, team, role="interviewer")
    assert (Invitation.objects.get().role, JobCoordinator.objects.count()) == ("interviewer", 0)


# --- members -------------------------------------------------------------------------------------------------------


def save_role(client: Client, team: Team, member: Membership, role: str, jobs: list[int]) -> str:
    address = team.url(f"settings/members/{member.pk}/")
    fields = member_of(member, role=role, jobs=[str(job) for job in jobs])
    return unescape(client.post(address, fields, follow=True).content.decode())


def test_an_admin_makes_a_coordinator_and_changes_the_jobs(
    team: Team, as_admin: Client, baker: Job, miller: Job
) -> None:
    member = team.interviewer
    assert "Member saved." in save_role(as_admin, team, member, "coordinator", [baker.pk])
    member.refresh_from_db()
    assert (member.role, jobs_of(member)) == ("coordinator", ["Baker"])
    save_role(as_admin, team, member, "coordinator", [baker.pk, miller.pk])
    save_role(as_admin, team, member, "coordinator", [baker.pk, miller.pk])  # nothing new
    save_role(as_admin, team, member, "coordinator", [miller.pk])
    assert jobs_of(member) == ["Miller"]
    assert told(team, "member.role_changed") == ["Changed the role of Interviewer Acme from Interviewer to Coordinator"]
    name = "Changed the jobs of Interviewer Acme to "
    assert told(team, "member.jobs_changed") == [f"{name}Baker", f"{name}Baker, Miller", f"{name}Miller"]
    page = unescape(as_admin.get(team.url(f"settings/members/{member.pk}/")).content.decode())
    page = page[page.index("<main") : page.index("</main>")]
    assert f'value="{miller.pk}"' in page and page.count("checked") == 1 + 5  # a job, and the working days


def test_a_coordinator_needs_a_job(team: Team, as_admin: Client, baker: Job) -> None:
    page = save_role(as_admin, team, team.interviewer, "coordinator", [])
    assert "Choose at least one job for a coordinator." in page
    assert Membership.objects.get(pk=team.interviewer.pk).role == "interviewer"


def test_another_role_takes_the_jobs_away(team: Team, as_admin: Client, baker: Job) -> None:
    save_role(as_admin, team, team.interviewer, "coordinator", [baker.pk])
    save_role(as_admin, team, team.interviewer, "read_only", [baker.pk])
    assert (Membership.objects.get(pk=team.interviewer.pk).role, JobCoordinator.objects.count()) == ("read_only", 0)
    assert len(told(team, "member.jobs_changed")) == 1


@pytest.mark.parametrize("role", ["coordinator", "read_only"])
def test_the_last_admin_takes_no_lesser_role(team: Team, as_admin: Client, baker: Job, role: str) -> None:
    page = save_role(as_admin, team, team.admin, role, [baker.pk])
    assert "This is the last admin." in page
    assert Membership.objects.get(pk=team.admin.pk).role == "admin"
    assert not JobCoordinator.objects.exists()


def test_a_deleted_job_leaves_the_others(team: Team, baker: Job, miller: Job) -> None:
    member = team.add("coordinator")
    change_role(membership=member, role="coordinator", jobs=[baker.pk, miller.pk], actor=team.admin.user)
    baker.delete()
    assert jobs_of(member) == ["Miller"]


def test_jobs_stand_in_the_list_of_members(team: Team, as_admin: Client, baker: Job, miller: Job) -> None:
    first, second, without = (team.add("coordinator") for _number in range(3))
    JobCoordinator.objects.create(job=baker, membership=first)
    JobCoordinator.objects.create(job=miller, membership=second)
    page = as_admin.get(team.url("settings/members/")).content.decode()
    assert "Baker" in page and "Miller" in page and page.count("No jobs yet") == 1
    own = team.client(first).get(team.url("settings/members/")).content.decode()
    assert "Baker" in own and "Miller" not in own
    assert "No jobs yet" not in own
    assert str(without.user) in own


def test_a_closed_job_can_be_coordinated_and_says_so(team: Team, as_admin: Client, baker: Job) -> None:
    Job.objects.update(state="closed")
    page = as_admin.get(team.url(f"settings/members/{team.interviewer.pk}/")).content.decode()
    assert "Baker (closed)" in page


# --- what each role may --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", list(Role))
def test_everybody_reads_what_each_role_may(team: Team, role: Role) -> None:
    page = unescape(team.client(team.add(role)).get(team.url("settings/roles/")).content.decode())
    words = [str(text) for _title, rows in SECTIONS for _permission, text in rows]
    assert [text for text in [*words, *map(str, IN_SHORT.values())] if text not in page] == []
    assert page.count("(your role)") == 1
    asked = [permission for _title, rows in SECTIONS for permission, _words in rows]
    own_jobs = page.count("Their jobs")
    yes = page.count('<span class="visually-hidden">Yes</span>')
    assert own_jobs == 7
    assert yes + own_jobs == sum(len(TABLE[permission]) for permission in asked)


def test_the_page_has_every_permission_but_the_demos() -> None:
    asked = [permission for _title, rows in SECTIONS for permission, _words in rows]
    assert len(asked) == len(set(asked))
    assert set(Permission) - set(asked) == {Permission.SEE_OUTBOX}

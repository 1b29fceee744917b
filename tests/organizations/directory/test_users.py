"""People whom a directory writes, and their memberships and accounts."""

from __future__ import annotations

import pytest
from django.test import Client

from organizations import invitations
from organizations.joining import accept, is_proven, opened
from organizations.models import (
    AuditEvent,
    Directory,
    DirectoryUser,
    GroupRole,
    Invitation,
    Membership,
    Session,
    User,
)
from scheduling.models import InterviewerAssignment
from tests.conftest import Team
from tests.organizations.directory.client import Caller, prove
from tests.scheduling.loops import make_loop

pytestmark = pytest.mark.django_db


@pytest.fixture
def directory(team: Team) -> Caller:
    prove(team, "corp.example")
    return Caller(team)


def member(team: Team, email: str) -> Membership:
    return Membership.objects.get(organization=team.organization, user__email=email)


def actions(team: Team) -> list[str]:
    rows = AuditEvent.objects.filter(organization=team.organization, actor=None).order_by("pk")
    return list(rows.values_list("action", flat=True))


def test_a_user_of_a_proven_domain_is_a_member_at_once(team: Team, directory: Caller) -> None:
    made = directory.user("Ann@Corp.example", externalId="e-1", timezone="Asia/Tokyo")
    membership = member(team, "ann@corp.example")
    assert (membership.role, membership.user.name) == ("interviewer", "Ann Ito")
    assert membership.user.time_zone == "Asia/Tokyo"
    assert not membership.user.has_usable_password()
    assert made["userName"] == "Ann@Corp.example" and made["externalId"] == "e-1" and made["active"] is True
    assert directory.get(f"/Users/{made['id']}") == made
    assert actions(team) == ["directory.member_added"]


def test_the_default_role_is_given(team: Team, directory: Caller) -> None:
    Directory.objects.create(organization=team.organization, default_role="read_only")
    directory.user("ann@corp.example")
    assert member(team, "ann@corp.example").role == "read_only"


def test_an_account_of_the_domain_is_found_not_doubled(team: Team, directory: Caller) -> None:
    there = User.objects.create_user("ann@corp.example", "secret", name="Ann")
    directory.user("ann@corp.example")
    assert member(team, "ann@corp.example").user == there
    assert User.objects.filter(email__icontains="ann@").count() == 1


def test_an_account_made_in_somebodys_name_is_theirs_when_the_domain_vouches(team: Team, directory: Caller) -> None:
    """A stranger who made it beforehand knows its password, and waits."""
    made = User.objects.create_user("ann@corp.example", "strangers", name="Ann", address_is_proven=False)
    stranger = Client()
    stranger.force_login(made)
    directory.user("ann@corp.example")
    made.refresh_from_db()
    assert not made.has_usable_password()
    assert stranger.get(team.url("home/")).status_code == 302
    assert is_proven(made, "ann@corp.example")


def test_somebody_elses_account_is_only_invited(team: Team, other_team: Team, directory: Caller) -> None:
    """A hostile organization names the admin of another: no membership, no change, and nothing learned."""
    victim = other_team.admin.user
    before = User.objects.filter(pk=victim.pk).values().get()
    known, unknown = (directory.user(email) for email in (victim.email, "nobody@globex.example"))
    assert not Membership.objects.filter(organization=team.organization, user=victim).exists()
    assert Invitation.objects.get(email=victim.email).organization == team.organization
    same = ("active", "emails", "name", "schemas")
    assert [known[key] for key in same if key != "emails"] == [unknown[key] for key in same if key != "emails"]
    directory.patch(
        f"/Users/{known['id']}",
        {"op": "replace", "path": "displayName", "value": "Changed"},
        {"op": "replace", "path": "timezone", "value": "Asia/Tokyo"},
        {"op": "replace", "value": {"emails": [{"value": "attacker@corp.example", "primary": True}]}},
    )
    assert User.objects.filter(pk=victim.pk).values().get() == before
    assert not Invitation.objects.filter(email=victim.email).exists()


def test_who_accepts_the_invitation_is_linked_and_kept_by_the_directory(team: Team, directory: Caller) -> None:
    GroupRole.objects.create(organization=team.organization, group="Recruiting", role="recruiter")
    made = directory.user("guest@elsewhere.example")
    invitation = Invitation.objects.get(email="guest@elsewhere.example")
    token = invitations.link(invitation).rstrip("/").rpartition("/")[2]
    guest = User.objects.create_user("guest@elsewhere.example", "secret", name="Guest")
    found = opened(token)
    assert found is not None
    membership = accept(opened=found, user=guest)
    assert membership is not None and membership.role == "interviewer"
    directory.create("/Groups", displayName="Recruiting", members=[{"value": made["id"]}])
    membership.refresh_from_db()
    assert membership.role == "recruiter"
    directory.patch(f"/Users/{made['id']}", {"op": "replace", "path": "displayName", "value": "Somebody Else"})
    guest.refresh_from_db()
    assert guest.name == "Guest"
    directory.patch(f"/Users/{made['id']}", {"op": "replace", "path": "active", "value": False})
    assert not Membership.objects.filter(pk=membership.pk).exists()


def test_a_member_who_was_there_before_is_linked(team: Team, directory: Caller) -> None:
    made = directory.user(team.recruiter.user.email)
    assert DirectoryUser.objects.get().membership == team.recruiter
    team.recruiter.refresh_from_db()
    assert team.recruiter.role == "recruiter"
    assert directory.send("DELETE", f"/Users/{made['id']}").status_code == 204
    assert not Membership.objects.filter(pk=team.recruiter.pk).exists()


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "Replace", "path": "active", "value": "False"},  # Entra, by default
        {"op": "replace", "value": {"active": False}},  # Okta
        {"op": "Add", "path": "urn:ietf:params:scim:schemas:core:2.0:User:active", "value": "false"},
    ],
)
def test_deactivation_is_leaving_and_reactivation_gives_it_back(
    operation: dict[str, object], team: Team, directory: Caller
) -> None:
    made = directory.user("ann@corp.example")
    membership = member(team, "ann@corp.example")
    membership.role, membership.work_days = "recruiter", "123"
    membership.save()
    interview = make_loop(team, "Coding").interviews.get()
    InterviewerAssignment.objects.create(interview=interview, membership=membership)
    team.client(membership)
    assert Session.objects.filter(user=membership.user).exists()

    assert directory.patch(f"/Users/{made['id']}", operation)["active"] is False
    assert not Membership.objects.filter(user=membership.user).exists()
    assert User.objects.filter(pk=membership.user_id, is_active=True).exists()
    assert not interview.assignments.filter(membership__user=membership.user).exists()
    assert not Session.objects.filter(user=membership.user).exists()

    directory.patch(f"/Users/{made['id']}", {"op": "Replace", "path": "active", "value": "True"})
    again = member(team, "ann@corp.example")
    assert (again.role, again.work_days, again.user) == ("recruiter", "123", membership.user)
    assert "directory.member_removed" in actions(team)


def test_okta_puts_the_whole_user(team: Team, directory: Caller) -> None:
    made = directory.user("ann@corp.example")
    whole = made | {"active": False, "name": {"givenName": "Anna", "familyName": "Ito"}}
    response = directory.send("PUT", f"/Users/{made['id']}", whole)
    assert response.status_code == 200 and response.json()["active"] is False
    assert not Membership.objects.filter(user__email="ann@corp.example").exists()


def test_entra_adds_an_address_by_a_path_without_entry(team: Team, directory: Caller) -> None:
    made = directory.create("/Users", userName="ann")
    assert not Membership.objects.filter(user__email="ann@corp.example").exists()
    path = 'emails[type eq "work"].value'
    changed = directory.patch(f"/Users/{made['id']}", {"op": "Add", "path": path, "value": "ann@corp.example"})
    assert changed["emails"] == [{"value": "ann@corp.example", "type": "work"}]
    assert member(team, "ann@corp.example")


def test_name_and_address_of_an_account_that_is_ours_alone_follow(team: Team, directory: Caller) -> None:
    made = directory.user("ann@corp.example")
    user = member(team, "ann@corp.example").user
    emails = [{"value": "ann.ito@corp.example", "primary": True}]
    directory.patch(f"/Users/{made['id']}", {"op": "replace", "value": {"displayName": "Ann I.", "emails": emails}})
    user.refresh_from_db()
    assert (user.name, user.email) == ("Ann I.", "ann.ito@corp.example")


@pytest.mark.parametrize("address", ["taken@corp.example", "ann@unproven.example"])
def test_an_address_that_is_taken_or_of_no_proven_domain_is_not_given(
    address: str, team: Team, directory: Caller
) -> None:
    User.objects.create_user("taken@corp.example", "secret", name="Taken")
    made = directory.user("ann@corp.example")
    change = {"op": "replace", "value": {"emails": [{"value": address, "primary": True}]}}
    body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [change]}
    status = directory.send("PATCH", f"/Users/{made['id']}", body).status_code
    assert status == (409 if "taken" in address else 200)
    assert member(team, "ann@corp.example").user.email == "ann@corp.example"


def test_an_account_that_another_organization_shares_keeps_its_name(
    team: Team, other_team: Team, directory: Caller
) -> None:
    made = directory.user("ann@corp.example")
    user = member(team, "ann@corp.example").user
    Membership.objects.create(organization=other_team.organization, user=user, role="interviewer")
    directory.patch(f"/Users/{made['id']}", {"op": "replace", "path": "displayName", "value": "Changed"})
    user.refresh_from_db()
    assert user.name == "Ann Ito"
    assert directory.get(f"/Users/{made['id']}")["displayName"] == "Changed"


def test_the_last_admin_stays(team: Team, directory: Caller) -> None:
    made = directory.user(team.admin.user.email)
    for method, body in (("DELETE", None), ("PUT", made | {"active": False})):
        response = directory.send(method, f"/Users/{made['id']}", body)
        assert response.status_code == 409 and "last admin" in response.json()["detail"]
    team.admin.refresh_from_db()
    assert team.admin.role == "admin"
    assert directory.get(f"/Users/{made['id']}")["active"] is True


def test_a_member_removed_by_hand_is_inactive_for_the_directory(team: Team, directory: Caller) -> None:
    made = directory.user("ann@corp.example")
    as_admin, membership = team.client(team.admin), member(team, "ann@corp.example")
    as_admin.post(team.url(f"settings/members/{membership.pk}/remove/"))
    assert directory.get(f"/Users/{made['id']}")["active"] is False


def test_groups_give_roles_the_one_that_may_most_wins(team: Team, directory: Caller) -> None:
    for group, role in (("Recruiting", "recruiter"), ("Guests", "read_only"), ("g-42", "admin")):
        GroupRole.objects.create(organization=team.organization, group=group, role=role)
    ann = directory.user("ann@corp.example")
    made = {
        name: directory.create("/Groups", displayName=name, externalId=key, members=[{"value": ann["id"]}])
        for name, key in (("Guests", "g-1"), ("Recruiting", "g-2"), ("Company admins", "g-42"))
    }
    assert member(team, "ann@corp.example").role == "admin"
    shown = directory.get(f"/Users/{ann['id']}")["groups"]
    assert [group["display"] for group in shown] == ["Guests", "Recruiting", "Company admins"]
    directory.send("DELETE", f"/Groups/{made['Company admins']['id']}")
    assert member(team, "ann@corp.example").role == "recruiter"
    gone = {"op": "Remove", "path": "members", "value": [{"value": ann["id"]}]}
    directory.patch(f"/Groups/{made['Recruiting']['id']}", gone)
    assert member(team, "ann@corp.example").role == "read_only"
    directory.patch(f"/Groups/{made['Guests']['id']}", {"op": "replace", "path": "members", "value": []})
    assert member(team, "ann@corp.example").role == "interviewer"


def test_a_role_given_by_hand_stays_until_a_group_says_otherwise(team: Team, directory: Caller) -> None:
    ann = directory.user("ann@corp.example")
    Membership.objects.filter(user__email="ann@corp.example").update(role="recruiter")
    directory.create("/Groups", displayName="Chess", members=[{"value": ann["id"]}])
    assert member(team, "ann@corp.example").role == "recruiter"


def test_the_last_admin_does_not_lose_the_role_by_a_group(team: Team, directory: Caller) -> None:
    GroupRole.objects.create(organization=team.organization, group="Staff", role="interviewer")
    admin = directory.user(team.admin.user.email)
    body = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Staff"}
    response = directory.send("POST", "/Groups", body | {"members": [{"value": admin["id"]}]})
    assert response.status_code == 409
    team.admin.refresh_from_db()
    assert team.admin.role == "admin"
    assert directory.get("/Groups")["totalResults"] == 0


def test_nobody_signs_in_with_an_ended_membership(team: Team, directory: Caller) -> None:
    made = directory.user("ann@corp.example")
    client = Client()
    client.force_login(member(team, "ann@corp.example").user)
    assert client.get(team.url("home/")).status_code == 200
    directory.send("DELETE", f"/Users/{made['id']}")
    assert client.get(team.url("home/")).status_code == 302

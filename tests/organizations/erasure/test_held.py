"""The file of all that is held on a person, and an organization that forgets a former member."""

from __future__ import annotations

import json
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from organizations import limits, members
from organizations.audit import record
from organizations.erasure import former
from organizations.models import AuditEvent, Membership, Session, User
from organizations.trail import Trail
from scheduling.models import Message
from tests.conftest import Team, make_team
from tests.organizations.erasure.stored import naming
from tests.organizations.erasure.test_accounts import delivered, leave_traces
from tests.scheduling.message_steps import send, staffed_loop

pytestmark = pytest.mark.django_db
FORMER = "settings/members/former/"


def file_of(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Disposition"].startswith('attachment; filename="personal-data-')
    found: dict[str, Any] = json.loads(answer.content)
    return found


def test_ones_own_file_has_everything_and_no_secret(team: Team, as_interviewer: Client) -> None:
    send(staffed_loop(team, "Coding"), team)
    user = team.interviewer.user
    leave_traces(team, user)
    Authenticator.objects.filter(user=user).update(data={"secret": "seed-of-codes"})
    found = file_of(as_interviewer.post("/account/data/"))
    (here,) = found["organizations"]
    assert (found["account"]["email"], here["organization"]) == ("interviewer@acme.example", "Acme")
    assert here["membership"]["days_off"] == [{"day": "2027-05-03", "note": "Sailing"}]
    assert [one["candidate"] for one in here["interviews"]] == ["Ada Osei"]
    assert here["messages_received"][0]["to"] == user.email
    assert here["directory"][0]["written"]["displayName"] == user.name
    assert here["invitations_sent"][0]["email"] == "next@acme.example"
    assert found["account"]["second_steps"][0]["kind"] == "totp"
    text = json.dumps(found)
    secrets = [user.password, "seed-of-codes", *Session.objects.values_list("key", flat=True)]
    assert not [secret for secret in secrets if secret and secret in text]
    assert "Admin Acme" not in json.dumps(here["activity"])
    row = AuditEvent.objects.get(action="account.data_downloaded")
    assert Trail([row]).sentence(row).endswith("downloaded what is held on them")


def test_it_is_limited_and_only_sent_by_post(team: Team, as_interviewer: Client) -> None:
    assert as_interviewer.get("/account/data/").status_code == 302
    assert Client().post("/account/data/")["Location"].startswith("/sign-in/")
    for _number in range(limits.EXPORTS.most):
        limits.note(limits.EXPORTS, team.interviewer.user_id)
    assert as_interviewer.post("/account/data/").status_code == 429
    assert not AuditEvent.objects.filter(action="account.data_downloaded").exists()


def test_an_admin_gets_what_the_own_organization_holds(team: Team, other_team: Team, as_admin: Client) -> None:
    user = team.interviewer.user
    Membership.objects.create(organization=other_team.organization, user=user, role="recruiter")
    record(organization=other_team.organization, actor=user, action="account.signed_out", subject=user)
    found = file_of(as_admin.post(team.url(f"settings/members/{team.interviewer.pk}/data/")))
    assert [one["organization"] for one in found["organizations"]] == ["Acme"]
    assert "signed_in" not in found["account"]
    assert AuditEvent.objects.get(action="member.data_exported").person_id == user.pk


def forget(client: Client, team: Team, user: User) -> Any:
    return client.post(team.url(f"{FORMER}forget/"), {"person": user.pk}, follow=True)


def test_an_organization_forgets_and_the_others_keep(team: Team, as_admin: Client) -> None:
    other = make_team("globex")
    schedule = staffed_loop(team, "Coding")
    send(schedule, team)
    user = team.interviewer.user
    leave_traces(team, user)
    there = Membership.objects.create(organization=other.organization, user=user, role="recruiter")
    record(organization=other.organization, actor=user, action="member.hours_changed", subject=there)
    members.remove_member(membership=team.interviewer, actor=team.admin.user)
    page = as_admin.get(team.url(FORMER)).content.decode()
    assert user.email in page
    assert "still being sent" in forget(as_admin, team, user).content.decode()
    delivered()
    assert "is deleted" in forget(as_admin, team, user).content.decode()
    assert User.objects.get(pk=user.pk).is_active
    here = [row for row in naming(user.name, user.email) if "organization_id" in row]
    assert not [row for row in here if f'"organization_id": {team.organization.pk},' in row]
    activity = as_admin.get(team.url("settings/security/")).content.decode()
    assert user.name not in activity
    assert "somebody who was erased" in activity
    (row,) = AuditEvent.objects.filter(organization=other.organization)
    assert user.name in Trail([row]).actor(row)
    assert not former.of(team.organization).exists()
    assert Message.objects.filter(to_name="Former member").exists()


def test_who_comes_back_has_a_name_again(team: Team, as_admin: Client) -> None:
    other, user = make_team("globex"), team.interviewer.user
    Membership.objects.create(organization=other.organization, user=user, role="recruiter")
    members.remove_member(membership=team.interviewer, actor=team.admin.user)
    forget(as_admin, team, user)
    member = members.add_member(organization=team.organization, user=user, role="interviewer", actor=team.admin.user)
    row = AuditEvent.objects.filter(action="member.joined").get()
    assert user.name in Trail([row]).sentence(row)
    members.remove_member(membership=member, actor=team.admin.user)
    assert list(former.of(team.organization)) == [user]


def test_an_account_that_nobody_shares_goes_as_a_whole(team: Team, as_admin: Client) -> None:
    user = team.interviewer.user
    members.remove_member(membership=team.interviewer, actor=team.admin.user)
    forget(as_admin, team, user)
    assert naming(user.name, user.email) == []


def test_only_admins_and_only_their_own_former_members(team: Team, other_team: Team, as_recruiter: Client) -> None:
    members.remove_member(membership=other_team.interviewer, actor=other_team.admin.user)
    gone = {"person": other_team.interviewer.user_id}
    admin = team.client(team.admin)
    for rest in ("data/", "forget/"):
        assert as_recruiter.post(team.url(FORMER + rest), gone).status_code == 403
        assert admin.post(team.url(FORMER + rest), gone).status_code == 404
        assert admin.post(team.url(FORMER + rest), {"person": team.recruiter.user_id}).status_code == 404
        assert admin.post(team.url(FORMER + rest), {"person": "x"}).status_code == 404
    assert admin.post(other_team.url(FORMER + "forget/"), gone).status_code == 404
    assert User.objects.filter(pk=other_team.interviewer.user_id).exists()

"""Invitations that reach somebody else, outlive their sender, or tell who has an account (B3, B4, B6, B23)."""

from __future__ import annotations

import re
from html import unescape
from importlib import import_module

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.core import mail
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from organizations import address_proofs, invitations, joining, members, passwords
from organizations.models import AuditEvent, Invitation, Membership, User
from tests.conftest import Team

pytestmark = pytest.mark.django_db

NEW = {"name": "Nia New", "password": "a-long-new-one-7", "time_zone": "Africa/Nairobi"}


def invited(team: Team, email: str, role: str = "admin", actor: User | None = None) -> Invitation:
    sender = actor or team.admin.user
    return invitations.invite(organization=team.organization, email=email, role=role, actor=sender)


def path(invitation: Invitation) -> str:
    return invitations.link(invitation).removeprefix("http://testserver")


def second_admin(team: Team) -> Membership:
    Membership.objects.filter(pk=team.recruiter.pk).update(role="admin")
    return Membership.objects.get(pk=team.recruiter.pk)


def test_a_forwarded_mail_is_no_organization(team: Team, other_team: Team) -> None:
    """B4: somebody of another organization opened the link and was its admin."""
    address = path(invited(team, "inv1@umbra.test"))
    stranger = other_team.client(other_team.interviewer)
    page = unescape(stranger.get(address).content.decode())
    assert "This invitation is for in…@umbra.test" in page
    assert "inv1@umbra.test" not in page
    assert "You're signed in as interviewer@globex.example" in page
    assert stranger.post(address).status_code == 403
    assert not Membership.objects.filter(organization=team.organization, user=other_team.interviewer.user).exists()
    assert Invitation.objects.get().accepted_at is None


@pytest.mark.parametrize("end", ["removed", "demoted", "switched off", "gone"])
def test_a_removed_admin_does_not_come_back_by_an_own_invitation(end: str, team: Team) -> None:
    """B3: for 14 days the link made them an admin again."""
    leaver = second_admin(team)
    address = path(invited(team, "friend@globex.example", actor=leaver.user))
    User.objects.create_user("friend@globex.example", "demo", name="Friend")
    if end == "removed":
        members.remove_member(membership=leaver, actor=team.admin.user)
    elif end == "demoted":
        members.change_role(membership=leaver, role="recruiter", actor=team.admin.user)
    elif end == "switched off":
        User.objects.filter(pk=leaver.user_id).update(is_active=False)
    else:
        User.objects.filter(pk=leaver.user_id).delete()
    friend = Client()
    friend.force_login(User.objects.get(email="friend@globex.example"))
    for answer in (friend.get(address), friend.post(address), Client().get(address)):
        assert answer.status_code == 404
        assert "Ask an admin of the organization for a new one" in unescape(answer.content.decode())
    assert not Membership.objects.filter(user__email="friend@globex.example").exists()


@pytest.mark.parametrize("end", ["removed", "demoted"])
def test_invitations_that_end_with_their_sender_are_in_the_trail(end: str, team: Team) -> None:
    leaver = second_admin(team)
    invited(team, "friend@globex.example", actor=leaver.user)
    kept = invited(team, "other@globex.example")
    if end == "removed":
        members.remove_member(membership=leaver, actor=team.admin.user)
    else:
        members.change_role(membership=leaver, role="interviewer", actor=team.admin.user)
    assert list(Invitation.objects.all()) == [kept]
    row = AuditEvent.objects.get(action="member.invitation_ended")
    assert (row.actor, row.texts) == (team.admin.user, {"email": "friend@globex.example"})


def test_another_admin_who_sends_it_again_takes_it_over(team: Team) -> None:
    leaver = second_admin(team)
    invitation = invited(team, "friend@globex.example", actor=leaver.user)
    invitations.send_again(invitation=invitation, actor=team.admin.user)
    members.remove_member(membership=leaver, actor=team.admin.user)
    assert Client().get(path(Invitation.objects.get())).status_code == 200


def test_the_trail_says_who_was_invited_and_with_which_invitation_they_joined(as_admin: Client, team: Team) -> None:
    invitation = invited(team, "ceo@victim.test")
    Client().post(path(invitation), NEW)
    trail = unescape(as_admin.get(team.url("settings/security/")).content.decode())
    assert "Invited ceo@victim.test as Admin" in trail
    assert "Nia New joined as Admin" in trail
    assert AuditEvent.objects.get(action="member.joined").detail["invitation"] == invitation.pk


def test_the_sender_does_not_see_the_link(as_admin: Client, team: Team) -> None:
    """B6: the inviter opened it, and made an account in the name of whoever was invited."""
    as_admin.post(team.url("settings/members/invite/"), {"email": "ceo@victim.test", "role": "recruiter"})
    invitation = Invitation.objects.get()
    again = team.url(f"settings/members/invitations/{invitation.pk}/again/")
    link = team.url(f"settings/members/invitations/{invitation.pk}/link/")
    for answer in (
        as_admin.get(team.url("settings/members/")),
        as_admin.post(again, follow=True),
        as_admin.post(link, follow=True),
    ):
        assert "/invitations/" not in unescape(answer.content.decode()).replace(team.url("settings/members/"), "")
    assert Invitation.objects.get().handed_hash == ""


@pytest.fixture
def files_only(settings: Settings) -> None:
    """No mail server: mails become files."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"


def handed(admin: Client, team: Team, email: str) -> str:
    admin.post(team.url("settings/members/invite/"), {"email": email, "role": "recruiter"})
    invitation = Invitation.objects.get(email=email)
    admin.post(team.url(f"settings/members/invitations/{invitation.pk}/link/"))
    address = invitations.handed_link(Invitation.objects.get(email=email))
    page = unescape(admin.get(team.url("settings/members/")).content.decode())
    assert f'data-copy="{address}"' in page
    return address.removeprefix("http://testserver")


@pytest.mark.usefixtures("files_only")
def test_the_link_is_shown_on_request_and_the_trail_says_so(as_admin: Client, team: Team) -> None:
    as_admin.post(team.url("settings/members/invite/"), {"email": "nia@new.example", "role": "recruiter"})
    assert "data-copy" not in as_admin.get(team.url("settings/members/")).content.decode()
    handed(as_admin, team, "bo@new.example")
    row = AuditEvent.objects.get(action="member.invitation_shown")
    assert (row.actor, row.texts) == (team.admin.user, {"email": "bo@new.example"})


@pytest.mark.usefixtures("files_only")
def test_a_colleague_joins_with_an_address_that_is_not_proven(as_admin: Client, team: Team) -> None:
    address = handed(as_admin, team, "nia@new.example")
    visitor = Client()
    assert visitor.post(address, NEW).status_code == 302
    assert visitor.get(team.url("settings/profile/")).status_code == 200
    assert not EmailAddress.objects.get(email="nia@new.example").verified
    assert "Address not confirmed" in as_admin.get(team.url("settings/members/")).content.decode()


@pytest.mark.usefixtures("files_only")
def test_the_link_looks_the_same_whether_the_address_has_an_account(
    as_admin: Client, team: Team, other_team: Team
) -> None:
    """B23: tenants learned of each other's people."""
    known, unknown = "recruiter@globex.example", "recruiter@nobody.example"
    pages = []
    for email in (known, unknown):
        client = Client()
        page = client.get(handed(as_admin, team, email)).content.decode()
        token = client.cookies["csrftoken"].value if "csrftoken" in client.cookies else ""
        page = re.sub(r'value="[A-Za-z0-9]{64}"|/invitations/[^/]+/|nonce="[^"]+"|%2Finvitations%2F[^"]+', "", page)
        pages.append(page.replace(email, "").replace(token, "-"))
    assert pages[0] == pages[1]


@pytest.mark.usefixtures("files_only")
def test_it_does_not_take_an_account_over(as_admin: Client, team: Team, other_team: Team) -> None:
    address = handed(as_admin, team, "recruiter@globex.example")
    answer = Client().post(address, NEW)
    assert "Sign in instead" in unescape(answer.content.decode())
    user = User.objects.get(email="recruiter@globex.example")
    assert user.check_password("demo")
    assert not Membership.objects.filter(organization=team.organization, user=user).exists()
    owner = other_team.client(other_team.recruiter)
    assert owner.post(address).status_code == 302
    assert Membership.objects.filter(organization=team.organization, user=user).exists()


@pytest.mark.usefixtures("files_only")
def test_an_account_made_by_a_stranger_joins_nothing_else_once_there_is_mail(
    as_admin: Client, team: Team, other_team: Team, settings: Settings
) -> None:
    squatter = Client()
    squatter.post(handed(as_admin, team, "ceo@victim.test"), NEW)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    address = path(invited(other_team, "ceo@victim.test"))
    page = unescape(squatter.get(address).content.decode())
    assert "Confirm your address first" in page
    assert squatter.post(address).status_code == 403
    assert not Membership.objects.filter(organization=other_team.organization, user__name="Nia New").exists()


@pytest.mark.usefixtures("files_only")
def test_the_owner_of_an_address_gets_the_account_that_a_stranger_made_without_what_the_stranger_left(
    as_admin: Client, team: Team, settings: Settings
) -> None:
    """B6: the zone, the sessions and, with a second factor, the door would have stayed the stranger's."""
    squatter = Client()
    squatter.post(handed(as_admin, team, "ceo@victim.test"), NEW)
    user = User.objects.get(email="ceo@victim.test")
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    passwords.mail(user.pk)
    link = next(word for word in mail.outbox[-1].body.split() if "/password/" in word)
    owner = Client()
    form = owner.get(link.removeprefix("http://testserver"), follow=True)
    chosen = {"password1": "my-own-long-one-8", "password2": "my-own-long-one-8"}
    assert owner.post(form.request["PATH_INFO"], chosen).status_code == 302
    assert squatter.get(team.url("settings/profile/")).status_code == 302
    user.refresh_from_db()
    assert user.check_password("my-own-long-one-8")
    assert user.time_zone == team.organization.time_zone
    assert EmailAddress.objects.get(user=user).verified
    assert not Authenticator.objects.filter(user=user).exists()


def test_a_proven_account_keeps_its_zone_and_factors_with_a_new_password(team: Team) -> None:
    user = team.recruiter.user
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    User.objects.filter(pk=user.pk).update(time_zone="Asia/Tokyo")
    address_proofs.prove(User.objects.get(pk=user.pk))
    assert User.objects.get(pk=user.pk).time_zone == "Asia/Tokyo"
    assert Authenticator.objects.filter(user=user).exists()


def test_an_admin_who_is_switched_off_leaves_no_open_invitation(team: Team) -> None:
    leaver = second_admin(team)
    invited(team, "friend@globex.example", actor=leaver.user)
    root = Client()
    root.force_login(User.objects.create_superuser("root@example.com", "demo", name="Root"))
    sent = {"email": leaver.user.email, "name": leaver.user.name}
    assert root.post(f"/admin/organizations/user/{leaver.user_id}/change/", sent).status_code == 302
    assert not User.objects.get(pk=leaver.user_id).is_active
    assert not Invitation.objects.exists()
    assert AuditEvent.objects.filter(action="member.invitation_ended").count() == 1


def test_links_of_the_version_before_work_and_prove_nothing(team: Team) -> None:
    invitation = invited(team, "nia@new.example")
    Invitation.objects.update(token_hash=invitations.hash_of("the-old-token"), handed_hash="")
    import_module("organizations.migrations.0017_links_of_invitations").part_links(apps, None)
    invitation.refresh_from_db()
    assert invitations.link(invitation) and Client().get(path(invitation)).status_code == 200
    assert Client().post("/invitations/the-old-token/", NEW).status_code == 302
    assert not EmailAddress.objects.get(email="nia@new.example").verified


def test_of_two_who_accept_at_once_one_joins(team: Team, other_team: Team) -> None:
    """Both requests have found the invitation open; and two organizations have invited one address."""
    token, elsewhere = (path(invited(one, "nia@new.example")).split("/")[2] for one in (team, other_team))
    first, second, third = joining.opened(token), joining.opened(token), joining.opened(elsewhere)
    assert first and second and third
    assert joining.accept_as_new(opened=first, **NEW) is not None
    assert joining.accept_as_new(opened=second, **NEW) is None
    with pytest.raises(joining.AddressTaken):
        joining.accept_as_new(opened=third, **NEW)
    assert User.objects.filter(email="nia@new.example").count() == 1
    assert joining.opened(elsewhere) is not None


@pytest.mark.usefixtures("files_only")
def test_somebody_whose_address_nobody_can_prove_sets_up_a_second_step_all_the_same(
    as_admin: Client, team: Team
) -> None:
    """Else an organization that asks for it would lock them out for ever."""
    visitor = Client()
    visitor.post(handed(as_admin, team, "nia@new.example"), NEW)
    visitor.post(reverse("account_reauthenticate"), {"password": NEW["password"]})
    page = visitor.post(reverse("mfa_activate_totp"))
    assert (page.status_code, "data:image" in page.content.decode()) == (200, True)


@pytest.mark.usefixtures("files_only")
def test_a_person_is_told_how_to_confirm_their_address_once_there_is_mail(
    as_admin: Client, team: Team, settings: Settings
) -> None:
    visitor = Client()
    visitor.post(handed(as_admin, team, "nia@new.example"), NEW)
    profile = team.url("settings/profile/")
    assert "Nobody has confirmed yet" not in visitor.get(profile).content.decode()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert "Nobody has confirmed yet" in visitor.get(profile).content.decode()
    assert "Nobody has confirmed yet" not in as_admin.get(profile).content.decode()

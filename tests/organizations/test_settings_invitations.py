"""Inviting people, and joining by the link."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from config.celery import app
from organizations import invitations
from organizations.models import AuditEvent, Invitation, Membership, User
from tests.conftest import Team

pytestmark = pytest.mark.django_db

NEW = {"name": "Nia New", "password": "a-long-new-one-7", "time_zone": "Africa/Nairobi"}


def invited(team: Team, email: str = "nia@new.example", role: str = "recruiter") -> Invitation:
    return invitations.invite(organization=team.organization, email=email, role=role, actor=team.admin.user)


def path(invitation: Invitation) -> str:
    return invitations.link(invitation).removeprefix("http://testserver")


def test_an_admin_invites_and_sees_how_far_the_mail_is(as_admin: Client, team: Team, settings: Settings) -> None:
    as_admin.post(team.url("settings/members/invite/"), {"email": "Nia@New.example", "role": "recruiter"})
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.role) == ("nia@new.example", "recruiter")
    assert "Queued" in shown(as_admin, team)
    invitations.mail(invitation.pk)
    assert "Sent" in shown(as_admin, team)
    settings.EMAIL_BACKEND = "tests.organizations.test_settings_invitations.Away"
    invitations.mail(invitation.pk)
    assert "Not sent. Check the mail server, then send it again." in shown(as_admin, team)


def shown(client: Client, team: Team) -> str:
    return unescape(client.get(team.url("settings/members/")).content.decode())


def test_the_link_is_mailed_by_a_worker(
    as_admin: Client, team: Team, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    app.conf.task_always_eager = True
    try:
        with django_capture_on_commit_callbacks(execute=True):
            as_admin.post(team.url("settings/members/invite/"), {"email": "nia@new.example", "role": "admin"})
    finally:
        app.conf.task_always_eager = False
    [message] = mail.outbox
    assert message.to == ["nia@new.example"]
    assert message.subject == "You are invited to Acme on Panelist"
    assert invitations.link(Invitation.objects.get()) in message.body
    assert "Admin Acme invites you to join Acme on Panelist as Admin." in message.body


def test_answers_to_an_invitation_reach_who_invites(team: Team) -> None:
    invitations.mail(invited(team).pk)
    content = mail.outbox[-1].message()
    assert content["From"] == "Acme <panelist@testserver>"
    assert content["Reply-To"] == "Admin Acme <admin@acme.example>"
    assert content["Auto-Submitted"] == "auto-generated"
    team.organization.reply_to = "people@acme.example"
    team.organization.save()
    invitations.mail(invited(team).pk)
    assert mail.outbox[-1].message()["Reply-To"] == "people@acme.example"


def test_without_a_mail_server_the_admin_is_told_to_pass_the_link_on(
    as_admin: Client, team: Team, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    page = as_admin.post(
        team.url("settings/members/invite/"), {"email": "nia@new.example", "role": "admin"}, follow=True
    ).content.decode()
    assert "nia@new.example invited, but there is no mail server" in page
    assert "gets an e-mail" not in page
    again = team.url(f"settings/members/invitations/{Invitation.objects.get().pk}/again/")
    page = as_admin.post(again, follow=True).content.decode()
    assert "There is no mail server. Show the link of nia@new.example" in page
    Invitation.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert "has a new link, but there is no mail server" in as_admin.post(again, follow=True).content.decode()


def test_a_mail_server_that_is_away_stops_nobody(team: Team, settings: Settings) -> None:
    invitation = invited(team)
    settings.EMAIL_BACKEND = "tests.organizations.test_settings_invitations.Away"
    invitations.mail(invitation.pk)
    assert Invitation.objects.filter(pk=invitation.pk).exists()
    assert mail.outbox == []


class Away:
    """A mail backend whose server is not there."""

    def __init__(self, **options: object) -> None:
        pass

    def send_messages(self, messages: object) -> int:
        raise ConnectionRefusedError


@pytest.mark.parametrize(
    ("email", "sentence"),
    [("recruiter@ACME.example", "recruiter@acme.example is already a member."), ("nobody", 'value="nobody"')],
)
def test_who_can_not_be_invited_is_said(email: str, sentence: str, as_admin: Client, team: Team) -> None:
    response = as_admin.post(team.url("settings/members/invite/"), {"email": email, "role": "admin"})
    assert sentence in unescape(response.content.decode())
    assert not Invitation.objects.exists()


def test_only_admins_of_the_organization_invite(
    team: Team, other_team: Team, as_admin: Client, as_recruiter: Client, as_interviewer: Client, as_outsider: Client
) -> None:
    invitation = invited(team)
    for end in ("invite/", f"invitations/{invitation.pk}/again/", f"invitations/{invitation.pk}/withdraw/"):
        address = team.url(f"settings/members/{end}")
        assert as_recruiter.post(address).status_code == 403
        assert as_interviewer.post(address).status_code == 403
        assert as_outsider.post(address).status_code == 404
        assert as_admin.get(address)["Location"] == team.url("settings/members/")
    foreign = other_team.url(f"settings/members/invitations/{invitation.pk}/withdraw/")
    assert as_outsider.post(foreign).status_code == 404
    assert Invitation.objects.count() == 1
    assert invitations.link(invitation) not in as_recruiter.get(team.url("settings/members/")).content.decode()


def test_a_new_person_joins_with_name_password_and_zone(client: Client, team: Team) -> None:
    address = path(invited(team))
    page = client.get(address)
    assert 'name="time_zone" value="Europe/Berlin"' in page.content.decode()
    assert page["Referrer-Policy"] == "same-origin"
    assert "noindex" in page["X-Robots-Tag"]
    assert client.post(address, NEW)["Location"] == "/"
    user = User.objects.get(email="nia@new.example")
    assert (user.name, user.time_zone) == ("Nia New", "Africa/Nairobi")
    assert user.check_password("a-long-new-one-7")
    assert client.session["_auth_user_id"] == str(user.pk)
    assert Membership.objects.get(user=user).role == "recruiter"
    assert AuditEvent.objects.filter(action="member.joined", actor=user).count() == 1
    assert Client().get(address).status_code == 404


def test_a_weak_password_is_refused_and_the_rest_kept(client: Client, team: Team) -> None:
    response = client.post(path(invited(team)), NEW | {"password": "12345"})
    page = response.content.decode()
    assert 'value="Nia New"' in page
    assert "12345" not in page
    assert 'aria-invalid="true"' in page
    assert not User.objects.filter(email="nia@new.example").exists()


def test_who_has_an_account_signs_in_first(client: Client, team: Team, other_team: Team) -> None:
    address = path(invited(team, email="interviewer@globex.example"))
    assert f"/sign-in/?next={address}" in client.get(address).content.decode()
    assert client.post(address, NEW).status_code == 200
    assert not Membership.objects.filter(organization=team.organization, user=other_team.interviewer.user).exists()


def test_a_signed_in_person_joins_with_one_click(team: Team, other_team: Team) -> None:
    address = path(invited(team, email="recruiter@globex.example"))
    client = other_team.client(other_team.recruiter)
    assert "You are signed in as recruiter@globex.example" in client.get(address).content.decode()
    assert client.post(address).status_code == 302
    assert Membership.objects.get(organization=team.organization, user=other_team.recruiter.user).role == "recruiter"


def test_who_is_a_member_already_keeps_their_role(team: Team, as_admin: Client) -> None:
    as_admin.post(path(invited(team, email="admin@acme.example", role="interviewer")))
    assert Membership.objects.get(pk=team.admin.pk).role == "admin"


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_invitation_that_is_over_says_so(method: str, client: Client, team: Team, as_admin: Client) -> None:
    withdrawn, renewed = (invited(team, email=f"{word}@new.example") for word in ("gone", "renewed"))
    addresses = [path(withdrawn), path(renewed), "/invitations/guessed/"]
    as_admin.post(team.url(f"settings/members/invitations/{withdrawn.pk}/withdraw/"))
    Invitation.objects.filter(pk=renewed.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    as_admin.post(team.url(f"settings/members/invitations/{renewed.pk}/again/"))
    for address in addresses:
        response = getattr(client, method)(address, NEW)
        assert response.status_code == 404
        assert "This invitation is no longer valid" in response.content.decode()
        assert "Use the link in your newest e-mail" in response.content.decode()
    renewed.refresh_from_db()
    assert client.get(path(renewed)).status_code == 200


def test_one_that_has_ended_can_be_renewed(as_admin: Client, team: Team) -> None:
    invitation = invited(team)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert "Expired" in as_admin.get(team.url("settings/members/")).content.decode()
    as_admin.post(team.url(f"settings/members/invitations/{invitation.pk}/again/"))
    assert invitations.link(Invitation.objects.get())


def test_inviting_an_address_again_keeps_its_link_and_says_what_there_is(as_admin: Client, team: Team) -> None:
    address = path(invited(team))
    again = {"email": "Nia@new.example", "role": "admin"}
    page = unescape(as_admin.post(team.url("settings/members/invite/"), again).content.decode())
    end = date_format(timezone.localtime(Invitation.objects.get().expires_at), "DATE_FORMAT")
    assert f"nia@new.example is already invited until {end}." in page
    assert "Send again" in page
    assert Client().get(address).status_code == 200
    assert Invitation.objects.get().role == "recruiter"


def test_who_invites_at_the_same_moment_makes_no_link_worthless(team: Team) -> None:
    first = path(invited(team))
    assert path(invited(team, role="admin")) == first
    assert Invitation.objects.get().role == "admin"


def test_sending_again_mails_the_same_link(
    as_admin: Client, team: Team, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    invitation = invited(team)
    address = invitations.link(invitation)
    app.conf.task_always_eager = True
    try:
        with django_capture_on_commit_callbacks(execute=True):
            page = as_admin.post(team.url(f"settings/members/invitations/{invitation.pk}/again/"), follow=True)
    finally:
        app.conf.task_always_eager = False
    assert "Invitation sent to nia@new.example again." in page.content.decode()
    assert [message.to for message in mail.outbox] == [["nia@new.example"]]
    assert address in mail.outbox[0].body
    assert AuditEvent.objects.filter(action="member.invitation_sent_again").count() == 1


def test_a_link_that_a_new_secret_key_made_worthless_is_made_anew(as_admin: Client, team: Team) -> None:
    invitation = invited(team)
    Invitation.objects.update(token_hash="made with another key")
    assert "New link for nia@new.example" in as_admin.get(team.url("settings/members/")).content.decode()
    as_admin.post(team.url(f"settings/members/invitations/{invitation.pk}/again/"))
    assert Client().get(path(Invitation.objects.get())).status_code == 200

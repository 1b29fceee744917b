"""The first steps that belong to the organization itself: the test mail, and inviting in a dialog."""

from __future__ import annotations

import json

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from organizations import limits
from organizations.first_steps import send_test_mail
from organizations.models import Invitation, Organization
from tests.conftest import Team

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def state(team: Team) -> str:
    return Organization.objects.get(pk=team.organization.pk).test_mail


def test_a_test_mail_goes_to_whoever_asks(
    team: Team, as_admin: Client, django_capture_on_commit_callbacks: object
) -> None:
    answer = as_admin.post(team.url("settings/test-mail/"), headers=HTMX)
    assert json.loads(answer["HX-Trigger"]) == {"homeChanged": True}
    assert state(team) == "queued"
    send_test_mail(team.organization.pk, team.admin.user_id)
    send_test_mail(team.organization.pk, team.admin.user_id)  # a message that comes twice
    [sent] = mail.outbox
    assert sent.to == [f'"Admin Acme" <{team.admin.user.email}>'] or team.admin.user.email in sent.to[0]
    assert sent.subject == "Test mail from Acme" and "It has arrived" in sent.body
    assert state(team) == "sent"


@pytest.mark.enable_socket
@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_mail_server_that_refuses_is_said(team: Team, as_admin: Client, settings: Settings) -> None:
    as_admin.post(team.url("settings/test-mail/"), headers=HTMX)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 1, 1
    send_test_mail(team.organization.pk, team.admin.user_id)
    assert state(team) == "failed"
    assert "The mail server didn&#x27;t accept it." in as_admin.get(team.url("home/")).content.decode()


def test_test_mails_are_limited(team: Team, as_admin: Client) -> None:
    for _number in range(limits.TEST_MAILS.most):
        assert "homeChanged" in as_admin.post(team.url("settings/test-mail/"), headers=HTMX)["HX-Trigger"]
    refused = json.loads(as_admin.post(team.url("settings/test-mail/"), headers=HTMX)["HX-Trigger"])
    assert refused["notice"].startswith("You sent 5 test mails within an hour.")


def test_only_admins_send_one_and_invite(
    team: Team, as_recruiter: Client, as_interviewer: Client, as_outsider: Client
) -> None:
    for address in ("settings/test-mail/", "settings/invite/"):
        for client, status in ((as_recruiter, 403), (as_interviewer, 403), (as_outsider, 404)):
            assert client.post(team.url(address)).status_code == status
    assert state(team) == "" and not Invitation.objects.exists()


def test_somebody_is_invited_in_a_dialog(team: Team, as_admin: Client) -> None:
    address = team.url("settings/invite/")
    assert "Invite a member" in as_admin.get(address).content.decode()
    wrong = as_admin.post(address, {"email": "nobody", "role": "interviewer"}, headers=HTMX)
    assert wrong.status_code == 422 and "nobody" in wrong.content.decode()
    done = as_admin.post(address, {"email": "grace@example.com", "role": "interviewer"}, headers=HTMX)
    assert json.loads(done["HX-Trigger"])["notice"] == "grace@example.com invited by e-mail."
    assert Invitation.objects.get().email == "grace@example.com"

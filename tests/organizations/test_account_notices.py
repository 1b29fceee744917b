"""Mails to people about what happened to their account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from allauth.mfa import signals
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client, RequestFactory
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from config.celery import app
from organizations import account_notices, members
from organizations.account_notices import Kind
from organizations.models import Session, User
from tests.conftest import Team

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:141.0) Gecko/20100101 Firefox/141.0"


@pytest.fixture(autouse=True)
def an_account_of_last_year(team: Team, settings: Settings) -> None:
    settings.BASE_URL = "http://testserver"
    User.objects.update(created_at=timezone.now() - timedelta(days=365), last_login=timezone.now())


@pytest.fixture
def workers(django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> Iterator[None]:
    """Tasks run at once, after the transaction in which they were sent."""
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


def sign_in(team: Team, client: Client) -> None:
    sent = {"login": team.recruiter.user.email, "password": "demo"}
    assert client.post("/sign-in/", sent, headers={"User-Agent": FIREFOX}, REMOTE_ADDR="203.0.113.7").status_code == 302


def subjects() -> list[str]:
    return [str(message.subject) for message in mail.outbox]


@pytest.mark.usefixtures("workers")
def test_a_new_browser_is_told_once_and_a_known_one_never(
    team: Team, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    desk = Client()
    with django_capture_on_commit_callbacks(execute=True):
        sign_in(team, desk)
    [message] = mail.outbox
    assert message.to == ["Recruiter Acme <recruiter@acme.example>"]
    assert message.subject == "New sign-in to your Panelist account"
    assert "Firefox on Windows" in message.body
    assert "203.0.113.x" in message.body
    assert "http://testserver/password/" in message.body
    desk.post("/sign-out/")
    with django_capture_on_commit_callbacks(execute=True):
        sign_in(team, desk)
    assert len(mail.outbox) == 1


@pytest.mark.usefixtures("workers")
@pytest.mark.parametrize("reason", ["the account is new", "it is the demo"])
def test_nobody_is_told_what_they_are_doing_just_now(
    reason: str,
    team: Team,
    settings: Settings,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    if reason == "it is the demo":
        settings.DEMO = True
    else:
        User.objects.update(created_at=timezone.now() - timedelta(minutes=50))
    with django_capture_on_commit_callbacks(execute=True):
        sign_in(team, Client())
    assert mail.outbox == []


@pytest.mark.usefixtures("workers")
def test_a_new_password_is_told_however_it_was_chosen(
    team: Team, as_recruiter: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    own = {"oldpassword": "demo", "password1": "a-long-new-one-7", "password2": "a-long-new-one-7"}
    with django_capture_on_commit_callbacks(execute=True):
        as_recruiter.post(team.url("settings/profile/password/"), own)
    with django_capture_on_commit_callbacks(execute=True):
        user = User.objects.get(pk=team.recruiter.user.pk)
        user.set_password("by-somebody-else-9")
        user.save()
    assert subjects() == ["Your Panelist password was changed"] * 2


@pytest.mark.usefixtures("workers")
def test_what_an_admin_did_is_told_and_what_people_do_themselves_is_not(
    team: Team, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        members.change_role(membership=team.interviewer, role="admin", actor=team.admin.user)
        members.sign_out_everywhere(membership=team.interviewer, actor=team.admin.user)
        members.sign_out_everywhere(membership=team.admin, actor=team.admin.user)
        members.change_role(membership=team.admin, role="recruiter", actor=team.admin.user)
    assert subjects() == ["Your role at Acme has changed", "Acme signed you out of Panelist"]
    assert "You are now: Admin." in mail.outbox[0].body


@pytest.mark.usefixtures("workers")
def test_second_steps_are_told_and_end_the_sessions_that_began_without(
    team: Team, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    user = team.recruiter.user
    here, elsewhere = team.client(team.recruiter), team.client(team.recruiter)
    request = RequestFactory().post("/")
    request.session, request.user = here.session, user
    app_step = Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
    codes = Authenticator.objects.create(user=user, type=Authenticator.Type.RECOVERY_CODES, data={})
    with django_capture_on_commit_callbacks(execute=True):
        for signal, step in (
            (signals.authenticator_added, app_step),
            (signals.authenticator_added, codes),
            (signals.authenticator_used, app_step),
            (signals.authenticator_used, codes),
            (signals.authenticator_reset, codes),
            (signals.authenticator_removed, app_step),
        ):
            signal.send(Authenticator, request=request, user=user, authenticator=step, reauthenticated=False)
    assert subjects() == [
        "A second step was added to your Panelist account",
        "A recovery code of your Panelist account was used",
        "New recovery codes for your Panelist account",
        "A second step was removed from your Panelist account",
    ]
    assert "an authenticator app" in mail.outbox[0].body
    assert here.get(team.url("settings/profile/")).status_code == 200
    assert elsewhere.get(team.url("settings/profile/")).status_code == 302


@pytest.mark.parametrize("kind", list(Kind))
def test_each_notice_says_when_in_the_readers_zone_and_is_text_and_html(kind: Kind, team: Team) -> None:
    user = team.recruiter.user
    User.objects.filter(pk=user.pk).update(time_zone="Asia/Tokyo", name="Ada <b>Case</b>")
    team.client(team.recruiter)
    abouts: dict[Kind, int] = {
        Kind.NEW_SIGN_IN: Session.objects.get().pk,
        Kind.ROLE_CHANGED: team.recruiter.pk,
        Kind.SIGNED_OUT: team.recruiter.pk,
        Kind.STEP_REMOVED: 1,
    }
    account_notices.mail(user.pk, kind.value, abouts.get(kind, 0))
    [message] = mail.outbox
    assert isinstance(message, EmailMultiAlternatives)
    [(html, kind_of_html)] = message.alternatives
    assert kind_of_html == "text/html"
    assert "<b>" not in str(html) and 'href="http://testserver/' in str(html)
    assert message.body.startswith("Hi Ada,\n\n")
    assert kind == Kind.ROLE_CHANGED or ", Tokyo (GMT+9)" in message.body
    assert "{" not in f"{message.subject}{message.body}" and "  " not in message.body
    assert message.message()["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize("gone", ["account", "membership", "session"])
def test_what_is_gone_is_not_told(gone: str, team: Team) -> None:
    if gone == "account":
        User.objects.filter(pk=team.recruiter.user.pk).update(is_active=False)
    kind = Kind.NEW_SIGN_IN if gone == "session" else Kind.ROLE_CHANGED
    account_notices.mail(team.recruiter.user.pk, kind.value, 987654 if gone != "account" else team.recruiter.pk)
    assert mail.outbox == []


def test_a_mail_server_that_is_away_stops_nobody(team: Team, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "tests.organizations.test_settings_invitations.Away"
    account_notices.mail(team.recruiter.user.pk, Kind.PASSWORD_CHANGED.value)
    assert mail.outbox == []

"""One account is erased: by its person, or in the Django admin. Nothing anywhere names them afterwards."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from integrations.models import Integration
from organizations import invitations, limits
from organizations.audit import Person, record
from organizations.erasure import accounts, closing
from organizations.models import (
    Attempt,
    AuditEvent,
    DayOff,
    DirectoryUser,
    Invitation,
    Membership,
    Session,
    Submission,
    User,
)
from organizations.trail import Trail
from scheduling.demo import outbox
from scheduling.messages import delivery as message_delivery
from scheduling.models import CandidateImport, Interview, Message, Schedule
from tests.conftest import Team, make_team
from tests.organizations.directory.client import Caller
from tests.organizations.erasure.stored import names_of, naming
from tests.scheduling.loops import connect
from tests.scheduling.message_steps import assign, kinds, send, staffed_loop

pytestmark = pytest.mark.django_db
PAGE = "/account/delete/"


def confirmed(client: Client) -> Client:
    """The browser, after the password was entered once more."""
    assert client.post("/account/confirm/", {"password": "demo"}).status_code == 302
    return client


@pytest.fixture
def person(team: Team) -> User:
    """The interviewer, under a name that no page, sentence or test says for another reason."""
    user = team.interviewer.user
    user.name, user.email = "Zoë O'Quibble", "zoe.quibble@acme.example"
    user.save()
    return user


@pytest.fixture
def browser(team: Team, person: User) -> Client:
    return confirmed(team.client(Membership.objects.get(user=person)))


@pytest.fixture
def schedule(team: Team, person: User) -> Schedule:
    """Tomorrow's loop with the person in it. Everybody was told."""
    schedule = staffed_loop(team, "Coding", "Design")
    assign(schedule.interviews.get(name="Design"), team.interviewer)
    send(schedule, team)
    assert len(naming(*names_of(person))) > 5
    return schedule


def delivered() -> None:
    for message in Message.objects.filter(state="queued").order_by("id"):
        message_delivery.deliver(message.pk)


def leave_traces(team: Team, user: User) -> None:
    """Leave the person in every table that can hold them."""
    here, now = team.organization, timezone.now()
    member = Membership.objects.get(organization=here, user=user)
    DayOff.objects.create(membership=member, day=date(2027, 5, 3), note="Sailing")
    Session.objects.create(key="k" * 64, data="", user=user, ends_at=now + timedelta(days=1))
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "s"})
    SocialAccount.objects.create(user=user, provider="organization-1", uid="1", extra_data={"name": user.name})
    DirectoryUser.objects.create(
        organization=here, membership=member, user_name=user.email, email=user.email, name=user.name,
        content={"displayName": user.name, "emails": [{"value": user.email}]},
    )  # fmt: skip
    Invitation.objects.create(
        organization=here, email=user.email, role="recruiter", token_hash="h" * 64, expires_at=now, accepted_at=now
    )
    invited = invitations.invite(organization=here, email="next@acme.example", role="recruiter", actor=user)
    record(
        organization=here, actor=None, action="member.invited", subject=invited,
        person=Person("invitation", invited.pk), texts={"email": user.email}, detail={"role": "recruiter"},
    )  # fmt: skip
    record(
        organization=here, actor=user, action="account.signed_in", subject=user,
        texts={"browser": "Firefox", "place": "203.0.113.x"},
    )  # fmt: skip
    CandidateImport.objects.create(organization=here, uploaded_by=user, rows=[])
    Integration.objects.filter(pk=connect(team).pk).update(key_owner=f"{user.name} ({user.email})")
    Submission.objects.create(key="s" * 64, answer={"notices": [[20, f"{user.name} removed."]]})
    here.reply_to = user.email
    here.save()
    LogEntry.objects.create(
        user=team.admin.user, content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk),
        object_repr=str(user), action_flag=CHANGE, change_message=f"Changed {user.email}",
    )  # fmt: skip
    limits.note(limits.EXPORTS, user.pk)
    limits.note(limits.PASSWORD_MAILS, user.email)


def test_nothing_names_who_is_erased(team: Team, person: User, schedule: Schedule, browser: Client) -> None:
    leave_traces(team, person)
    Client().post("/sign-in/", {"login": person.email, "password": "wrong"})
    assert Attempt.objects.count() >= 3
    assert browser.post(PAGE)["Location"] == "/sign-in/"
    assert not Membership.objects.filter(user=person).exists()
    delivered()
    accounts.sweep()
    assert naming(*names_of(person), "O&#x27;Quibble", "Quibble") == []
    assert not User.objects.filter(pk=person.pk).exists()
    assert Attempt.objects.filter(kind__in=["sign_in", "exports", "password_mails"]).count() == 0
    assert not AuditEvent.objects.filter(person_type="user", person_id=person.pk).exclude(texts={}).exists()


def test_what_happened_stays(team: Team, person: User, schedule: Schedule, browser: Client) -> None:
    sent = schedule.messages.filter(membership=team.interviewer).values_list("pk", flat=True)[0]
    browser.post(PAGE)
    delivered()
    accounts.sweep()
    told = Message.objects.get(pk=sent)
    assert (told.state, told.to_name, told.membership_id) == ("sent", "Former member", None)
    to_candidate = Message.objects.get(schedule=schedule, kind="candidate_invitation")
    assert "Former member" in to_candidate.text
    row = AuditEvent.objects.filter(action="member.erased").get()
    assert Trail([row]).sentence(row) == "somebody who was erased deleted their account"
    assert Interview.objects.filter(schedule=schedule, state="scheduled").count() == 2
    client = team.client(team.recruiter)
    for page in ("", "history/", "communications/"):
        assert client.get(team.url(f"schedules/{schedule.pk}/{page}")).status_code == 200


def test_colleagues_hear_of_it_as_when_somebody_leaves(
    team: Team, person: User, schedule: Schedule, browser: Client
) -> None:
    page = browser.get(PAGE).content.decode()
    assert "2 interviews to come lose you as interviewer." in page
    browser.post(PAGE)
    accounts.sweep()
    assert User.objects.filter(pk=person.pk).exists(), "their own cancellation has to leave first"
    mail.outbox.clear()
    delivered()
    assert {one.to[0] for one in mail.outbox} == {f"{person.name} <{person.email}>"}
    assert ("candidate_update", "Ada Osei") in kinds(list(schedule.messages.filter(state="draft")))
    accounts.sweep()
    assert not User.objects.filter(pk=person.pk).exists()


def test_a_message_that_does_not_leave_holds_nothing_up_for_long(
    team: Team, person: User, schedule: Schedule, browser: Client
) -> None:
    browser.post(PAGE)
    with time_machine.travel(timezone.now() + accounts.MESSAGES_HAVE + timedelta(minutes=1)):
        accounts.sweep()
    assert naming(*names_of(person)) == []


def test_a_closed_account_lets_nobody_in(team: Team, person: User, schedule: Schedule, browser: Client) -> None:
    elsewhere = Client()
    elsewhere.force_login(person)
    browser.post(PAGE)
    assert browser.get(team.url("home/")).status_code == 302
    assert elsewhere.get(team.url("home/")).status_code == 302
    answer = Client().post("/sign-in/", {"login": person.email, "password": "demo"})
    assert "_auth_user_id" not in answer.wsgi_request.session


def test_only_after_the_password(team: Team, person: User) -> None:
    client = team.client(team.interviewer)
    for answer in (client.get(PAGE), client.post(PAGE)):
        assert answer["Location"].startswith("/account/confirm/")
    assert Membership.objects.filter(user=person).exists()
    assert Client().get(PAGE)["Location"].startswith("/sign-in/")


def test_a_last_admin_hands_over_first(team: Team) -> None:
    other = make_team("globex")
    Membership.objects.create(organization=other.organization, user=team.admin.user, role="interviewer")
    client = confirmed(team.client(team.admin))
    page = client.get(PAGE).content.decode()
    assert "You are the last admin of <bdi>Acme</bdi>. Make somebody else an admin, or delete" in page
    assert "last admin of <bdi>Globex" not in page
    assert "Delete my account</button>" not in page
    refused = client.post(PAGE)
    assert refused.status_code == 409
    assert Membership.objects.filter(user=team.admin.user).count() == 2
    team.recruiter.role = "admin"
    team.recruiter.save()
    assert client.post(PAGE).status_code == 302
    assert not Membership.objects.filter(user=team.admin.user).exists()


def test_of_two_last_admins_one_stays(team: Team) -> None:
    team.recruiter.role = "admin"
    team.recruiter.save()
    accounts.erase(user=team.admin.user, actor=team.admin.user)
    with pytest.raises(accounts.StillNeeded) as kept:
        accounts.erase(user=team.recruiter.user, actor=team.recruiter.user)
    assert kept.value.organizations == [team.organization]


def test_every_organization_is_left(team: Team, person: User, browser: Client) -> None:
    other = make_team("globex")
    Membership.objects.create(organization=other.organization, user=person, role="recruiter")
    page = browser.get(PAGE).content.decode()
    assert "<bdi>Acme</bdi>" in page
    assert "<bdi>Globex</bdi>" in page
    browser.post(PAGE)
    accounts.sweep()
    assert naming(*names_of(person)) == []
    assert AuditEvent.objects.filter(action="member.erased").count() == 2


def test_nobody_else_is_touched(team: Team, person: User, browser: Client) -> None:
    browser.post(PAGE)
    accounts.sweep()
    assert Membership.objects.filter(organization=team.organization).count() == 2
    assert naming("Recruiter Acme")


def test_the_same_address_can_begin_anew(team: Team, person: User, browser: Client) -> None:
    browser.post(PAGE)
    accounts.sweep()
    invitation = invitations.invite(
        organization=team.organization, email=person.email, role="interviewer", actor=team.admin.user
    )
    assert invitations.is_valid(invitation)
    assert User.objects.create_user(person.email, "demo").pk != person.pk


def test_the_demos_mails_go_too(
    team: Team, person: User, schedule: Schedule, settings: Settings, tmp_path: Path
) -> None:
    settings.DEMO, settings.EMAIL_FILE_PATH = True, str(tmp_path)
    outbox.OutboxBackend().send_messages(list(mail.outbox))
    named = [path for path in tmp_path.glob("*.eml") if b"Quibble" in path.read_bytes()]
    assert named
    accounts.erase(user=person, actor=person)
    delivered()
    accounts.sweep()
    assert not [path for path in named if path.exists()]


def test_the_last_admin_of_what_is_being_deleted_need_not_wait(team: Team) -> None:
    closing.plan(organization=team.organization, actor=team.admin.user, tell=False, at=timezone.now())
    accounts.erase(user=team.admin.user, actor=team.admin.user)
    accounts.sweep()
    assert naming(*names_of(team.admin.user)) == []


def test_a_directory_that_still_lists_them_begins_anew(team: Team, person: User) -> None:
    directory = Caller(team)
    before = directory.user(person.email)
    assert DirectoryUser.objects.get().membership_id == team.interviewer.pk
    accounts.erase(user=person, actor=person)
    accounts.sweep()
    assert naming(*names_of(person)) == []
    assert directory.send("GET", f"/Users/{before['id']}").status_code == 404
    directory.user(person.email)
    assert Invitation.objects.get().email == person.email, "invited as somebody new, because no domain is proven"

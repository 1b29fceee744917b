"""B19: nobody can bomb a mailbox or spray strangers, however they ask; and a busy day of recruiting is not held up."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from django.core import mail
from django.test import Client

from integrations import key_checks
from integrations.models import KeyCheck
from integrations.sandbox import Sandbox
from organizations import account_notices, invitations, limits
from organizations.erasure import closing, mails
from organizations.models import Invitation
from scheduling.erasure import retention
from scheduling.messages import queueing, repeats
from scheduling.models import Message, MessageState
from tests.conftest import Team
from tests.integrations.conftest import Work, vendor, work  # noqa: F401 - fixtures
from tests.scheduling.message_steps import composed, deliver_all, propose, queue, send, staffed_loop

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ("organizations", "integrations", "jobs", "scheduling")
HTMX = {"HX-Request": "true"}
STRANGER = "stranger@example.org"

#: Each function that builds a mail, or has a task send one, and why that is bounded: a limit, or a test below.
SENDERS = {
    "organizations/invitations.py:mail": "one for each that `_mail_after_commit` asked for",
    "organizations/invitations.py:_mail_after_commit": "test_one_stranger_is_invited_three_times_a_day",
    "organizations/passwords.py:mail": "one for each that `request_mail` asked for",
    "organizations/passwords.py:request_mail": "limits.PASSWORD_MAILS, limits.PASSWORD_REQUESTS: test_passwords.py",
    "organizations/address_change.py:mail": "two for each that `ask` asked for",
    "organizations/address_change.py:ask": "limits.ADDRESS_CHANGES and _TO_ONE: test_address_change.py",
    "organizations/guessing.py:mail": "one for each that `warn_owner` asked for",
    "organizations/guessing.py:warn_owner": "limits.GUESSING_MAILS: test_throttle.py",
    "organizations/account_notices.py:_message": "test_a_member_is_told_so_often_of_one_thing",
    "organizations/account_notices.py:tell": "test_a_member_is_told_so_often_of_one_thing",
    "organizations/models/accounts.py:save": "test_a_member_is_told_so_often_of_one_thing",
    "organizations/erasure/mails.py:send": "test_admins_are_told_so_often_that_all_is_deleted",
    "organizations/erasure/closing.py:plan": "test_admins_are_told_so_often_that_all_is_deleted",
    "organizations/erasure/closing.py:call_off": "test_admins_are_told_so_often_that_all_is_deleted",
    "scheduling/erasure/retention.py:mail": "test_admins_are_told_so_often_that_candidates_are_deleted",
    "scheduling/erasure/retention.py:keep_candidates_for": "test_admins_are_told_so_often_that_candidates_are_deleted",
    "organizations/first_steps.py:ask_for_test_mail": "limits.TEST_MAILS: test_first_steps.py",
    "organizations/first_steps.py:send_test_mail": "one for each that `ask_for_test_mail` asked for",
    "integrations/calendar_health.py:_problem_mail": "one per outage, to the calendar's owner or to the admins",
    "integrations/health.py:_problem_mail": "one per outage, to the organization's own admins",
    "scheduling/messages/mime.py:build": "one for each message that is queued",
    "scheduling/messages/queueing.py:queue": "test_one_candidate_gets_so_many_messages_an_hour",
    "scheduling/messages/repeats.py:_copy": "test_a_copy_can_be_sent_so_often",
    "scheduling/messages/repeats.py:_repeat": "test_a_doubtful_message_can_be_repeated_so_often",
    "scheduling/messages/withdrawals.py:_queue": "one for each event that a counted message brought there",
    "scheduling/messages/delivery.py:sweep": "messages that are queued already",
    "scheduling/messages/delivery.py:_enqueue_parts": "messages that are queued already",
}
#: What builds a mail, and the tasks that send one.
BUILDERS = {
    "write",
    "write_from",
    "mail_account",
    "Mail",
    "EmailMessage",
    "EmailMultiAlternatives",
    "send_mail",
    "send_mass_mail",
    "mail_admins",
}


def mail_tasks() -> set[str]:
    """Tasks that send mail, as they are named when they are sent. Their names begin with what they do."""
    found = set()
    for app in APPS:
        path = ROOT / app / "tasks.py"
        for node in ast.parse(path.read_text()).body if path.exists() else []:
            if isinstance(node, ast.FunctionDef) and node.name.startswith(("mail_", "send_")):
                found.add(f"{app}.{node.name}")
    return found


def senders() -> set[str]:
    """Every function that builds a mail or sends a task that does."""
    tasks, found = mail_tasks(), set()
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if "sandbox" in name or "migrations" in name or name == "organizations/mail.py":
                continue
            tree = ast.parse(path.read_text())
            mails = any(
                isinstance(node, ast.ImportFrom)
                and (node.module or "").endswith(("organizations.mail", "django.core.mail"))
                and BUILDERS & {alias.name for alias in node.names}
                for node in ast.walk(tree)
            )
            for function in ast.walk(tree):
                if isinstance(function, ast.FunctionDef) and _sends(function, tasks, mails=mails):
                    found.add(f"{name}:{function.name}")
    return found


def _sends(function: ast.FunctionDef, tasks: set[str], *, mails: bool) -> bool:
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            named = {argument.value for argument in node.args if isinstance(argument, ast.Constant)}
            builds = mails and called in BUILDERS and isinstance(node.func, ast.Name)
            if builds or (called in {"after_commit", "send"} and named & tasks):
                return True
    return False


def test_each_way_to_send_a_mail_is_known_to_be_bounded() -> None:
    assert senders() == set(SENDERS)
    for reason in SENDERS.values():
        assert not reason.startswith("test_") or reason in globals()


@pytest.fixture
def clock(team: Team) -> Iterator[time_machine.Traveller]:
    with time_machine.travel("2027-03-01T12:00:00Z", tick=False) as traveller:
        yield traveller


def invite(client: Client, team: Team, email: str) -> str:
    """Invite somebody, and return the page that comes."""
    form = {"email": email, "role": "recruiter"}
    return client.post(team.url("settings/members/invite/"), form, follow=True).content.decode()


def test_one_stranger_is_invited_three_times_a_day(team: Team, clock: time_machine.Traveller) -> None:
    """The attack: an invitation, "Send again", withdrawn and invited anew, in any spelling of the address."""
    client = team.client(team.admin)
    invite(client, team, STRANGER)
    invitation = Invitation.objects.get()
    again = team.url(f"settings/members/invitations/{invitation.pk}/again/")
    for _again in range(2):
        assert f"Invitation sent to {STRANGER} again." in client.post(again, follow=True).content.decode()
    said = "This person got 3 invitations within a day. The next can go out on 2 Mar 2027 at 12:00."
    for _again in range(20):
        assert said in client.post(again, follow=True).content.decode()
    client.post(team.url(f"settings/members/invitations/{invitation.pk}/withdraw/"))
    page = invite(client, team, " Stranger@EXAMPLE.org ")
    assert said in page
    assert "stranger@example.org" in page.lower()  # what was typed is still there
    assert not Invitation.objects.exists()
    clock.shift(limits.DAY)
    assert f"{STRANGER} invited by e-mail" in invite(team.client(team.admin), team, STRANGER)


def test_an_organization_sprays_no_strangers(team: Team, other_team: Team, clock: time_machine.Traveller) -> None:
    """All its admins together; another organization's invitations are its own."""
    client = team.client(team.admin)
    for number in range(20):
        assert "invited by e-mail" in invite(client, team, f"person{number}@example.org")
    said = "20 invitations were sent within an hour. More can go out at 13:00."
    team.recruiter.role = "admin"
    team.recruiter.save()
    assert said in invite(team.client(team.recruiter), team, "one@example.org")
    assert "invited by e-mail" in invite(other_team.client(other_team.admin), other_team, "one@example.org")
    clock.shift(limits.HOUR)
    assert "invited by e-mail" in invite(team.client(team.admin), team, "one@example.org")


def test_an_expired_invitation_that_is_renewed_counts(team: Team, clock: time_machine.Traveller) -> None:
    for _again in range(3):
        invitations.invite(organization=team.organization, email=STRANGER, role="recruiter", actor=team.admin.user)
    Invitation.objects.update(expires_at="2027-02-01T00:00:00Z")
    before = Invitation.objects.values().get()
    with pytest.raises(limits.Reached):
        invitations.send_again(invitation=Invitation.objects.get(), actor=team.admin.user)
    assert Invitation.objects.values().get() == before


def test_a_member_is_told_so_often_of_one_thing(team: Team) -> None:
    """The attack: an admin who gives a member one role after the other. A new password is told all the same."""
    for _again in range(limits.NOTICES.most + 5):
        account_notices.mail(team.recruiter.user.pk, account_notices.Kind.ROLE_CHANGED, team.recruiter.pk)
    assert len(mail.outbox) == limits.NOTICES.most
    account_notices.mail(team.recruiter.user.pk, account_notices.Kind.PASSWORD_CHANGED)
    account_notices.mail(team.admin.user.pk, account_notices.Kind.ROLE_CHANGED, team.admin.pk)
    assert len(mail.outbox) == limits.NOTICES.most + 2


def test_admins_are_told_so_often_that_all_is_deleted(team: Team) -> None:
    """The attack: an admin who plans the deletion of the organization and calls it off, again and again."""
    for _again in range(limits.NOTICES.most + 2):
        closing.plan(organization=team.organization, actor=team.admin.user, tell=False)
        mails.send(team.organization.pk, mails.Kind.PLANNED)
        closing.call_off(organization=team.organization, actor=team.admin.user)
        mails.send(team.organization.pk, mails.Kind.CALLED_OFF)
    assert len(mail.outbox) == 2 * limits.NOTICES.most


def test_admins_are_told_so_often_that_candidates_are_deleted(team: Team) -> None:
    """The attack: retention switched on and off."""
    for _again in range(limits.NOTICES.most + 2):
        for months in (6, 0):
            retention.keep_candidates_for(organization=team.organization, months=months, actor=team.admin.user)
            if months:
                retention.mail(team.organization.pk)
    assert len(mail.outbox) == limits.NOTICES.most


def use_up(limit: limits.Limit, *whose: object, left: int = 0) -> None:
    for _use in range(limit.most - left):
        limits.note(limit, *whose)


def test_one_candidate_gets_so_many_messages_an_hour(as_recruiter: Client, team: Team) -> None:
    """A template bomb: the same address on candidate after candidate, in any spelling."""
    use_up(limits.MESSAGES_TO_CANDIDATE, team.organization.pk, STRANGER, left=1)
    first, second = (staffed_loop(team, "Design", email=email) for email in (STRANGER, "Stranger@Example.org"))
    assert len(send(first, team)) == 2
    propose(second, team)
    before = list(Message.objects.order_by("pk").values())
    picks = [f"{pk}:{content.digest}" for pk, content in composed(second, team).items()]
    response = as_recruiter.post(team.url(f"schedules/{second.pk}/messages/send/"), {"message": picks}, headers=HTMX)
    assert response.status_code == 422
    page = response.content.decode()
    assert "60 messages went to this address within an hour. The next can go out" in page
    assert "Ada Osei" in page
    assert list(Message.objects.order_by("pk").values()) == before


def test_a_colleague_gets_so_many_messages_an_hour(team: Team) -> None:
    use_up(limits.MESSAGES_TO_INTERVIEWER, team.organization.pk, team.interviewer.user.email)
    schedule = staffed_loop(team, "Design")
    propose(schedule, team)
    with pytest.raises(queueing.NotQueued) as caught:
        queue(schedule, team)
    assert [objection.name for objection in caught.value.objections] == [str(team.interviewer.user)]
    assert not caught.value.can_override
    assert set(schedule.messages.values_list("state", flat=True)) == {MessageState.DRAFT}


def again(client: Client, team: Team, message: Message) -> str:
    response = client.post(team.url(f"messages/{message.pk}/again/"), headers=HTMX)
    assert response.status_code == 200
    return response.headers["HX-Trigger"]


def test_a_copy_can_be_sent_so_often(as_recruiter: Client, team: Team) -> None:
    """The attack: each copy is the newest message, and can be sent again itself."""
    schedule = staffed_loop(team, "Design")
    send(schedule, team)
    for _copy in range(limits.COPIES.most):
        newest = schedule.messages.filter(audience="candidate").latest("pk")
        assert "Sending it again." in again(as_recruiter, team, newest)
        deliver_all(schedule)
    newest = schedule.messages.filter(audience="candidate").latest("pk")
    for _copy in range(10):
        assert "Sent again 5 times within an hour." in again(as_recruiter, team, newest)
    assert schedule.messages.filter(audience="candidate").count() == 1 + limits.COPIES.most


def test_a_doubtful_message_can_be_repeated_so_often(as_recruiter: Client, team: Team) -> None:
    schedule = staffed_loop(team, "Design")
    send(schedule, team)
    message = schedule.messages.get(audience="candidate")
    said = []
    for _repeat in range(8):
        Message.objects.filter(pk=message.pk).update(state=MessageState.UNKNOWN)
        said.append("Sending it again." in again(as_recruiter, team, message))
    assert said == [True] * 5 + [False] * 3


def test_a_message_that_failed_is_sent_again_within_the_candidates_limit(team: Team) -> None:
    schedule = staffed_loop(team, "Design", email=STRANGER)
    send(schedule, team)
    message = schedule.messages.get(audience="candidate")
    Message.objects.filter(pk=message.pk).update(state=MessageState.FAILED)
    use_up(limits.MESSAGES_TO_CANDIDATE, team.organization.pk, STRANGER)
    with pytest.raises(limits.Reached):
        repeats.send_again(message=message, actor=team.recruiter.user)
    message.refresh_from_db()
    assert message.state == MessageState.FAILED


def test_a_busy_hour_of_one_coordinator_is_not_held_up(team: Team) -> None:
    """Sixty candidates of an agency with one mailbox, all with the same interviewer, who gets 80 other messages."""
    use_up(limits.MESSAGES_TO_INTERVIEWER, team.organization.pk, team.interviewer.user.email, left=320)
    loops = [staffed_loop(team, "Design", email="agency@example.org") for _candidate in range(60)]
    assert sum(len(propose(loop, team)) and len(queue(loop, team)) for loop in loops) == 120
    assert set(Message.objects.values_list("state", flat=True)) == {MessageState.QUEUED}


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_refused_keys_end_after_ten(as_admin: Client, team: Team, vendor: Sandbox, work: Work) -> None:  # noqa: F811
    address = team.url("settings/integrations/codesignal/connect/")

    def asked(key: str) -> int:
        with work():
            return as_admin.post(
                address, {"api_key": key, "key_owner_kind": "system", "key_owner": "Ada's bot"}, headers=HTMX
            ).status_code

    assert [asked(f"made-up-key-{number:04}") for number in range(12)] == [200] * 10 + [422] * 2
    assert KeyCheck.objects.count() == 10
    page = as_admin.post(address, {"api_key": "made-up-key-9999", "key_owner_kind": "system", "key_owner": "Eve's bot"})
    # From eleven in the evening on, that is tomorrow.
    said = r"10 keys were refused within an hour\. Enter the next (on [^.]+ )?at "
    assert re.search(said, page.content.decode())
    assert "Eve&#x27;s bot" in page.content.decode()
    assert "made-up-key-9999" not in page.content.decode()
    with pytest.raises(limits.Reached):
        key_checks.start(
            organization=team.organization,
            kind="codesignal",
            api_key=vendor.make_key(),
            key_owner_kind="",
            key_owner="",
            actor=team.admin.user,
        )

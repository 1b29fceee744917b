"""A lost or wrong encryption key (finding B10): nothing fails, and what can't be read is said and entered again."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from celery import current_app
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config.supervisor.prepare import name_unreadable_secrets
from integrations import health, key_checks
from integrations import tasks as integration_tasks
from integrations.models import Integration, KeyCheck
from integrations.unreadable import unread
from organizations import two_factors
from organizations.models import IdentityProvider, User
from scheduling import tasks as scheduling_tasks
from scheduling.join_links import services as join_link_services
from scheduling.models import CodingLink, JoinLink, Message, Schedule
from tests.conftest import Team
from tests.everything import Rows, one_of_each
from tests.scheduling.loops import make_link
from tests.scheduling.message_steps import propose, send, staffed_loop
from tests.test_addresses import ADMINS, EVERYBODY, OURS, RECRUITERS, address_of

pytestmark = pytest.mark.django_db

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture
def rows(team: Team, settings: Any) -> Rows:
    """One row of every model, written with a key that is lost then; a loop whose people were written to."""
    settings.FERNET_KEYS = [OLD]
    found = one_of_each(team)
    JoinLink.objects.all().delete()
    schedule = found[Schedule]
    assert isinstance(schedule, Schedule)
    return found | {JoinLink: join_link_services.join_link(interview=schedule.interviews.get())}


@pytest.fixture
def loop(team: Team, rows: Rows) -> Schedule:
    """A loop with links, to whose people invitations were sent."""
    schedule = staffed_loop(team, "Coding", "Review")
    integration = rows[Integration]
    assert isinstance(integration, Integration)
    for interview in schedule.interviews.all():
        make_link(interview, integration, "ready", external_id=f"loop-{interview.pk}")
    send(schedule, team)
    return schedule


@pytest.mark.parametrize("role", ["admin", "recruiter", "interviewer"])
def test_no_page_fails(role: str, team: Team, rows: Rows, loop: Schedule, settings: Any) -> None:
    settings.DEMO = True
    settings.FERNET_KEYS = [NEW]
    client = team.client(getattr(team, role))
    allowed = {"interviewer": EVERYBODY, "recruiter": [*EVERYBODY, *RECRUITERS]}.get(role, list(OURS))
    asked = 0
    for part in ({}, {"HX-Request": "true"}) if role == "admin" else ({},):
        for name in allowed:
            address = address_of(name, team.slug, rows)
            status = client.get(address, headers=part).status_code
            assert (name, status < 500) == (name, True)
            asked += 1
    for rest in ("", "communications/", "messages/", "join-links/", "history/", "links/codesignal/", "move/"):
        page = client.get(team.url(f"schedules/{loop.pk}/{rest}"))
        assert (rest, page.status_code < 500) == (rest, True)
    for message in Message.objects.filter(schedule=loop):
        for rest in ("", "row/", "html/", "edit/"):
            assert client.get(team.url(f"messages/{message.pk}/{rest}")).status_code < 500
    assert asked > 9


def test_no_button_fails(team: Team, rows: Rows, loop: Schedule, settings: Any, as_admin: Client) -> None:
    settings.FERNET_KEYS = [NEW]
    ends = {"candidate-remove", "schedule-delete", "settings-member-remove", "settings-integration-disconnect"}
    for name in sorted([*EVERYBODY, *RECRUITERS, *ADMINS], key=lambda name: name in ends):
        status = as_admin.post(address_of(name, team.slug, rows)).status_code
        assert (name, status < 500) == (name, True)


def test_the_pages_of_visitors_work(team: Team, rows: Rows, loop: Schedule, settings: Any) -> None:
    tokens = [link.token for link in JoinLink.objects.filter(interview__schedule=loop)]
    integration = Integration.objects.get()
    hook = f"/hooks/codesignal/{integration.webhook_token}/"
    assert len(tokens) == 4
    settings.FERNET_KEYS = [NEW]
    for token in tokens:
        assert Client().get(f"/join/{token}/").status_code == 200
        assert Client().get(f"/join/{token}/enter/").status_code == 302
    assert len(Integration.objects.get().webhook_token_hash) == 64
    for body in ({}, {"event": "liveInterviewFinished", "triggeredOn": 1}):
        assert Client().post(hook, body, content_type="application/json").status_code == 200
    assert not Integration.objects.filter(webhook_refused_at__isnull=False)


def test_no_task_fails(team: Team, rows: Rows, loop: Schedule, settings: Any) -> None:
    """Run each task with the id of each row that it could be given."""
    integration, check, link = Integration.objects.get(), KeyCheck.objects.get(), rows[CodingLink]
    CodingLink.objects.filter(pk=link.pk).update(state="pending", external_id="", url="")
    propose(loop, team)
    settings.FERNET_KEYS = [NEW]
    for function in (
        integration_tasks.check_integration,
        integration_tasks.refresh_templates,
        scheduling_tasks.request_missing_links,
    ):
        function(integration.pk)
    integration_tasks.check_key(check.pk)
    scheduling_tasks.look_up_candidate(integration.pk, loop.candidate_id)
    for each in CodingLink.objects.all():
        scheduling_tasks.work_on_link(each.pk)
    for message in Message.objects.all():
        scheduling_tasks.send_message(message.pk)
    ours = [name for name in current_app.tasks if name.split(".")[0] in {"integrations", "scheduling"}]
    for name in ours:
        if "sweep" in name or "forget" in name or name.endswith(("check_integrations", "refresh_all_templates")):
            current_app.tasks[name]()
    assert KeyCheck.objects.get().problem_code == "key_unreadable"
    assert CodingLink.objects.get(pk=link.pk).state == "pending"


def test_the_integration_says_so_and_its_links_wait(team: Team, rows: Rows, settings: Any, as_admin: Client) -> None:
    settings.FERNET_KEYS = [NEW]
    integration_tasks.sweep()
    said = "The stored API key can&#x27;t be read. Paste it again."
    page = as_admin.get(team.url("settings/integrations/codesignal/")).content.decode()
    assert said in page and "Replace key" in page
    assert "The stored secret can&#x27;t be read" in page or "The stored secret can't be read" in page
    home = as_admin.get(reverse("home", kwargs={"organization": team.slug})).content.decode()
    assert said in home
    integration = Integration.objects.get()
    assert (integration.state, integration.problem_code) == ("paused", "key_unreadable")


def test_the_secret_of_single_sign_on_is_asked_for_again(
    team: Team, rows: Rows, settings: Any, as_admin: Client
) -> None:
    page = team.url("settings/single-sign-on/")
    IdentityProvider.objects.update(client_secret="the-secret-of-the-provider")
    assert "A secret is stored." in as_admin.get(page).content.decode()
    settings.FERNET_KEYS = [NEW]
    assert "The stored secret can't be read. Enter it again." in as_admin.get(page).content.decode().replace(
        "&#x27;", "'"
    )


def test_the_same_problem_replaces_an_earlier_one(team: Team, rows: Rows, settings: Any) -> None:
    Integration.objects.update(state="paused", problem_code="key_rejected")
    settings.FERNET_KEYS = [NEW]
    integration_tasks.sweep()
    assert Integration.objects.get().problem_code == "key_unreadable"


def test_with_the_old_key_again_work_goes_on(team: Team, rows: Rows, settings: Any) -> None:
    settings.FERNET_KEYS = [NEW]
    name_unreadable_secrets()
    health.check(Integration.objects.get().pk)
    settings.FERNET_KEYS = [NEW, OLD]
    name_unreadable_secrets()
    integration = Integration.objects.get()
    assert (integration.state, integration.problem_code) == ("connected", "")


def test_saving_a_row_keeps_what_can_not_be_read(team: Team, rows: Rows, settings: Any) -> None:
    key = Integration.objects.get().api_key
    settings.FERNET_KEYS = [NEW]
    row = Integration.objects.get()
    row.company_name = "Renamed"
    row.save()
    settings.FERNET_KEYS = [OLD]
    assert (Integration.objects.get().api_key, Integration.objects.get().company_name) == (key, "Renamed")


def test_a_key_is_entered_again(team: Team, rows: Rows, settings: Any, as_admin: Client) -> None:
    settings.FERNET_KEYS = [NEW]
    integration_tasks.sweep()
    page = team.url("settings/integrations/codesignal/")
    assert "The stored address can't be read." in as_admin.get(page).content.decode().replace("&#x27;", "'")
    dialog = as_admin.get(team.url("settings/integrations/codesignal/connect/"))
    assert dialog.status_code == 200
    as_admin.post(
        team.url("settings/integrations/codesignal/connect/"), {"api_key": "a-new-key-0123456789", "key_owner_kind": ""}
    )
    assert KeyCheck.objects.first().api_key == "a-new-key-0123456789"  # type: ignore[union-attr]
    as_admin.post(team.url("settings/integrations/codesignal/webhook-secret/new/"))
    integration = Integration.objects.get()
    assert len(integration.webhook_secret) > 30
    hook = f"/hooks/codesignal/{integration.webhook_token}/"
    assert f"http://testserver{hook}" in as_admin.get(page).content.decode()
    assert Client().post(hook, {}, content_type="application/json").status_code == 200


def test_a_message_waits_until_its_join_link_is_renewed(team: Team, rows: Rows, settings: Any) -> None:
    integration = Integration.objects.get()
    schedule = staffed_loop(team, "Coding")
    make_link(schedule.interviews.get(), integration, "ready", external_id="one")
    propose(schedule, team)
    settings.FERNET_KEYS = [NEW]
    client = team.client(team.recruiter)
    draft = Message.objects.get(schedule=schedule, audience="candidate")
    preview = client.get(team.url(f"messages/{draft.pk}/")).content.decode()
    assert "can't be read. Renew it below." in preview.replace("&#x27;", "'")
    listed = client.get(team.url(f"schedules/{schedule.pk}/join-links/")).content.decode()
    assert "Renew it to send it again." in listed
    for link in JoinLink.objects.filter(interview__schedule=schedule):
        join_link_services.renew(link=link, actor=team.recruiter.user)
    mails = send(schedule, team)
    assert len(mails) == 2
    assert {message.state for message in Message.objects.filter(schedule=schedule)} == {"sent"}


def test_own_join_link_is_said_to_be_unreadable(team: Team, rows: Rows, loop: Schedule, settings: Any) -> None:
    interview = loop.interviews.get(assignments__membership=team.interviewer)
    settings.FERNET_KEYS = [NEW]
    client = team.client(team.interviewer)
    led = client.get(team.url(f"interviews/{interview.pk}/join/"), follow=True)
    assert "Your join link can't be read. Ask a recruiter to renew it." in led.content.decode().replace("&#x27;", "'")


def test_the_start_names_it_and_goes_on(
    team: Team, rows: Rows, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    name_unreadable_secrets()
    assert capsys.readouterr().err == ""
    settings.FERNET_KEYS = [NEW]
    name_unreadable_secrets()
    said = capsys.readouterr().err
    assert re.search(r"FERNET_KEYS can't read these stored secrets: .*1 of 1 integrations.*1 of 1 join links", said)
    assert "manage.py forget_unreadable_secrets" in said
    assert OLD not in said and NEW not in said


def test_rows_of_two_keys_are_counted_apart(team: Team, rows: Rows, settings: Any, other_team: Team) -> None:
    settings.FERNET_KEYS = [NEW, OLD]
    Integration.objects.create(organization=other_team.organization, kind="codesignal", api_key="written-with-the-new")
    settings.FERNET_KEYS = [NEW]
    assert [(one.model, one.count, one.total) for one in unread() if one.model is Integration] == [(Integration, 1, 2)]
    settings.FERNET_KEYS = [NEW, OLD]
    assert unread() == []


def test_reencrypting_does_all_it_can_and_names_the_rest(
    team: Team, rows: Rows, settings: Any, other_team: Team
) -> None:
    settings.FERNET_KEYS = [NEW, OLD]
    Integration.objects.create(organization=other_team.organization, kind="codesignal", api_key="written-with-the-new")
    newest = Fernet.generate_key().decode()
    settings.FERNET_KEYS = [newest, NEW]
    with pytest.raises(CommandError, match=r"1 integrations.*can't be read with any of FERNET_KEYS"):
        call_command("reencrypt", stdout=io.StringIO())
    settings.FERNET_KEYS = [newest, OLD]
    assert unread() == []
    call_command("reencrypt", stdout=io.StringIO())
    settings.FERNET_KEYS = [newest]
    assert unread() == []


def test_what_is_lost_is_forgotten(team: Team, rows: Rows, loop: Schedule, settings: Any) -> None:
    tokens = [link.token for link in JoinLink.objects.filter(interview__schedule=loop)]
    old_secret = Integration.objects.get().webhook_secret
    settings.FERNET_KEYS = [NEW]
    out = io.StringIO()
    call_command("forget_unreadable_secrets", "--no-input", stdout=out)
    assert "integrations.Integration: 1 rows forgotten" in out.getvalue()
    assert unread() == []
    integration = Integration.objects.get()
    assert (integration.api_key, integration.state, integration.problem_code) == ("", "paused", "key_unreadable")
    assert integration.webhook_secret not in {"", old_secret}
    for token in tokens:
        assert Client().get(f"/join/{token}/").status_code == 200
    name_unreadable_secrets()
    assert Integration.objects.get().state == "paused"


def test_people_get_in_without_a_second_step_that_can_not_be_read(team: Team, rows: Rows, settings: Any) -> None:
    user = team.recruiter.user
    TOTP.activate(user, generate_totp_secret())
    RecoveryCodes.activate(user)
    passkey = Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data={"credential": {}})
    assert two_factors.unreadable() == []
    settings.FERNET_KEYS = [NEW]
    named = {one.model: (one.count, one.total) for one in unread()}
    assert named[Authenticator] == (2, 3)
    out = io.StringIO()
    call_command("forget_unreadable_secrets", "--no-input", stdout=out)
    assert "2 second steps taken off" in out.getvalue()
    assert list(Authenticator.objects.filter(user=user)) == [passkey]
    assert unread() == []


def test_nothing_is_forgotten_without_a_yes(
    team: Team, rows: Rows, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.FERNET_KEYS = [NEW]
    monkeypatch.setattr("builtins.input", lambda _question: "")
    with pytest.raises(CommandError, match="Nothing was forgotten"):
        call_command("forget_unreadable_secrets", stdout=io.StringIO())
    settings.FERNET_KEYS = [OLD]
    call_command("forget_unreadable_secrets", stdout=io.StringIO())
    assert Integration.objects.get().api_key != ""


def test_the_django_admin_works(team: Team, rows: Rows, settings: Any) -> None:
    settings.FERNET_KEYS = [NEW]
    superuser = Client()
    superuser.force_login(User.objects.create_superuser("root@example.com", "demo", name="Root"))
    for model in ("integrations/integration", "integrations/keycheck", "scheduling/joinlink"):
        listed = superuser.get(f"/admin/{model}/")
        assert listed.status_code == 200
        for address in re.findall(rf"/admin/{model}/\d+/change/", listed.content.decode()):
            assert superuser.get(address).status_code == 200


def test_a_paused_key_is_not_asked_about_by_checks(team: Team, rows: Rows, settings: Any) -> None:
    settings.FERNET_KEYS = [NEW]
    health.check(Integration.objects.get().pk)
    row = Integration.objects.get()
    assert (row.state, row.problem_code, row.check_problem_code) == ("paused", "key_unreadable", "")
    assert row.checked_at is None and row.check_tried_at is not None
    key_checks.sweep()
    assert row.problem_since is not None and row.problem_since <= timezone.now()

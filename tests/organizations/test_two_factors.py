"""Two-step sign-in: its steps, what may be asked by an organization, and how it is taken off."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from organizations.models import AuditEvent, Membership, Organization, User
from organizations.single_sign_on import gate
from tests.conftest import Team
from tests.organizations.second_steps import add_app, code, confirm, recovery_codes, sign_in

pytestmark = pytest.mark.django_db
STEP = "/sign-in/code/"


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def ask(organization: Organization, whom: str, *, days: int = 0) -> None:
    organization.second_step_for = whom
    organization.second_step_since = timezone.now() + timedelta(days=days)
    organization.save()


def test_the_password_alone_does_not_let_in(client: Client, team: Team) -> None:
    secret = add_app(team.admin.user)
    assert sign_in(client, team.admin.user) == STEP
    assert not is_in(client)
    assert client.get(team.url("settings/")).status_code == 302
    answer = client.post(STEP, {"code": "000000"})
    assert "This code is wrong or was used already." in answer.content.decode()
    assert not is_in(client)
    client.post(STEP, {"code": code(secret)})
    assert is_in(client)


def test_a_code_counts_once(client: Client, team: Team) -> None:
    secret = add_app(team.admin.user)
    shown = code(secret)
    sign_in(client, team.admin.user)
    client.post(STEP, {"code": shown})
    other = Client()
    sign_in(other, team.admin.user)
    other.post(STEP, {"code": shown})
    assert not is_in(other)
    other.post(STEP, {"code": code(secret, later=1)})
    assert is_in(other)


def test_a_recovery_code_lets_in_once(client: Client, team: Team) -> None:
    add_app(team.admin.user)
    first = recovery_codes(team.admin.user)[0]
    sign_in(client, team.admin.user)
    client.post(STEP, {"code": first})
    assert is_in(client)
    other = Client()
    sign_in(other, team.admin.user)
    other.post(STEP, {"code": first})
    assert not is_in(other)


def test_codes_can_not_be_guessed_from_many_sides(team: Team) -> None:
    """Ten tries, right or wrong, whatever address and browser they come from; then the right one waits, too."""
    secret = add_app(team.admin.user)
    for number in range(10):
        client = Client(REMOTE_ADDR=f"198.51.100.{number}")
        sign_in(client, team.admin.user)
        assert "wrong or was used" in client.post(STEP, {"code": f"{number:06}"}).content.decode()
    client = Client(REMOTE_ADDR="203.0.113.9")
    sign_in(client, team.admin.user)
    answer = client.post(STEP, {"code": code(secret)}).content.decode()
    assert re.search(r"10 codes were entered\. Enter the next one (on [^.]+ )?at ", answer)  # tomorrow, before midnight
    assert not is_in(client)
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=True):
        sign_in(client, team.admin.user)
        client.post(STEP, {"code": code(secret)})
        assert is_in(client)


def test_a_new_password_by_mail_does_not_go_round_the_second_step(client: Client, team: Team) -> None:
    add_app(team.admin.user)
    team.admin.user.set_password("another-ship-sails-9")
    team.admin.user.save()
    answer = client.post("/sign-in/", {"login": team.admin.user.email, "password": "another-ship-sails-9"})
    assert answer["Location"] == STEP


def test_the_django_admin_has_the_second_step_too(client: Client, team: Team) -> None:
    user = team.admin.user
    user.is_staff = user.is_superuser = True
    user.save()
    add_app(user)
    sign_in(client, user)
    assert client.get("/admin/").status_code == 302
    assert client.get("/admin/", follow=True).redirect_chain[-1][0].startswith(("/sign-in/", STEP))


def test_the_django_admin_opens_only_with_a_second_step(client: Client, team: Team, settings: Settings) -> None:
    settings.ADMIN_SECOND_STEP = True
    user = team.admin.user
    user.is_staff = user.is_superuser = True
    user.save()
    sign_in(client, user)
    for address in ("/admin/", "/admin/organizations/user/", f"/admin/organizations/user/{user.pk}/password/"):
        assert client.get(address)["Location"].startswith("/account/two-factors/?next=%2Fadmin%2F")
        assert client.post(address)["Location"].startswith("/account/two-factors/")
    add_app(user)
    assert client.get("/admin/").status_code == 200


def test_an_app_is_added_with_its_code_and_answered_with_recovery_codes(client: Client, team: Team) -> None:
    user = team.recruiter.user
    sign_in(client, user)
    confirm(client)
    assert client.get("/account/two-factors/app/")["Location"] == "/account/two-factors/"
    page = client.post("/account/two-factors/app/")
    secret = page.context["form"].secret
    assert secret in page.content.decode()
    assert "wrong" in client.post("/account/two-factors/app/", {"code": "000000"}).content.decode()
    answer = client.post("/account/two-factors/app/", {"code": code(secret)})
    assert answer.context["codes"] == recovery_codes(user)
    assert answer["Cache-Control"].count("no-store") == 1
    stored = " ".join(str(row.data) for row in Authenticator.objects.filter(user=user))
    assert secret not in stored
    assert not any(one in stored for one in recovery_codes(user))


def test_who_confirmed_long_ago_confirms_again(client: Client, team: Team) -> None:
    sign_in(client, team.recruiter.user)
    confirm(client)
    with time_machine.travel(timezone.now() + timedelta(hours=1), tick=True):
        for address in ("app/", "codes/", "codes/new/"):
            answer = client.post(f"/account/two-factors/{address}")
            assert answer["Location"].startswith("/account/confirm/")
        assert client.get("/account/two-factors/passkeys/add/")["Location"].startswith("/account/confirm/")


def test_the_app_is_removed_with_its_recovery_codes(client: Client, team: Team) -> None:
    user = team.recruiter.user
    secret = add_app(user)
    sign_in(client, user)
    client.post(STEP, {"code": code(secret)})
    confirm(client)
    assert client.post("/account/two-factors/app/remove/")["Location"] == "/account/two-factors/"
    assert not Authenticator.objects.filter(user=user).exists()
    assert client.post("/account/two-factors/app/remove/")["Location"] == "/account/two-factors/"


def test_reading_the_overview_writes_nothing(client: Client, team: Team) -> None:
    add_app(team.recruiter.user)
    client.force_login(team.recruiter.user)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get("/account/two-factors/").status_code == 200
    assert [one["sql"] for one in queries if not one["sql"].startswith("SELECT")] == []
    assert len(queries) <= 12


@pytest.mark.parametrize(
    "credential", ["", "x", "{}", "[]", "null", "1", '{"id": 1}', '{"response": {"userHandle": 5}}']
)
@pytest.mark.parametrize(
    "address", ["/sign-in/passkey/", STEP, "/account/confirm/passkey/", "/account/two-factors/passkeys/add/"]
)
def test_what_is_no_passkey_is_refused(client: Client, team: Team, address: str, credential: str) -> None:
    user = team.recruiter.user
    secret = add_app(user)
    sign_in(client, user)
    if address.startswith("/account/"):
        client.post(STEP, {"code": code(secret)})
        confirm(client)
    asked = {"/sign-in/passkey/": "sign-in", STEP: "step", "/account/confirm/passkey/": "confirm"}.get(address, "add")
    assert client.post("/account/two-factors/passkeys/options/", {"for": asked}).status_code == 200
    before = is_in(client)
    assert client.post(address, {"credential": credential}).status_code in {200, 302}
    assert is_in(client) == before
    assert not Authenticator.objects.filter(type="webauthn").exists()


def test_nobody_begins_a_second_step_that_is_not_due(client: Client) -> None:
    assert client.post("/account/two-factors/passkeys/options/", {"for": "step"}).status_code == 403
    options = client.post("/account/two-factors/passkeys/options/", {"for": "add"}).json()
    assert "user" not in options["publicKey"]
    assert client.get(STEP)["Location"] == "/sign-in/"


# The rule of an organization ----------------------------------------------------------------------------------------
def test_an_admin_asks_for_it_and_those_concerned_are_reminded(as_admin: Client, team: Team) -> None:
    answer = as_admin.post(team.url("settings/two-factors/"), {"whom": "admins", "days": "7"}, follow=True)
    assert "Settings saved." in answer.content.decode()
    organization = Organization.objects.get(pk=team.organization.pk)
    assert organization.second_step_for == "admins"
    assert timedelta(days=6) < organization.second_step_since - timezone.now() <= timedelta(days=7)  # type: ignore[operator]
    page = as_admin.get(team.url("settings/members/")).content.decode()
    assert "Acme asks for two-step sign-in from" in page
    assert (
        "asks for two-step sign-in"
        not in team.client(team.recruiter).get(team.url("settings/members/")).content.decode()
    )
    row = AuditEvent.objects.get(action="organization.second_step_changed")
    assert (row.actor, row.detail) == (team.admin.user, {"whom": "admins", "days": 7})


def test_from_the_day_on_nothing_opens_without_it(team: Team) -> None:
    ask(team.organization, "everybody")
    client = Client()
    sign_in(client, team.recruiter.user)
    for address in ("schedules/", "settings/", "settings/profile/"):
        answer = client.get(team.url(address))
        assert answer.status_code == 302
        assert answer["Location"].startswith("/account/two-factors/?next=")
    assert client.post(team.url("settings/profile/"), {"name": "X"})["Location"].startswith("/account/two-factors/")
    part = client.get(team.url("schedules/"), headers={"HX-Request": "true"})
    assert part["HX-Redirect"].startswith("/account/two-factors/")
    page = client.get("/account/two-factors/?next=/o/acme/schedules/").content.decode()
    assert "asks for it from" in page
    assert 'href="/o/acme/schedules/"' in page

    confirm(client)
    secret = client.post("/account/two-factors/app/").context["form"].secret
    client.post("/account/two-factors/app/", {"code": code(secret)})
    assert client.get(team.url("schedules/")).status_code == 200


def test_who_came_by_the_organizations_provider_has_its_steps(team: Team, other_team: Team) -> None:
    ask(team.organization, "everybody")
    client = team.client(team.recruiter)
    session = client.session
    session[gate.SESSION_KEY] = gate.marked(other_team.organization.pk, team.recruiter.user.pk)
    session.save()
    assert client.get(team.url("schedules/")).status_code == 302
    session[gate.SESSION_KEY] = gate.marked(team.organization.pk, team.recruiter.user.pk)
    session.save()
    assert client.get(team.url("schedules/")).status_code == 200


def test_only_those_whom_it_concerns_are_asked(team: Team) -> None:
    ask(team.organization, "admins")
    assert team.client(team.recruiter).get(team.url("schedules/")).status_code == 200
    assert team.client(team.admin).get(team.url("schedules/")).status_code == 302


def test_another_organization_asks_nobody(team: Team, other_team: Team) -> None:
    ask(other_team.organization, "everybody")
    assert team.client(team.admin).get(team.url("schedules/")).status_code == 200


def test_the_page_leads_back_only_within(client: Client, team: Team) -> None:
    client.force_login(team.admin.user)
    for outside in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        assert "evil" not in (page := client.get("/account/two-factors/", {"next": outside}).content.decode())
        assert "javascript:" not in page


def test_narrowing_keeps_the_day_and_widening_gives_time(as_admin: Client, team: Team) -> None:
    ask(team.organization, "everybody", days=-3)
    add_app(team.admin.user)
    as_admin.post(team.url("settings/two-factors/"), {"whom": "admins", "days": "30"})
    team.organization.refresh_from_db()
    assert team.organization.second_step_since < timezone.now()  # type: ignore[operator]
    as_admin.post(team.url("settings/two-factors/"), {"whom": "everybody", "days": "30"})
    team.organization.refresh_from_db()
    assert team.organization.second_step_since > timezone.now() + timedelta(days=29)  # type: ignore[operator]


def test_who_has_none_yet_stands_there(as_admin: Client, team: Team) -> None:
    ask(team.organization, "everybody", days=5)
    add_app(team.recruiter.user)
    shown = [member.pk for member in as_admin.get(team.url("settings/two-factors/")).context["without"]]
    assert shown == [team.admin.pk, team.interviewer.pk]


@pytest.mark.parametrize("days", ["", "-1", "61", "x", "99999999999999999999"])
def test_impossible_days_are_refused(as_admin: Client, team: Team, days: str) -> None:
    answer = as_admin.post(team.url("settings/two-factors/"), {"whom": "everybody", "days": days})
    assert answer.status_code == 200
    assert answer.context["form"].errors["days"]
    team.organization.refresh_from_db()
    assert team.organization.second_step_for == "nobody"


# Taken off ----------------------------------------------------------------------------------------------------------
def test_an_admin_takes_it_off_and_the_sessions_end(as_admin: Client, team: Team) -> None:
    secret = add_app(team.recruiter.user)
    client = Client()
    sign_in(client, team.recruiter.user)
    client.post(STEP, {"code": code(secret)})
    page = as_admin.get(team.url(f"settings/members/{team.recruiter.pk}/")).content.decode()
    assert "Take the second step off" in page
    as_admin.post(team.url(f"settings/members/{team.recruiter.pk}/two-factors/remove/"))
    assert not Authenticator.objects.filter(user=team.recruiter.user).exists()
    assert client.get(team.url("schedules/")).status_code == 302
    row = AuditEvent.objects.get(action="member.second_step_taken_off")
    assert (row.actor, row.person_id) == (team.admin.user, team.recruiter.user.pk)


def test_one_organization_can_not_weaken_another_s_account(as_admin: Client, team: Team, other_team: Team) -> None:
    add_app(team.recruiter.user)
    Membership.objects.create(organization=other_team.organization, user=team.recruiter.user, role="recruiter")
    answer = as_admin.post(team.url(f"settings/members/{team.recruiter.pk}/two-factors/remove/"), follow=True)
    assert "also belongs to another organization" in answer.content.decode()
    assert Authenticator.objects.filter(user=team.recruiter.user).count() == 2


def test_the_command_takes_it_off_anybody(team: Team) -> None:
    add_app(team.recruiter.user)
    call_command("take_off_second_step", "Recruiter@ACME.example")
    assert not Authenticator.objects.filter(user=team.recruiter.user).exists()
    assert AuditEvent.objects.get(action="member.second_step_taken_off").actor is None
    with pytest.raises(CommandError, match="has no second step"):
        call_command("take_off_second_step", "recruiter@acme.example")
    with pytest.raises(CommandError, match="No account"):
        call_command("take_off_second_step", "nobody@acme.example")


# Keys ---------------------------------------------------------------------------------------------------------------
def test_with_a_lost_encryption_key_no_page_fails_and_no_code_fits(
    client: Client, team: Team, settings: Settings
) -> None:
    secret = add_app(team.admin.user)
    old = recovery_codes(team.admin.user)[0]
    settings.FERNET_KEYS = [Fernet.generate_key().decode()]
    sign_in(client, team.admin.user)
    for one in (code(secret), old):
        assert client.post(STEP, {"code": one}).status_code == 200
        assert not is_in(client)


def test_reencrypt_takes_the_second_steps_along(client: Client, team: Team, settings: Settings) -> None:
    secret = add_app(team.admin.user)
    new = Fernet.generate_key().decode()
    settings.FERNET_KEYS = [new, *settings.FERNET_KEYS]
    call_command("reencrypt")
    settings.FERNET_KEYS = [new]
    sign_in(client, team.admin.user)
    client.post(STEP, {"code": code(secret)})
    assert is_in(client)


def test_somebody_without_an_organization_sets_it_up(client: Client) -> None:
    user = User.objects.create_user("alone@example.com", "demo", name="Alone")
    sign_in(client, user)
    assert client.get("/account/two-factors/").status_code == 200

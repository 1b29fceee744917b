"""From "Connect" to a connection: each end of a key's check, as the admin reads it."""

from __future__ import annotations

import socket
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from integrations import key_checks
from integrations.models import Integration, KeyCheck
from integrations.sandbox import ALL, Fault, RateAnswer, Refusal, Sandbox
from organizations import limits
from organizations.models import AuditEvent
from organizations.trail import Trail
from tests.conftest import Team
from tests.integrations.conftest import Work, make_connected

pytestmark = [pytest.mark.django_db, pytest.mark.allow_hosts(["127.0.0.1"])]

READ = "liveInterview.company.read"
WRITE = "liveInterview.company.write"
HTMX = {"HX-Request": "true"}


def save(client: Client, team: Team, work: Work, key: str, **fields: str) -> str:
    """Paste a key, save, let the worker check it, and poll once, as the dialog does. Return the dialog's last text, or
    the address that it leads to."""
    with work():
        response = client.post(
            team.url("settings/integrations/codesignal/connect/"), {"api_key": key, **fields}, headers=HTMX
        )
    assert response.status_code == 200, unescape(response.content.decode())
    return look(client, team, KeyCheck.objects.latest("id"))


def look(client: Client, team: Team, check: KeyCheck) -> str:
    response = client.get(team.url(f"settings/integrations/key-checks/{check.pk}/"), headers=HTMX)
    return response.headers.get("HX-Redirect") or unescape(response.content.decode())


def test_the_dialog_leads_through_the_steps(as_admin: Client, team: Team) -> None:
    page = unescape(as_admin.get(team.url("settings/integrations/codesignal/connect/")).content.decode())
    for words in ("codesignal.com", "API Keys", "ADD A KEY", "SAVE", "system account that is never deactivated"):
        assert words in page
    for permission in ALL:
        assert f'data-copy="{permission}"' in page
    assert "API Key" in page


def test_a_good_key_connects(as_admin: Client, team: Team, vendor: Sandbox, work: Work) -> None:
    key = vendor.make_key(company="Acme Corp")
    address = save(as_admin, team, work, key, key_owner_kind="system", key_owner="bot@acme.example")
    assert address == team.url("settings/integrations/codesignal/")
    integration = Integration.objects.get()
    assert (integration.state, integration.company_name, integration.key_version) == ("connected", "Acme Corp", 1)
    assert integration.api_key == key
    assert set(integration.permissions) == set(ALL)
    assert integration.connected_by == team.admin.user
    page = unescape(as_admin.get(address).content.decode())
    for words in ("Connected", "Acme Corp", key[-4:], "Check now", "Replace key", "Disconnect", "Last checked"):
        assert words in page
    assert key not in page
    assert KeyCheck.objects.get().api_key == ""
    assert AuditEvent.objects.filter(action="integration.connected", actor=team.admin.user).count() == 1
    assert [template["name"] for template in integration.templates] == list(
        vendor.templates(company="Acme Corp").values()
    )


def test_asking_leaves_nothing_at_the_vendor(as_admin: Client, team: Team, vendor: Sandbox, work: Work) -> None:
    save(as_admin, team, work, vendor.make_key())
    assert vendor.interviews(live_only=False) == []


def test_a_bad_key_is_said(as_admin: Client, team: Team, vendor: Sandbox, work: Work) -> None:
    text = save(as_admin, team, work, "not-a-key-of-theirs", key_owner_kind="person", key_owner="Robin Banks")
    assert (
        "CodeSignal did not accept the API key. Copy the whole key again from CodeSignal, or create a new one there."
        in text
    )
    assert "Nothing was saved." in text
    assert 'value="Robin Banks"' in text
    assert "not-a-key-of-theirs" not in text
    assert not Integration.objects.exists()
    assert KeyCheck.objects.get().api_key == ""


def test_a_key_that_is_refused_stands_in_the_trail(as_admin: Client, team: Team, vendor: Sandbox, work: Work) -> None:
    save(as_admin, team, work, "not-a-key-of-theirs", key_owner_kind="person", key_owner="Robin Banks")
    events = list(AuditEvent.objects.order_by("id"))
    assert [(Trail(events).sentence(event), event.actor) for event in events] == [
        ("Entered a CodeSignal key, to be checked", team.admin.user),
        ("The CodeSignal key that was entered was not accepted: CodeSignal did not accept the API key.", None),
    ]
    assert "not-a-key" not in str(list(AuditEvent.objects.values())) and "Robin" not in str(events[0].detail)


@pytest.mark.parametrize("missing", [READ, WRITE])
def test_a_missing_permission_is_named(missing: str, as_admin: Client, team: Team, vendor: Sandbox, work: Work) -> None:
    key = vendor.make_key(permissions=[name for name in ALL if name != missing])
    text = save(as_admin, team, work, key)
    assert f"The API key lacks a permission in CodeSignal: {missing}." in text
    assert "Nothing was saved." in text
    assert not Integration.objects.exists()


@pytest.mark.parametrize("missing", ["liveInterview", "liveInterview.company"])
def test_a_missing_general_permission_is_among_those_to_tick(
    missing: str, as_admin: Client, team: Team, vendor: Sandbox, work: Work
) -> None:
    """The vendor denies reading and writing then, both of which may well be ticked."""
    text = save(as_admin, team, work, vendor.make_key(permissions=[name for name in ALL if name != missing]))
    assert "The API key lacks a permission. CodeSignal does not say which one." in text
    assert "Grant all of these in CodeSignal, save there, and try again." in text
    assert text.count("Unknown") >= len(ALL)
    assert "Missing" not in text
    assert "Nothing was saved." in text
    assert not Integration.objects.exists()


@pytest.mark.parametrize("refusal", list(Refusal))
def test_no_permission_at_all_is_said(
    refusal: Refusal, as_admin: Client, team: Team, vendor: Sandbox, work: Work
) -> None:
    vendor.configure(denied_answer=refusal)
    text = save(as_admin, team, work, vendor.make_key(permissions=[]))
    assert "Nothing was saved." in text
    assert "API key" in text
    assert not Integration.objects.exists()


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (Fault.DROP_BEFORE, "The connection to CodeSignal broke before its answer was complete."),
        (Fault.BAD_GATEWAY_BEFORE, "CodeSignal reported an error on its side."),
        (Fault.UNAVAILABLE, "CodeSignal reported an error on its side."),
        (Fault.CUT_JSON_AFTER, "CodeSignal sent an answer that could not be understood."),
        (Fault.EMPTY_BODY_AFTER, "CodeSignal sent an answer that could not be understood."),
        (Fault.NULL_DATA_BEFORE, "CodeSignal sent an answer that could not be understood."),
        (Fault.RATE_LIMITED_BARE, "CodeSignal asked for fewer requests per second."),
    ],
)
def test_trouble_at_the_vendor_is_said_and_saves_nothing(
    fault: Fault, sentence: str, as_admin: Client, team: Team, vendor: Sandbox, work: Work
) -> None:
    make_connected(team, company_id="")
    vendor.fault(fault, probability=1.0)
    text = save(as_admin, team, work, vendor.make_key())
    assert f"{sentence} Try again in a moment." in text
    assert "Nothing was saved. The current connection is unchanged." in text
    integration = Integration.objects.get()
    assert (integration.state, integration.api_key, integration.key_version) == ("connected", "an-old-key-0001", 1)


def test_a_vendor_that_can_not_be_reached_is_said(
    as_admin: Client, team: Team, work: Work, settings: Settings, socket_enabled: None
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    settings.CODESIGNAL_API_URL = f"http://127.0.0.1:{port}/graphql"
    text = save(as_admin, team, work, "a-key-that-is-fine")
    assert "CodeSignal could not be reached. Try again in a moment." in text
    assert not Integration.objects.exists()


def test_a_write_permission_that_can_not_be_told_is_said_on_the_page(
    as_admin: Client, team: Team, vendor: Sandbox, work: Work
) -> None:
    vendor.fault(Fault.ERRORS_IN_200_BEFORE, operation="deleteLiveInterview", probability=1.0)
    save(as_admin, team, work, vendor.make_key())
    assert Integration.objects.get().permissions[WRITE] == "unknown"
    page = as_admin.get(team.url("settings/integrations/codesignal/")).content.decode()
    assert "Unknown" in page


@pytest.mark.parametrize("key", ["", "too-short", "with a space in it", "schlüssel-mit-umlaut"])
def test_what_can_not_be_a_key_is_said_at_once(key: str, as_admin: Client, team: Team) -> None:
    fields = {"api_key": key, "key_owner": "Robin Banks", "key_owner_kind": "person"}
    response = as_admin.post(team.url("settings/integrations/codesignal/connect/"), fields, headers=HTMX)
    text = unescape(response.content.decode())
    assert response.status_code == 422
    assert 'aria-invalid="true"' in text
    assert 'value="Robin Banks"' in text
    assert not key or key not in text
    assert not KeyCheck.objects.exists()


def test_a_person_s_account_needs_the_person(as_admin: Client, team: Team) -> None:
    fields = {"api_key": "a-key-that-is-fine", "key_owner_kind": "person"}
    response = as_admin.post(team.url("settings/integrations/codesignal/connect/"), fields, headers=HTMX)
    assert response.status_code == 422
    assert "The account is missing." in response.content.decode()
    assert "a-key-that-is-fine" not in response.content.decode()


def test_replacing_a_key_resumes_what_was_paused(as_admin: Client, team: Team, vendor: Sandbox, work: Work) -> None:
    before = make_connected(team, state="paused", problem_code="key_rejected")
    key = vendor.make_key(company="Acme Corp")
    save(as_admin, team, work, key)
    integration = Integration.objects.get()
    assert integration.pk == before.pk
    assert (integration.state, integration.problem_code, integration.key_version) == ("connected", "", 2)
    assert AuditEvent.objects.filter(action="integration.key_replaced").count() == 1


def test_a_key_of_another_company_is_asked_about_before_it_is_saved(
    as_admin: Client, team: Team, vendor: Sandbox, work: Work
) -> None:
    first = vendor.make_key(company="Acme Corp")
    save(as_admin, team, work, first)
    other = vendor.make_key(company="Globex")
    text = save(as_admin, team, work, other)
    assert "This key belongs to another company" in text
    assert "Use the key of Globex" in text
    assert Integration.objects.get().api_key == first

    check = KeyCheck.objects.latest("id")
    with work():
        as_admin.post(team.url(f"settings/integrations/key-checks/{check.pk}/accept/"), headers=HTMX)
    assert look(as_admin, team, check) == team.url("settings/integrations/codesignal/")
    integration = Integration.objects.get()
    assert (integration.api_key, integration.company_name) == (other, "Globex")


def test_a_key_of_another_company_can_be_left_alone(as_admin: Client, team: Team, vendor: Sandbox, work: Work) -> None:
    first = vendor.make_key(company="Acme Corp")
    save(as_admin, team, work, first)
    save(as_admin, team, work, vendor.make_key(company="Globex"))
    check = KeyCheck.objects.latest("id")
    as_admin.post(team.url(f"settings/integrations/key-checks/{check.pk}/abandon/"), headers=HTMX)
    check.refresh_from_db()
    assert (check.state, check.api_key) == ("failed", "")
    assert Integration.objects.get().api_key == first


def test_while_nobody_works_the_page_says_so_and_keeps_the_key(
    as_admin: Client, team: Team, vendor: Sandbox, work: Work
) -> None:
    key = vendor.make_key()
    as_admin.post(team.url("settings/integrations/codesignal/connect/"), {"api_key": key}, headers=HTMX)
    check = KeyCheck.objects.get()
    assert "Checking whether CodeSignal accepts the key" in look(as_admin, team, check)
    address = team.url(f"settings/integrations/key-checks/{check.pk}/")
    assert as_admin.get(f"{address}?shown=quick").status_code == 204
    with time_machine.travel(timezone.now() + timedelta(seconds=21), tick=False):
        late = as_admin.get(f"{address}?shown=quick").content.decode()
    assert "Background work isn't running" in unescape(late)
    assert key not in late
    with work():
        as_admin.post(f"{address}again/", headers=HTMX)
    assert look(as_admin, team, check) == team.url("settings/integrations/codesignal/")
    assert Integration.objects.get().api_key == key


def test_a_worker_is_asked_again_a_limited_number_of_times(as_admin: Client, team: Team) -> None:
    as_admin.post(
        team.url("settings/integrations/codesignal/connect/"), {"api_key": "a-key-that-is-fine"}, headers=HTMX
    )
    again = team.url(f"settings/integrations/key-checks/{KeyCheck.objects.get().pk}/again/")
    for _ in range(limits.KEY_CHECKS_AGAIN.most):
        assert "Tried again" not in as_admin.post(again, headers=HTMX).content.decode()
    asked_at = KeyCheck.objects.get().asked_at
    refused = as_admin.post(again, headers=HTMX)
    assert refused.status_code == 200 and "Tried again 20 times within an hour." in refused.content.decode()
    assert KeyCheck.objects.get().asked_at == asked_at


def test_an_old_check_loses_its_key(as_admin: Client, team: Team) -> None:
    as_admin.post(
        team.url("settings/integrations/codesignal/connect/"), {"api_key": "a-key-that-is-fine"}, headers=HTMX
    )
    with time_machine.travel(timezone.now() + timedelta(minutes=9), tick=False):
        assert key_checks.sweep() == 0
    check = KeyCheck.objects.get()
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        assert "did not end within ten minutes" in look(as_admin, team, check)
        check.refresh_from_db()
        assert check.state == "waiting", "a page that is read writes nothing"
        assert key_checks.sweep() == 1
    check.refresh_from_db()
    assert (check.state, check.problem_code, check.api_key) == ("failed", "too_late", "")
    assert "did not end within ten minutes" in look(as_admin, team, check)


def test_a_second_key_ends_the_check_of_the_first(as_admin: Client, team: Team, vendor: Sandbox, work: Work) -> None:
    address = team.url("settings/integrations/codesignal/connect/")
    as_admin.post(address, {"api_key": vendor.make_key(company="Acme Corp")}, headers=HTMX)
    first = KeyCheck.objects.get()
    second = vendor.make_key(company="Acme Corp")
    save(as_admin, team, work, second)
    key_checks.run(first.pk)
    first.refresh_from_db()
    assert (first.state, first.api_key) == ("failed", "")
    assert Integration.objects.get().api_key == second


def test_a_check_that_is_run_twice_connects_once(as_admin: Client, team: Team, vendor: Sandbox, work: Work) -> None:
    save(as_admin, team, work, vendor.make_key())
    key_checks.run(KeyCheck.objects.get().pk)
    assert Integration.objects.get().key_version == 1
    assert AuditEvent.objects.filter(action="integration.connected").count() == 1


def test_rate_limits_are_no_bad_key(as_admin: Client, team: Team, vendor: Sandbox, work: Work) -> None:
    vendor.configure(rate_answer=RateAnswer.RETRY_AFTER)
    vendor.fault(Fault.RATE_LIMITED_RETRY_AFTER, probability=1.0)
    assert "did not accept" not in save(as_admin, team, work, vendor.make_key())

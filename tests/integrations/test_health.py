"""A key that stops working: work pauses, people are told once, and everything resumes when it works again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from integrations import health, pauses, tasks
from integrations.error_texts import problem_of
from integrations.hooks import events as event_hook
from integrations.hooks import link_counts as link_counts_hook
from integrations.hooks import risks as risks_hook
from integrations.hooks.link_counts import LinkCounts
from integrations.hooks.risks import Risk
from integrations.models import Integration
from integrations.sandbox import ALL, Fault, Sandbox
from organizations.models import AuditEvent, Membership, User
from tests.conftest import Team
from tests.integrations.conftest import Work, make_connected

pytestmark = [pytest.mark.django_db, pytest.mark.allow_hosts(["127.0.0.1"])]

WRITE = "liveInterview.company.write"

heard: list[tuple[str, object, dict[str, object]]] = []


def listen(event: str, integration: Integration, actor: User | None, **detail: object) -> None:
    """Stand in for the functions of `hooks.events`."""
    heard.append((event, actor, detail))


def two_risks(integration: Integration) -> list[Risk]:
    return [
        Risk("Ada Byron – Coding (2 Dec, 09:00 GMT+1)", "/o/acme/schedules/1/"),
        *(Risk(f"Grace Hopper – Round {number}", "/o/acme/schedules/2/") for number in range(4)),
    ]


def some_to_remove(integration: Integration) -> LinkCounts:
    return LinkCounts(live=7, working=5, unused=3, planned=2, removing=3)


def none_to_remove(integration: Integration) -> LinkCounts:
    return LinkCounts(live=4)


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, object, dict[str, object]]]]:
    monkeypatch.setattr(event_hook, "LISTENERS", [listen])
    heard.clear()
    yield heard
    heard.clear()


def pause(integration: Integration, code: str = "key_rejected", **changes: int) -> bool:
    columns: dict[str, Any] = {"integration_id": integration.pk, "key_version": integration.key_version} | changes
    return pauses.pause(**columns, problem_code=code, problem_params={})


def working(team: Team, vendor: Sandbox, **changes: object) -> Integration:
    """A connection whose key the vendor accepts."""
    return make_connected(team, api_key=vendor.make_key(company="Acme Corp"), **changes)


def test_a_refused_key_pauses_once(connected: Integration, events: list[object]) -> None:
    assert pause(connected)
    assert not pause(connected)
    connected.refresh_from_db()
    assert (connected.state, connected.problem_code) == ("paused", "key_rejected")
    assert connected.problem_since is not None
    assert events == [("paused", None, {})]
    assert AuditEvent.objects.filter(action="integration.paused", actor=None).count() == 1


def test_the_refusal_of_a_key_that_was_replaced_pauses_nothing(connected: Integration) -> None:
    assert not pause(connected, key_version=connected.key_version - 1)
    connected.refresh_from_db()
    assert connected.state == "connected"


def test_the_check_on_a_schedule_finds_a_dead_key_and_mails_the_admins_once(
    team: Team, vendor: Sandbox, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(risks_hook, "SOURCES", [two_risks])
    integration = working(team, vendor)
    vendor.revoke(integration.api_key)
    Membership.objects.filter(pk=team.interviewer.pk).update(role="admin")
    with work():
        tasks.check_integrations()
        tasks.check_integrations()
    integration.refresh_from_db()
    assert (integration.state, problem_of(integration)) == ("paused", "CodeSignal did not accept the API key.")
    assert integration.permissions == {}
    [message] = mail.outbox
    assert sorted(message.to) == ["admin@acme.example", "interviewer@acme.example"]
    assert message.subject == "CodeSignal stopped working for Acme"
    assert "CodeSignal did not accept the API key." in message.body
    assert "Ada Byron – Coding (2 Dec, 09:00 GMT+1)" in message.body
    assert "http://testserver/o/acme/schedules/1/" in message.body
    assert "http://testserver/o/acme/settings/integrations/codesignal/" in message.body
    assert integration.api_key not in message.body


def test_a_refusal_that_the_vendor_takes_back_ends_by_itself_and_nobody_is_mailed(
    team: Team, vendor: Sandbox, work: Work, events: list[object]
) -> None:
    integration = working(team, vendor)
    with work():
        pause(integration)
    integration.refresh_from_db()
    assert (integration.state, problem_of(integration)) == ("connected", "")
    assert mail.outbox == []
    assert events == [("paused", None, {}), ("resumed", None, {})]


def test_a_key_that_checks_well_but_is_refused_at_work_does_not_go_back_and_forth(
    team: Team, vendor: Sandbox, work: Work
) -> None:
    integration = working(team, vendor)
    with work():
        pause(integration)
    with work():
        pause(integration)
    integration.refresh_from_db()
    assert integration.state == "paused"
    assert len(mail.outbox) == 1
    with time_machine.travel(timezone.now() + timedelta(hours=3), tick=False), work():
        tasks.check_integrations()
    integration.refresh_from_db()
    assert integration.state == "connected"


def test_what_can_not_be_told_resumes_only_when_a_person_asks(team: Team, vendor: Sandbox, work: Work) -> None:
    vendor.fault(Fault.ERRORS_IN_200_BEFORE, operation="deleteLiveInterview", probability=1.0)
    integration = working(team, vendor)
    with work():
        pause(integration, code="permission_missing")
    integration.refresh_from_db()
    assert integration.state == "paused"
    with work():
        team.client(team.admin).post(team.url("settings/integrations/codesignal/check/"))
    integration.refresh_from_db()
    assert integration.state == "connected"


def test_a_permission_that_was_taken_away_is_named(team: Team, vendor: Sandbox) -> None:
    key = vendor.make_key(company="Acme Corp", permissions=[name for name in ALL if name != WRITE])
    integration = make_connected(team, api_key=key)
    health.check(integration.pk)
    integration.refresh_from_db()
    assert (integration.state, integration.problem_code) == ("paused", "permission_missing")
    assert problem_of(integration) == f"The API key lacks a permission in CodeSignal: {WRITE}."
    assert integration.permissions[WRITE] == "no"


def test_a_key_that_belongs_to_another_company_now_pauses(team: Team, vendor: Sandbox) -> None:
    integration = make_connected(team, api_key=vendor.make_key(company="Globex"), company_id="another")
    health.check(integration.pk)
    integration.refresh_from_db()
    assert (integration.state, integration.problem_code) == ("paused", "other_company")
    assert "Globex" in problem_of(integration)
    assert (integration.company_id, integration.company_name) == ("another", "Acme Corp")


@pytest.mark.parametrize("state", ["connected", "paused"])
def test_a_vendor_that_is_away_changes_nothing_but_the_note(
    state: str, team: Team, vendor: Sandbox, as_admin: Client
) -> None:
    integration = working(team, vendor, state=state, checked_at=timezone.now())
    vendor.fault(Fault.UNAVAILABLE, probability=1.0)
    health.check(integration.pk)
    health.check(integration.pk)
    after = Integration.objects.get()
    assert (after.state, after.checked_at, after.key_version) == (state, integration.checked_at, 1)
    assert (after.check_problem_code, after.check_problem_params) == ("server_error", {})
    assert AuditEvent.objects.filter(action="integration.not_checked").count() == 1
    page = unescape(as_admin.get(team.url("settings/integrations/codesignal/")).content.decode())
    assert "did not finish. CodeSignal reported an error on its side." in page
    vendor.clear_faults()
    health.check(integration.pk)
    assert Integration.objects.get().check_problem_code == ""


def test_a_mail_that_did_not_go_out_is_sent_later_by_the_sweep(connected: Integration, settings: Settings) -> None:
    pause(connected)
    with time_machine.travel(timezone.now() + timedelta(minutes=2), tick=False):
        working_backend = settings.EMAIL_BACKEND
        settings.EMAIL_BACKEND = "tests.organizations.test_settings_invitations.Away"
        tasks.sweep()
        assert mail.outbox == []
        settings.EMAIL_BACKEND = working_backend
        tasks.sweep()
        tasks.sweep()
    assert len(mail.outbox) == 1


def test_nobody_is_mailed_in_the_first_minute(connected: Integration) -> None:
    pause(connected)
    tasks.sweep()
    assert mail.outbox == []


def test_a_new_outage_after_a_new_key_is_mailed_again(team: Team, vendor: Sandbox, work: Work) -> None:
    integration = working(team, vendor)
    vendor.revoke(integration.api_key)
    with work():
        tasks.check_integrations()
    key = vendor.make_key(company="Acme Corp")
    with work():
        address = team.url("settings/integrations/codesignal/connect/")
        team.client(team.admin).post(address, {"api_key": key})
    assert Integration.objects.get().state == "connected"
    vendor.revoke(key)
    with work():
        tasks.check_integrations()
    assert len(mail.outbox) == 2


def test_the_banner_tells_admins_what_to_do_and_recruiters_whom_to_ask(
    connected: Integration,
    team: Team,
    as_admin: Client,
    as_recruiter: Client,
    as_interviewer: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(risks_hook, "SOURCES", [two_risks])
    profile = team.url("settings/profile/")
    assert "is paused" not in as_admin.get(profile).content.decode()
    pause(connected)
    admin = unescape(as_admin.get(profile).content.decode())
    assert "CodeSignal is paused: new links wait. CodeSignal did not accept the API key." in admin
    assert (
        "At risk: Ada Byron – Coding (2 Dec, 09:00 GMT+1); Grace Hopper – Round 0; Grace Hopper – Round 1 and 2 more."
        in admin
    )
    assert "Replace key" in admin
    recruiter = unescape(as_recruiter.get(profile).content.decode())
    assert "Ask an admin (Admin Acme) to replace the key." in recruiter
    assert "Replace key" not in recruiter
    assert "is paused" not in as_interviewer.get(profile).content.decode()


def test_the_banner_is_only_for_the_own_organization(
    connected: Integration, other_team: Team, as_outsider: Client
) -> None:
    pause(connected)
    assert "is paused" not in as_outsider.get(other_team.url("settings/profile/")).content.decode()


def test_disconnecting_with_deletion_keeps_the_key_until_the_links_are_gone(
    connected: Integration, team: Team, as_admin: Client, monkeypatch: pytest.MonkeyPatch, events: list[object]
) -> None:
    monkeypatch.setattr(link_counts_hook, "SOURCES", [some_to_remove])
    address = team.url("settings/integrations/codesignal/disconnect/")
    dialog = unescape(as_admin.get(address).content.decode())
    assert "What should happen to the 5 existing links?" in dialog
    assert "2 planned links wait." in dialog
    assert "Delete 3 unused links in CodeSignal" in dialog
    as_admin.post(address, {"links": "delete"})
    assert events == [("disconnecting", team.admin.user, {"delete_links": True})]
    tasks.sweep()
    assert Integration.objects.get().api_key == "an-old-key-0001"
    page = unescape(as_admin.get(team.url("settings/integrations/codesignal/")).content.decode())
    assert "3 unused links are still being deleted in CodeSignal." in page
    monkeypatch.setattr(link_counts_hook, "SOURCES", [none_to_remove])
    tasks.sweep()
    assert Integration.objects.get().api_key == ""


def test_the_key_is_forgotten_after_a_day_whatever_is_left(
    connected: Integration, team: Team, as_admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_counts_hook, "SOURCES", [some_to_remove])
    as_admin.post(team.url("settings/integrations/codesignal/disconnect/"), {"links": "delete"})
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        tasks.sweep()
    assert Integration.objects.get().api_key == ""


def test_with_a_dead_key_nothing_can_be_deleted_and_that_is_said(
    connected: Integration, team: Team, as_admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_counts_hook, "SOURCES", [some_to_remove])
    pause(connected)
    dialog = unescape(as_admin.get(team.url("settings/integrations/codesignal/disconnect/")).content.decode())
    assert "They can't be deleted in CodeSignal, because the key does not work." in dialog
    assert 'value="delete"' not in dialog


def test_another_company_s_key_is_announced_to_those_who_keep_links(
    team: Team, vendor: Sandbox, work: Work, events: list[object], as_admin: Client
) -> None:
    make_connected(team, company_id="another", state="disconnected", api_key="")
    with work():
        address = team.url("settings/integrations/codesignal/connect/")
        as_admin.post(address, {"api_key": vendor.make_key(company="Globex")})
    company = Integration.objects.get().company_id
    changed = ("company_changed", team.admin.user, {"before": "another", "after": company})
    assert events == [changed, ("resumed", team.admin.user, {})]


def test_with_live_links_of_another_company_it_is_asked_even_after_disconnecting(
    team: Team, vendor: Sandbox, work: Work, as_admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_counts_hook, "SOURCES", [none_to_remove])
    make_connected(team, company_id="another", state="disconnected", api_key="")
    with work():
        address = team.url("settings/integrations/codesignal/connect/")
        as_admin.post(address, {"api_key": vendor.make_key(company="Globex")})
    assert Integration.objects.get().state == "disconnected"

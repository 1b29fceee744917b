"""The settings of integrations: who may see and do what, and what each button does."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from integrations import tasks
from integrations.models import Integration, KeyCheck
from integrations.sandbox import Sandbox
from jobs.models import InterviewPlan, Job, PlanInterview, Stage
from organizations.models import AuditEvent
from tests.conftest import Team
from tests.integrations.conftest import Work, make_connected

pytestmark = [pytest.mark.django_db, pytest.mark.allow_hosts(["127.0.0.1"])]

ONE = "settings/integrations/codesignal/"
HTMX = {"HX-Request": "true"}
GETS = [
    ONE,
    f"{ONE}connect/",
    f"{ONE}connection/",
    f"{ONE}disconnect/",
    f"{ONE}webhook-secret/new/",
]
POSTS = [
    f"{ONE}connect/",
    f"{ONE}check/",
    f"{ONE}disconnect/",
    f"{ONE}save/",
    f"{ONE}templates/",
    f"{ONE}webhook-secret/",
    f"{ONE}webhook-secret/new/",
]


def body(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return unescape(response.content.decode())


def key_check(team: Team) -> KeyCheck:
    return KeyCheck.objects.create(
        organization=team.organization, kind="codesignal", api_key="a-pasted-key", asked_by=team.admin.user
    )


@pytest.mark.parametrize("path", GETS)
def test_pages_are_for_admins_of_the_organization(
    path: str,
    connected: Integration,
    team: Team,
    as_admin: Client,
    as_recruiter: Client,
    as_interviewer: Client,
    as_outsider: Client,
    client: Client,
) -> None:
    address = team.url(path)
    assert as_admin.get(address).status_code == 200
    assert as_recruiter.get(address).status_code == 403
    assert as_interviewer.get(address).status_code == 403
    assert as_outsider.get(address).status_code == 404
    assert client.get(address)["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("path", POSTS)
def test_changes_are_for_admins_of_the_organization(
    path: str, connected: Integration, team: Team, as_recruiter: Client, as_interviewer: Client, as_outsider: Client
) -> None:
    address = team.url(path)
    before = Integration.objects.values().get()
    assert as_recruiter.post(address, {"links": "keep", "api_key": "k" * 20}).status_code == 403
    assert as_interviewer.post(address, {"links": "keep", "api_key": "k" * 20}).status_code == 403
    assert as_outsider.post(address, {"links": "keep", "api_key": "k" * 20}).status_code == 404
    assert Integration.objects.values().get() == before
    assert not KeyCheck.objects.exists()


@pytest.mark.parametrize("end", ["", "again/", "accept/", "abandon/"])
def test_a_key_check_is_only_its_organization_s(
    end: str, team: Team, other_team: Team, as_admin: Client, as_recruiter: Client, as_outsider: Client
) -> None:
    check = key_check(team)

    def ask(client: Client, where: Team) -> int:
        address = where.url(f"settings/integrations/key-checks/{check.pk}/{end}")
        return (client.post(address) if end else client.get(address)).status_code

    assert ask(as_recruiter, team) == 403
    assert ask(as_outsider, team) == 404
    assert ask(as_outsider, other_team) == 404
    assert KeyCheck.objects.get().state == "waiting"
    assert ask(as_admin, team) == 200


def test_an_unknown_vendor_is_not_there(as_admin: Client, team: Team) -> None:
    assert as_admin.get(team.url("settings/integrations/nobody/")).status_code == 404
    assert as_admin.get(team.url("settings/integrations/nobody/connect/")).status_code == 404


def test_the_list_has_the_vendor_under_its_kind(as_admin: Client, team: Team) -> None:
    page = body(as_admin, team.url("settings/integrations/"))
    assert page.index("Coding Tools") < page.index("CodeSignal")
    assert "Not connected" in page
    assert 'hx-get="/o/acme/settings/integrations/codesignal/connect/"' in page


def test_a_recruiter_reads_the_list_and_who_can_connect(
    as_recruiter: Client, as_interviewer: Client, as_outsider: Client, team: Team
) -> None:
    page = body(as_recruiter, team.url("settings/integrations/"))
    assert "Ask an admin (<bdi>Admin Acme</bdi>) to change this." in page
    assert "connect/" not in page
    assert as_interviewer.get(team.url("settings/integrations/")).status_code == 403
    assert as_outsider.get(team.url("settings/integrations/")).status_code == 404


def test_connected_the_list_leads_to_the_page(connected: Integration, as_admin: Client, team: Team) -> None:
    page = body(as_admin, team.url("settings/integrations/"))
    assert "Connected" in page
    assert "Manage" in page
    assert "Acme Corp" in page


def test_not_connected_the_page_says_so(as_admin: Client, team: Team) -> None:
    assert "CodeSignal is not connected" in body(as_admin, team.url(ONE))
    assert as_admin.post(team.url(f"{ONE}check/")).status_code == 404


def test_times_are_in_the_reader_s_zone(connected: Integration, as_admin: Client, team: Team) -> None:
    noon = timezone.now().replace(year=2026, month=1, day=15, hour=12, minute=0)
    Integration.objects.update(checked_at=noon)
    team.admin.user.time_zone = "Asia/Tokyo"
    team.admin.user.save()
    assert "15 Jan 2026, 21:00" in body(as_admin, team.url(ONE))


def test_check_now_asks_the_vendor_and_shows_when(team: Team, as_admin: Client, vendor: Sandbox, work: Work) -> None:
    make_connected(team, api_key=vendor.make_key(company="Acme Corp"), company_name="")
    with work():
        shown = as_admin.post(team.url(f"{ONE}check/"), headers=HTMX).content.decode()
    assert "Checking with CodeSignal" in shown
    done = as_admin.get(team.url(f"{ONE}connection/?shown=checking"), headers=HTMX).content.decode()
    assert "Acme Corp" in done
    assert "Asking CodeSignal" not in done
    assert Integration.objects.get().checked_at is not None


def test_two_clicks_ask_the_vendor_once_and_a_third_after_the_result_asks_again(
    team: Team, as_admin: Client, vendor: Sandbox, work: Work
) -> None:
    make_connected(team, api_key=vendor.make_key(company="Acme Corp"), company_name="")
    address = team.url(f"{ONE}check/")
    with work():
        as_admin.post(address, headers=HTMX)
        as_admin.post(address, headers=HTMX)
    assert len([request for request in vendor.requests if request.operation == "company"]) == 1
    with work():
        as_admin.post(address, headers=HTMX)
    assert len([request for request in vendor.requests if request.operation == "company"]) == 2


def test_a_check_that_nobody_does_is_not_waited_for_forever(
    connected: Integration, as_admin: Client, team: Team
) -> None:
    address = team.url(f"{ONE}connection/")
    as_admin.post(team.url(f"{ONE}check/"), headers=HTMX)
    assert as_admin.get(f"{address}?shown=checking").status_code == 204
    Integration.objects.update(check_asked_at=timezone.now() - timedelta(seconds=30))
    assert "background work isn't running" in unescape(as_admin.get(f"{address}?shown=checking").content.decode())
    Integration.objects.update(check_asked_at=timezone.now() - timedelta(minutes=5))
    assert "hx-trigger" not in as_admin.get(f"{address}?shown=late").content.decode()


def sent(connected: Integration, **changed: str) -> dict[str, str]:
    """The page's form as it stands, with a few fields changed."""
    rate = {name: f"{getattr(connected, name):g}" for name in ("write_ceiling", "read_ceiling")}
    return {"key_owner_kind": connected.key_owner_kind, "key_owner": connected.key_owner} | rate | changed


def test_the_rate_limit_can_be_set_within_bounds(connected: Integration, as_admin: Client, team: Team) -> None:
    address = team.url(f"{ONE}save/")
    refused = as_admin.post(address, sent(connected, write_ceiling="0.01", read_ceiling="51", key_owner="Robin"))
    text = unescape(refused.content.decode())
    assert 'value="0.01"' in text
    assert 'value="51"' in text
    assert 'value="Robin"' in text
    assert re.search(r'<details[^>]*id="advanced"\s+open', text)
    assert Integration.objects.get().write_ceiling == 5
    assert as_admin.post(address, sent(connected, write_ceiling="2.5", read_ceiling="20")).status_code == 302
    integration = Integration.objects.get()
    assert (integration.write_ceiling, integration.read_ceiling) == (2.5, 20)
    assert (integration.write_rate, integration.read_rate) == (2.5, 20)
    assert saved_actions() == ["integration.rate_limit_changed"]


def saved_actions() -> list[str]:
    events = AuditEvent.objects.filter(subject_type="integration", action__endswith="_changed").order_by("pk")
    return list(events.values_list("action", flat=True))


def test_who_owns_the_key_can_be_written_down(connected: Integration, as_admin: Client, team: Team) -> None:
    Integration.objects.update(throttled_at=timezone.now(), write_rate=1)
    as_admin.post(team.url(f"{ONE}save/"), sent(connected, key_owner_kind="person", key_owner="Robin Banks"))
    page = body(as_admin, team.url(ONE))
    assert 'value="Robin Banks"' in page
    assert "stops working when its owner's account is deactivated" in page
    assert saved_actions() == ["integration.key_owner_changed"]
    assert Integration.objects.get().write_rate == 1, "the vendor's slow-down ended although its limit was not changed"


def test_a_form_that_changes_nothing_leaves_no_trail(connected: Integration, as_admin: Client, team: Team) -> None:
    assert as_admin.post(team.url(f"{ONE}save/"), sent(connected)).status_code == 302
    assert saved_actions() == []


def test_the_page_starts_with_the_next_step(connected: Integration, as_admin: Client, team: Team) -> None:
    assert "Next: press" in body(as_admin, team.url(ONE))
    for state in Job.State:
        job = Job.objects.create(organization=team.organization, title="Engineer", state=state)
        stage = Stage.objects.create(organization=team.organization, job=job, name="Phone")
        plan = InterviewPlan.objects.create(organization=team.organization, stage=stage)
        for tool in ("codesignal", ""):
            PlanInterview.objects.create(organization=team.organization, plan=plan, name="Talk", link_tool=tool)
    page = body(as_admin, team.url(ONE))
    assert "Next: press" not in page
    assert "1 interview in your plans gets a link by default." in page


@pytest.mark.parametrize(
    "advice",
    [{"throttled_at": True}, {"webhook_refused_at": True}, {"permissions": {"liveInterview": "no"}}],
    ids=lambda advice: next(iter(advice)),
)
def test_what_needs_an_admin_is_not_folded_away(
    advice: dict[str, object], connected: Integration, as_admin: Client, team: Team
) -> None:
    assert re.search(r'<details[^>]*id="advanced"\s*>', body(as_admin, team.url(ONE)))
    Integration.objects.update(**{name: timezone.now() if value is True else value for name, value in advice.items()})
    assert re.search(r'<details[^>]*id="advanced"\s+open', body(as_admin, team.url(ONE)))


def test_the_webhook_s_address_and_steps_are_on_the_page(connected: Integration, as_admin: Client, team: Team) -> None:
    page = body(as_admin, team.url(ONE))
    assert f"http://testserver/hooks/codesignal/{connected.webhook_token}/" in page
    assert "Manage Webhooks" in page
    assert "liveInterviewFinished" in page


def test_the_signing_secret_is_shown_on_request_and_can_be_renewed(
    connected: Integration, as_admin: Client, team: Team
) -> None:
    assert connected.webhook_secret not in body(as_admin, team.url(ONE))
    asked = as_admin.get(team.url(f"{ONE}webhook-secret/"))
    assert asked["Location"] == team.url(ONE)
    assert not AuditEvent.objects.filter(action="integration.webhook_secret_shown").exists()
    shown = as_admin.post(team.url(f"{ONE}webhook-secret/"))
    assert connected.webhook_secret in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    event = AuditEvent.objects.get(action="integration.webhook_secret_shown")
    assert (event.actor, event.detail) == (team.admin.user, {"tool": "codesignal"})
    as_admin.post(team.url(f"{ONE}webhook-secret/new/"))
    renewed = Integration.objects.get()
    assert renewed.webhook_secret != connected.webhook_secret
    assert renewed.webhook_token == connected.webhook_token


def test_disconnecting_forgets_the_key(connected: Integration, as_admin: Client, team: Team) -> None:
    dialog = body(as_admin, team.url(f"{ONE}disconnect/"))
    assert "No links are affected." in dialog
    response = as_admin.post(team.url(f"{ONE}disconnect/"), {"links": "keep"}, headers=HTMX)
    assert response["HX-Redirect"] == team.url(ONE)
    integration = Integration.objects.get()
    assert (integration.state, integration.api_key, integration.key_last4) == ("disconnected", "", "")
    assert AuditEvent.objects.filter(action="integration.disconnected", actor=team.admin.user).count() == 1
    assert "CodeSignal is not connected" in body(as_admin, team.url(ONE))


def test_disconnecting_needs_a_choice(connected: Integration, as_admin: Client, team: Team) -> None:
    assert as_admin.post(team.url(f"{ONE}disconnect/"), {"links": "burn"}, headers=HTMX).status_code == 422
    assert Integration.objects.get().is_connected


def test_of_many_workers_that_are_asked_for_old_templates_one_reads(team: Team, vendor: Sandbox) -> None:
    integration = make_connected(team, api_key=vendor.make_key(company="Acme Corp"))
    vendor.add_template("Pairing on a parser", company="Acme Corp")
    for _worker in range(3):
        tasks.refresh_old_templates(integration.pk)
    assert "Pairing on a parser" in [template["name"] for template in Integration.objects.get().templates]
    assert len(vendor.requests) == 1


def test_templates_are_read_again_on_request(team: Team, as_admin: Client, vendor: Sandbox, work: Work) -> None:
    make_connected(team, api_key=vendor.make_key(company="Acme Corp"))
    vendor.add_template("Pairing on a parser", company="Acme Corp")
    with work():
        as_admin.post(team.url(f"{ONE}templates/"))
    assert "Pairing on a parser" in [template["name"] for template in Integration.objects.get().templates]

"""“Integration health”: what is counted of an integration's calls, and the page that shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrations import call_counts
from integrations.base import Refused, Retryable
from integrations.models import Integration, IntegrationDay
from integrations.registry import TOOLS
from integrations.tasks import sweep
from integrations.vendor_calls import call_in_background
from organizations.models import Membership
from tests.conftest import Team
from tests.integrations.health_days import BOUNDS, fill
from tests.scheduling.loops import connect, make_link, make_loop

pytestmark = pytest.mark.django_db

PAGE = "settings/integrations/codesignal/health/"


@pytest.fixture(autouse=True)
def nothing_counted_yet() -> Iterator[None]:
    """Other tests' calls are no part of these."""
    call_counts.write()
    IntegrationDay.objects.all().delete()
    yield
    call_counts.write()


class Tool:
    """Answers as the test says, in the place of a vendor."""

    def create_link(self, problem: Exception | None = None) -> None:
        if problem is not None:
            raise problem

    find_links = create_link


@pytest.fixture
def integration(team: Team, monkeypatch: pytest.MonkeyPatch) -> Integration:
    monkeypatch.setitem(TOOLS, "codesignal", replace(TOOLS["codesignal"], factory=cast(Any, lambda *_, **__: Tool())))
    return connect(team)


def today_of(integration: Integration) -> date:
    """The day that the organization has: days are counted by its clock."""
    return timezone.localdate(timezone=ZoneInfo(integration.organization.time_zone))


def ask(integration: Integration, method: str, problem: Exception | None = None) -> None:
    def request(tool: Any) -> None:
        getattr(tool, method)(problem)

    if problem is None:
        call_in_background(integration, request)
    else:
        with pytest.raises(type(problem)):
            call_in_background(integration, request)


def test_calls_are_counted_by_what_became_of_them(integration: Integration) -> None:
    for method in ["create_link", "create_link", "find_links"]:
        ask(integration, method)
    for problem in [Retryable("timeout"), Retryable("timeout"), Refused("email_refused")]:
        ask(integration, "create_link", problem)
    assert not IntegrationDay.objects.exists()
    call_counts.write()
    row = IntegrationDay.objects.get()
    assert (row.integration, row.organization) == (integration, integration.organization)
    assert (row.made, row.failures, sum(row.times)) == (2, {"timeout": 2, "email_refused": 1}, 3)
    ask(integration, "create_link")
    ask(integration, "create_link", Retryable("timeout"))
    call_counts.write()
    row.refresh_from_db()
    assert (row.made, row.failures, sum(row.times)) == (3, {"timeout": 3, "email_refused": 1}, 4)


def test_a_day_is_one_of_the_organizations_zone(integration: Integration) -> None:
    type(integration.organization).objects.update(time_zone="Pacific/Auckland")
    with time_machine.travel(datetime(2026, 11, 26, 20, tzinfo=UTC), tick=False):
        ask(integration, "create_link")
        call_counts.write()
    assert IntegrationDay.objects.get().day == date(2026, 11, 27)


def test_a_call_writes_nothing_and_a_task_writes_only_now_and_then(
    integration: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    with CaptureQueriesContext(connection) as asked:
        ask(integration, "create_link")
    assert not [one["sql"] for one in asked.captured_queries if "integrationday" in one["sql"]]
    call_counts.write()  # a moment ago
    ask(integration, "create_link")
    sweep.apply()
    assert IntegrationDay.objects.get().made == 1
    monkeypatch.setattr(call_counts, "EVERY", 0.0)
    sweep.apply()
    assert IntegrationDay.objects.get().made == 2


def test_counts_that_could_not_be_written_are_written_later(integration: Integration) -> None:
    def refuse(*_: Any) -> None:
        raise OperationalError("database is locked")

    ask(integration, "create_link")
    ask(integration, "create_link", Retryable("timeout"))
    with connection.execute_wrapper(refuse):
        call_counts.write()
    ask(integration, "create_link")
    call_counts.write()
    row = IntegrationDay.objects.get()
    assert (row.made, row.failures, sum(row.times)) == (2, {"timeout": 1}, 2)


def test_counts_of_an_integration_that_is_gone_are_dropped(integration: Integration) -> None:
    ask(integration, "create_link")
    integration.delete()
    call_counts.write()
    assert not IntegrationDay.objects.exists()


def test_old_days_go(integration: Integration) -> None:
    today = today_of(integration)
    for back in (29, 59, 61, 300):
        fill(integration, today - timedelta(days=back), made=1)
    ask(integration, "create_link")
    call_counts.write()
    left = IntegrationDay.objects.order_by("day").values_list("day", flat=True)
    assert [(today - day).days for day in left] == [59, 29, 0]


@pytest.mark.parametrize(
    ("seconds", "share", "found"),
    [([], 0.5, None), ([0.4] * 100, 0.5, 0.4), ([0.1] * 90 + [8.0] * 10, 0.95, 8.0), ([90.0], 0.5, 60.0)],
)
def test_quantiles_are_close(seconds: list[float], share: float, found: float | None) -> None:
    times = [0] * (len(BOUNDS) + 1)
    for one in seconds:
        times[next((place for place, bound in enumerate(BOUNDS) if bound >= one), len(BOUNDS))] += 1
    assert call_counts.quantile(times, share) == (None if found is None else pytest.approx(found, rel=0.13))


def test_the_page_shows_thirty_days_and_their_sum(as_admin: Client, team: Team, integration: Integration) -> None:
    today = today_of(integration)
    fill(integration, today, made=1200, failures={"timeout": 3}, seconds=0.5)
    fill(integration, today - timedelta(days=29), made=34, failures={"timeout": 1, "email_refused": 9}, seconds=2)
    fill(integration, today - timedelta(days=30), made=999)
    page = as_admin.get(team.url(PAGE)).content.decode()
    assert page.count("<tr data-day=") == 30
    assert "1,234" in page and ">13<" in page.replace("\n", "").replace(" ", "")
    assert f'data-day="{today}"' in page and 'data-made="1200"' in page and 'data-failed="10"' in page
    refused, late = page.index("did not accept the candidate&#x27;s e-mail"), page.index("did not answer in time")
    assert refused < late
    assert 'data-median=""' in page  # a day without calls has none, which is no 0


def test_without_calls_the_page_says_so(as_admin: Client, team: Team, integration: Integration) -> None:
    page = as_admin.get(team.url(PAGE)).content.decode()
    assert "No calls to CodeSignal in 30 days" in page and "health-days" not in page


def test_a_tool_that_was_never_connected_has_no_page(as_admin: Client, team: Team) -> None:
    assert as_admin.get(team.url(PAGE)).status_code == 404
    assert as_admin.get(team.url("settings/integrations/nothing/health/")).status_code == 404


@pytest.mark.parametrize("role", ["recruiter", "coordinator", "interviewer", "read_only"])
def test_only_admins_see_it(role: str, team: Team, integration: Integration) -> None:
    Membership.objects.filter(pk=team.recruiter.pk).update(role=role)
    assert team.client(team.recruiter).get(team.url(PAGE)).status_code == 403


def test_the_page_costs_the_same_at_any_size_and_shows_nothing_of_others(
    as_admin: Client, team: Team, other_team: Team, integration: Integration
) -> None:
    theirs = connect(other_team)
    fill(theirs, today_of(theirs), made=777)
    as_admin.get(team.url(PAGE))
    with CaptureQueriesContext(connection) as few:
        assert "777" not in as_admin.get(team.url(PAGE)).content.decode()
    for back in range(60):
        fill(integration, today_of(integration) - timedelta(days=back), made=5, failures={"timeout": 2})
    with CaptureQueriesContext(connection) as many:
        as_admin.get(team.url(PAGE))
    assert len(few) == len(many) <= 12


def test_home_and_the_settings_lead_to_it(as_admin: Client, team: Team, integration: Integration) -> None:
    address = f'href="{team.url(PAGE)}"'
    assert address in as_admin.get(team.url("settings/integrations/codesignal/")).content.decode()
    make_link(make_loop(team, "Coding").interviews.get(), integration, "pending")
    Integration.objects.update(
        state=Integration.State.PAUSED, problem_code="key_rejected", problem_since=timezone.now()
    )
    assert address in as_admin.get(team.url("home/")).content.decode()
    assert address not in team.client(team.recruiter).get(team.url("home/")).content.decode()

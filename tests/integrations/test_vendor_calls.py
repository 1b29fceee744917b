"""A coding tool is called in one way, whoever asks: never in a transaction, and what it says is a lesson for all."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import transaction

from integrations import health, key_checks, templates_cache
from integrations.models import Integration, KeyCheck
from integrations.sandbox import Fault, Sandbox
from tests.conftest import Team
from tests.integrations.conftest import make_connected

pytestmark = [pytest.mark.django_db, pytest.mark.allow_hosts(["127.0.0.1"])]


@pytest.fixture
def integration(team: Team, vendor: Sandbox) -> Integration:
    return make_connected(team, api_key=vendor.make_key(company="Acme Corp"))


def check_of(integration: Integration, team: Team) -> None:
    check = KeyCheck.objects.create(
        organization=team.organization, kind="codesignal", api_key=integration.api_key, asked_by=team.admin.user
    )
    key_checks.run(check.pk)


CALLERS: dict[str, Callable[[Integration, Team], None]] = {
    "a check of the key": lambda integration, _team: health.check(integration.pk),
    "a new key": check_of,
    "templates": lambda integration, _team: templates_cache.refresh(integration.pk),
}


@pytest.mark.parametrize("caller", CALLERS)
def test_a_call_inside_a_transaction_is_refused(
    team: Team, vendor: Sandbox, integration: Integration, caller: str
) -> None:
    with pytest.raises(RuntimeError, match="never called inside a transaction"), transaction.atomic():
        CALLERS[caller](integration, team)
    assert vendor.requests == []
    CALLERS[caller](integration, team)
    assert vendor.requests != []


def test_templates_that_are_asked_for_too_fast_slow_the_key_down(vendor: Sandbox, integration: Integration) -> None:
    vendor.fault(Fault.RATE_LIMITED_BARE, operation="interviewTemplates")
    before = integration.read_rate
    templates_cache.refresh(integration.pk)
    integration.refresh_from_db()
    assert integration.read_rate == before / 2


def test_a_key_that_is_refused_for_templates_pauses_all_work(vendor: Sandbox, integration: Integration) -> None:
    vendor.revoke(integration.api_key)
    templates_cache.refresh(integration.pk)
    integration.refresh_from_db()
    assert (integration.state, integration.problem_code) == (Integration.State.PAUSED, "key_rejected")

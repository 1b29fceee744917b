"""A stored connection: new refresh tokens are kept, rejected ones pause it, "too fast" slows it down."""

from __future__ import annotations

import json

import pytest
from pytest_django import DjangoAssertNumQueries

from integrations.base import CredentialsRejected, Retryable
from integrations.calendar_calls import call
from integrations.microsoft import tokens
from integrations.models import CalendarConnection
from integrations.sandbox import Sandbox
from tests.conftest import Team
from tests.integrations.microsoft.conftest import BERLIN, IVY, OUR_ID, WINDOW, wanted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.allow_hosts(["127.0.0.1"])]


def connected(team: Team, kind: str, credentials: dict[str, str]) -> CalendarConnection:
    return CalendarConnection.objects.create(
        organization=team.organization,
        kind=kind,
        state=CalendarConnection.State.CONNECTED,
        credentials=json.dumps(credentials),
        credentials_version=1,
        write_ceiling=100,
        read_ceiling=100,
        write_rate=100,
        read_rate=100,
    )


def test_a_new_refresh_token_is_stored(team: Team, graph: Sandbox) -> None:
    first = graph.microsoft.consent_of(IVY)
    connection = connected(team, "microsoft", {"refresh_token": first})
    call(connection, lambda vendor: vendor.put_event(IVY, wanted()))
    stored = json.loads(CalendarConnection.objects.get(pk=connection.pk).credentials)
    assert stored.keys() == {"refresh_token"}
    assert stored["refresh_token"] != first
    tokens.forget_all()
    again = CalendarConnection.objects.get(pk=connection.pk)
    assert call(again, lambda vendor: vendor.fetch_event(IVY, OUR_ID)) is not None


def test_a_consent_that_was_replaced_meanwhile_stays(team: Team, graph: Sandbox) -> None:
    """The token of an old consent must not take the place of a new one."""
    connection = connected(team, "microsoft", {"refresh_token": graph.microsoft.consent_of(IVY)})
    newer = json.dumps({"refresh_token": "the newer one"})
    CalendarConnection.objects.filter(pk=connection.pk).update(credentials=newer, credentials_version=2)
    call(connection, lambda vendor: vendor.check())
    assert CalendarConnection.objects.get(pk=connection.pk).credentials == newer


def test_a_consent_that_was_taken_back_pauses(team: Team, graph: Sandbox) -> None:
    connection = connected(team, "microsoft", {"refresh_token": graph.microsoft.consent_of(IVY)})
    graph.microsoft.revoke(IVY)
    with pytest.raises(CredentialsRejected):
        call(connection, lambda vendor: vendor.changes(IVY, WINDOW, BERLIN))
    connection.refresh_from_db()
    assert (connection.state, connection.problem_code) == ("paused", "consent_expired")


def test_too_fast_slows_the_connection_down(
    team: Team, graph: Sandbox, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    secret = graph.microsoft.make_secret()
    known = {"tenant_id": "organizations", "client_id": "5a4d0000-0000-4000-8000-000000000002"}
    connection = connected(team, "microsoft_365", known | {"client_secret": secret})
    graph.microsoft.fault("rate_limited_retry_after", operation="delta", retry_after=30)
    with pytest.raises(Retryable), django_assert_max_num_queries(12):
        call(connection, lambda vendor: vendor.changes(IVY, WINDOW, BERLIN))
    connection.refresh_from_db()
    assert (connection.read_rate, connection.write_rate) == (50, 100)
    with pytest.raises(Retryable) as caught:
        call(connection, lambda vendor: vendor.changes(IVY, WINDOW, BERLIN))
    assert caught.value.code == "busy"

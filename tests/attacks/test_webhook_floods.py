"""B32: what a vendor signed long ago is no news, and what nobody signed fills no table."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from integrations.models import Integration
from organizations import limits
from scheduling.models import Interview, VendorEvent
from tests.conftest import Team
from tests.scheduling.loops import connect, make_link, make_loop

pytestmark = pytest.mark.django_db
NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def hook(team: Team) -> Iterator[Integration]:
    with time_machine.travel(NOON, tick=False):
        integration = connect(team)
        make_link(make_loop(team, "Coding").interviews.get(), integration, "active", external_id="x1")
        yield integration


def post(hook: Integration, at: datetime, *, signed: bool = True) -> tuple[int, str]:
    """Send an event of a moment as CodeSignal does. Return the answer's status and its word."""
    path = f"/hooks/codesignal/{hook.webhook_token}/"
    body = {"event": "liveInterviewFinished", "triggeredOn": int(at.timestamp() * 1000)}
    text = f"{settings.BASE_URL}{path}{body['event']}{body['triggeredOn']}"
    signature = hmac.new(hook.webhook_secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    response = Client().post(
        path,
        json.dumps(body | {"payload": {"interviewId": "x1"}}),
        content_type="application/json",
        headers={"X-CodeSignal-Signature": signature if signed else "0" * 64},
    )
    return response.status_code, response.json()["event"]


@pytest.mark.parametrize(
    ("days", "word"),
    [
        (-400, "older_than_7_days"),
        (-7.01, "older_than_7_days"),
        (-6.9, "taken"),
        (0, "taken"),
        (6.9, "taken"),
        (7.01, "more_than_7_days_ahead"),
        (400, "more_than_7_days_ahead"),
    ],
)
def test_only_fresh_events_are_taken(hook: Integration, days: float, word: str) -> None:
    """Answered 200 all the same: after anything else the vendor would hold back the events that follow."""
    assert post(hook, NOON + timedelta(days=days)) == (200, word)
    assert VendorEvent.objects.filter(trusted=True).exists() == (word == "taken")


def test_an_event_never_comes_twice(hook: Integration) -> None:
    """Neither while its row is kept, nor after that."""
    assert [post(hook, NOON)[1] for _again in range(3)] == ["taken", "repeated", "repeated"]
    with time_machine.travel(NOON + timedelta(days=31), tick=False):
        VendorEvent.objects.all().delete()
        assert post(hook, NOON) == (200, "older_than_7_days")


def test_unsigned_posts_are_bounded_in_rows_and_queries(
    hook: Integration, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _post in range(50):
        assert post(hook, NOON, signed=False) == (200, "wrong_signature")
    assert VendorEvent.objects.filter(trusted=False).count() == limits.UNSIGNED_EVENTS.most
    before = Integration.objects.values().get()
    with django_assert_max_num_queries(2):
        assert post(hook, NOON, signed=False) == (200, "wrong_signature")
    assert Integration.objects.values().get() == before
    assert post(hook, NOON) == (200, "taken")
    assert Interview.objects.count() == 1

"""A vendor over loopback, and Celery tasks that run where they are sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from config.celery import app
from integrations import transport
from integrations.models import Integration
from integrations.sandbox import Sandbox
from tests.conftest import Team

Work = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def vendor(socket_enabled: None, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[Sandbox]:
    """The stand-in, without rate limits. Tests that use it allow 127.0.0.1."""
    monkeypatch.setattr(transport, "connections", transport.Connections())
    with Sandbox() as running:
        running.configure(mutations_per_second=0, queries_per_second=0, hold=2.0)
        settings.CODESIGNAL_API_URL = running.graphql_url
        settings.CODESIGNAL_TIMEOUT = 5.0
        yield running


@pytest.fixture
def work(django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> Iterator[Work]:
    """`with work():` commits what is inside, and runs each task sent on commit, as a worker would, right after."""
    app.conf.update(task_always_eager=True, task_eager_propagates=True)

    @contextmanager
    def committed() -> Iterator[None]:
        with django_capture_on_commit_callbacks(execute=True):
            yield

    yield committed
    app.conf.update(task_always_eager=False, task_eager_propagates=False)


@pytest.fixture
def connected(team: Team) -> Integration:
    """A connection whose key works nowhere: for pages, not for calls."""
    return make_connected(team)


def make_connected(team: Team, *, api_key: str = "an-old-key-0001", **changes: object) -> Integration:
    fields: dict[str, object] = {
        "organization": team.organization,
        "kind": "codesignal",
        "state": Integration.State.CONNECTED,
        "api_key": api_key,
        "key_last4": api_key[-4:],
        "key_version": 1,
        "company_name": "Acme Corp",
        "permissions": {
            "liveInterview": "yes",
            "liveInterview.company": "yes",
            "liveInterview.company.read": "yes",
            "liveInterview.company.write": "unknown",
        },
    }
    return Integration.objects.create(**(fields | changes))

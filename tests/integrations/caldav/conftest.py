"""Both servers, started once for all tests of this folder, and emptied before each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from integrations.caldav.calendar import CalDav, caldav_calendar
from tests.integrations.caldav.servers import SERVERS, Server


@pytest.fixture(scope="session", params=sorted(SERVERS))
def running(request: pytest.FixtureRequest) -> Iterator[Server]:
    with SERVERS[request.param]() as server:
        yield server


@pytest.fixture
def server(running: Server, socket_enabled: None, settings: Settings) -> Server:
    """One server. Tests that use it allow 127.0.0.1."""
    settings.CALENDAR_HOSTS = ["127.0.0.1"]
    settings.DEFAULT_FROM_EMAIL = "Panelist <panelist@corp.example>"
    return running


@pytest.fixture
def caldav(server: Server) -> CalDav:
    """The account, whose calendar is empty."""
    server.empty()
    return caldav_calendar(server.credentials())


@pytest.fixture
def calendar(server: Server) -> str:
    """The id of the server's empty calendar."""
    return f"{server.url}{server.calendar}"

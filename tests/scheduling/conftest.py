"""A browser window for tests that make their own rows, instead of visiting the demo."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.visitor import Visitor
from tests.conftest import Team
from tests.scheduling.postbox import box  # noqa: F401 - the fixture, for all who send to a real server


@pytest.fixture
def visitor(chromium: Browser, live_server: LiveServer, team: Team) -> Iterator[Visitor]:
    """The team's recruiter, signed in. At the end they have met no error."""
    expect.set_options(timeout=30_000)
    one = Visitor(chromium, live_server.url)
    cookie = team.client(team.recruiter).cookies["sessionid"].value
    one.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    yield one
    one.close()
    assert one.complaints == []

"""Debian's Chromium through PyPI's playwright: one browser for all tests of a run, and windows for people in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from pytest_django.live_server_helper import LiveServer

    from organizations.models import Membership
    from tests.browser.visitor import Visitor
    from tests.conftest import Team

#: `make test-all` sets it: there a missing browser is a failure.
MUST_RUN = "TESTS_MUST_RUN"
#: What a module of browser tests needs that makes its own rows, instead of visiting the demo.
IN_BROWSER = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.allow_hosts(["127.0.0.1", "localhost"]),
]
#: The language is the one in which the browser itself writes dates in fields.
ARGUMENTS = ("--no-sandbox", "--lang=en-GB", "--accept-lang=en-GB")


def executable() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A headless browser. Its tests are skipped, with the reason, where there is none."""
    path = executable()
    if path is None and not os.environ.get(MUST_RUN):
        pytest.skip("there is no chromium on this machine")
    assert path is not None, "chromium is missing, and every test has to run here"
    # Only now: most tests need no browser.
    from playwright.sync_api import sync_playwright

    from tests.browser.posts import RECORDER

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        RECORDER.listen(browser)
        yield browser
        browser.close()


@pytest.fixture
def visitor(chromium: Browser, live_server: LiveServer, team: Team) -> Iterator[Visitor]:
    """The team's recruiter at a window, signed in. Fails at the end when they have met an error."""
    with at_window(chromium, live_server, team, team.recruiter) as one:
        yield one


@pytest.fixture
def admin_visitor(chromium: Browser, live_server: LiveServer, team: Team) -> Iterator[Visitor]:
    """The team's admin at a window, signed in. Fails at the end when they have met an error."""
    with at_window(chromium, live_server, team, team.admin) as one:
        yield one


@contextmanager
def at_window(
    chromium: Browser, live_server: LiveServer, team: Team, member: Membership, **options: object
) -> Iterator[Visitor]:
    """Open a window of this member. Options go to `Browser.new_context`."""
    from playwright.sync_api import expect

    from tests.browser.visitor import Visitor

    expect.set_options(timeout=30_000)
    one = Visitor(chromium, live_server.url, **options)
    cookie = team.client(member).cookies["sessionid"].value
    one.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    yield one
    one.close()
    assert one.complaints == []

"""A running demo for each module of tests, and its visitors. Nothing is started where there is no Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.demo import Demo, started
from tests.browser.visitor import Visitor

#: A busy machine with two cores is no fault: an answer may take this long, in milliseconds.
MAX_WAIT = 30_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.allow_hosts(["127.0.0.1", "localhost"]))
            item.add_marker(pytest.mark.timeout(600))


class Visitors(Protocol):
    """Open a window for one more person; `email` signs in, "" does not. Options go to `Browser.new_context`."""

    def __call__(self, email: str = "admin@example.com", **options: object) -> Visitor: ...


@pytest.fixture(scope="module")
def demo(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A running demo. Depends on the browser: without one, no demo has to start."""
    with started(tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest.fixture
def visitors(chromium: Browser, demo: Demo) -> Iterator[Visitors]:
    """Windows at the demo. Fails at the end when anybody met an error, in a window or in the demo's logs."""
    expect.set_options(timeout=MAX_WAIT)
    opened: list[Visitor] = []

    def visit(email: str = "admin@example.com", **options: object) -> Visitor:
        visitor = Visitor(chromium, demo.url, **options)
        visitor.context.set_default_timeout(MAX_WAIT)
        opened.append(visitor)
        if email:
            visitor.sign_in(email)
        return visitor

    yield visit
    for visitor in opened:
        visitor.close()
    assert [visitor.complaints for visitor in opened if visitor.complaints] == []
    assert "Traceback" not in demo.logs()

"""Debian's Chromium through PyPI's playwright: one browser for all tests of a run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

#: `make test-all` sets it: there a missing browser is a failure.
MUST_RUN = "TESTS_MUST_RUN"
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
    from playwright.sync_api import sync_playwright  # only now: most tests need no browser

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()

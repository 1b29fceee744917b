"""Answers to htmx are made in one place, and pages ask for news in one way."""

from __future__ import annotations

import re

import pytest
from django.conf import settings

PACKAGES = ("config", "integrations", "jobs", "organizations", "scheduling")
#: The stand-in for a vendor is another program, and answers nobody's page.
ELSEWHERE = {"organizations/htmx.py"}


@pytest.mark.parametrize("package", PACKAGES)
def test_only_one_module_knows_the_headers_of_htmx(package: str) -> None:
    files = {
        path.relative_to(settings.BASE_DIR).as_posix(): path for path in (settings.BASE_DIR / package).rglob("*.py")
    }
    assert files
    knowing = [name for name, path in files.items() if re.search(r"\bHX-|django_htmx|request\.htmx", path.read_text())]
    assert set(knowing) <= ELSEWHERE


def test_pages_ask_for_news_in_one_way() -> None:
    """`data-poll` and static/js/progress.js: less and less often, never in a hidden tab."""
    texts = {path.name: path.read_text() for path in (settings.BASE_DIR / "templates").rglob("*.html")}
    triggers = {name: re.findall(r'hx-trigger="([^"]*)"', text) for name, text in texts.items()}
    assert [name for name, found in triggers.items() if re.search(r"every|load delay", " ".join(found))] == []
    polls = {name: " ".join(found).count("poll") for name, found in triggers.items()}
    assert {name: number for name, number in polls.items() if number} == {
        name: text.count("data-poll") for name, text in texts.items() if "data-poll" in text
    }

"""Answers to htmx are made in one place."""

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

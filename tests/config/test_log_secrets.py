"""No line of the log has a secret part of an address."""

from __future__ import annotations

import re

import pytest

from config.logs import hide_tokens
from tests.test_addresses import PATTERNS

SECRET = "aW2-secret_9"
#: Names of the parts of addresses that let somebody in, or do something, without more.
SECRET_PARTS = re.compile(r"<\w+:(?:token|key)>")


@pytest.mark.parametrize("name", [name for name, address in PATTERNS.items() if SECRET_PARTS.search(address)])
def test_the_secret_part_of_an_address_is_hidden(name: str) -> None:
    path = re.sub("<[^>]*>", "codesignal", SECRET_PARTS.sub(SECRET, PATTERNS[name]))
    line = {"event": f"request_finished GET /{path}?x=1", "request": f"GET /{path}"}
    assert SECRET not in str(hide_tokens(None, "info", line))

"""Browsers and networks in words."""

from __future__ import annotations

import pytest

from organizations.devices import in_words, network

MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (f"{MAC} Chrome/139.0.0.0 Safari/537.36", "Chrome on Mac"),
        (f"{MAC} Chrome/139.0.0.0 Safari/537.36 Edg/139.0.0.0", "Edge on Mac"),
        (f"{MAC} Chrome/139.0.0.0 Safari/537.36 OPR/123.0.0.0", "Opera on Mac"),
        (f"{MAC} Version/18.6 Safari/605.1.15", "Safari on Mac"),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/139 Safari/537.36", "Chrome on ChromeOS"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/139 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) FxiOS/141.0 Safari/605.1.15", "Firefox on iPad"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0", "Firefox on Linux"),
        ("curl/8.5.0", "Unknown browser"),
        ("", "Unknown browser"),
        ("<script>alert(1)</script> Firefox/1", "Firefox"),
    ],
)
def test_a_browser_is_named(user_agent: str, words: str) -> None:
    assert in_words(user_agent) == words


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("203.0.113.77", "203.0.113.x"),
        ("::ffff:203.0.113.77", "203.0.113.x"),
        ("2001:db8:1:2::/64", "2001:db8:1::…"),
        ("unknown", ""),
        ("", ""),
    ],
)
def test_a_network_is_shown_and_not_the_desk(address: str, shown: str) -> None:
    assert network(address) == shown

"""The address that a visitor comes from, behind any proxy, and however they lie about it."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from organizations import client_address

NGINX = ["127.0.0.0/8", "::1/128"]
CONTAINERS = ["172.18.0.0/16"]
VISITOR = "203.0.113.9"


@pytest.mark.parametrize(
    ("trusted", "remote", "forwarded", "address"),
    [
        # Without a proxy, and from a peer that is none, nothing that is said counts.
        ([], "198.51.100.7", VISITOR, "198.51.100.7"),
        (NGINX, "198.51.100.7", VISITOR, "198.51.100.7"),
        (NGINX, "172.18.0.1", VISITOR, "172.18.0.1"),
        # nginx as README has it, and one that appends to what the visitor invented.
        (NGINX, "127.0.0.1", VISITOR, VISITOR),
        (NGINX, "::1", f"made-up, 127.0.0.1, 10.0.0.1, {VISITOR}", VISITOR),
        (NGINX, "127.0.0.1", "", "127.0.0.1"),
        # A Unix socket has no address: who asks is on this machine.
        (NGINX, "", VISITOR, VISITOR),
        # Two proxies, both named; the visitor's own words stand to the left of theirs.
        ([*CONTAINERS, "10.0.0.5/32"], "172.18.0.1", f"1.1.1.1, {VISITOR}, 10.0.0.5", VISITOR),
        (CONTAINERS, "172.18.0.1", f"{VISITOR}, 10.0.0.5", "10.0.0.5"),
        (CONTAINERS, "172.18.0.1", "172.18.0.9", "172.18.0.9"),
        # Ports, as Azure's gateways write them, and IPv6 in each spelling.
        (CONTAINERS, "172.18.0.1", f"{VISITOR}:51234", VISITOR),
        (NGINX, "127.0.0.1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (NGINX, "127.0.0.1", "[2001:db8:1:2:3:4:5:6]:443", "2001:db8:1:2::/64"),
        (NGINX, "127.0.0.1", '"[2001:db8:1:2::7]"', "2001:db8:1:2::/64"),
        (NGINX, "127.0.0.1", "fe80::1%eth0", "fe80::/64"),
        (NGINX, "127.0.0.1", f"::ffff:{VISITOR}", VISITOR),
        (NGINX, "::ffff:127.0.0.1", VISITOR, VISITOR),
        # What can't be read ends the way at whoever passed it on: never at one place for everybody.
        (NGINX, "127.0.0.1", "nonsense", "127.0.0.1"),
        (CONTAINERS, "172.18.0.1", "unknown, 172.18.0.7", "172.18.0.7"),
        (NGINX, "127.0.0.1", ",,,", "127.0.0.1"),
        (NGINX, "127.0.0.1", "203.0.113.9:x:y", "127.0.0.1"),
        (NGINX, "127.0.0.1", "9" * 5000, "127.0.0.1"),
    ],
)
def test_where_a_visitor_comes_from(
    rf: RequestFactory, settings: Settings, trusted: list[str], remote: str, forwarded: str, address: str
) -> None:
    settings.TRUSTED_PROXIES = [ip_network(network) for network in trusted]
    request = rf.post("/sign-in/", REMOTE_ADDR=remote)
    if forwarded:
        request.META["HTTP_X_FORWARDED_FOR"] = forwarded
    assert client_address.client_ip(request) == address


@pytest.mark.parametrize(
    ("remote", "site"), [("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"), ("203.0.113.9", ""), ("::ffff:203.0.113.9", "")]
)
def test_a_site_has_many_networks(rf: RequestFactory, remote: str, site: str) -> None:
    assert client_address.client_site(rf.get("/", REMOTE_ADDR=remote)) == site

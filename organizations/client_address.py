"""The IP address of a visitor, also behind proxies, and the networks around it that count as one visitor.

A proxy adds the address that it was asked from to the right of X-Forwarded-For, or replaces the header by it. So the
header is read from the right, and only as far as those who wrote it are in TRUSTED_PROXIES: a visitor can write
whatever they like to the left of that.
"""

from __future__ import annotations

import ipaddress
from ipaddress import IPv4Address, IPv6Address

import structlog
from django.conf import settings
from django.http import HttpRequest

log = structlog.get_logger(__name__)

IPAddress = IPv4Address | IPv6Address

#: The other end of a Unix socket is this machine.
_HERE = IPv4Address("127.0.0.1")
#: All addresses of a /64 belong to one visitor; a provider gives a customer up to a /48.
_DESK, _SITE = 64, 48
#: Strangers who invent the header fill no log.
MOST_WARNINGS = 10
_warned: set[str] = set()


def client_address(request: HttpRequest) -> IPAddress:
    """The visitor's address. What can't be read in X-Forwarded-For ends the way back at whoever passed it on."""
    visitor = _parsed(request.META.get("REMOTE_ADDR", "")) or _HERE
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    if forwarded and settings.BEHIND_PROXY and not _is_trusted(visitor):
        _warn(str(visitor))
    for said in reversed(forwarded.split(",")):
        before = _parsed(said) if _is_trusted(visitor) else None
        if before is None:
            break
        visitor = before
    return visitor


def client_ip(request: HttpRequest) -> str:
    """The visitor as one place to count by: the IPv4 address, or the /64 of an IPv6 one."""
    address = client_address(request)
    return str(address) if address.version == 4 else str(ipaddress.ip_network((address, _DESK), strict=False))


def client_site(request: HttpRequest) -> str:
    """The /48 of an IPv6 visitor, who may move among its 65,536 networks at will. "" for IPv4."""
    address = client_address(request)
    return "" if address.version == 4 else str(ipaddress.ip_network((address, _SITE), strict=False))


def bind_to_log(request: HttpRequest, **_signal: object) -> None:
    """Receive django-structlog's signal: each line of a request has the visitor's address."""
    structlog.contextvars.bind_contextvars(ip=str(client_address(request)))


def _is_trusted(address: IPAddress) -> bool:
    return any(address in network for network in settings.TRUSTED_PROXIES)


def _parsed(text: str) -> IPAddress | None:
    """An address as proxies write it: `203.0.113.9`, with a port, or IPv6 with or without brackets."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _warn(peer: str) -> None:
    """Say that a proxy is not in TRUSTED_PROXIES: all its visitors count as one."""
    if peer not in _warned and len(_warned) < MOST_WARNINGS:
        _warned.add(peer)
        log.warning("proxy_not_trusted", peer=peer, setting="TRUSTED_PROXIES")

"""Addresses, hosts and networks."""

from __future__ import annotations

import ipaddress
import re
import socket
from urllib.parse import urlsplit

from config.environment.values import bad, boolean, text

HOST = re.compile(r"\*|\.?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*|\[[0-9A-Fa-f:.]+\]")


def http_url(name: str, default: str | None = None) -> str:
    value = text(name, default)
    try:
        parts = urlsplit(value)
        known = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
        # A user and password in it would take the place of the API key, and show in error texts.
        fits = known and "@" not in parts.netloc and not re.search(r"\s", value)
    except ValueError:
        fits = False
    if not fits:
        raise bad(name, "must be an address that starts with http:// or https://, with no user and no spaces in it.")
    return value


def sentry_dsn(name: str) -> str:
    """The address of a project at Sentry, which has its key in it; empty without a value."""
    value = text(name, "")
    if value and not re.fullmatch(r"https?://[^@\s:/]+@[^@\s/]+(/[^@\s]*)?/\d+", value):
        raise bad(name, "must be the DSN of a Sentry project, like https://key@sentry.example.com/1.")
    return value


def vendor_url(name: str, default: str | None = None) -> str:
    """An address that API keys are sent to: https, or this machine, as the sandbox is."""
    value = http_url(name, default)
    if urlsplit(value).scheme == "http" and not is_here(value) and not boolean("ALLOW_HTTP_VENDORS", False):
        raise bad(
            name, "must start with https://, because API keys are sent there. ALLOW_HTTP_VENDORS=true allows http."
        )
    return value


def is_here(address: str) -> bool:
    """Whether an address is at this machine, whatever name servers say."""
    found = (urlsplit(address).hostname or "").rstrip(".")
    return (
        found == "localhost"
        or found.endswith(".localhost")
        or (is_ip(found) and ipaddress.ip_address(found).is_loopback)
    )


def origin(name: str, default: str) -> str:
    """Scheme, host and port, without a slash at the end."""
    value = http_url(name, default).rstrip("/")
    host_name = re.fullmatch(r"https?://(.+?)(:\d+)?", value)
    if host_name is None or not HOST.fullmatch(host_name.group(1)):
        raise bad(name, "must be like https://panelist.example.com, with nothing after the host name and port.")
    return value


def host_of(address: str) -> str:
    """The host name of an address, an IPv6 one in brackets, as lists of hosts and mail addresses write it."""
    found = urlsplit(address).hostname or ""
    return f"[{found}]" if ":" in found else found


def dns_server(name: str) -> tuple[str, int] | None:
    """Address and port of a DNS server, such as 10.0.0.2, 10.0.0.2:5353 or [fd00::2]:5353; None when unset."""
    value = text(name, "")
    if not value:
        return None
    try:
        parts = urlsplit(f"//{f'[{value}]' if is_ip(value) and ':' in value else value}")
        address, port = parts.hostname or "", parts.port or 53
    except ValueError:
        address, port = "", 0
    if not is_ip(address) or parts.path or parts.username:
        raise bad(name, "must be an IP address, with :port unless it is 53.")
    return address, port


def hosts(name: str, default: str) -> list[str]:
    """Host names without scheme or port, separated by commas; `.example.com` is a domain with all below it."""
    value = [host.strip() for host in text(name, default).split(",") if host.strip()]
    if not value or not all(HOST.fullmatch(host) for host in value):
        raise bad(name, "must be host names separated by commas, without http:// and without ports.")
    return value


def host(name: str, default: str) -> str:
    """One address of this machine to listen on."""
    value = text(name, default)
    try:
        address = ipaddress.ip_address("127.0.0.1" if value == "localhost" else value)
        with socket.socket(socket.AF_INET if address.version == 4 else socket.AF_INET6) as probe:
            probe.bind((str(address), 0))
        return str(address)
    except (ValueError, OSError):
        raise bad(name, "must be an IP address of this machine: 127.0.0.1, or 0.0.0.0 for all of them.") from None


def networks(name: str, default: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """IP addresses and networks, separated by commas."""
    try:
        return [ipaddress.ip_network(part.strip()) for part in text(name, default).split(",") if part.strip()]
    except ValueError:
        raise bad(
            name, "must be IP addresses or networks separated by commas, like 10.0.0.5 or 172.16.0.0/12."
        ) from None


def is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True

"""Tell which text is a web address that people may be led to by a link. Pure: no Django.

Where an interview takes place is typed by people, and read by candidates. An office's own network counts, by name and
by number; what only ever misleads does not: a name before the host (`https://bank.example@evil.example`), numbers that
hide an address, and addresses that no meeting is at.
"""

from __future__ import annotations

import ipaddress
import re

# Browsers end the host at a backslash, too.
_PARTS = re.compile(
    r"https?://(?P<host>\[[0-9a-f:.]+\]|[\w.-]*\w\.?)(?::\d{1,5})?(?:\\[^@/?#]*)?(?:[/?#]\S*)?", re.IGNORECASE
)
# Decimal, octal and hexadecimal ways to write an IPv4 address, whole or in parts: 2852039166, 0xa9.254.0251.254
_NUMERIC = re.compile(r"(?:0x[0-9a-f]*|\d+)(?:\.(?:0x[0-9a-f]*|\d+))*\.?", re.IGNORECASE)
LONGEST = 2000


def is_link(text: str) -> bool:
    """Whether the whole text is an http(s) address with a host that a link may lead to."""
    found = _PARTS.fullmatch(text) if len(text) <= LONGEST and text.isprintable() else None
    if found is None:
        return False
    host = found["host"]
    if not host.startswith("[") and not _NUMERIC.fullmatch(host):
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    plain = getattr(address, "ipv4_mapped", None) or address
    # The cloud's own services, among others, are at link-local addresses.
    return not (plain.is_link_local or plain.is_unspecified or plain.is_multicast)

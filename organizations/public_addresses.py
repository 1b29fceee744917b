"""Tell hosts of the internet from those inside the server's network, for addresses that people enter.

A name is resolved once and every address that it has must be public. The caller connects to the address that comes
back, never to the name again: the next answer for the same name could be another one.
"""

from __future__ import annotations

import ipaddress
import socket

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class NotPublic(Exception):
    """The host, or one of the addresses that its name has, is not on the internet."""


class NotFound(Exception):
    """The name has no address."""


def resolve(host: str, port: int, *, internal: bool = False) -> str:
    """The IP address to connect to, IPv4 before IPv6. With `internal` it may be inside the network.

    Raises NotPublic when any that the name has is not public, NotFound for none.
    """
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        raise NotFound from None
    if not internal and not all(is_public(address) for address in found):
        raise NotPublic
    return min(found, key=lambda address: (":" in address, address))


def is_public(text: str) -> bool:
    """Whether an IP address is on the internet. Those that lead into another network by translation are not."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is not None:
            return address.ipv4_mapped is not None and is_public(str(inner))
        if address in _NAT64:
            return False
    return address.is_global and not address.is_multicast

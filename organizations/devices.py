"""Say in words what somebody signed in with, and from where, without keeping more than that takes."""

from __future__ import annotations

import ipaddress
import re

from django.utils.translation import gettext as _

# The first that fits counts: the later ones are also in the headers of the earlier ones.
_BROWSERS = [
    ("Edge", r"Edg(?:e|A|iOS)?/"),
    ("Opera", r"OPR/|Opera"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrom(?:e|ium)/|CriOS/"),
    ("Safari", r"Version/\S+ (?:Mobile/\S+ )?Safari/"),
]
_SYSTEMS = [
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Android", r"Android"),
    ("Windows", r"Windows"),
    ("ChromeOS", r"CrOS"),
    ("Mac", r"Macintosh|Mac OS X"),
    ("Linux", r"Linux|X11"),
]


def in_words(user_agent: str) -> str:
    """A browser and its system from the header User-Agent: `Firefox on Windows`."""
    browser, system = _first(_BROWSERS, user_agent), _first(_SYSTEMS, user_agent)
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Unknown browser")


def network(address: str) -> str:
    """The part of an IP address that names a network, not a desk: `203.0.113.x`. "" for what is no address."""
    try:
        ip = ipaddress.ip_network(address, strict=False).network_address
    except ValueError:
        return ""
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is None:
        return f"{ipaddress.ip_network((ip, 48), strict=False).network_address}…"
    four = str(getattr(ip, "ipv4_mapped", None) or ip)
    return f"{four.rpartition('.')[0]}.x"


def _first(patterns: list[tuple[str, str]], text: str) -> str:
    return next((name for name, pattern in patterns if re.search(pattern, text)), "")

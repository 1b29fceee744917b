"""XML of WebDAV (RFC 4918), CalDAV (RFC 4791) and collection synchronization (RFC 6578): questions and answers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import unquote, urljoin, urlsplit
from xml.etree.ElementTree import Element, ParseError, SubElement, register_namespace, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

DAV = "{DAV:}"
CAL = "{urn:ietf:params:xml:ns:caldav}"
CS = "{http://calendarserver.org/ns/}"
for _prefix, _name in (("d", DAV), ("c", CAL), ("cs", CS)):
    register_namespace(_prefix, _name[1:-1])

ETAG, TYPE, NAME = f"{DAV}getetag", f"{DAV}resourcetype", f"{DAV}displayname"
DATA, TOKEN = f"{CAL}calendar-data", f"{DAV}sync-token"
PRINCIPAL, HOME = f"{DAV}current-user-principal", f"{CAL}calendar-home-set"
ADDRESSES, COMPONENTS = f"{CAL}calendar-user-address-set", f"{CAL}supported-calendar-component-set"
PRIVILEGES, INBOX = f"{DAV}current-user-privilege-set", f"{CAL}schedule-inbox-URL"
DEFAULT = f"{CAL}schedule-default-calendar-URL"
#: Privileges of which one is enough to make an event.
WRITING = {f"{DAV}all", f"{DAV}write", f"{DAV}bind", f"{DAV}write-content"}


class Unreadable(Exception):
    """The document is not a multistatus, or not whole."""


@dataclass(frozen=True, slots=True)
class Item:
    """One resource of an answer: its address, status and the properties that were found."""

    url: str = field(repr=False)
    status: int
    properties: dict[str, Element] = field(repr=False)

    @property
    def name(self) -> str:
        """The last part of its address, which names an object within its calendar."""
        return unquote(urlsplit(self.url).path.rstrip("/").rpartition("/")[2])

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.url).path).rstrip("/")

    def text(self, name: str) -> str:
        """The text of a property; empty without it."""
        found = self.properties.get(name)
        return (found.text or "").strip() if found is not None else ""

    def hrefs(self, name: str) -> list[str]:
        """The addresses that a property names."""
        found = self.properties.get(name)
        texts = [] if found is None else [(one.text or "").strip() for one in found.iter(f"{DAV}href")]
        return [text for text in texts if text]

    def urls(self, name: str) -> list[str]:
        return [urljoin(self.url, href) for href in self.hrefs(name)]

    def has(self, name: str, child: str) -> bool:
        """Whether a property has an element of this name in it."""
        found = self.properties.get(name)
        return found is not None and any(one.tag == child for one in found.iter())


@dataclass(frozen=True, slots=True)
class Answer:
    """A multistatus. `token`: of a sync-collection."""

    items: tuple[Item, ...]
    token: str = field(default="", repr=False)


def read(body: bytes, base: str) -> Answer:
    """The multistatus of a body. Raises `Unreadable`. `base`: the address that was asked."""
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError):
        root = None
    if root is None or root.tag != f"{DAV}multistatus":
        raise Unreadable
    items = {}
    for response in root.findall(f"{DAV}response"):
        item = _item(response, base)
        items[item.path] = item  # a doubled one counts once
    return Answer(tuple(items.values()), (root.findtext(TOKEN) or "").strip())


def _item(response: Element, base: str) -> Item:
    href = (response.findtext(f"{DAV}href") or "").strip()
    try:
        url = urljoin(base, href) if href else ""
    except ValueError:
        url = ""
    if not url:
        raise Unreadable
    properties: dict[str, Element] = {}
    for part in response.findall(f"{DAV}propstat"):
        if _status(part.findtext(f"{DAV}status")) in (200, 0):
            properties |= {one.tag: one for one in part.findall(f"{DAV}prop/*")}
    return Item(url, _status(response.findtext(f"{DAV}status")) or 200, properties)


def _status(line: str | None) -> int:
    found = re.search(r"\s(\d{3})(?:\s|$)", f"{line or ''} ")
    return int(found[1]) if found else 0


def path_of(url: str) -> str:
    """The path of an address as it stands there, for a list of hrefs."""
    return urlsplit(url).path


def propfind(names: Iterable[str]) -> bytes:
    root = Element(f"{DAV}propfind")
    _properties(root, names)
    return _written(root)


def calendar_query(starts_at: datetime, ends_at: datetime, names: Iterable[str]) -> bytes:
    """A question for events that touch a stretch of time. Recurring ones come as they are stored."""
    root = Element(f"{CAL}calendar-query")
    _properties(root, names)
    calendar = SubElement(SubElement(root, f"{CAL}filter"), f"{CAL}comp-filter", {"name": "VCALENDAR"})
    event = SubElement(calendar, f"{CAL}comp-filter", {"name": "VEVENT"})
    SubElement(event, f"{CAL}time-range", {"start": _time(starts_at), "end": _time(ends_at)})
    return _written(root)


def multiget(paths: Iterable[str]) -> bytes:
    root = Element(f"{CAL}calendar-multiget")
    _properties(root, (ETAG, DATA))
    for path in paths:
        SubElement(root, f"{DAV}href").text = path
    return _written(root)


def sync_collection(token: str) -> bytes:
    root = Element(f"{DAV}sync-collection")
    SubElement(root, TOKEN).text = token
    SubElement(root, f"{DAV}sync-level").text = "1"
    _properties(root, (ETAG,))
    return _written(root)


def _properties(root: Element, names: Iterable[str]) -> None:
    prop = SubElement(root, f"{DAV}prop")
    for name in names:
        SubElement(prop, name)


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _written(root: Element) -> bytes:
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))

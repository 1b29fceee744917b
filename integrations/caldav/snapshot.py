"""The changes of a CalDAV calendar since a token, for a window.

A token holds the server's own (RFC 6578, where it has one) and the ETags of the objects that the window has, by their
names. With them a server without tokens is asked for its ETags alone, and one that answers an old token by listing
everything is found out: it tells nothing of what was deleted.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

from integrations.base import Gone, Refused
from integrations.caldav import xml
from integrations.caldav.dav import Dav
from integrations.caldav.discovery import is_calendar, person_of
from integrations.calendars import Changes, Occurrence, TokenExpired, Window
from integrations.ical.entries import read
from integrations.ical.occurrences import Budget, budget, expand
from integrations.transport import lost

#: More changed objects than this are quicker read with the whole window.
MOST_CHANGED = 300
_BATCH = 50
MOST_PAGES = 10
#: Servers place floating times and whole days in zones of their own: the window is asked for with room around it.
_ROOM = timedelta(days=2)
#: Statuses of a server that does not know its token any more, or has no such report.
_NO_TOKEN = (400, 403, 404, 405, 409, 410, 412, 415, 501, 507)
_SERVER_TOKEN = 507


@dataclass(frozen=True, slots=True)
class Token:
    """`sync` is the server's token; `etags`: of the window's objects by name; `owners`: whose answers count."""

    sync: str = field(default="", repr=False)
    etags: Mapping[str, str] = field(default_factory=dict, repr=False)
    owners: tuple[str, ...] = ()

    def written(self) -> str:
        return json.dumps({"sync": self.sync, "etags": dict(self.etags), "owners": list(self.owners)})


def parse_token(text: str) -> Token:
    """The token of a text. Raises `TokenExpired` for one that can't be read."""
    found: object = None
    with contextlib.suppress(ValueError):
        found = json.loads(text)
    if not isinstance(found, dict) or not isinstance(found.get("etags"), dict):
        raise TokenExpired
    etags = {str(name): str(etag) for name, etag in found["etags"].items()}
    return Token(str(found.get("sync", "")), etags, tuple(str(one) for one in found.get("owners", [])))


class Snapshot:
    """One calendar of one account, for one window."""

    def __init__(self, dav: Dav, calendar: str, window: Window, zone: ZoneInfo) -> None:
        self._dav = dav
        self._calendar = calendar
        self._window = window
        self._zone = zone
        self._budget: Budget = budget()

    def whole(self) -> Changes:
        """All of the window. The server's token is older than what is read, so that nothing falls in between."""
        head = self._head()
        person = person_of(self._dav, head)
        owners = person.addresses if person else owners_of(self._dav)
        items = self._query((xml.ETAG, xml.DATA))
        occurrences, _names = self._expand(items, owners)
        etags = {item.name: item.text(xml.ETAG) for item in items}
        token = Token(head.text(xml.TOKEN), etags, owners)
        return Changes(tuple(occurrences), token=token.written(), is_whole=True)

    def busy(self) -> list[Occurrence]:
        """All of the window in one request. Answers count to the account's own address alone."""
        occurrences, _names = self._expand(self._query((xml.ETAG, xml.DATA)), owners_of(self._dav))
        return occurrences

    def since(self, known: Token) -> Changes:
        """The changes since a token. Raises `TokenExpired`."""
        listed, gone, sync = self._synchronized(known) if known.sync else (*self._compared(known), "")
        if len(listed) > MOST_CHANGED:
            raise TokenExpired
        items = list(self._objects(listed))
        gone |= set(listed) - {item.name for item in items}
        occurrences, names = self._expand(items, known.owners)
        # An object that has nothing in the window (any more) is as good as gone.
        removed = {name for name in gone | (set(listed) - names) if name in known.etags}
        etags = {name: etag for name, etag in known.etags.items() if name not in removed}
        etags |= {item.name: item.text(xml.ETAG) for item in items if item.name in names}
        token = Token(sync, etags, known.owners)
        return Changes(tuple(occurrences), tuple(sorted(removed)), token.written())

    def _head(self) -> xml.Item:
        """The calendar itself. Raises `Gone` where it is no calendar (any more)."""
        items = self._dav.find(self._calendar, [xml.TYPE, xml.TOKEN, xml.PRINCIPAL]).items
        if not items or not is_calendar(items[0]):
            raise Gone("gone")
        return items[0]

    def _query(self, names: Iterable[str]) -> list[xml.Item]:
        """Objects that touch the window. Raises `Refused` where the server left some out."""
        window = self._window
        question = xml.calendar_query(window.starts_at - _ROOM, window.ends_at + _ROOM, names)
        return list(self._objects_of(self._dav.ask(self._calendar, question)))

    def _objects_of(self, answer: xml.Answer) -> Iterator[xml.Item]:
        for item in answer.items:
            if item.status == _SERVER_TOKEN:
                raise Refused("too_many")
            if item.path == self._path:
                continue
            if item.status != 200:
                raise lost("unreadable", changes=False)
            yield item

    @property
    def _path(self) -> str:
        return xml.Item(self._calendar, 200, {}).path

    def _synchronized(self, known: Token) -> tuple[dict[str, str], set[str], str]:
        """Objects that changed (name -> URL), names of deleted ones, and the next token of the server."""
        listed: dict[str, xml.Item] = {}
        gone: set[str] = set()
        token = known.sync
        for _page in range(MOST_PAGES):
            reply = self._dav.report(self._calendar, xml.sync_collection(token), depth=0)
            if reply.status in _NO_TOKEN:
                raise TokenExpired
            answer = self._dav.multistatus(reply)
            for item in answer.items:
                if item.status in (404, 410):
                    gone.add(item.name)
                    listed.pop(item.name, None)
                elif item.path != self._path:
                    listed[item.name] = item
                    gone.discard(item.name)
            token = answer.token
            if not token:
                raise TokenExpired
            if not any(item.status == _SERVER_TOKEN for item in answer.items):
                break
        else:
            raise TokenExpired
        same = {name for name, item in listed.items() if known.etags.get(name) == item.text(xml.ETAG) != ""}
        if same:  # nothing lists what did not change, but a server that lists everything
            gone |= set(known.etags) - set(listed)
        return {name: item.url for name, item in listed.items() if name not in same}, gone, token

    def _compared(self, known: Token) -> tuple[dict[str, str], set[str]]:
        """Objects of the window that changed, and names of those that are not in it any more, by their ETags."""
        listed = {item.name: item for item in self._query((xml.ETAG,))}
        changed = {
            name: item.url for name, item in listed.items() if known.etags.get(name) != (item.text(xml.ETAG) or None)
        }
        return changed, set(known.etags) - set(listed)

    def _objects(self, urls: Mapping[str, str]) -> Iterator[xml.Item]:
        """The objects at these addresses; without those that are gone by now. Raises when an answer is not whole."""
        wanted = list(urls.items())
        for at in range(0, len(wanted), _BATCH):
            some = dict(wanted[at : at + _BATCH])
            paths = [xml.path_of(url) for url in some.values()]
            answer = self._dav.ask(self._calendar, xml.multiget(paths))
            found = {item.name: item for item in answer.items}
            if set(some) - set(found):
                raise lost("unreadable", changes=False)
            for name in some:
                if found[name].status in (404, 410):
                    continue
                if found[name].status != 200 or xml.DATA not in found[name].properties:
                    raise lost("unreadable", changes=False)
                yield found[name]

    def _expand(self, items: Iterable[xml.Item], owners: Iterable[str]) -> tuple[list[Occurrence], set[str]]:
        """Occurrences of objects, and the names of those that have any."""
        found: list[Occurrence] = []
        names: set[str] = set()
        for item in items:
            data = item.properties.get(xml.DATA)
            if data is None:
                raise lost("unreadable", changes=False)
            document = read((data.text or "").encode(), self._zone)
            occurrences = expand(document, self._window, owners, name=item.name, limit=self._budget)
            if occurrences:
                names.add(item.name)
            found += occurrences
        return sorted(found, key=lambda one: (one.starts_at, one.id)), names


def owners_of(dav: Dav) -> tuple[str, ...]:
    """The account's own address, where its user name is one."""
    return (dav.username.lower(),) if "@" in dav.username else ()

"""Find an account's calendars from whatever address of the server a person entered (RFC 6764, RFC 4791)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from urllib.parse import urljoin

from integrations.base import Refused
from integrations.caldav import xml
from integrations.caldav.dav import Dav, tried
from integrations.calendars import CalendarRef

#: Asked one after the other, below the address that was entered: the last is Nextcloud's.
_PLACES = ("", "/.well-known/caldav", "/", "/remote.php/dav/")
#: Refusals that tell more than that there is nothing at one of these.
_TELLING = ("elsewhere", "not_allowed", "not_encrypted")
_CALENDAR = [xml.TYPE, xml.NAME, xml.PRINCIPAL, xml.PRIVILEGES, xml.COMPONENTS, xml.HOME]
_PERSON = [xml.NAME, xml.HOME, xml.ADDRESSES, xml.INBOX, xml.DEFAULT]
MOST_CALENDARS = 50
LONGEST_ID = 600


@dataclass(frozen=True, slots=True)
class Person:
    """A principal: its address at the server, name, e-mail addresses and the homes of its calendars."""

    url: str
    name: str
    addresses: tuple[str, ...]
    homes: tuple[str, ...]
    main: str = ""


@dataclass(frozen=True, slots=True)
class Discovered:
    """An account's person (None where the server tells of none) and calendars."""

    person: Person | None
    calendars: tuple[xml.Item, ...]

    def refs(self) -> tuple[CalendarRef, ...]:
        """The calendars as the contract has them. The main one: the server's default, else the first to write."""
        found = [self._ref(one) for one in self.calendars]
        main = next((one.id for one in found if self.person and one.id == self.person.main), "")
        main = main or next((one.id for one in found if one.can_write), found[0].id if found else "")
        return tuple(
            CalendarRef(one.id, one.name, one.owner, is_main=one.id == main, can_write=one.can_write) for one in found
        )

    def _ref(self, item: xml.Item) -> CalendarRef:
        owner = self.person.addresses[0] if self.person and self.person.addresses else ""
        return CalendarRef(item.url, (item.text(xml.NAME) or item.name)[:200], owner, can_write=may_write(item))


def discover(dav: Dav) -> Discovered:
    """The account's person and calendars. Raises `Refused` where the address leads to none."""
    problem: Refused = Refused("wrong_address")
    for place in _PLACES:
        url = urljoin(dav.address, place) if place else dav.address
        answer = tried(partial(dav.find, url, _CALENDAR))
        if isinstance(answer, Refused):
            if answer.code in _TELLING:
                problem = answer
            continue
        found = _from(dav, answer)
        if found is not None:
            if not found.calendars:
                raise Refused("no_calendar")
            return found
    raise problem


def _from(dav: Dav, answer: xml.Answer) -> Discovered | None:
    """The calendars that a resource leads to; None where it leads nowhere."""
    for item in answer.items[:1]:
        person = person_of(dav, item)
        if is_calendar(item):
            return Discovered(person, (item,))
        homes = (person.homes if person else ()) or tuple(item.urls(xml.HOME))
        if homes:
            return Discovered(person, tuple(_calendars(dav, homes)))
    return None


def person_of(dav: Dav, item: xml.Item) -> Person | None:
    """The principal that a resource says the account is; None where it says nothing."""
    for url in item.urls(xml.PRINCIPAL)[:1]:
        answer = tried(partial(dav.find, url, _PERSON))
        if isinstance(answer, Refused) or not answer.items:
            return None
        found = answer.items[0]
        mails = [href[7:].lower() for href in found.hrefs(xml.ADDRESSES) if href.lower().startswith("mailto:")]
        if "@" in dav.username and dav.username.lower() not in mails:
            mails.append(dav.username.lower())
        return Person(url, found.text(xml.NAME), tuple(mails), tuple(found.urls(xml.HOME)), _main(dav, found))
    return None


def _main(dav: Dav, person: xml.Item) -> str:
    """The calendar that the server itself puts invitations into; empty where it does not tell."""
    for url in person.urls(xml.DEFAULT)[:1]:
        return url
    for inbox in person.urls(xml.INBOX)[:1]:
        answer = tried(partial(dav.find, inbox, [xml.DEFAULT]))
        if not isinstance(answer, Refused) and answer.items:
            return next(iter(answer.items[0].urls(xml.DEFAULT)), "")
    return ""


def _calendars(dav: Dav, homes: tuple[str, ...]) -> Iterator[xml.Item]:
    number = 0
    for home in homes[:3]:
        for item in dav.find(home, _CALENDAR, depth=1).items:
            if is_calendar(item) and number < MOST_CALENDARS and len(item.url) <= LONGEST_ID:
                number += 1
                yield item


def is_calendar(item: xml.Item) -> bool:
    """Whether a resource is a calendar of events, and not one of tasks or an inbox."""
    kinds = item.properties.get(xml.COMPONENTS)
    names = {one.get("name", "").upper() for one in kinds.iter(f"{xml.CAL}comp")} if kinds is not None else set()
    return item.has(xml.TYPE, f"{xml.CAL}calendar") and (not names or "VEVENT" in names)


def may_write(item: xml.Item) -> bool:
    """Whether the account may make events there: what the server says, and yes where it says nothing."""
    found = item.properties.get(xml.PRIVILEGES)
    return found is None or len(found) == 0 or any(one.tag in xml.WRITING for one in found.iter())

"""Every fault at every request of every call: one right event, no foreign one touched, never busy shown as free."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from integrations import guarded
from integrations.base import CredentialsRejected, Gone, OutcomeUnknown, Retryable, ToolError
from integrations.caldav.calendar import CalDav, caldav_calendar
from integrations.calendars import EventChanged, EventRequest, Occurrence, TokenExpired
from tests.integrations.caldav.fault_proxy import FAULTS, Proxy, fault_proxy
from tests.integrations.caldav.servers import Server
from tests.integrations.caldav.test_round_trip import OUR_ID, REQUEST, timed
from tests.integrations.ical.documents import MARCH

pytestmark = [pytest.mark.services, pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"])]
BERLIN = ZoneInfo("Europe/Berlin")
NAME = f"{OUR_ID}.ics"
MOVED = replace(
    REQUEST,
    revision=2,
    starts_at=REQUEST.starts_at + timedelta(days=2),
    ends_at=REQUEST.ends_at + timedelta(days=2),
    title="Moved",
)
FOREIGN = {"dentist.ics": timed("02", uid="dentist"), "weekly.ics": timed("04", "RRULE:FREQ=WEEKLY;COUNT=3", uid="w")}
#: A request that was answered like this may have been carried out.
MAYBE = {"lost before", "lost after", "silence before", "silence after", "half a body", "500", "503"}
#: The server says that there is nothing: it is believed.
NOT_THERE = {"404", "410"}


@pytest.fixture
def proxy(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    monkeypatch.setattr(guarded, "TOTAL_SECONDS", 0.7)
    with fault_proxy(server.port) as running:
        yield running


class World:
    """A calendar with foreign entries, seen through the proxy."""

    def __init__(self, server: Server, proxy: Proxy) -> None:
        self.server, self.proxy = server, proxy
        self.caldav: CalDav = caldav_calendar(server.credentials(proxy.url))
        self.calendar = f"{proxy.url}{server.calendar}"
        proxy.disarm()
        there = server.names()
        for name in there - set(FOREIGN):
            server.ask("DELETE", f"{server.calendar}{name}")
        for name in set(FOREIGN) - there:
            server.put(name, FOREIGN[name])
            server.stored[name] = server.get(name)
        self.before = {name: server.stored[name] for name in FOREIGN}

    def put(self, request: EventRequest) -> None:
        """Write an event as the queue does: look after a lost answer, and write again what is not there."""
        for _try in range(4):
            try:
                self.caldav.put_event(self.calendar, request)
            except EventChanged:
                found = self.caldav.fetch_event(self.calendar, request.id)
                request = replace(request, version=found.version if found else "")
            except (Retryable, OutcomeUnknown, CredentialsRejected, ToolError):
                self.proxy.disarm()
            else:
                return
        raise AssertionError("it is not written")

    def delete(self) -> None:
        for _try in range(4):
            try:
                self.caldav.delete_event(self.calendar, OUR_ID)
            except ToolError:
                self.proxy.disarm()
            else:
                return
        raise AssertionError("it is not deleted")

    def check(self, request: EventRequest | None) -> None:
        """The calendar has the foreign entries as they were, and one right event of Panelist's or none."""
        self.proxy.disarm()
        assert {name: self.server.get(name) for name in FOREIGN} == self.before
        assert self.server.names() == {*FOREIGN, *([NAME] if request else [])}
        found = self.caldav.fetch_event(self.calendar, OUR_ID)
        assert (found is not None) == (request is not None)
        if found and request:
            assert (found.starts_at, found.ends_at) == (request.starts_at, request.ends_at)

    def times(self) -> set[tuple[object, object]]:
        self.proxy.disarm()
        found = self.caldav.busy([self.calendar], MARCH, BERLIN)[self.calendar]
        assert isinstance(found, list)
        return {(one.starts_at, one.ends_at) for one in found}


def times_of(found: list[Occurrence]) -> set[tuple[object, object]]:
    return {(one.starts_at, one.ends_at) for one in found}


@pytest.mark.parametrize("fault", FAULTS)
def test_busy(fault: str, server: Server, proxy: Proxy) -> None:
    for at in range(2):
        world = World(server, proxy)
        right = world.times()
        proxy.arm(fault, at)
        found: list[Occurrence] | ToolError
        try:
            found = world.caldav.busy([world.calendar], MARCH, BERLIN)[world.calendar]
        except CredentialsRejected as problem:
            found = problem
        assert isinstance(found, ToolError) or times_of(found) == right
        assert not isinstance(found, OutcomeUnknown)


@pytest.mark.parametrize("fault", FAULTS)
def test_changes(fault: str, server: Server, proxy: Proxy) -> None:
    """All of the window, and what changed: right, or an error, at each of their requests."""
    for at in range(4):
        world = World(server, proxy)
        right = world.times()
        proxy.arm(fault, at)
        try:
            whole = world.caldav.changes(world.calendar, MARCH, BERLIN)
        except ToolError as problem:
            assert not isinstance(problem, OutcomeUnknown)
        else:
            assert whole.is_whole and times_of(list(whole.occurrences)) == right
        proxy.disarm()
        token = world.caldav.changes(world.calendar, MARCH, BERLIN).token
        server.put("new.ics", timed("10", uid="new"))
        server.ask("DELETE", f"{server.calendar}dentist.ics")
        proxy.arm(fault, at)
        try:
            some = world.caldav.changes(world.calendar, MARCH, BERLIN, token)
        except ToolError as problem:
            assert not isinstance(problem, OutcomeUnknown) or isinstance(problem, TokenExpired)
        else:
            assert [one.id for one in some.occurrences] == ["new.ics"] and some.removed == ("dentist.ics",)


@pytest.mark.parametrize("fault", FAULTS)
def test_put(fault: str, server: Server, proxy: Proxy) -> None:
    for at in range(3):
        world = World(server, proxy)
        proxy.arm(fault, at)
        try:
            world.caldav.put_event(world.calendar, REQUEST)
        except OutcomeUnknown:
            assert fault in MAYBE
        except ToolError:
            assert at == 0 and NAME not in server.names()
        else:
            assert NAME in server.names()
        world.put(REQUEST)
        world.check(REQUEST)


@pytest.mark.parametrize("fault", FAULTS)
def test_change(fault: str, server: Server, proxy: Proxy) -> None:
    for at in range(4):
        world = World(server, proxy)
        version = world.caldav.put_event(world.calendar, REQUEST).version
        proxy.arm(fault, at)
        try:
            world.caldav.put_event(world.calendar, replace(MOVED, version=version))
        except ToolError:
            proxy.disarm()
        world.put(replace(MOVED, version=version))
        world.check(MOVED)


@pytest.mark.parametrize("fault", FAULTS)
def test_delete(fault: str, server: Server, proxy: Proxy) -> None:
    for at in range(3):
        world = World(server, proxy)
        world.caldav.put_event(world.calendar, REQUEST)
        proxy.arm(fault, at)
        try:
            world.caldav.delete_event(world.calendar, OUR_ID)
        except OutcomeUnknown:
            assert fault in MAYBE
        except ToolError:
            assert NAME in server.names()
        else:
            assert NAME not in server.names() or fault in NOT_THERE
        proxy.disarm()
        world.delete()
        world.check(None)


@pytest.mark.parametrize("fault", FAULTS)
def test_fetch(fault: str, server: Server, proxy: Proxy) -> None:
    world = World(server, proxy)
    made = world.caldav.put_event(world.calendar, REQUEST)
    proxy.arm(fault, 0)
    try:
        found = world.caldav.fetch_event(world.calendar, OUR_ID)
    except ToolError as problem:
        assert not isinstance(problem, OutcomeUnknown | Gone)
    else:
        assert found == made if fault not in NOT_THERE else found is None
    world.check(REQUEST)


@pytest.mark.parametrize("seed", range(12))
def test_random_lives(seed: int, server: Server, proxy: Proxy) -> None:
    """An event is written, moved, taken back and written again, with faults and with people who change it, too."""
    chance = random.Random(seed)
    world = World(server, proxy)
    wanted: EventRequest | None = None
    revision = 0
    for _step in range(12):
        proxy.arm(chance.choice(FAULTS), chance.randrange(4))
        deed = chance.choice(["put", "put", "delete", "moved there", "deleted there"])
        if deed == "put":
            revision += 1
            start = REQUEST.starts_at + timedelta(hours=chance.randrange(200))
            wanted = replace(REQUEST, revision=revision, starts_at=start, ends_at=start + timedelta(hours=1))
            world.put(wanted)
        elif deed == "delete":
            wanted = None
            proxy.arm(chance.choice([fault for fault in FAULTS if fault not in NOT_THERE]), chance.randrange(3))
            world.delete()
        elif wanted is not None and deed == "moved there":
            added = server.get(NAME).replace(b"TRANSP:OPAQUE", b"TRANSP:OPAQUE\r\nCOMMENT:mine")
            server.put(NAME, added)
        elif wanted is not None:
            server.ask("DELETE", f"{server.calendar}{NAME}")
            proxy.disarm()
            assert world.caldav.fetch_event(world.calendar, OUR_ID) is None
            world.put(wanted)
        world.check(wanted)
        right = world.times()
        proxy.arm(chance.choice(FAULTS), chance.randrange(2))
        found: list[Occurrence] | ToolError
        try:
            found = world.caldav.busy([world.calendar], MARCH, BERLIN)[world.calendar]
        except CredentialsRejected as problem:
            found = problem
        assert isinstance(found, ToolError) or times_of(found) == right

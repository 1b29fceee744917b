"""Each fault of a CalDAV server while an answer comes in, or while an event is written: nothing invented or lost.

On real servers, behind a proxy that makes the faults. The other vendors are in `test_events_in_trouble`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db.models import F
from django.utils import timezone
from pytest_django import Settings

from integrations import guarded
from integrations.models import CalendarConnection
from scheduling.models import CalendarEvent, CalendarTime, EventState, MemberCalendar
from scheduling.schedules import services
from tests.conftest import Team
from tests.integrations.caldav.conftest import running, server
from tests.integrations.caldav.fault_proxy import FAULTS, Proxy, fault_proxy
from tests.integrations.caldav.servers import Server
from tests.integrations.ical.documents import document, entry
from tests.scheduling.stand_ins import read_all, resume
from tests.scheduling.test_caldav_life import connect
from tests.scheduling.test_calendar_events import HOUR, NO_REASON, later, move, scheduled, work

__all__ = ["running", "server"]
pytestmark = [
    pytest.mark.services,
    pytest.mark.thorough,
    pytest.mark.django_db,
    pytest.mark.enable_socket,
    pytest.mark.allow_hosts(["127.0.0.1"]),
]
#: Requests of one read and one look, or of one change: the fault comes at each of them.
REQUESTS = range(3)
#: The server says for good that it has no such thing, or that nobody may write it.
REFUSED = {"403", "404", "410", "412"}


@pytest.fixture
def proxy(server: Server, monkeypatch: pytest.MonkeyPatch, settings: Settings, team: Team) -> Iterator[Proxy]:
    """The interviewer's calendar with somebody else's entry, and the way to it that makes faults."""
    server.empty()
    with fault_proxy(server.port) as before:
        connect(team, server, before.url)
        at = timezone.now() + 50 * HOUR
        server.put("dentist.ics", document(entry(f"DTSTART:{at:%Y%m%dT%H%M%SZ}", "DURATION:PT1H", "SUMMARY:Dentist")))
        monkeypatch.setattr(guarded, "TOTAL_SECONDS", 0.7)
        CalendarConnection.objects.update(write_ceiling=1000, read_ceiling=1000)  # the pace has tests of its own
        yield before


def settle(proxy: Proxy) -> None:
    """Do all that is due, and what follows from it, long after the last request."""
    proxy.disarm()
    for _round in range(3):
        CalendarEvent.objects.update(sent_at=F("sent_at") - HOUR)
        MemberCalendar.objects.update(sync_token="")  # the whole is read each day
        resume()
        later()
        work()
        read_all()


@pytest.mark.parametrize("fault", FAULTS)
def test_an_answer_comes_in_spite_of_a_fault(team: Team, server: Server, proxy: Proxy, fault: str) -> None:
    scheduled(team, team.interviewer)
    work()
    read_all()
    event, before = CalendarEvent.objects.get(), "NEEDS-ACTION"
    foreign, name = server.get("dentist.ics"), f"{event.our_id}.ics"
    for at in REQUESTS:
        now = "DECLINED" if before != "DECLINED" else "ACCEPTED"
        server.put(name, server.get(name).replace(f"PARTSTAT={before}".encode(), f"PARTSTAT={now}".encode()))
        known = event.answer
        proxy.arm(fault, at)
        read_all()
        event.refresh_from_db()
        assert event.answer in {known, now.lower()}
        assert (event.deleted_at, event.moved_starts_at) == (None, None)
        assert CalendarTime.objects.count() == 2, "nobody is free who was not"
        settle(proxy)
        event.refresh_from_db()
        assert (event.state, event.answer, event.deleted_at) == (EventState.READY, now.lower(), None)
        before = now
    assert server.names() == {"dentist.ics", name} and server.get("dentist.ics") == foreign


@pytest.mark.parametrize("fault", FAULTS)
def test_a_change_ends_in_one_right_event(team: Team, server: Server, proxy: Proxy, fault: str) -> None:
    foreign = server.get("dentist.ics")
    for at in REQUESTS:
        proxy.arm(fault, at)
        schedule = scheduled(team, team.interviewer)
        interview, event = schedule.interviews.get(), CalendarEvent.objects.get(interview__schedule=schedule)
        name = f"{event.our_id}.ics"
        work()
        settle(proxy)
        event.refresh_from_db()
        if event.state == EventState.FAILED:
            assert fault in REFUSED and event.problem_code and name not in server.names()
            continue
        assert event.state == EventState.READY and name in server.names()
        proxy.arm(fault, at)
        move(interview, team, HOUR)
        work()
        settle(proxy)
        event.refresh_from_db()
        interview.refresh_from_db()
        if event.state == EventState.READY:
            assert f"{interview.starts_at:%Y%m%dT%H%M%SZ}".encode() in server.get(name)
            assert event.moved_starts_at is None
        else:
            assert event.state == EventState.FAILED and fault in REFUSED and event.problem_code
        proxy.arm(fault, at)
        services.cancel_schedule(schedule=schedule, actor=team.recruiter.user, reason=NO_REASON)
        work()
        settle(proxy)
        event.refresh_from_db()
        if event.state == EventState.CANCELLED:
            assert name not in server.names()
        else:
            assert event.state == EventState.CANCELLING and event.next_attempt_at is None, "it is on Home"
        assert CalendarConnection.objects.get().state == "connected"
    assert server.get("dentist.ics") == foreign

"""One interviewer with a CalDAV calendar, on real servers: connected, busy, invited, declined, moved and replaced."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import Settings

from integrations import calendar_checks
from integrations.calendar_checks import State
from integrations.calendars import CalendarRef
from integrations.models import CalendarCheck, CalendarConnection
from scheduling.availability.member_calendars import add_calendar
from scheduling.messages import services as messages
from scheduling.models import CalendarEvent, CalendarTime, EventState, InterviewerAssignment
from tests.conftest import Team
from tests.integrations.caldav.servers import SERVERS, Server
from tests.integrations.ical.documents import document, entry
from tests.scheduling.test_calendar_events import home_of, read, scheduled, work, written

pytestmark = [
    pytest.mark.services,
    pytest.mark.django_db,
    pytest.mark.enable_socket,
    pytest.mark.allow_hosts(["127.0.0.1"]),
]
HOUR = timedelta(hours=1)


@pytest.fixture(params=sorted(SERVERS))
def server(request: pytest.FixtureRequest, socket_enabled: None, settings: Settings) -> Iterator[Server]:
    settings.CALENDAR_HOSTS = ["127.0.0.1"]
    with SERVERS[request.param]() as running:
        yield running


def connect(team: Team, server: Server, address: str = "") -> CalendarConnection:
    """Enter the account as its owner, have it checked, and choose the calendar. `address`: of a proxy before it."""
    check = calendar_checks.start(
        organization=team.organization,
        membership=team.interviewer,
        kind="caldav",
        credentials=server.credentials(address),
        entered={},
        actor=team.interviewer.user,
    )
    calendar_checks.run(check.pk)
    check = CalendarCheck.objects.get(pk=check.pk)
    assert check.state == State.PASSED, check.problem_code
    connection = CalendarConnection.objects.get()
    team.interviewer.calendars.all().delete()
    work_calendar = next(one for one in connection.found if one["name"] == "Work")
    row = add_calendar(connection, team.interviewer, _ref(work_calendar), is_written=True)
    assert row.is_written
    return connection


def _ref(found: dict[str, object]) -> CalendarRef:
    return CalendarRef(str(found["id"]), str(found["name"]), str(found["owner"]), can_write=bool(found["can_write"]))


def edit(server: Server, name: str, old: str, new: str) -> None:
    """Change an event as a person's program does."""
    server.put(name, server.get(name).replace(old.encode(), new.encode()))


def test_one_life(team: Team, server: Server) -> None:
    connect(team, server)
    tomorrow = datetime.now(UTC).replace(hour=6, minute=0, second=0, microsecond=0) + timedelta(days=1)
    times = f"DTSTART:{tomorrow:%Y%m%dT%H%M%SZ}", f"DTEND:{tomorrow + HOUR:%Y%m%dT%H%M%SZ}"
    server.put("dentist.ics", document(entry(*times, "SUMMARY:Dentist")))
    read(team)
    assert [(one.starts_at, one.title) for one in CalendarTime.objects.all()] == [(tomorrow, "Dentist")]

    interview = scheduled(team, team.interviewer).interviews.get()
    work()
    event = written(team)
    name = f"{event.our_id}.ics"
    assert event.state == EventState.READY and server.names() == {"dentist.ics", name}
    read(team)
    assert CalendarTime.objects.filter(is_ours=True).count() == 1

    edit(server, name, "NEEDS-ACTION", "DECLINED")
    read(team)
    assert "declined “Coding”" in home_of(team)
    edit(server, name, "DECLINED", "ACCEPTED")

    stamp = f"{interview.starts_at:%Y%m%dT%H%M%SZ}", f"{interview.ends_at:%Y%m%dT%H%M%SZ}"
    later = f"{interview.starts_at + HOUR:%Y%m%dT%H%M%SZ}", f"{interview.ends_at + HOUR:%Y%m%dT%H%M%SZ}"
    edit(server, name, f"DTSTART:{stamp[0]}", f"DTSTART:{later[0]}")
    edit(server, name, f"DTEND:{stamp[1]}", f"DTEND:{later[1]}")
    read(team)
    event = written(team)
    assert event.moved_starts_at == interview.starts_at + HOUR
    team.client(team.recruiter).post(team.url(f"calendar-events/{event.pk}/restore/"))
    work()
    read(team)
    assert f"DTSTART:{stamp[0]}".encode() in server.get(name) and written(team).moved_starts_at is None

    server.ask("DELETE", f"{server.calendar}{name}")
    read(team)
    assert "deleted “Coding” from their calendar" in home_of(team)
    team.client(team.recruiter).post(team.url(f"calendar-events/{written(team).pk}/restore/"))
    work()
    assert name in server.names()

    InterviewerAssignment.objects.filter(interview=interview).update(membership=team.recruiter)
    messages.propose_updates(schedule=interview.schedule, actor=team.recruiter.user)
    work()
    assert server.names() == {"dentist.ics"} and CalendarEvent.objects.get().state == EventState.CANCELLED

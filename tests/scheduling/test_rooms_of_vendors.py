"""Rooms over the vendors' real requests, which their stand-ins answer: listed, read, invited, and declining."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from pytest_django import Settings

from integrations import transport
from integrations.calendars import Answer
from integrations.google.tokens import store
from integrations.microsoft import tokens
from integrations.models import CalendarConnection
from integrations.sandbox import Sandbox
from integrations.sandbox.calendars import Answer as Reply
from scheduling import tasks
from scheduling.availability import rooms, snapshots
from scheduling.candidates.services import save_candidate
from scheduling.erasure.services import delete_candidate
from scheduling.models import CalendarEvent, MemberCalendar, Room
from scheduling.schedules import services
from scheduling.schedules.trail_rows import GivenReason
from tests.conftest import Team
from tests.scheduling.stand_ins import credentials_of
from tests.scheduling.test_calendar_events import HOUR, move, work
from tests.scheduling.test_rooms import access_of, found, planned, scheduled, ten

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.allow_hosts(["127.0.0.1"])]

ROOMS = {"google_workspace": "c_1@resource.calendar.google.com", "microsoft_365": "room-aurora@example.com"}


@pytest.fixture(params=sorted(ROOMS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def sandbox(
    kind: str, socket_enabled: None, monkeypatch: pytest.MonkeyPatch, settings: Settings, team: Team
) -> Iterator[Sandbox]:
    """Everybody's calendars are connected; the interviewer's is found, and the room is switched on."""
    monkeypatch.setattr(transport, "connections", transport.Connections())
    tokens.forget_all()
    store.clear()
    with Sandbox() as running:
        running.calendars.add_person(team.interviewer.user.email, zone="Europe/Berlin")
        running.calendars.add_person(ROOMS[kind], "Aurora", is_room=True, seats=6, place="Building 1")
        connection = CalendarConnection.objects.create(
            organization=team.organization,
            kind=kind,
            state=CalendarConnection.State.CONNECTED,
            credentials=json.dumps(credentials_of(kind, running, settings)),
            credentials_version=1,
            write_ceiling=100,
            read_ceiling=100,
            write_rate=100,
            read_rate=100,
        )
        tasks.find_calendars(connection.pk)
        pks = set(Room.objects.values_list("pk", flat=True))
        rooms.switch(access=access_of(team), on=pks, shown=pks, actor=team.admin.user)
        tasks.read_calendars(connection.pk)
        yield running
    tokens.forget_all()


def aurora() -> Room:
    return Room.objects.select_related("connection").get()


def read_all() -> None:
    snapshots.mark_due(list(MemberCalendar.objects.values_list("pk", flat=True)))
    for pk in MemberCalendar.objects.order_by("pk").values_list("pk", flat=True):
        assert snapshots.read(pk)


def heard() -> Answer:
    """Read all calendars, look at what that shows, and return how the room answered."""
    read_all()
    for event in CalendarEvent.objects.filter(check_at__isnull=False).order_by("pk"):
        tasks.check_calendar_event(event.pk)
    return Answer(CalendarEvent.objects.get().room_answer)


def test_a_room_is_listed_with_its_seats_and_place(kind: str, sandbox: Sandbox) -> None:
    room = aurora()
    assert (room.external_id, room.name, room.capacity, room.location) == (ROOMS[kind], "Aurora", 6, "Building 1")
    assert MemberCalendar.objects.get(room=room).read_at is not None


def test_the_room_is_booked_follows_and_is_let_go(team: Team, kind: str, sandbox: Sandbox) -> None:
    interview = scheduled(team, aurora())
    work()
    [copy] = sandbox.calendars.live(ROOMS[kind])
    assert (copy.starts_at, copy.answer) == (ten(), Reply.ACCEPTED)
    [event] = sandbox.calendars.live(team.interviewer.user.email)
    assert event.rooms == (ROOMS[kind],) and event.location == "Aurora, Building 1"
    assert heard() == Answer.ACCEPTED
    assert [one.kind for one in found(team, planned(aurora()))] == ["room_taken"], "an interview has it"
    move(interview, team, HOUR)
    work()
    [copy] = sandbox.calendars.live(ROOMS[kind])
    assert copy.starts_at == ten() + HOUR
    services.cancel_schedule(schedule=interview.schedule, actor=None, reason=GivenReason())
    work()
    assert sandbox.calendars.live(ROOMS[kind]) == []


def test_a_candidates_new_name_reaches_the_room_and_leaves_with_them(team: Team, kind: str, sandbox: Sandbox) -> None:
    candidate = scheduled(team, aurora()).schedule.candidate
    work()
    candidate.name = "Robin Osei"
    save_candidate(candidate=candidate, actor=team.recruiter.user)
    work()
    places = (team.interviewer.user.email, ROOMS[kind])
    assert [one.title for place in places for one in sandbox.calendars.live(place)] == ["Coding with Robin Osei"] * 2
    delete_candidate(candidate=candidate, actor=team.recruiter.user)
    work()
    assert [one.title for place in places for one in sandbox.calendars.live(place)] == []


def test_a_room_that_follows_a_moved_event_is_not_in_its_way(team: Team, kind: str, sandbox: Sandbox) -> None:
    interview = scheduled(team, aurora())
    work()
    assert heard() == Answer.ACCEPTED
    person = team.interviewer.user.email
    [event] = sandbox.calendars.live(person)
    sandbox.calendars.move(person, event.id, ten() + HOUR, ten() + 2 * HOUR)
    assert heard() == Answer.ACCEPTED
    assert CalendarEvent.objects.get().moved_starts_at == ten() + HOUR
    assert [one.starts_at for one in sandbox.calendars.live(ROOMS[kind])] == [ten() + HOUR]
    there = replace(planned(aurora(), hours=1), interview=interview.pk)
    assert found(team, there) == []


def test_a_declining_room_comes_back(team: Team, kind: str, sandbox: Sandbox) -> None:
    scheduled(team, aurora())
    work()
    assert heard() == Answer.ACCEPTED
    [copy] = sandbox.calendars.live(ROOMS[kind])
    sandbox.calendars.decline(ROOMS[kind], copy.id)
    assert heard() == Answer.DECLINED


def test_a_room_that_answers_later_is_asked_about(team: Team, kind: str, sandbox: Sandbox) -> None:
    """The stand-in's rooms answer at once, a vendor's some seconds after the event is made."""
    scheduled(team, aurora())
    work()
    read_all()
    CalendarEvent.objects.update(room_answer=Answer.NONE, check_at=None)
    [copy] = sandbox.calendars.live(ROOMS[kind])
    sandbox.calendars.decline(ROOMS[kind], copy.id)
    read_all()
    event = CalendarEvent.objects.get(check_at__isnull=False)
    tasks.check_calendar_event(event.pk)
    event.refresh_from_db()
    assert event.room_answer == Answer.DECLINED


def test_a_taken_room_declines_at_once(team: Team, kind: str, sandbox: Sandbox) -> None:
    sandbox.calendars.add(ROOMS[kind], "Board meeting", ten(), ten() + HOUR)
    read_all()
    assert [one.kind for one in found(team, planned(aurora()))] == ["room_taken"]
    scheduled(team, aurora())
    work()
    assert heard() == Answer.DECLINED

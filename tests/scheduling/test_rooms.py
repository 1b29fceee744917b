"""Rooms: found at the vendor, switched on, busy like people, booked once, and part of the interview's event."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.base import Refused
from integrations.calendars import Answer, CalendarRef
from integrations.models import CalendarConnection
from organizations.access import Access
from scheduling import tasks
from scheduling.availability import rooms
from scheduling.availability.conflict_kinds import Conflict, ConflictKind, Severity
from scheduling.availability.conflicts import find_conflicts, free_rooms, room_conflicts
from scheduling.availability.planned import PlannedInterview
from scheduling.models import CalendarEvent, Candidate, EventState, Interview, MemberCalendar, Room
from scheduling.planning.booking import Booked, Booking, Undecided, book_schedule
from scheduling.schedules import services
from scheduling.schedules.interviews import InterviewDetails, details_of, edit_interview
from scheduling.schedules.trail_rows import GivenReason
from tests.conftest import Team
from tests.scheduling.calendars import HOUR, Vendor, calendar_for, connect_calendars, entry
from tests.scheduling.test_calendar_events import later, work

pytestmark = pytest.mark.django_db

AURORA, BOREALIS = "aurora@rooms.example", "borealis@rooms.example"


@pytest.fixture
def connection(team: Team, calendar_vendor: Vendor) -> CalendarConnection:
    """Everybody's calendars, the interviewer's among them, at a vendor with two rooms."""
    made = connect_calendars(team.interviewer)
    calendar_vendor.rooms = [
        CalendarRef(AURORA, "Aurora", capacity=6, place="Building 1"),
        CalendarRef(BOREALIS, "Borealis", capacity=2),
    ]
    MemberCalendar.objects.filter(pk=calendar_for(team.interviewer, made).pk).update(is_written=True)
    return made


@pytest.fixture
def aurora(team: Team, connection: CalendarConnection) -> Room:
    return switched_on(team, connection)[0]


def access_of(team: Team) -> Access:
    return Access(team.organization, team.recruiter.user, team.recruiter)


def switched_on(team: Team, connection: CalendarConnection) -> list[Room]:
    """Find the rooms, switch all on, and read their calendars."""
    rooms.find_rooms(connection.pk)
    found = list(Room.objects.order_by("name"))
    pks = {room.pk for room in found}
    rooms.switch(access=access_of(team), on=pks, shown=pks, actor=team.admin.user)
    read(connection)
    return list(Room.objects.select_related("connection").order_by("name"))


def read(connection: CalendarConnection) -> None:
    MemberCalendar.objects.filter(room__isnull=False).update(due_at=timezone.now())
    tasks.read_calendars(connection.pk)


def ten() -> timezone.datetime:  # type: ignore[name-defined]
    """Ten o'clock on the next working day."""
    at = timezone.now().replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return at + timedelta(days=max(0, 7 - at.weekday()) if at.weekday() > 4 else 0)


def planned(room: Room, hours: float = 0, people: tuple[int, ...] = (), key: str = "0") -> PlannedInterview:
    at = ten() + hours * HOUR
    return PlannedInterview(key, "Coding", at, at + HOUR, interviewers=people, room=room)


def found(team: Team, *interviews: PlannedInterview) -> list[Conflict]:
    every = find_conflicts(access=access_of(team), planned=interviews, zone="UTC", now=timezone.now())
    return [one for one in every if one.room]


def details(team: Team, room: Room | None, hours: float = 0, name: str = "Coding") -> InterviewDetails:
    at = ten() + hours * HOUR
    return InterviewDetails(name, "on_site", at, at + HOUR, room=room, interviewers=(team.interviewer,))


def scheduled(team: Team, room: Room | None, hours: float = 0, name: str = "Ada") -> Interview:
    candidate = Candidate.objects.create(organization=team.organization, name=name, email=f"{name}@example.com")
    _schedule, [interview] = services.create_schedule(
        organization=team.organization,
        actor=team.recruiter.user,
        candidate=candidate,
        job=None,
        stage=None,
        time_zone="UTC",
        interviews=[details(team, room, hours)],
    )
    return interview


# --- found and switched on -----------------------------------------------------------------------------------------


def test_rooms_are_found_and_only_those_switched_on_are_read(
    team: Team, connection: CalendarConnection, calendar_vendor: Vendor
) -> None:
    tasks.find_calendars(connection.pk)
    aurora, borealis = Room.objects.order_by("name")
    assert (aurora.name, aurora.capacity, aurora.location, aurora.is_on) == ("Aurora", 6, "Building 1", False)
    assert not MemberCalendar.objects.filter(room__isnull=False).exists()
    assert rooms.switch(access=access_of(team), on={aurora.pk}, shown={aurora.pk, borealis.pk}, actor=team.admin.user)
    [calendar] = MemberCalendar.objects.filter(room__isnull=False)
    assert (calendar.room, calendar.external_id, calendar.is_written) == (aurora, AURORA, False)
    assert not rooms.switch(access=access_of(team), on={aurora.pk}, shown={aurora.pk}, actor=team.admin.user)
    rooms.switch(access=access_of(team), on=set(), shown={aurora.pk}, actor=team.admin.user)
    assert not MemberCalendar.objects.filter(room__isnull=False).exists()


def test_a_room_that_the_vendor_lists_no_more_says_so_and_comes_back(
    team: Team, connection: CalendarConnection, calendar_vendor: Vendor, aurora: Room
) -> None:
    listed, calendar_vendor.rooms = calendar_vendor.rooms, []
    rooms.find_rooms(connection.pk)
    aurora.refresh_from_db()
    assert aurora.missing_since is not None and not MemberCalendar.objects.filter(room__isnull=False).exists()
    [conflict] = found(team, planned(aurora))
    assert (conflict.kind, conflict.severity) == (ConflictKind.ROOM_GONE, Severity.OVERRIDABLE)
    calendar_vendor.rooms = listed
    rooms.find_rooms(connection.pk)
    assert MemberCalendar.objects.filter(room=aurora).exists()
    calendar_vendor.rooms = []
    calendar_vendor.faults = [Refused("rooms_denied")]
    rooms.find_rooms(connection.pk)
    assert not Room.objects.filter(missing_since__isnull=False).exists(), "a list that failed says nothing"


def test_a_connection_that_may_not_read_rooms_is_not_asked(
    connection: CalendarConnection, calendar_vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    calendar_vendor.faults = [Refused("rooms_denied")]
    rooms.find_rooms(connection.pk)
    assert not Room.objects.exists()


# --- busy ----------------------------------------------------------------------------------------------------------


def test_a_taken_room_is_a_conflict_with_the_time_until_it_is_free(
    team: Team, connection: CalendarConnection, calendar_vendor: Vendor, aurora: Room
) -> None:
    assert found(team, planned(aurora)) == []
    calendar_vendor.book(AURORA).put(entry(ten(), title="Board meeting"))
    read(connection)
    [conflict] = found(team, planned(aurora))
    assert (conflict.kind, conflict.severity) == (ConflictKind.ROOM_TAKEN, Severity.OVERRIDABLE)
    assert conflict.until == ten() + HOUR and conflict.brief == "busy 10:00–11:00"
    assert "Board meeting" not in conflict.message, "a room's entries are other people's business"
    assert found(team, planned(aurora, hours=1)) == []


def test_a_room_that_was_not_read_is_unknown_and_never_free(
    team: Team, connection: CalendarConnection, aurora: Room
) -> None:
    MemberCalendar.objects.filter(room=aurora).update(read_at=None)
    [conflict] = found(team, planned(aurora))
    assert (conflict.kind, conflict.severity) == (ConflictKind.ROOM_UNKNOWN, Severity.HINT)


def test_two_planned_interviews_in_one_room_are_in_each_others_way(team: Team, aurora: Room) -> None:
    both = found(team, planned(aurora), planned(aurora, hours=0.5, key="1"))
    assert [one.planned for one in both] == ["0", "1"]


def test_a_room_that_is_too_small_is_only_a_hint(team: Team, connection: CalendarConnection) -> None:
    _aurora, borealis = switched_on(team, connection)
    people = (team.interviewer.pk, team.recruiter.pk)
    [conflict] = found(team, planned(borealis, people=people))
    assert (conflict.kind, conflict.severity) == (ConflictKind.ROOM_SMALL, Severity.HINT)
    assert conflict.message.replace("\u2068", "").replace("\u2069", "") == "Borealis has 2 seats. 3 people come."


def test_rooms_are_asked_together_and_a_saved_interview_takes_its_own(
    team: Team, connection: CalendarConnection
) -> None:
    aurora, borealis = switched_on(team, connection)
    interview = scheduled(team, aurora)
    asked = PlannedInterview("0", "Talk", ten(), ten() + HOUR)
    against = room_conflicts(access=access_of(team), planned=asked, others=[], rooms=[aurora, borealis], zone="UTC")
    assert [one.kind for one in against[aurora.pk]] == [ConflictKind.ROOM_TAKEN] and against[borealis.pk] == []
    own = PlannedInterview("0", "Coding", ten(), ten() + HOUR, interview=interview.pk)
    assert room_conflicts(access=access_of(team), planned=own, others=[], rooms=[aurora], zone="UTC") == {aurora.pk: []}


def test_booking_checks_the_room_and_the_override_lets_it_pass(team: Team, aurora: Room) -> None:
    scheduled(team, aurora)
    ben = Candidate.objects.create(organization=team.organization, name="Ben", email="ben@example.com")

    def book(**tokens: str) -> Booked | Undecided:
        wanted = InterviewDetails("Talk", "on_site", ten(), ten() + HOUR, room=aurora)
        booking = Booking(wanted, tokens)
        return book_schedule(
            access=access_of(team), candidate=ben, job=None, stage=None, time_zone="UTC", bookings=[booking]
        )

    answer = book()
    assert isinstance(answer, Undecided)
    [conflict] = [one for one in answer.found if one.kind == ConflictKind.ROOM_TAKEN]
    assert isinstance(book(**{conflict.token: ""}), Booked)


# --- the event -----------------------------------------------------------------------------------------------------


def copies(vendor: Vendor, room: str = AURORA) -> list[str]:
    return [one.title for one in vendor.book(room).occurrences.values()]


def test_one_event_of_the_interview_brings_the_room_along(
    team: Team, connection: CalendarConnection, calendar_vendor: Vendor, aurora: Room
) -> None:
    second = calendar_for(team.recruiter, connection)
    MemberCalendar.objects.filter(pk=second.pk).update(is_written=True)
    interview = scheduled(team, aurora)
    edit_interview(
        interview=interview,
        details=InterviewDetails(
            "Coding", "on_site", interview.starts_at, interview.ends_at,
            room=aurora, interviewers=(team.interviewer, team.recruiter),
        ),
        actor=team.recruiter.user,
        reason=GivenReason(),
    )  # fmt: skip
    work()
    assert CalendarEvent.objects.filter(state=EventState.READY).count() == 2
    assert CalendarEvent.objects.filter(room=aurora, room_address=AURORA).count() == 1
    assert copies(calendar_vendor) == ["Coding with Ada"]
    # The room's own copy does not count beside the interview, also where somebody edits it.
    read(connection)
    own = PlannedInterview("0", "Coding", ten(), ten() + HOUR, room=aurora, interview=interview.pk)
    assert found(team, own) == []


def test_the_room_follows_moves_other_rooms_and_cancellations(
    team: Team, connection: CalendarConnection, calendar_vendor: Vendor, aurora: Room
) -> None:
    borealis = Room.objects.select_related("connection").get(name="Borealis")
    interview = scheduled(team, aurora)
    work()
    for change in ({"starts_at": ten() + HOUR, "ends_at": ten() + 2 * HOUR}, {"room": borealis}, {"room": None}):
        changed = details_of(Interview.objects.get(pk=interview.pk))
        edit_interview(
            interview=interview,
            details=InterviewDetails(**{**vars(changed), **change}),
            actor=team.recruiter.user,
            reason=GivenReason(),
        )
        work()
        interview.refresh_from_db()
        here = [one.starts_at for one in calendar_vendor.book(AURORA).occurrences.values()]
        if "starts_at" in change:
            assert here == [ten() + HOUR]
        else:
            assert here == [] and len(copies(calendar_vendor, BOREALIS)) == (1 if change["room"] else 0)
    services.cancel_schedule(schedule=interview.schedule, actor=None, reason=GivenReason())
    work()
    assert not CalendarEvent.objects.exclude(room_address="").exists()


def test_what_somebody_else_books_after_a_cancellation_counts(
    team: Team, connection: CalendarConnection, calendar_vendor: Vendor, aurora: Room
) -> None:
    interview = scheduled(team, aurora)
    work()
    services.cancel_schedule(schedule=interview.schedule, actor=None, reason=GivenReason())
    work()
    calendar_vendor.book(AURORA).put(entry(ten(), title="Board meeting"))
    read(connection)
    assert [one.kind for one in found(team, planned(aurora))] == [ConflictKind.ROOM_TAKEN]


def test_an_event_waits_until_another_one_has_let_go_of_the_room(
    team: Team, connection: CalendarConnection, calendar_vendor: Vendor, aurora: Room
) -> None:
    first = scheduled(team, aurora)
    work()
    services.cancel_schedule(schedule=first.schedule, actor=None, reason=GivenReason())
    second = scheduled(team, aurora, name="Ben")
    old, new = CalendarEvent.objects.order_by("pk")
    tasks.write_calendar_event(new.pk)
    assert copies(calendar_vendor) == ["Coding with Ada"], "not yet"
    tasks.write_calendar_event(old.pk)
    later()
    work()
    assert copies(calendar_vendor) == ["Coding with Ben"]
    assert CalendarEvent.objects.get(interview=second).room_address == AURORA


def test_a_room_that_declines_is_kept_and_asked_for_no_more(
    team: Team, connection: CalendarConnection, calendar_vendor: Vendor, aurora: Room
) -> None:
    interview = scheduled(team, aurora)
    work()
    event = CalendarEvent.objects.get(interview=interview)
    assert event.room_answer == Answer.ACCEPTED
    book = calendar_vendor.book(f"cal-{team.interviewer.pk}")
    [one] = book.occurrences.values()
    from dataclasses import replace

    book.put(replace(one, room_answer=Answer.DECLINED))
    calendar_vendor.book(AURORA).put(entry(ten(), title="Somebody else's"))
    MemberCalendar.objects.update(due_at=timezone.now())
    tasks.read_calendars(connection.pk)
    tasks.check_calendar_event(event.pk)
    event.refresh_from_db()
    assert event.room_answer == Answer.DECLINED
    own = PlannedInterview("0", "Coding", ten(), ten() + HOUR, room=aurora, interview=interview.pk)
    assert ConflictKind.ROOM_TAKEN in {one.kind for one in found(team, own)}


def test_a_room_that_declined_an_interview_is_not_free_for_it_at_that_time(
    team: Team, connection: CalendarConnection
) -> None:
    aurora, borealis = switched_on(team, connection)
    interview = scheduled(team, aurora)
    work()
    CalendarEvent.objects.update(room_answer=Answer.DECLINED)
    own = PlannedInterview("0", "Coding", ten(), ten() + HOUR, interview=interview.pk)
    rooms_there = {"access": access_of(team), "others": [], "rooms": [aurora, borealis], "zone": "UTC"}
    against = room_conflicts(planned=own, **rooms_there)  # type: ignore[arg-type]
    assert [(one.kind, one.severity) for one in against[aurora.pk]] == [(ConflictKind.ROOM_DECLINED, Severity.HINT)]
    assert against[borealis.pk] == []
    later_on = PlannedInterview("0", "Coding", ten() + HOUR, ten() + 2 * HOUR, interview=interview.pk)
    assert room_conflicts(planned=later_on, **rooms_there)[aurora.pk] == []  # type: ignore[arg-type]
    free = free_rooms(access=access_of(team), wanted={"0": 1}, planned=[own], rooms=[aurora, borealis], zone="UTC")
    assert free == {"0": borealis}


def test_a_room_of_another_connection_is_not_brought_along(
    team: Team, connection: CalendarConnection, calendar_vendor: Vendor, aurora: Room
) -> None:
    own = connect_calendars(team.recruiter, for_all=False)
    MemberCalendar.objects.update(is_written=False)
    MemberCalendar.objects.filter(pk=calendar_for(team.interviewer, own).pk).update(is_written=True)
    scheduled(team, aurora)
    work()
    assert copies(calendar_vendor) == [] and CalendarEvent.objects.get().room is None

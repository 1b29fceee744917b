"""Each fault of a vendor at each request of an event's life: one right event or a word about it, and the right answer.

Over the vendors' real requests, which their stand-ins answer. CalDAV is in `test_caldav_in_trouble`.
"""

from __future__ import annotations

import itertools

import pytest
from pytest_django import Settings

from integrations.sandbox.calendars.faults import CalendarFault as Fault
from scheduling import tasks
from scheduling.calendar_events import left
from scheduling.models import CalendarEvent, CalendarTime, EventState, Interview, MemberCalendar
from scheduling.schedules import services
from tests.conftest import Team
from tests.scheduling.stand_ins import KINDS, StandIn, read_all, resume
from tests.scheduling.test_calendar_events import HOUR, NO_REASON, kinds, later, move, scheduled, work
from tests.thorough import mostly

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.allow_hosts(["127.0.0.1"])]

#: The vendor says for good that the event, its calendar or its person is not there, or is not to be written.
REFUSALS = {Fault.GONE, Fault.CALENDAR_MISSING, Fault.CHANGED, Fault.FORBIDDEN, Fault.UNAUTHORIZED}
ANSWERS = list(itertools.product(["look", "list"], KINDS, Fault))
LOOKS = len(KINDS) * len(Fault)
WRITES = list(itertools.product(KINDS, ["put", "change", "delete"], Fault))


@pytest.fixture
def vendor(vendor: StandIn) -> StandIn:
    vendor.sandbox.configure(hold=0.8)
    return vendor


def booked(team: Team, vendor: StandIn) -> Interview:
    """An interview in the calendar, beside an entry that is not Panelist's."""
    interview = scheduled(team, team.interviewer).interviews.get()
    at = interview.ends_at + 2 * HOUR
    vendor.sandbox.calendars.add(team.interviewer.user.email, "Dentist", at, at + HOUR)
    work()
    read_all()
    assert CalendarTime.objects.count() == 2
    return interview


@pytest.mark.parametrize(("step", "vendor", "fault"), mostly(ANSWERS, always=LOOKS), indirect=["vendor"])
def test_an_answer_comes_in_spite_of_a_fault(
    team: Team, vendor: StandIn, settings: Settings, step: str, fault: Fault
) -> None:
    """A fault at the list of changes, or at the look at the event, invents no answer and loses none."""
    booked(team, vendor)
    foreign = vendor.foreign(team.interviewer)
    [entry] = vendor.ours(team.interviewer)
    vendor.sandbox.calendars.decline(team.interviewer.user.email, entry.id)
    settings.CALENDAR_TIMEOUT = 0.5
    vendor.spoil(fault, step)
    read_all()
    event = CalendarEvent.objects.get()
    assert vendor.surface.faults.fired
    assert event.answer in {"none", "declined"}
    assert (event.deleted_at, event.moved_starts_at) == (None, None)
    assert CalendarTime.objects.count() == 2, "nobody is free who was not"
    settings.CALENDAR_TIMEOUT = 5
    vendor.calm()
    vendor.settle()
    event.refresh_from_db()
    assert (event.state, event.answer, event.deleted_at) == (EventState.READY, "declined", None)
    assert vendor.foreign(team.interviewer) == foreign
    assert len(vendor.ours(team.interviewer)) == 1


@pytest.mark.parametrize(("vendor", "step", "fault"), mostly(WRITES, always=0), indirect=["vendor"])
def test_a_change_ends_in_one_right_event(
    team: Team, vendor: StandIn, settings: Settings, step: str, fault: Fault
) -> None:
    interview = scheduled(team, team.interviewer).interviews.get() if step == "put" else booked(team, vendor)
    foreign = vendor.foreign(team.interviewer)
    if step == "change":
        move(interview, team, 3 * HOUR)
    elif step == "delete":
        services.cancel_schedule(schedule=interview.schedule, actor=team.recruiter.user, reason=NO_REASON)
    settings.CALENDAR_TIMEOUT = 0.5
    vendor.spoil(fault, step)
    later()
    work()
    resume()
    settings.CALENDAR_TIMEOUT = 5
    vendor.calm()
    vendor.settle()
    MemberCalendar.objects.update(sync_token="")  # the whole is read each day
    vendor.settle()
    assert vendor.surface.faults.fired
    assert vendor.foreign(team.interviewer) == foreign
    event, there = CalendarEvent.objects.get(), vendor.ours(team.interviewer)
    if event.state == EventState.FAILED:
        assert step != "delete" and fault in REFUSALS and event.problem_code
        tasks.propose_updates(interview.schedule_id)
        assert "interviewer_invitation" in kinds(interview.schedule), "they get it by mail"
    elif event.state == EventState.CANCELLING:
        assert step == "delete" and fault is Fault.FORBIDDEN
        assert list(left.waiting(CalendarEvent.objects.all())) == [event], "it is on Home"
    elif step == "delete":
        assert (event.state, there) == (EventState.CANCELLED, [])
    else:
        interview.refresh_from_db()
        assert (event.state, [one.starts_at for one in there]) == (EventState.READY, [interview.starts_at])
        assert (event.moved_starts_at, event.deleted_at) == (None, None)

"""Booking without a page: what an API would call. It saves, or says which conflicts need a decision."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from jobs.models import Job, Stage
from organizations.access import Access
from organizations.models import AuditEvent, Membership, User
from scheduling.availability.conflict_kinds import ConflictKind
from scheduling.models import Candidate, Interview, Schedule
from scheduling.planning import booking
from scheduling.planning.booking import Booked, Booking, Undecided
from scheduling.planning.movable import movable, version_of
from scheduling.schedules.interviews import InterviewDetails, cancel_interview
from scheduling.schedules.rescheduling import Move
from scheduling.schedules.services import cancel_schedule
from scheduling.schedules.trail_rows import GivenReason
from tests.conftest import Team

pytestmark = pytest.mark.django_db

TEN = datetime(2027, 3, 1, 10, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)
ILL = GivenReason("An interviewer is ill")


@pytest.fixture(autouse=True)
def _winter() -> object:
    with time_machine.travel(datetime(2027, 2, 1, 12, tzinfo=UTC), tick=False):
        yield


@pytest.fixture(autouse=True)
def _in_utc(team: Team) -> None:
    User.objects.update(time_zone="UTC")
    for membership in (team.admin, team.recruiter, team.interviewer):
        membership.user.refresh_from_db()


@pytest.fixture
def access(team: Team) -> Access:
    return Access(team.organization, team.recruiter.user, team.recruiter)


@pytest.fixture
def stage(team: Team) -> Stage:
    job = Job.objects.create(organization=team.organization, title="Engineer")
    return Stage.objects.create(organization=team.organization, job=job, name="Onsite")


@pytest.fixture
def ada(team: Team) -> Candidate:
    return Candidate.objects.create(organization=team.organization, name="Ada Osei", time_zone="UTC")


def details(name: str, *people: Membership, starts_at: datetime = TEN) -> InterviewDetails:
    return InterviewDetails(
        name=name, kind="video", starts_at=starts_at, ends_at=starts_at + HOUR, place="Room 7", interviewers=people
    )


def book(access: Access, candidate: Candidate, stage: Stage, *bookings: Booking) -> Booked | Undecided:
    return booking.book_schedule(
        access=access, candidate=candidate, job=stage.job, stage=stage, time_zone="UTC", bookings=bookings
    )


def booked(access: Access, candidate: Candidate, stage: Stage, *wanted: InterviewDetails) -> Booked:
    result = book(access, candidate, stage, *map(Booking, wanted))
    assert isinstance(result, Booked)
    return result


def test_what_is_free_is_saved(team: Team, access: Access, ada: Candidate, stage: Stage) -> None:
    wanted = [details("Coding", team.interviewer), details("Design", team.admin, starts_at=TEN + HOUR)]
    result = booked(access, ada, stage, *wanted)
    assert [(one.name, one.starts_at) for one in result.interviews] == [("Coding", TEN), ("Design", TEN + HOUR)]
    assert [list(one.interviewers.all()) for one in result.interviews] == [[team.interviewer], [team.admin]]
    assert (result.schedule.candidate, result.schedule.first_starts_at) == (ada, TEN)
    event = AuditEvent.objects.get(action="schedule.created")
    assert (event.actor, event.texts["interviews"]) == (team.recruiter.user, ["Coding", "Design"])
    assert "overridden" not in event.detail


def test_a_new_candidate_is_saved_with_the_schedule_or_not_at_all(team: Team, access: Access, stage: Stage) -> None:
    def grace() -> Candidate:
        return Candidate(organization=team.organization, name="Grace Lin", time_zone="UTC", job=stage.job, stage=stage)

    night = TEN.replace(hour=3)
    assert isinstance(book(access, grace(), stage, Booking(details("Coding", starts_at=night))), Undecided)
    assert not Candidate.objects.exists()
    result = booked(access, grace(), stage, details("Coding", team.interviewer))
    assert Candidate.objects.get() == result.schedule.candidate


def test_a_conflict_needs_a_decision_and_its_reason_goes_into_the_history(
    team: Team, access: Access, ada: Candidate, stage: Stage
) -> None:
    grace = Candidate.objects.create(organization=team.organization, name="Grace Lin", time_zone="UTC")
    booked(access, grace, stage, details("Talk", team.interviewer))
    wanted = details("Coding", team.interviewer)
    undecided = book(access, ada, stage, Booking(wanted))
    assert isinstance(undecided, Undecided)
    assert [(one.planned, one.kind) for one in undecided.found] == [("0", ConflictKind.DOUBLE_BOOKED)]
    assert not ada.schedules.exists() and AuditEvent.objects.filter(action="schedule.created").count() == 1

    [conflict] = undecided.found
    result = book(access, ada, stage, Booking(wanted, {conflict.token: "Both candidates at once"}))
    assert isinstance(result, Booked)
    event = AuditEvent.objects.filter(action="schedule.created").order_by("-id")[0]
    assert event.detail["overridden"] == [{"conflict": "double_booked", "user": team.interviewer.user_id}]
    assert event.texts["overridden"] == [["Coding", "Both candidates at once"]]


def test_an_override_counts_for_its_own_interview_only(
    team: Team, access: Access, ada: Candidate, stage: Stage
) -> None:
    both = [details("Coding", team.interviewer), details("Design", team.admin, starts_at=TEN + HOUR / 2)]
    undecided = book(access, ada, stage, *map(Booking, both))
    assert isinstance(undecided, Undecided)
    first, second = undecided.found
    assert (first.planned, second.planned) == ("0", "1")
    tokens = dict.fromkeys([first.token, second.token], "")
    assert isinstance(book(access, ada, stage, Booking(both[0], tokens), Booking(both[1])), Undecided)
    result = book(access, ada, stage, Booking(both[0], {first.token: ""}), Booking(both[1], {second.token: ""}))
    assert isinstance(result, Booked)


def test_the_impossible_can_not_be_overridden(team: Team, access: Access, ada: Candidate, stage: Stage) -> None:
    wanted = details("Coding", team.interviewer, team.interviewer)
    undecided = book(access, ada, stage, Booking(wanted))
    assert isinstance(undecided, Undecided)
    tokens = {one.token: "I insist" for one in undecided.found}
    assert isinstance(book(access, ada, stage, Booking(wanted, tokens)), Undecided)
    assert not Schedule.objects.exists()


def test_what_is_gone_is_said(team: Team, access: Access, ada: Candidate, stage: Stage) -> None:
    """Deleted after the caller had read it, and before the people were locked."""
    wanted = Booking(details("Coding", team.interviewer))
    Stage.objects.filter(pk=stage.pk).delete()
    with pytest.raises(booking.Missing):
        book(access, ada, stage, wanted)
    result = booking.book_schedule(
        access=access, candidate=ada, job=None, stage=None, time_zone="UTC", bookings=[Booking(details("Talk"))]
    )
    assert isinstance(result, Booked)
    Membership.objects.filter(pk=team.interviewer.pk).delete()
    with pytest.raises(booking.Missing):
        booking.book_interview(access=access, schedule=result.schedule, booking=wanted)
    schedule = Schedule.objects.get()
    Candidate.objects.filter(pk=ada.pk).delete()
    with pytest.raises(booking.Missing):
        booking.book_interview(access=access, schedule=schedule, booking=Booking(details("Design")))
    with pytest.raises(booking.Missing):
        booking.book_schedule(
            access=access, candidate=ada, job=None, stage=None, time_zone="UTC", bookings=[Booking(details("Design"))]
        )
    assert not Interview.objects.exists()


def test_nothing_is_added_to_what_is_cancelled(team: Team, access: Access, ada: Candidate, stage: Stage) -> None:
    result = booked(access, ada, stage, details("Coding", team.interviewer))
    cancel_schedule(schedule=result.schedule, actor=access.user, reason=ILL)
    with pytest.raises(booking.Cancelled):
        booking.book_interview(access=access, schedule=result.schedule, booking=Booking(details("Talk")))
    with pytest.raises(booking.Cancelled):
        booking.change_interview(
            access=access, interview=result.interviews[0], booking=Booking(details("Talk")), reason=ILL
        )
    assert [one.name for one in Interview.objects.all()] == ["Coding"]


def test_a_change_knows_which_version_it_changes(team: Team, access: Access, ada: Candidate, stage: Stage) -> None:
    [interview] = booked(access, ada, stage, details("Coding", team.interviewer)).interviews
    version = version_of([interview])
    later = Booking(details("Coding", team.interviewer, starts_at=TEN + HOUR))
    saved = booking.change_interview(access=access, interview=interview, booking=later, reason=ILL, version=version)
    assert isinstance(saved, Booked) and saved.interviews[0].starts_at == TEN + HOUR
    assert AuditEvent.objects.get(action="interview.moved").detail["reason"] == ILL.text
    other = Booking(details("Talk", team.admin, starts_at=TEN + 2 * HOUR))
    with pytest.raises(booking.ChangedSince) as refusal:
        booking.change_interview(access=access, interview=interview, booking=other, reason=ILL, version=version)
    assert [one.starts_at for one in refusal.value.current] == [TEN + HOUR]
    interview.refresh_from_db()
    assert (interview.name, interview.starts_at) == ("Coding", TEN + HOUR)


def test_another_way_to_meet_is_a_change(team: Team, access: Access, ada: Candidate, stage: Stage) -> None:
    [interview] = booked(access, ada, stage, details("Coding", team.interviewer)).interviews
    version = version_of([interview])
    interview.meeting = "jitsi"
    assert version_of([interview]) != version


def test_all_move_together_or_none(team: Team, access: Access, ada: Candidate, stage: Stage) -> None:
    wanted = [details("Coding", team.interviewer), details("Design", team.admin, starts_at=TEN + HOUR)]
    result = booked(access, ada, stage, *wanted)
    schedule, (coding, design) = result.schedule, result.interviews

    def moved(by: timedelta, *interviews: Interview, version: str = "") -> Booked | Undecided:
        moves = [Move(one, one.starts_at + by, one.ends_at + by) for one in interviews]
        return booking.reschedule(access=access, schedule=schedule, moves=moves, reason=ILL, version=version)

    night = moved(timedelta(hours=12), coding, design)
    assert isinstance(night, Undecided) and {one.planned for one in night.found} == {"0", "1"}
    version = version_of(movable(schedule))
    assert isinstance(moved(HOUR, coding, design, version=version), Booked)
    assert [one.starts_at for one in movable(schedule)] == [TEN + HOUR, TEN + 2 * HOUR]
    with pytest.raises(booking.ChangedSince):
        moved(2 * HOUR, coding, design, version=version)
    cancel_interview(interview=design, actor=access.user, reason=ILL)
    with pytest.raises(booking.Cancelled):
        moved(3 * HOUR, coding, design)
    assert [one.starts_at for one in movable(schedule)] == [TEN + HOUR]


def test_no_view_begins_a_transaction() -> None:
    """Views are access, form, one call, answer; steps that belong together are one call of a service."""
    root = Path(__file__).parents[2]
    views = [*root.glob("*/views/*.py"), *root.glob("*/*views.py")]
    assert len(views) > 20
    assert [view.name for view in views if "transaction" in view.read_text(encoding="utf-8")] == []

"""Each kind of conflict: when there is one, when there is none, and that it costs the same for few and for many."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from organizations.access import Access
from organizations.models import DayOff, Membership
from scheduling.availability.conflict_kinds import Conflict, ConflictKind, Severity
from scheduling.availability.conflicts import find_conflicts, undecided
from scheduling.availability.local_time import AmbiguousTime, NonexistentTime, moment
from scheduling.availability.planned import PlannedInterview
from scheduling.models import Candidate, Interview, InterviewerAssignment, Schedule
from tests.conftest import Team

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 2, 26, 12, tzinfo=UTC)
TEN = datetime(2027, 3, 1, 9, tzinfo=UTC)  # Monday, 10:00 in Berlin
HOUR = timedelta(hours=1)


@pytest.fixture
def interviewer(team: Team) -> Membership:
    """An interviewer who works in Berlin, Monday to Friday, 9 to 17."""
    team.interviewer.user.time_zone = "Europe/Berlin"
    team.interviewer.user.save()
    return team.interviewer


@pytest.fixture
def ada(team: Team) -> Candidate:
    return Candidate.objects.create(organization=team.organization, name="Ada Osei", time_zone="Europe/Berlin")


def row(key: str = "0", starts_at: datetime = TEN, length: timedelta = HOUR, **more: object) -> PlannedInterview:
    return PlannedInterview(key=key, name=f"Row {key}", starts_at=starts_at, ends_at=starts_at + length, **more)  # type: ignore[arg-type]


def conflicts(
    team: Team, *rows: PlannedInterview, candidate: Candidate | None = None, now: datetime = NOW
) -> list[Conflict]:
    access = Access(team.organization, team.recruiter.user, team.recruiter)
    return find_conflicts(access=access, planned=rows, zone="Europe/Berlin", now=now, candidate=candidate)


def kinds(team: Team, *rows: PlannedInterview, candidate: Candidate | None = None) -> list[tuple[str, ConflictKind]]:
    return [(found.planned, found.kind) for found in conflicts(team, *rows, candidate=candidate)]


def booked(team: Team, candidate: Candidate, *people: Membership, starts_at: datetime = TEN) -> Interview:
    schedule = Schedule.objects.create(organization=team.organization, candidate=candidate)
    interview = Interview.objects.create(
        organization=team.organization,
        schedule=schedule,
        name="Booked",
        starts_at=starts_at,
        ends_at=starts_at + HOUR,
    )
    for person in people:
        InterviewerAssignment.objects.create(interview=interview, membership=person)
    return interview


def test_nothing_speaks_against_a_good_time(team: Team, interviewer: Membership, ada: Candidate) -> None:
    assert conflicts(team, row(interviewers=(interviewer.pk,), expected=1), candidate=ada) == []


def test_double_booking_is_found_and_named(team: Team, interviewer: Membership, ada: Candidate) -> None:
    other = Candidate.objects.create(organization=team.organization, name="Grace Lin")
    booked(team, other, interviewer, starts_at=TEN + HOUR / 2)
    found = conflicts(team, row(interviewers=(interviewer.pk,)), candidate=ada)
    assert [one.kind for one in found] == [ConflictKind.DOUBLE_BOOKED]
    assert found[0].message == ("Interviewer Acme is busy: “Booked” with Grace Lin (Mon 1 Mar 2027, 10:30–11:30).")
    assert found[0].severity == Severity.OVERRIDABLE


def test_back_to_back_is_no_double_booking(team: Team, interviewer: Membership, ada: Candidate) -> None:
    booked(team, ada, interviewer, starts_at=TEN - HOUR)
    booked(team, ada, interviewer, starts_at=TEN + HOUR)
    assert conflicts(team, row(interviewers=(interviewer.pk,)), candidate=ada) == []


def test_what_is_cancelled_takes_no_time(team: Team, interviewer: Membership, ada: Candidate) -> None:
    interview = booked(team, ada, interviewer)
    interview.state = Interview.State.CANCELLED
    interview.save()
    assert conflicts(team, row(interviewers=(interviewer.pk,)), candidate=ada) == []


def test_an_interview_is_not_in_its_own_way(team: Team, interviewer: Membership, ada: Candidate) -> None:
    interview = booked(team, ada, interviewer)
    moved = row(starts_at=TEN + HOUR / 2, interviewers=(interviewer.pk,), interview=interview.pk)
    assert conflicts(team, moved, candidate=ada) == []


def test_another_organizations_bookings_are_not_seen(
    team: Team, other_team: Team, interviewer: Membership, ada: Candidate
) -> None:
    theirs = Candidate.objects.create(organization=other_team.organization, name="Secret")
    booked(other_team, theirs, other_team.interviewer)
    assert conflicts(team, row(interviewers=(other_team.interviewer.pk,)), candidate=ada) == []


def test_rows_stand_in_each_others_way(team: Team, interviewer: Membership, ada: Candidate) -> None:
    rows = [row("0", interviewers=(interviewer.pk,)), row("1", TEN + HOUR / 2, interviewers=(interviewer.pk,))]
    assert kinds(team, *rows, candidate=ada) == [
        ("0", ConflictKind.CANDIDATE_ELSEWHERE),
        ("0", ConflictKind.DOUBLE_BOOKED),
        ("1", ConflictKind.CANDIDATE_ELSEWHERE),
        ("1", ConflictKind.DOUBLE_BOOKED),
    ]
    both = [one.message for one in conflicts(team, *rows, candidate=ada) if one.kind == ConflictKind.DOUBLE_BOOKED]
    assert all(" is busy: “" in sentence and " with " not in sentence for sentence in both)


def test_the_candidate_in_two_places(team: Team, ada: Candidate) -> None:
    booked(team, ada)
    found = conflicts(team, row(), candidate=ada)
    assert [one.kind for one in found] == [ConflictKind.CANDIDATE_ELSEWHERE]
    assert "“Booked”" in found[0].message
    assert conflicts(team, row()) == []


@pytest.mark.parametrize(
    ("starts_at", "length", "outside"),
    [
        (datetime(2027, 3, 1, 8, tzinfo=UTC), HOUR, False),
        (datetime(2027, 3, 1, 7, 59, tzinfo=UTC), HOUR, True),
        (datetime(2027, 3, 1, 15, tzinfo=UTC), HOUR, False),
        (datetime(2027, 3, 1, 15, 30, tzinfo=UTC), HOUR, True),
        (datetime(2027, 2, 28, 10, tzinfo=UTC), HOUR, True),  # Sunday
        (datetime(2027, 7, 1, 7, tzinfo=UTC), HOUR, False),  # summer time: 9:00 in Berlin
    ],
)
def test_hours_are_those_of_the_interviewers_clocks(
    team: Team, interviewer: Membership, starts_at: datetime, length: timedelta, outside: bool
) -> None:
    found = kinds(team, row(starts_at=starts_at, length=length, interviewers=(interviewer.pk,)))
    assert found == ([("0", ConflictKind.OUTSIDE_HOURS)] if outside else [])


def test_hours_may_run_past_midnight(team: Team, interviewer: Membership) -> None:
    interviewer.work_from, interviewer.work_until = time(22), time(6)
    interviewer.save()
    night = datetime(2027, 3, 2, 0, 30, tzinfo=UTC)
    assert kinds(team, row(starts_at=night, interviewers=(interviewer.pk,))) == []
    assert kinds(team, row(interviewers=(interviewer.pk,))) == [("0", ConflictKind.OUTSIDE_HOURS)]


def test_a_day_off_is_the_interviewers_own_day(team: Team, interviewer: Membership) -> None:
    DayOff.objects.create(membership=interviewer, day=date(2027, 3, 2), note="Holiday")
    assert kinds(team, row(interviewers=(interviewer.pk,))) == []
    # 23:30 in London is the next day in Berlin.
    late = datetime(2027, 3, 1, 23, 30, tzinfo=UTC)
    found = conflicts(team, row(starts_at=late, interviewers=(interviewer.pk,)))
    assert [(one.kind, one.message) for one in found] == [
        (ConflictKind.DAY_OFF, "Interviewer Acme is off on 2 March 2027 (Holiday).")
    ]


def test_the_past_can_be_overruled(team: Team) -> None:
    found = conflicts(team, row(starts_at=NOW - HOUR))
    assert [one.kind for one in found] == [ConflictKind.PAST]
    assert undecided(found, {}) == found
    assert undecided(found, {"0": {found[0].token}}) == []
    assert undecided(found, {"1": {found[0].token}}) == found
    assert kinds(team, row(starts_at=NOW)) == []


def test_the_impossible_cannot_be_overruled(team: Team, interviewer: Membership) -> None:
    twice = PlannedInterview("0", "Row", interviewers=(interviewer.pk, interviewer.pk))
    found = conflicts(team, twice)
    assert [one.kind for one in found] == [ConflictKind.SAME_PERSON_TWICE]
    assert undecided(found, {"0": {found[0].token}}) == found


def test_times_that_name_no_moment(team: Team) -> None:
    with pytest.raises(NonexistentTime) as jump:
        moment(date(2027, 3, 28), time(2, 30), "Europe/Berlin")
    with pytest.raises(AmbiguousTime) as twice:
        moment(date(2027, 10, 31), time(2, 30), "Europe/Berlin")
    found = conflicts(
        team, PlannedInterview("0", "A", clock_error=jump.value), PlannedInterview("1", "B", clock_error=twice.value)
    )
    assert [(one.planned, one.kind, one.severity) for one in found] == [
        ("0", ConflictKind.NONEXISTENT_TIME, Severity.IMPOSSIBLE),
        ("1", ConflictKind.AMBIGUOUS_TIME, Severity.IMPOSSIBLE),
    ]
    assert found[0].nearest == datetime(2027, 3, 28, 3)
    assert found[1].readings == (twice.value.first, twice.value.second)


def test_hints_keep_nothing_from_being_saved(team: Team, interviewer: Membership, ada: Candidate) -> None:
    found = conflicts(team, row(interviewers=(interviewer.pk,), expected=2), candidate=ada)
    assert [(one.kind, one.message) for one in found] == [
        (ConflictKind.FEWER_PEOPLE, "The plan asks for 2 interviewers. 1 is chosen.")
    ]
    assert undecided(found, {}) == []


@pytest.mark.parametrize(
    ("expected", "chosen", "words"),
    [
        (1, 0, "The plan asks for 1 interviewer. None is chosen yet."),
        (2, 0, "The plan asks for 2 interviewers. None is chosen yet."),
        (3, 2, "The plan asks for 3 interviewers. 2 are chosen."),
    ],
)
def test_one_and_many_are_said_right(team: Team, expected: int, chosen: int, words: str) -> None:
    people = (team.admin.pk, team.recruiter.pk)[:chosen]
    found = conflicts(team, PlannedInterview("0", "A", interviewers=people, expected=expected))
    assert [one.message for one in found] == [words]


@pytest.mark.parametrize(
    ("zone", "starts_at", "expected", "words"),
    [
        # Monday, 1 March 2027
        ("America/New_York", "2027-03-01T09:00", [ConflictKind.CANDIDATE_NIGHT], "08:00–20:00 in New York"),
        ("America/New_York", "2027-03-01T12:59", [ConflictKind.CANDIDATE_NIGHT], "Outside the candidate's day"),
        ("America/New_York", "2027-03-01T13:00", [], ""),
        ("America/New_York", "2027-03-02T00:00", [], ""),  # 19:00 to 20:00
        ("America/New_York", "2027-03-02T00:01", [ConflictKind.CANDIDATE_NIGHT], "Outside the candidate's day"),
        (
            "Asia/Tokyo",
            "2027-03-01T14:00",
            [ConflictKind.CANDIDATE_NIGHT],
            "Outside the candidate's day",
        ),
        ("Asia/Tokyo", "2027-02-27T01:00", [ConflictKind.CANDIDATE_WEEKEND], "Saturday in Tokyo"),
        (
            "Asia/Tokyo",
            "2027-02-26T22:30",
            [ConflictKind.CANDIDATE_NIGHT, ConflictKind.CANDIDATE_WEEKEND],
            "Saturday in Tokyo",
        ),
        ("America/Los_Angeles", "2027-03-01T03:00", [ConflictKind.CANDIDATE_WEEKEND], "Sunday in Los Angeles"),
        ("America/Los_Angeles", "2027-03-02T03:00", [], ""),
        ("Europe/Berlin", "2027-02-27T12:00", [ConflictKind.CANDIDATE_WEEKEND], "Saturday in Berlin"),
        ("Europe/Berlin", "2027-03-01T05:00", [ConflictKind.CANDIDATE_NIGHT], "08:00–20:00 in Berlin"),
        ("Europe/Berlin", "2027-03-01T10:00", [], ""),
    ],
)
def test_night_and_weekend_of_the_candidate_are_overruled_knowingly(
    team: Team, ada: Candidate, zone: str, starts_at: str, expected: list[ConflictKind], words: str
) -> None:
    ada.time_zone = zone
    at = datetime.fromisoformat(starts_at).replace(tzinfo=UTC)
    found = [one for one in conflicts(team, row(starts_at=at), candidate=ada) if one.kind != ConflictKind.PAST]
    assert sorted(one.kind for one in found) == sorted(expected)
    assert not expected or words in " ".join(one.message for one in found)
    assert undecided(found, {}) == found
    assert undecided(found, {"0": {one.token for one in found}}) == []


def test_it_costs_the_same_for_few_and_for_many(team: Team, interviewer: Membership, ada: Candidate) -> None:
    for number in range(40):
        booked(team, ada, interviewer, starts_at=TEN + number * HOUR)
    people = (interviewer.pk, team.admin.pk, team.recruiter.pk)
    with CaptureQueriesContext(connection) as queries:
        assert conflicts(team, *[row(str(n), TEN + n * HOUR, interviewers=people) for n in range(30)], candidate=ada)
    assert len(queries) == 4

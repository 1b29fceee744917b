"""Hours of a plan's interview, public holidays, and minutes before and after interviews, alone and together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import holidays
import pytest
import time_machine
from django import forms
from django.http import QueryDict
from django.test import Client
from django.utils.translation import override
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from jobs.models import InterviewPlan, Job, PlanInterview, Stage
from organizations.access import Access
from organizations.holiday_fields import PlaceField
from organizations.models import DayOff, Membership
from scheduling.availability.buffers import Buffer, missing
from scheduling.availability.conflict_kinds import ConflictKind, Severity
from scheduling.availability.conflicts import find_conflicts, next_free
from scheduling.availability.hours import may_be
from scheduling.availability.planned import PlannedInterview
from scheduling.availability.stretches import Stretch
from scheduling.models import Candidate, Interview, InterviewerAssignment, Schedule
from scheduling.planning.default_times import Length, PlanZones, propose, propose_after
from tests.conftest import Team

pytestmark = pytest.mark.django_db

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
#: A Monday; 1 May is the Saturday after.
NOW = datetime(2027, 4, 26, 6, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(autouse=True)
def clock(team: Team) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as travelled:
        yield travelled


def berlin(day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), BERLIN).astimezone(UTC)


def planned_for(team: Team, **columns: object) -> PlanInterview:
    job = Job.objects.create(organization=team.organization, title="Engineer")
    stage = Stage.objects.create(organization=team.organization, job=job, name="Onsite")
    plan = InterviewPlan.objects.create(organization=team.organization, stage=stage)
    return PlanInterview.objects.create(organization=team.organization, plan=plan, name="Coding", **columns)


def booked(team: Team, at: datetime, plan: PlanInterview | None = None, minutes: int = 60) -> Interview:
    ada = Candidate.objects.create(organization=team.organization, name="Ada Osei", time_zone="Europe/Berlin")
    schedule = Schedule.objects.create(organization=team.organization, candidate=ada, time_zone="Europe/Berlin")
    interview = Interview.objects.create(
        organization=team.organization, schedule=schedule, name="Design", starts_at=at,
        ends_at=at + timedelta(minutes=minutes), plan_interview=plan,
    )  # fmt: skip
    InterviewerAssignment.objects.create(interview=interview, membership=in_berlin(team))
    return interview


def in_berlin(team: Team) -> Membership:
    team.interviewer.user.time_zone = "Europe/Berlin"
    team.interviewer.user.save()
    return team.interviewer


def access(team: Team) -> Access:
    return Access(team.organization, team.recruiter.user, team.recruiter)


def against(
    team: Team, at: datetime, plan: PlanInterview | None = None, *, zone: str = "Europe/Berlin"
) -> dict[str, str]:
    """The messages for an hour with the interviewer, by the kind of conflict."""
    one = PlannedInterview("0", "Coding", at, at + HOUR, interviewers=(in_berlin(team).pk,), plan=plan)
    found = find_conflicts(access=access(team), planned=[one], zone=zone, now=NOW)
    return {conflict.kind: conflict.message for conflict in found}


# --- public holidays -------------------------------------------------------------------------------------------------

ASCENSION = date(2027, 5, 6)  # a Thursday


def test_a_public_holiday_is_a_day_off_with_its_name_and_place(team: Team) -> None:
    team.organization.holidays_of = "DE"
    found = against(team, berlin(ASCENSION, "10:00"))
    assert set(found) == {ConflictKind.PUBLIC_HOLIDAY}
    assert unescape(found[ConflictKind.PUBLIC_HOLIDAY]).endswith(": Ascension Day (Germany).")
    with override("de"):
        assert "Christi Himmelfahrt (Deutschland)" in against(team, berlin(ASCENSION, "10:00"))["public_holiday"]


def test_a_region_has_holidays_of_its_own(team: Team) -> None:
    corpus_christi = berlin(date(2027, 5, 27), "10:00")
    team.organization.holidays_of = "DE"
    assert against(team, corpus_christi) == {}
    team.organization.holidays_of = "DE-BY"
    assert "(Germany: Bayern)" in against(team, corpus_christi)[ConflictKind.PUBLIC_HOLIDAY]


def test_a_member_has_others_or_none_and_a_day_off_counts_first(team: Team) -> None:
    team.organization.holidays_of = "DE"
    member, bastille = in_berlin(team), berlin(date(2027, 7, 14), "10:00")
    Membership.objects.filter(pk=member.pk).update(holidays_of="FR")
    assert set(against(team, bastille)) == {ConflictKind.PUBLIC_HOLIDAY}
    Membership.objects.filter(pk=member.pk).update(holidays_of="none")
    assert against(team, berlin(ASCENSION, "10:00")) == against(team, bastille) == {}
    Membership.objects.filter(pk=member.pk).update(holidays_of="")
    DayOff.objects.create(membership=member, day=ASCENSION, note="Sailing")
    assert "Sailing" in against(team, berlin(ASCENSION, "10:00"))[ConflictKind.DAY_OFF]


def test_a_place_that_the_package_has_no_more_has_no_holidays(team: Team) -> None:
    team.organization.holidays_of = "DE-XX"
    assert against(team, berlin(ASCENSION, "10:00")) == {}


# --- hours of a plan's interview -------------------------------------------------------------------------------------


def test_an_interview_has_hours_by_the_schedules_clocks(team: Team) -> None:
    plan = planned_for(team, hours_days="234", hours_from=time(9), hours_until=time(12))
    tuesday = date(2027, 4, 27)
    assert against(team, berlin(tuesday, "11:00"), plan) == {}
    expected = "Outside the hours of this interview: Tue–Thu, 09:00–12:00 in Berlin."
    assert against(team, berlin(tuesday, "11:15"), plan) == {ConflictKind.INTERVIEW_HOURS: expected}
    assert against(team, berlin(tuesday - timedelta(days=1), "10:00"), plan) == {ConflictKind.INTERVIEW_HOURS: expected}
    # By clocks in London it is an hour earlier.
    assert against(team, berlin(tuesday, "12:00"), plan, zone="Europe/London") == {}


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"hours_days": "14"}, "Mon, Thu in Berlin"),
        ({"hours_from": time(14)}, "from 14:00 in Berlin"),
        ({"hours_days": "5", "hours_until": time(10)}, "Fri, until 10:00 in Berlin"),
    ],
)
def test_hours_are_said_in_short(team: Team, columns: dict[str, object], words: str) -> None:
    found = against(team, berlin(date(2027, 4, 27), "10:00"), planned_for(team, **columns))
    assert found[ConflictKind.INTERVIEW_HOURS] == f"Outside the hours of this interview: {words}."


ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Africa/Casablanca"]
CLOCKS = st.one_of(
    st.none(), st.times().map(lambda at: at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0))
)


@given(
    zone=st.sampled_from(ZONES),
    days=st.sampled_from(["", "1", "234", "67", "1234567"]),
    begins=CLOCKS,
    ends=CLOCKS,
    # Around the days of 2027 on which clocks change there.
    day=st.sampled_from([(3, 14), (3, 28), (4, 4), (9, 5), (10, 3), (10, 31), (11, 7), (2, 7), (3, 7), (6, 1)]),
    minute=st.integers(0, 48 * 4),
    length=st.integers(1, 40),
)
@example("Europe/Berlin", "7", time(1), time(2, 30), (10, 31), 0, 3)
@settings(deadline=None, max_examples=300, suppress_health_check=list(HealthCheck))
def test_hours_hold_for_each_minute(
    zone: str, days: str, begins: time | None, ends: time | None, day: tuple[int, int], minute: int, length: int
) -> None:
    """Against a walk over all minutes, by what a clock on the wall shows at each."""
    plan = PlanInterview(hours_days=days, hours_from=begins, hours_until=ends)
    at = datetime(2027, *day, tzinfo=UTC) - 24 * HOUR + minute * 15 * MINUTE
    stretch = Stretch(at, at + length * 15 * MINUTE)
    walked = [(at + number * MINUTE).astimezone(ZoneInfo(zone)) for number in range(length * 15)]
    fits = all(
        (not days or str(clock.isoweekday()) in days)
        and (begins is None or clock.time() >= begins)
        and (ends is None or clock.time() < ends)
        for clock in walked
    )
    is_one_day = len({clock.date() for clock in walked}) == 1
    assert may_be(plan, stretch, zone) == (not (days or begins or ends) or (fits and is_one_day))


# --- buffers ---------------------------------------------------------------------------------------------------------


def test_buffers_of_neighbours_stack(team: Team) -> None:
    team.organization.buffer_before, team.organization.buffer_after = 10, 5
    at = berlin(date(2027, 4, 27), "12:00")
    booked(team, at)
    assert against(team, at + HOUR + 15 * MINUTE) == {}
    found = against(team, at + HOUR + 10 * MINUTE)
    assert set(found) == {ConflictKind.SHORT_BUFFER}
    assert "Only 10 of 15 minutes between this and" in found[ConflictKind.SHORT_BUFFER]
    assert "“<" not in found[ConflictKind.SHORT_BUFFER] and "Design" in found[ConflictKind.SHORT_BUFFER]
    assert "No break between this and" in against(team, at + HOUR)[ConflictKind.SHORT_BUFFER]
    assert "The break should be 15 min." in against(team, at + HOUR)[ConflictKind.SHORT_BUFFER]
    assert against(team, at - HOUR - 15 * MINUTE) == {}
    assert set(against(team, at - HOUR - 10 * MINUTE)) == {ConflictKind.SHORT_BUFFER}
    # One that overlaps is busy, and not said twice.
    assert set(against(team, at + HOUR / 2)) == {ConflictKind.DOUBLE_BOOKED}


def test_a_plans_own_minutes_count_in_place_of_the_organizations(team: Team) -> None:
    team.organization.buffer_before, team.organization.buffer_after = 10, 10
    at = berlin(date(2027, 4, 27), "12:00")
    long, none = planned_for(team, buffer_after=60), planned_for(team, buffer_before=0, buffer_after=0)
    booked(team, at, long)
    assert set(against(team, at + 2 * HOUR)) == {ConflictKind.SHORT_BUFFER}
    assert against(team, at + 2 * HOUR, none) == {}
    assert "Only 15 of 60 minutes" in against(team, at + HOUR + 15 * MINUTE, none)[ConflictKind.SHORT_BUFFER]


def test_a_short_buffer_is_shown_and_booked_all_the_same(team: Team) -> None:
    team.organization.buffer_after = 15
    team.organization.save()
    at = berlin(date(2027, 4, 27), "12:00")
    booked(team, at)
    one = PlannedInterview("0", "Coding", at + HOUR, at + 2 * HOUR, interviewers=(in_berlin(team).pk,))
    [found] = find_conflicts(access=access(team), planned=[one], zone="Europe/Berlin", now=NOW)
    assert (found.kind, found.severity) == (ConflictKind.SHORT_BUFFER, Severity.HINT)


@given(
    first=st.integers(0, 200), long=st.integers(1, 90), other=st.integers(0, 200), longer=st.integers(1, 90),
    own=st.tuples(st.integers(0, 40), st.integers(0, 40)), beside=st.tuples(st.integers(0, 40), st.integers(0, 40)),
)  # fmt: skip
@settings(deadline=None, max_examples=300, suppress_health_check=list(HealthCheck))
def test_missing_minutes_are_those_of_a_walk(
    first: int, long: int, other: int, longer: int, own: tuple[int, int], beside: tuple[int, int]
) -> None:
    taken, mine = set(range(first, first + long)), set(range(other, other + longer))
    free = set(range(min(max(taken), max(mine)) + 1, max(min(taken), min(mine))))
    is_mine_first = min(mine) < min(taken)
    # What each needs is laid down beside it, the one's and then the other's.
    wanted = own[1] + beside[0] if is_mine_first else beside[1] + own[0]
    expected = None if taken & mine or len(free) >= wanted else (len(free), wanted)
    one, two = (Stretch(NOW + min(x) * MINUTE, NOW + (max(x) + 1) * MINUTE) for x in (mine, taken))
    assert missing(one, Buffer(*own), two, Buffer(*beside)) == expected


# --- all of them together --------------------------------------------------------------------------------------------


@given(
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Sydney"]),
    place=st.sampled_from(["DE", "DE-BY", "US", "AU-NSW", ""]),
    day=st.sampled_from([date(2027, 3, 26), date(2027, 3, 28), date(2027, 10, 3), date(2027, 11, 6), date(2027, 7, 4)]),
    minute=st.integers(0, 72 * 4),
    length=st.integers(1, 12),
    gap=st.integers(-20, 20),
    hours=st.tuples(st.integers(5, 12), st.integers(13, 22)),
    buffers=st.tuples(st.integers(0, 30), st.integers(0, 30)),
    own=st.tuples(st.one_of(st.none(), st.integers(0, 60)), st.one_of(st.none(), st.integers(0, 60))),
)
@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
def test_everything_together_is_as_a_walk_over_minutes_says(
    team: Team, zone: str, place: str, day: date, minute: int, length: int, gap: int, hours: tuple[int, int],
    buffers: tuple[int, int], own: tuple[int | None, int | None],
) -> None:  # fmt: skip
    Interview.objects.all().delete()
    member, organization = team.interviewer, team.organization
    organization.holidays_of, (organization.buffer_before, organization.buffer_after) = place, buffers
    member.user.time_zone, member.work_from, member.work_until = zone, time(hours[0]), time(hours[1])
    member.user.save()
    member.save()
    plan = PlanInterview(hours_days="12345", hours_from=time(8), buffer_before=own[0], buffer_after=own[1])
    at = datetime.combine(day, time(0), UTC) + minute * 15 * MINUTE
    until = at + length * 15 * MINUTE
    begins = until + gap * 5 * MINUTE
    ada = Candidate.objects.create(organization=organization, name="Ada", time_zone="UTC")
    schedule = Schedule.objects.create(organization=organization, candidate=ada)
    other = Interview.objects.create(
        organization=organization, schedule=schedule, name="Other", starts_at=begins, ends_at=begins + HOUR
    )
    InterviewerAssignment.objects.create(interview=other, membership=member)

    one = PlannedInterview("0", "One", at, until, interviewers=(member.pk,), plan=plan)
    found = find_conflicts(access=access(team), planned=[one], zone="UTC", now=at - HOUR)

    walked = [at + number * MINUTE for number in range(length * 15)]
    local = [one.astimezone(ZoneInfo(zone)) for one in walked]
    off = holidays.country_holidays(place[:2], subdiv=place[3:] or None, years=[2027]) if place else {}
    is_holiday = any(clock.date() in off for clock in local)
    works = all(clock.isoweekday() < 6 and hours[0] <= clock.hour < hours[1] for clock in local)
    is_in_hours = all(one.isoweekday() < 6 and one.hour >= 8 for one in walked) and len({x.date() for x in walked}) == 1
    theirs = {begins + number * MINUTE for number in range(60)}
    is_busy = bool(theirs & set(walked))
    before, after = (buffers[side] if own[side] is None else own[side] or 0 for side in (0, 1))
    is_first = at < begins
    between = (begins - until if is_first else at - begins - HOUR) // MINUTE
    wanted = after + buffers[0] if is_first else buffers[1] + before
    expected = {
        ConflictKind.PUBLIC_HOLIDAY: is_holiday,
        ConflictKind.OUTSIDE_HOURS: not is_holiday and not works,
        ConflictKind.INTERVIEW_HOURS: not is_in_hours,
        ConflictKind.DOUBLE_BOOKED: is_busy,
        ConflictKind.SHORT_BUFFER: not is_busy and between < wanted,
    }
    assert {conflict.kind for conflict in found} == {kind for kind, is_there in expected.items() if is_there}


def test_the_next_free_time_avoids_all_of_them(team: Team) -> None:
    """Ascension Day is off, Wednesday noon is too near the other interview, and the hours are Wednesday to Friday."""
    team.organization.holidays_of, team.organization.buffer_before, team.organization.buffer_after = "DE", 15, 15
    plan = planned_for(team, hours_days="345", hours_from=time(11), hours_until=time(14))
    booked(team, berlin(ASCENSION - timedelta(days=1), "11:15"))
    at = berlin(ASCENSION - timedelta(days=1), "09:00")
    one = PlannedInterview("0", "Coding", at, at + HOUR, interviewers=(in_berlin(team).pk,), plan=plan)
    found = next_free(access=access(team), planned=one, zone="Europe/Berlin", now=NOW, candidate=None)
    # 12:15 and thirty minutes.
    assert found == berlin(ASCENSION - timedelta(days=1), "12:45")
    later = next_free(
        access=access(team),
        planned=PlannedInterview("0", "Coding", found, found + HOUR, interviewers=one.interviewers, plan=plan),
        zone="Europe/Berlin", now=NOW, candidate=None,
    )  # fmt: skip
    assert later == berlin(ASCENSION - timedelta(days=1), "13:00")
    [friday] = {
        next_free(
            access=access(team),
            planned=PlannedInterview("0", "Coding", later, later + HOUR, interviewers=one.interviewers, plan=plan),
            zone="Europe/Berlin", now=NOW, candidate=None,
        )
    }  # fmt: skip
    assert friday == berlin(ASCENSION + timedelta(days=1), "11:00")


# --- proposed times --------------------------------------------------------------------------------------------------


def local(times: list[datetime]) -> list[str]:
    return [f"{at.astimezone(BERLIN):%a %d %H:%M}" for at in times]


def test_proposals_have_room_for_buffers_and_leave_holidays_out() -> None:
    wednesday = datetime(2027, 5, 5, 6, tzinfo=UTC)
    lengths = [Length(60, Buffer(10, 20)), Length(60, Buffer(15, 0)), Length(60)]
    assert local(propose(lengths, PlanZones("Europe/Berlin"), wednesday)) == [
        "Thu 06 10:00",
        "Thu 06 11:35",
        "Thu 06 12:50",
    ]
    zones = PlanZones("Europe/Berlin", holidays_of="DE")
    assert local(propose(lengths, zones, wednesday)) == ["Fri 07 10:00", "Fri 07 11:35", "Fri 07 12:50"]
    after = propose_after(berlin(date(2027, 5, 5), "16:30"), lengths[0], lengths[1], zones)
    assert local([after]) == ["Fri 07 10:00"]


@pytest.mark.parametrize(
    ("columns", "candidate", "expected"),
    [
        ({"hours_days": "234", "hours_from": time(9), "hours_until": time(12)}, "", "Tue 11 10:00"),
        # Earlier than the organization's usual day, and later.
        ({"hours_until": time(9)}, "", "Fri 07 07:00"),
        ({"hours_until": time(6)}, "", "Fri 07 00:00"),
        ({"hours_from": time(17, 30)}, "", "Fri 07 17:30"),
        # Where the candidate sleeps then, the interview's hours count.
        ({"hours_from": time(9), "hours_until": time(11)}, "America/Los_Angeles", "Fri 07 09:00"),
        ({"hours_days": "5"}, "America/New_York", "Fri 07 14:00"),
    ],
)
def test_proposals_lie_in_the_interviews_own_hours(columns: dict[str, object], candidate: str, expected: str) -> None:
    zones = PlanZones("Europe/Berlin", candidate, holidays_of="DE")
    plan = PlanInterview(**columns)
    [at] = propose([Length(60, plan=plan)], zones, datetime(2027, 5, 5, 6, tzinfo=UTC))
    assert local([at]) == [expected]


# --- where they are seen ---------------------------------------------------------------------------------------------


def test_the_day_view_shows_holidays_buffers_and_hours(as_recruiter: Client, team: Team) -> None:
    team.organization.holidays_of, team.organization.buffer_after = "DE", 30
    team.organization.save()
    at = berlin(ASCENSION - timedelta(days=1), "15:00")
    plan = planned_for(team, hours_days="3", hours_from=time(9), hours_until=time(12))
    booked(team, at)
    asked: dict[str, str | int] = {
        "entry_zone": "Europe/Berlin",
        "scope": "week",
        "people": in_berlin(team).pk,
        "plan": plan.pk,
    }
    data = as_recruiter.get(team.url("schedules/new/day/"), asked | {"day": ASCENSION.isoformat()}).json()
    wednesday, thursday = (day["columns"][1] for day in data["days"][2:4])
    assert [block["label"] for block in thursday["blocks"]] == ["Public holiday: Ascension Day (Germany)"]
    assert (thursday["short_hours"], thursday["is_off"]) == ("Public holiday", True)
    [buffer] = [block for block in wednesday["blocks"] if block["kind"] == "buffer"]
    assert (buffer["starts_at"], buffer["ends_at"]) == ("2027-05-05T14:00:00Z", "2027-05-05T14:30:00Z")
    assert data["outside"] == [
        ["2027-05-02T22:00:00Z", "2027-05-05T07:00:00Z"],
        ["2027-05-05T10:00:00Z", "2027-05-09T22:00:00Z"],
    ]
    assert as_recruiter.get(team.url("schedules/new/day/"), asked | {"plan": plan.pk + 1}).json()["outside"] == []


def test_the_calendar_says_who_has_a_public_holiday(as_recruiter: Client, team: Team) -> None:
    team.organization.holidays_of = "DE"
    team.organization.save()
    booked(team, berlin(ASCENSION, "10:00"))
    page = unescape(as_recruiter.get(team.url("calendar/"), {"day": ASCENSION.isoformat()}).content.decode())
    assert "has a public holiday" in page and "Ascension Day" in page


# --- where they are set ----------------------------------------------------------------------------------------------


def test_a_page_offers_the_regions_of_the_country_that_is_chosen(as_admin: Client, team: Team) -> None:
    address = team.url("settings/")
    assert "Bayern" not in as_admin.get(address).content.decode()
    assert "Bayern" in as_admin.get(address, {"holidays_of": "DE"}).content.decode()
    assert as_admin.get(address, {"holidays_of": "nowhere-at all"}).status_code == 200
    assert "Whole country" not in as_admin.get(address, {"holidays_of": "MC"}).content.decode()


class Places(forms.Form):
    place = PlaceField(others=[("", "None")])


def test_a_country_is_searched_for_and_no_page_has_the_list_of_all(as_admin: Client, team: Team) -> None:
    for page in ("settings/", "settings/profile/", f"settings/members/{team.recruiter.pk}/"):
        address = team.url(page)
        assert "Norway" not in as_admin.get(address).content.decode()
        first = as_admin.get(address, {"options": "holidays_of"}).content.decode()
        assert first.count('role="option"') in {11, 12} and 'data-value=""' in first and "There are more." in first
        for words, value in (("norw", "NO"), ("usa", "US"), ("states", "US"), ("de", "DE")):
            found = as_admin.get(address, {"options": "holidays_of", "q": words}).content.decode()
            assert f'data-value="{value}"' in found, (page, words)
        assert "Nothing matches" in as_admin.get(address, {"options": "holidays_of", "q": "xyzzy"}).content.decode()


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("Norway", "NO"), ("norw", "NO"), ("usa", "US"), ("None", ""), ("", ""), ("no", "NO"), ("Xyzzy", None)],
)
def test_a_country_can_be_typed_with_and_without_scripts(typed: str, stored: str | None) -> None:
    for hidden in ("DE", typed):  # scripts write what is typed into the hidden field
        query = QueryDict(mutable=True)
        query.update({"place": hidden, "place-typed": typed, "place-region": "BY"})
        form = Places(query)
        assert form.is_valid() is (stored is not None)
        assert form.cleaned_data.get("place") == stored


def test_a_country_that_was_chosen_keeps_its_region() -> None:
    form = Places(QueryDict("place=DE&place-typed=Germany&place-region=BY"))
    assert form.is_valid() and form.cleaned_data == {"place": "DE-BY"}


def test_a_plans_interview_gets_hours_and_buffers(as_recruiter: Client, team: Team) -> None:
    plan = planned_for(team)
    address = team.url(f"jobs/interviews/{plan.pk}/edit/")
    shown = as_recruiter.get(address).content.decode()
    assert "<details >" in shown and "Hours and buffers" in shown
    good = {"name": "Coding", "minutes": 60, "interviewer_count": 1, "kind": "video"}
    more = {"hours_days": ["4", "2"], "hours_from": "09:00", "hours_until": "12:00", "buffer_before": "0"}
    assert as_recruiter.post(address, good | more).status_code == 302
    plan.refresh_from_db()
    assert (plan.hours_days, plan.hours_from, plan.hours_until) == ("24", time(9), time(12))
    assert (plan.buffer_before, plan.buffer_after) == (0, None)
    assert "<details open>" in as_recruiter.get(address).content.decode()
    wrong = as_recruiter.post(address, good | more | {"hours_until": "08:00", "buffer_after": "121"})
    assert wrong.status_code == 422
    assert "The end must be after the start." in wrong.content.decode()
    all_days = {"hours_days": list("1234567")}
    assert as_recruiter.post(address, good | all_days).status_code == 302
    plan.refresh_from_db()
    assert (plan.hours_days, plan.hours_from, plan.buffer_before) == ("", None, None)

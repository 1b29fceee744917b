"""The demo's data, on whatever day it is made."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from integrations.models import CalendarCheck, CalendarConnection
from integrations.sandbox.calendars import World
from integrations.sandbox.calendars.weeks import add_demo_people
from jobs.models import Job, PlanInterview, Stage
from organizations.models import Membership, Organization, User
from scheduling.demo.calendars import stand_in_times
from scheduling.management.commands.demo_data import is_demo, make_demo, working_day
from scheduling.models import Candidate, CodingLink, Interview, InterviewerAssignment, Room, Schedule

pytestmark = pytest.mark.django_db


def test_it_has_what_a_person_wants_to_try() -> None:
    call_command("demo_data")
    assert Organization.objects.get().slug == "acme"
    for role in ("admin", "recruiter", "interviewer"):
        member = Membership.objects.get(user__email=f"{role}@example.com")
        assert member.role == role and member.user.check_password("demo")
    interviewers = User.objects.filter(memberships__role="interviewer")
    assert interviewers.count() == 7
    assert interviewers.values("time_zone").distinct().count() == 7
    assert Job.objects.count() == 3 and Stage.objects.count() == 7
    assert PlanInterview.objects.filter(name__icontains="coding").count() >= 5
    assert not PlanInterview.objects.exclude(link_tool="").exists() and not CodingLink.objects.exists()

    candidates = list(Candidate.objects.order_by("id"))
    assert len(candidates) == 12
    addresses = Counter(candidate.email for candidate in candidates)
    assert addresses[""] == 1 and sorted(addresses.values())[-2:] == [1, 2]
    assert max(len(candidate.name) for candidate in candidates) > 60
    now = timezone.now()
    assert Schedule.objects.filter(last_ends_at__lt=now).count() >= 3
    assert Schedule.objects.filter(first_starts_at__gt=now).count() >= 5
    assert Schedule.objects.filter(first_starts_at__gt=now + timedelta(days=14)).exists()


@pytest.mark.parametrize("today", [date(2026, 1, 1) + timedelta(days=step) for step in range(7)])
def test_on_any_day_times_are_working_hours_and_nobody_is_booked_twice(today: date) -> None:
    organization = make_demo(today=today)
    zone = ZoneInfo(organization.time_zone)
    for interview in Interview.objects.order_by("id"):
        starts, ends = interview.starts_at.astimezone(zone), interview.ends_at.astimezone(zone)
        assert starts.isoweekday() <= 5 and starts.hour >= 9 and ends.hour < 18
        assert interview.assignments.count() == (
            interview.plan_interview.interviewer_count if interview.plan_interview else 0
        )
    for assignment in InterviewerAssignment.objects.select_related("interview").order_by("id"):
        others = InterviewerAssignment.objects.filter(
            membership=assignment.membership_id,
            interview__starts_at__lt=assignment.interview.ends_at,
            interview__ends_at__gt=assignment.interview.starts_at,
        )
        assert list(others) == [assignment]
    mine = InterviewerAssignment.objects.filter(membership__user__email="interviewer@example.com")
    assert mine.filter(interview__starts_at__date__gte=today).exists()


@pytest.mark.parametrize("with_calendars", [False, True])
@pytest.mark.parametrize("hour", [0, 6, 9.2, 12.9, 17.5, 21, 23.8])
@pytest.mark.parametrize("day", [24, 27, 29], ids=["Tuesday", "Friday", "Sunday"])
def test_at_any_hour_there_is_something_to_join_soon(
    day: int, hour: float, with_calendars: bool, settings: Settings, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    now = datetime(2026, 11, day, tzinfo=UTC) + timedelta(hours=hour)
    monkeypatch.setattr(timezone, "now", lambda: now)
    settings.GOOGLE_STAND_IN_URL, settings.DEMO_CALENDARS = "http://127.0.0.1:1/google", with_calendars
    settings.CODESIGNAL_TRIAL_KEY = "a-key"
    call_command("demo_data")
    [soon] = Interview.objects.filter(starts_at__gt=now, starts_at__lte=now + timedelta(hours=1))
    assert soon.starts_at.minute % 15 == 0 and soon.starts_at >= now + timedelta(minutes=15)
    [host] = [one.membership.user for one in soon.assignments.all()]
    assert host.check_password("demo")
    busy = stand_in_times([host.email], soon.starts_at, soon.ends_at)[host.email] if with_calendars else []
    assert not busy
    client.force_login(host)
    row = client.get("/o/acme/home/").content.decode().partition(f'id="row-{soon.pk}"')[2].partition("</li>")[0]
    assert "Join" in row and "in " in row and "CodeSignal" in client.get("/o/acme/home/").content.decode()
    assert soon.link_tool == "codesignal" and not CodingLink.objects.exists()


def test_its_calendars_are_connected_and_its_people_mostly_free(settings: Settings) -> None:
    settings.GOOGLE_STAND_IN_URL = "http://127.0.0.1:1/google"
    call_command("demo_data")
    connection = CalendarConnection.objects.get()
    assert (connection.kind, connection.state, connection.membership) == ("google_workspace", "connected", None)
    assert connection.credentials and not CalendarCheck.objects.get().credentials
    now = timezone.now()
    busy = stand_in_times(User.objects.order_by("pk").values_list("email", flat=True), now, now + timedelta(weeks=8))
    assert len(busy) == 9 and all(busy.values())
    coming = InterviewerAssignment.objects.filter(interview__starts_at__gt=now).order_by("id")
    times = [(one.membership.user.email, one.interview.starts_at, one.interview.ends_at) for one in coming]
    taken = [one for one in times for starts, ends in busy[one[0]] if starts < one[2] and one[1] < ends]
    assert len(times) >= 15 and len(taken) <= 4


def test_its_people_meet_by_video_and_on_site_in_free_rooms(settings: Settings) -> None:
    settings.GOOGLE_STAND_IN_URL = "http://127.0.0.1:1/google"
    call_command("demo_data")
    now, coming = timezone.now(), Interview.objects.filter(starts_at__gt=timezone.now())
    assert not Interview.objects.filter(ends_at__lt=now).exclude(meeting="").exists()
    assert set(coming.filter(kind="video").values_list("meeting", "place")) == {("google_meet", "")}
    assert set(PlanInterview.objects.filter(kind="video").values_list("meeting", flat=True)) == {"google_meet"}
    plan = PlanInterview.objects.filter(plan__stage__name="Onsite loop")
    assert set(plan.values_list("kind", "needs_room", "meeting")) == {("on_site", True, "")}

    world = World()
    add_demo_people(world)
    listed = {room.address: (room.name, room.seats, room.place) for room in world.rooms()}
    rows = Room.objects.values_list("external_id", "name", "capacity", "location")
    assert {address: tuple(told) for address, *told in rows} == listed
    assert Room.objects.filter(is_on=True).count() == 3 < Room.objects.count()
    on_site = list(coming.filter(kind="on_site").select_related("room").order_by("id"))
    assert len(on_site) == 8
    for one in on_site:
        assert one.room is not None and one.room.is_on
        assert not world.occurrences(one.room.external_id, one.starts_at, one.ends_at)


def test_an_admin_can_be_left_to_connect_them(settings: Settings) -> None:
    settings.GOOGLE_STAND_IN_URL, settings.DEMO_CALENDARS = "http://127.0.0.1:1/google", False
    call_command("demo_data")
    assert is_demo() and not CalendarConnection.objects.exists()
    assert not Interview.objects.exclude(meeting="", room=None).exists()
    assert not PlanInterview.objects.exclude(meeting="", needs_room=False).exists()


def test_a_second_run_keeps_what_people_changed() -> None:
    call_command("demo_data")
    Candidate.objects.filter(name="Sofia Petrova").delete()
    User.objects.filter(email="admin@example.com").update(name="Somebody Else", password="")
    call_command("demo_data")
    assert Candidate.objects.count() == 11
    assert User.objects.get(email="admin@example.com").name == "Somebody Else"


def test_a_demo_that_is_started_again_later_has_something_to_join_too(monkeypatch: pytest.MonkeyPatch) -> None:
    evening = datetime(2026, 11, 24, 21, 3, tzinfo=UTC)
    for now, number in ((evening, 9), (evening + timedelta(minutes=20), 9), (evening + timedelta(days=1), 10)):
        monkeypatch.setattr(timezone, "now", lambda now=now: now)
        call_command("demo_data")
        assert Schedule.objects.count() == number
        soon = Interview.objects.filter(starts_at__gt=now, starts_at__lte=now + timedelta(hours=1)).get()
        [host] = [one.membership.user for one in soon.assignments.all()]
        assert host.check_password("demo") and soon.name == "Live coding"


def test_only_what_the_demo_made_is_taken_for_it() -> None:
    organization = Organization.objects.create(name="Acme Corp", slug="acme-gmbh")
    User.objects.create_user("admin@example.com", "demo", name="Alex")
    assert not is_demo()
    organization.delete()
    User.objects.all().delete()
    call_command("demo_data")
    assert is_demo()


@pytest.mark.parametrize(
    ("start", "distance", "expected"),
    [
        (date(2026, 1, 5), 0, date(2026, 1, 5)),  # a Monday
        (date(2026, 1, 9), 1, date(2026, 1, 12)),
        (date(2026, 1, 10), 0, date(2026, 1, 12)),  # a Saturday
        (date(2026, 1, 10), -1, date(2026, 1, 8)),
        (date(2026, 1, 12), -1, date(2026, 1, 9)),
        (date(2026, 1, 5), 10, date(2026, 1, 19)),
    ],
)
def test_working_days_skip_weekends(start: date, distance: int, expected: date) -> None:
    assert working_day(start, distance) == expected

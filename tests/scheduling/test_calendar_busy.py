"""Entries of people's calendars count everywhere alike: conflicts, the search for people, the day view, Home, the
calendar. One that can't be read is unknown, and never free."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoCaptureOnCommitCallbacks

from config.celery import app
from integrations.base import Refused, Retryable
from integrations.calendars import Occurrence
from integrations.ical.ours import invitation_uid
from integrations.models import CalendarConnection
from organizations.access import Access
from organizations.models import Membership, User
from scheduling import tasks
from scheduling.availability.busy import Source, busy_times
from scheduling.availability.conflict_kinds import Conflict, ConflictKind, Severity
from scheduling.availability.conflicts import find_conflicts, next_free
from scheduling.availability.planned import PlannedInterview
from scheduling.availability.stretches import Stretch
from scheduling.models import CalendarEntry, CalendarEvent, CalendarTime, Candidate, MemberCalendar, Schedule
from scheduling.schedules.interviews import InterviewDetails
from scheduling.schedules.services import create_schedule
from tests.conftest import Team
from tests.scheduling.calendars import Vendor, calendar_for, connect_calendars, entry
from tests.scheduling.home_steps import words_of
from tests.scheduling.test_busy import DAY, NOW, QUARTER, answers, asked, book, candidate_of, day_of
from tests.scheduling.test_calendar import read as read_page

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
TEN = DAY + 10 * HOUR


@pytest.fixture(autouse=True)
def clock() -> object:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def _in_utc(team: Team, other_team: Team) -> None:
    User.objects.update(time_zone="UTC")


@pytest.fixture
def eager() -> Iterator[None]:
    """Run tasks where they are sent."""
    app.conf.update(task_always_eager=True, task_eager_propagates=True)
    yield
    app.conf.update(task_always_eager=False, task_eager_propagates=False)


def keep(vendor: Vendor, member: Membership, *entries: Occurrence) -> MemberCalendar:
    """Put entries into the member's calendar and read it."""
    calendar = MemberCalendar.objects.filter(membership=member).first() or calendar_for(member)
    vendor.book(calendar.external_id).put(*entries)
    MemberCalendar.objects.filter(pk=calendar.pk).update(due_at=datetime.now(UTC))
    tasks.read_calendars(calendar.connection_id)
    return calendar


def schedule_at_ten(team: Team) -> None:
    """Schedule an interview at ten, whoever is busy then."""
    details = InterviewDetails("Coding", "video", TEN, TEN + HOUR, "Room 7", interviewers=(team.interviewer,))
    create_schedule(
        organization=team.organization,
        actor=team.recruiter.user,
        candidate=candidate_of(team, "Ada Osei"),
        job=None,
        stage=None,
        time_zone="UTC",
        interviews=[details],
    )


def found(team: Team, by: Membership | None = None, at: datetime = TEN) -> list[Conflict]:
    """Return the conflicts of an hour with the interviewer, as a member reads them."""
    reader = by or team.recruiter
    planned = PlannedInterview("0", "Coding", at, at + HOUR, interviewers=(team.interviewer.pk,))
    access = Access(team.organization, reader.user, reader)
    return find_conflicts(access=access, planned=[planned], zone="UTC", now=NOW)


def kinds(conflicts: list[Conflict]) -> list[ConflictKind]:
    return [one.kind for one in conflicts]


def test_a_hard_time_is_a_conflict_that_can_be_overridden(team: Team, calendar_vendor: Vendor) -> None:
    keep(calendar_vendor, team.interviewer, entry(TEN, title="Dentist"))
    [conflict] = found(team)
    assert (conflict.kind, conflict.severity) == (ConflictKind.CALENDAR_BUSY, Severity.OVERRIDABLE)
    assert conflict.message == "Interviewer Acme is busy: “Dentist” (Thu 11 Mar 2027, 10:00–11:00)."
    assert conflict.brief == "busy 10:00–11:00"
    assert found(team, at=TEN + HOUR) == []


@pytest.mark.parametrize(("days", "said"), [(1, "Thu 11 Mar 2027"), (2, "Thu 11 Mar 2027 – Fri 12 Mar 2027")])
def test_whole_days_are_said_as_days_of_their_owner(
    days: int, said: str, team: Team, as_recruiter: Client, calendar_vendor: Vendor
) -> None:
    """By the reader's clock they would begin and end at one in the night."""
    User.objects.filter(pk=team.interviewer.user_id).update(time_zone="Europe/London")
    User.objects.filter(pk=team.recruiter.user_id).update(time_zone="Europe/Berlin")
    midnight = TEN.replace(hour=0)
    keep(calendar_vendor, team.interviewer, entry(midnight, hours=24 * days, title="Out of office"))
    [conflict] = found(team)
    assert conflict.message == f"Interviewer Acme is busy: “Out of office” ({said}, all day in London)."
    assert conflict.brief == "busy all day"
    schedule_at_ten(team)
    assert f"with Ada Osei: {said}, all day in London" in words_of(as_recruiter, team)


def test_a_soft_time_is_a_hint_that_does_not_stop(team: Team, calendar_vendor: Vendor) -> None:
    keep(calendar_vendor, team.interviewer, entry(TEN, title="Focus"))
    [conflict] = found(team)
    assert (conflict.kind, conflict.severity) == (ConflictKind.CALENDAR_SOFT, Severity.HINT)
    assert conflict.message.startswith("Interviewer Acme may be busy: “Focus” (Thu 11 Mar 2027, 10:00–11:00).")


def test_the_next_free_time_is_a_really_free_one_where_there_is_one(team: Team, calendar_vendor: Vendor) -> None:
    def proposed() -> datetime | None:
        planned = PlannedInterview("0", "Coding", TEN, TEN + HOUR, interviewers=(team.interviewer.pk,))
        access = Access(team.organization, team.recruiter.user, team.recruiter)
        return next_free(access=access, planned=planned, zone="UTC", now=NOW, candidate=None)

    calendar = keep(calendar_vendor, team.interviewer, entry(TEN, hours=3, title="Focus"))
    assert proposed() == TEN + 3 * HOUR
    MemberCalendar.objects.filter(pk=calendar.pk).update(read_at=NOW - timedelta(days=1))
    assert proposed() == TEN + timedelta(minutes=15)


def test_what_does_not_count_is_nowhere(team: Team, calendar_vendor: Vendor) -> None:
    CalendarEvent.objects.create(organization=team.organization, our_id="a" * 32)
    keep(
        calendar_vendor,
        team.interviewer,
        entry(TEN, title="Lunch?"),
        entry(TEN, is_free=True),
        entry(TEN, our_id="a" * 32),  # its interview counts
    )
    assert found(team) == []


def test_an_interview_of_another_organization_keeps_busy_like_anything_else(
    team: Team, other_team: Team, calendar_vendor: Vendor
) -> None:
    """A person may be in two organizations, or use two installations. No interview here counts in its place."""
    CalendarEvent.objects.create(organization=other_team.organization, our_id="b" * 32)
    keep(
        calendar_vendor,
        team.interviewer,
        entry(TEN, title="Coding with Yuki", our_id="b" * 32),
        entry(TEN + 2 * HOUR, title="Design with Yuki", our_id="c" * 32),
    )
    [conflict] = found(team)
    assert conflict.message == "Interviewer Acme is busy (Thu 11 Mar 2027, 10:00–11:00)."
    assert kinds(found(team, at=TEN + 2 * HOUR)) == [ConflictKind.CALENDAR_BUSY]


def test_an_invitation_that_was_mailed_counts_once(team: Team, other_team: Team, calendar_vendor: Vendor) -> None:
    for number, organization in enumerate((team.organization, other_team.organization)):
        candidate = Candidate.objects.create(organization=organization, name="Ada Osei")
        schedule = Schedule.objects.create(organization=organization, candidate=candidate, time_zone="UTC")
        CalendarEntry.objects.create(
            organization=organization,
            schedule=schedule,
            audience="interviewer",
            uid=invitation_uid(str(number) * 32),
        )
    keep(calendar_vendor, team.interviewer, entry(TEN, our_id="0" * 32), entry(TEN + 2 * HOUR, our_id="1" * 32))
    assert found(team) == []
    assert kinds(found(team, at=TEN + 2 * HOUR)) == [ConflictKind.CALENDAR_BUSY]


def test_a_private_entry_has_no_title_for_anybody(team: Team, calendar_vendor: Vendor) -> None:
    keep(calendar_vendor, team.interviewer, entry(TEN, title="Oncologist", is_private=True))
    for reader in (team.admin, team.recruiter, team.interviewer):
        [conflict] = found(team, reader)
        assert conflict.message == "Interviewer Acme is busy (Thu 11 Mar 2027, 10:00–11:00)."


def test_titles_are_for_those_who_schedule_and_for_their_owner(team: Team, calendar_vendor: Vendor) -> None:
    keep(calendar_vendor, team.interviewer, entry(TEN, title="Dentist"))
    for reader, sees in [
        (team.recruiter, True),
        (team.interviewer, True),
        (team.add("coordinator"), True),
        (team.add("interviewer"), False),
        (team.add("read_only"), False),
    ]:
        assert ("Dentist" in found(team, reader)[0].message) == sees, reader.role


def test_a_calendar_that_was_not_read_lately_is_unknown(team: Team, calendar_vendor: Vendor) -> None:
    calendar = keep(calendar_vendor, team.interviewer, entry(TEN, title="Dentist"))
    calendar_vendor.faults = [Retryable("vendor_down")] * 9
    with time_machine.travel(NOW + 3 * HOUR, tick=False):
        tasks.read_calendars(calendar.connection_id)
        conflicts = found(team)
        assert kinds(conflicts) == [ConflictKind.CALENDAR_BUSY, ConflictKind.CALENDAR_UNKNOWN]
        assert conflicts[1].message == (
            "Interviewer Acme's calendar hasn't been readable since Wed 10 Mar 2027, 12:00."
        )
        assert conflicts[1].severity == Severity.HINT
        # A time that is free in the old snapshot is not said to be free.
        assert kinds(found(team, at=TEN + 2 * HOUR)) == [ConflictKind.CALENDAR_UNKNOWN]


def test_a_calendar_is_unknown_at_once_while_its_connection_is_paused(team: Team, calendar_vendor: Vendor) -> None:
    keep(calendar_vendor, team.interviewer, entry(TEN, title="Dentist"))
    CalendarConnection.objects.update(state=CalendarConnection.State.PAUSED)
    assert kinds(found(team)) == [ConflictKind.CALENDAR_BUSY, ConflictKind.CALENDAR_UNKNOWN]
    assert kinds(found(team, at=TEN + 2 * HOUR)) == [ConflictKind.CALENDAR_UNKNOWN]


def test_a_watched_calendar_that_cannot_be_read_is_unknown_as_soon_as_any(team: Team, calendar_vendor: Vendor) -> None:
    calendar = keep(calendar_vendor, team.interviewer, entry(TEN, title="Dentist"))
    MemberCalendar.objects.update(watch_id="watch", watch_ends_at=NOW + timedelta(days=7))
    with time_machine.travel(NOW + HOUR, tick=False):
        assert found(team, at=TEN + 2 * HOUR) == []  # nothing has changed: the vendor would have called
        calendar_vendor.faults = [Refused("forbidden")]
        MemberCalendar.objects.update(due_at=datetime.now(UTC))
        tasks.read_calendars(calendar.connection_id)
        assert kinds(found(team, at=TEN + 2 * HOUR)) == [ConflictKind.CALENDAR_UNKNOWN]


def test_a_calendar_that_was_never_read_is_unknown(team: Team, calendar_vendor: Vendor) -> None:
    calendar_for(team.interviewer)
    [conflict] = found(team)
    assert conflict.message == "Interviewer Acme's calendar has not been read yet."


def test_a_calendar_is_unknown_beyond_what_was_read(team: Team, calendar_vendor: Vendor) -> None:
    keep(calendar_vendor, team.interviewer)
    assert found(team, at=TEN + timedelta(days=49)) == []
    [conflict] = found(team, at=TEN + timedelta(days=63))
    assert conflict.message == "Interviewer Acme's calendar isn't known yet from Thu 6 May 2027 onwards."


def test_somebody_without_a_calendar_is_as_before(team: Team) -> None:
    assert found(team) == []


@pytest.mark.parametrize("seed", range(8))
def test_all_say_the_same(team: Team, as_recruiter: Client, calendar_vendor: Vendor, seed: int) -> None:
    dice = random.Random(seed)
    taken = [(start, start + dice.randint(1, 6)) for start in dice.sample(range(60), 3)]
    entries = [entry(DAY + a * QUARTER, hours=(b - a) / 4, title="Sync") for a, b in taken]
    keep(calendar_vendor, team.interviewer, *entries)
    begin, quarters = dice.choice([dice.randrange(60), *(end for _start, end in taken)]), dice.randint(1, 8)
    expected = any(start < begin + quarters and begin < end for start, end in taken)
    said = answers(as_recruiter, team, candidate_of(team, "Ada Osei"), begin, quarters)
    said["home"] = f"{team.interviewer.user} is busy in their calendar: “Sync”" in words_of(as_recruiter, team)
    assert said == dict.fromkeys(said, expected), (taken, begin, quarters)


def test_what_is_read_after_saving_is_on_home_at_once(
    team: Team,
    as_recruiter: Client,
    calendar_vendor: Vendor,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    eager: None,
) -> None:
    calendar = keep(calendar_vendor, team.interviewer)
    calendar_vendor.book(calendar.external_id).put(entry(TEN, title="Dentist"))  # added since
    with django_capture_on_commit_callbacks(execute=True):
        schedule_at_ten(team)
        assert "is busy in their calendar" not in words_of(as_recruiter, team)
    assert "Interviewer Acme is busy in their calendar: “Dentist”" in words_of(as_recruiter, team)
    assert calendar_vendor.calls == ["all", "changes"]


@pytest.mark.parametrize(("columns", "said"), [({"answer": "declined"}, "declined"), ({"deleted_at": NOW}, "deleted")])
def test_whoever_declined_is_not_also_said_to_be_busy(
    columns: dict[str, Any], said: str, team: Team, as_recruiter: Client, calendar_vendor: Vendor
) -> None:
    calendar = keep(calendar_vendor, team.interviewer, entry(TEN, title="Dentist"))
    interview = book(team.interviewer, candidate_of(team, "Ada Osei"), 40, 4)
    CalendarEvent.objects.create(
        organization=team.organization,
        interview=interview,
        membership=team.interviewer,
        calendar=calendar,
        connection=calendar.connection,
        our_id="0" * 32,
        state="ready",
        **columns,
    )
    page = words_of(as_recruiter, team)
    assert f"Interviewer Acme {said}" in page
    assert "is busy in their calendar" not in page


def test_home_names_no_title_to_readers(team: Team, calendar_vendor: Vendor) -> None:
    keep(calendar_vendor, team.interviewer, entry(TEN, title="Dentist"))
    book(team.interviewer, candidate_of(team, "Ada Osei"), 40, 4)
    page = words_of(team.client(team.add("read_only")), team)
    assert "Dentist" not in page


def test_the_day_view_shows_both_weights_and_what_is_unknown(
    team: Team, as_recruiter: Client, calendar_vendor: Vendor
) -> None:
    keep(calendar_vendor, team.interviewer, entry(TEN, 2, "Dentist"), entry(TEN, 3, "Focus"))
    column = day_of(as_recruiter, team, people=team.interviewer.pk)["columns"][1]
    labels = [block["label"] for block in column["blocks"] if block["kind"] in {"busy", "soft"}]
    assert labels == ["Busy 10:00–12:00: Dentist", "Maybe busy 12:00–13:00: Focus"]
    assert (column["unknown"], column["load"]) == ("", "0 this week")
    with time_machine.travel(NOW + 3 * HOUR, tick=False):
        column = day_of(as_recruiter, team, people=team.interviewer.pk)["columns"][1]
    assert column["unknown"] == "Interviewer Acme's calendar hasn't been readable since Wed 10 Mar 2027, 12:00."


def test_the_calendar_shows_entries_and_marks_interviews_that_they_meet(
    team: Team, as_recruiter: Client, calendar_vendor: Vendor
) -> None:
    keep(calendar_vendor, team.interviewer, entry(TEN, title="Dentist"), entry(TEN + HOUR, title="Focus"))
    book(team.interviewer, candidate_of(team, "Ada Osei"), 40, 4)
    data = read_page(as_recruiter, team, day="2027-03-11")
    assert [(one["title"], one["is_soft"]) for one in data["busy"]] == [("Dentist", False), ("Focus", True)]
    assert data["interviews"][0]["problems"] == ["Interviewer Acme is busy in their calendar"]


def test_the_calendar_says_whose_times_are_unknown(team: Team, as_recruiter: Client, calendar_vendor: Vendor) -> None:
    keep(calendar_vendor, team.interviewer)
    book(team.interviewer, candidate_of(team, "Ada Osei"), 40, 4)
    said = [row["unknown"] for row in read_page(as_recruiter, team, day="2027-03-11")["rows"]]
    assert said == [""]
    CalendarConnection.objects.update(state=CalendarConnection.State.PAUSED)
    said = [row["unknown"] for row in read_page(as_recruiter, team, day="2027-03-11")["rows"]]
    assert said == ["Interviewer Acme's calendar hasn't been readable since Wed 10 Mar 2027, 12:00."]


def test_people_to_choose_from_come_free_first_then_with_a_hint(
    team: Team, as_recruiter: Client, calendar_vendor: Vendor
) -> None:
    shared = connect_calendars(team.interviewer)
    people = {name: _named(team, name) for name in ("Amir Busy", "Bo Maybe", "Cy Free")}
    for name, title in [("Amir Busy", "Dentist"), ("Bo Maybe", "Focus"), ("Cy Free", "")]:
        calendar = calendar_for(people[name], shared)
        if title:
            calendar_vendor.book(calendar.external_id).put(entry(TEN, title=title))
    tasks.read_calendars(shared.pk)
    ada = candidate_of(team, "Ada Osei")
    search: dict[str, Any] = {"part": "people", "row": "0", "row_fields": {"interviewers": "", "find": ""}}
    page = unescape(as_recruiter.post(team.url("schedules/new/"), asked(team, ada, 40, 4, **search)).content.decode())
    places = [page.index(name) for name in ("Cy Free", "Bo Maybe", "Amir Busy")]
    assert places == sorted(places)
    assert "maybe busy 10:00–11:00" in page


def _named(team: Team, name: str) -> Membership:
    user = User.objects.create_user(
        f"{name.split(maxsplit=1)[0].lower()}@acme.example", "demo", name=name, time_zone="UTC"
    )
    return Membership.objects.create(organization=team.organization, user=user, role="interviewer")


def test_sixty_people_in_five_days_cost_two_queries(team: Team, calendar_vendor: Vendor) -> None:
    shared = connect_calendars(team.interviewer)
    people = [_named(team, f"p{number} Person") for number in range(60)]
    for person in people:
        calendar = calendar_for(person, shared)
        calendar_vendor.book(calendar.external_id).put(*(entry(DAY + hour * HOUR) for hour in range(0, 120, 3)))
    MemberCalendar.objects.update(read_at=NOW)
    tasks.read_calendars(shared.pk)
    assert CalendarTime.objects.count() == 60 * 40
    access = Access(team.organization, team.recruiter.user, team.recruiter)
    ada = candidate_of(team, "Ada Osei")
    with CaptureQueriesContext(connection) as queries:
        times = busy_times(
            access=access,
            within=Stretch(DAY, DAY + timedelta(days=5)),
            interviewers=[person.pk for person in people],
            candidate=ada.pk,
        )
    assert sum(len(theirs) for theirs in times.values()) == 60 * 40
    assert {time.source for theirs in times.values() for time in theirs} == {Source.CALENDAR}
    assert (times.unknown, times.read_at) == ({}, NOW)
    assert len(queries) == 2


def test_calendars_of_another_organization_count_nowhere(team: Team, other_team: Team, calendar_vendor: Vendor) -> None:
    keep(calendar_vendor, other_team.interviewer, entry(TEN))
    access = Access(team.organization, team.recruiter.user, team.recruiter)
    times = busy_times(
        access=access, within=Stretch(DAY, DAY + timedelta(days=1)), interviewers=[other_team.interviewer.pk]
    )
    assert dict(times) == {}


def test_a_hint_of_a_calendar_is_shown_and_marks_nobody(
    team: Team, as_recruiter: Client, calendar_vendor: Vendor
) -> None:
    keep(calendar_vendor, team.interviewer, entry(TEN, title="Focus"))
    interview = book(team.interviewer, candidate_of(team, "Ada Osei"), 40, 4)
    page = as_recruiter.get(team.url(f"schedules/{interview.schedule_id}/plan/")).content.decode()
    shown = unescape(page).split("may be busy: “")[0].rsplit('<div class="conflict-line', 1)[1]
    assert "visually-hidden" not in shown.split(">")[0]
    assert "is-against" not in page

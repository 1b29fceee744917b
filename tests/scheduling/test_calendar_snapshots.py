"""Snapshots of members' calendars: what is read, when, and what becomes of faults. Never is a failed read "free"."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from config.celery import app
from integrations.base import CredentialsRejected, Gone, Retryable, ToolError
from integrations.calendars import Answer, Occurrence, TimeKind
from integrations.models import CalendarConnection
from organizations.hooks import address_changes
from organizations.members import add_member
from organizations.models import Membership, User
from scheduling import tasks
from scheduling.availability import member_calendars, snapshots
from scheduling.availability.connected_calendars import choose
from scheduling.models import CalendarEvent, CalendarTime, CalendarWords, MemberCalendar
from tests.conftest import Team
from tests.scheduling import calendars
from tests.scheduling.calendars import Vendor, calendar_for, connect_calendars, entry

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 10, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Row = tuple[object, ...]


@pytest.fixture
def clock() -> object:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def eager() -> Iterator[None]:
    """Run tasks where they are sent."""
    app.conf.update(task_always_eager=True, task_eager_propagates=True)
    yield
    app.conf.update(task_always_eager=False, task_eager_propagates=False)


@pytest.fixture
def calendar(team: Team, clock: object, calendar_vendor: Vendor) -> MemberCalendar:
    return calendar_for(team.interviewer)


def read(calendar: MemberCalendar) -> None:
    """Read the calendar as a worker does once it is due."""
    MemberCalendar.objects.filter(pk=calendar.pk).update(due_at=datetime.now(UTC))
    tasks.read_calendars(calendar.connection_id)
    calendar.refresh_from_db()


def rows(calendar: MemberCalendar) -> list[Row]:
    columns = ("key", "series", "starts_at", "ends_at", "title", "weight", "kind", "answer", "is_all_day", "is_ours")
    return list(CalendarTime.objects.filter(calendar=calendar).order_by("key").values_list(*columns))


def titles(calendar: MemberCalendar) -> list[str]:
    return sorted(CalendarTime.objects.filter(calendar=calendar).values_list("title", flat=True))


def test_a_calendar_is_read_whole_and_then_by_its_changes(calendar: MemberCalendar, calendar_vendor: Vendor) -> None:
    book = calendar_vendor.book(calendar.external_id)
    dentist, sync = entry(NOW + HOUR, title="Dentist"), entry(NOW + DAY, title="Sync")
    book.put(dentist, sync)
    read(calendar)
    assert titles(calendar) == ["Dentist", "Sync"]
    assert (calendar.read_at, calendar.due_at) == (NOW, NOW + timedelta(minutes=5))
    book.remove(dentist.id)
    book.put(entry(NOW + 2 * HOUR, title="Haircut"))
    read(calendar)
    assert titles(calendar) == ["Haircut", "Sync"]
    assert calendar_vendor.calls == ["all", "changes"]


def test_a_read_without_changes_writes_no_entry(
    calendar: MemberCalendar, calendar_vendor: Vendor, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    calendar_vendor.book(calendar.external_id).put(*(entry(NOW + number * HOUR) for number in range(40)))
    read(calendar)
    before = set(CalendarTime.objects.values_list("pk", flat=True))
    MemberCalendar.objects.update(sync_token="")
    with django_assert_max_num_queries(20) as made:
        read(calendar)
    assert not [query for query in made.captured_queries if "calendartime" in query["sql"] and "UPDATE" in query["sql"]]
    assert set(CalendarTime.objects.values_list("pk", flat=True)) == before


def test_an_unknown_token_means_reading_all_at_once(calendar: MemberCalendar, calendar_vendor: Vendor) -> None:
    book = calendar_vendor.book(calendar.external_id)
    book.put(gone := entry(NOW + HOUR))
    read(calendar)
    book.remove(gone.id)
    book.put(entry(NOW + DAY, title="New"))
    calendar_vendor.forgets_tokens = True
    read(calendar)
    assert titles(calendar) == ["New"]
    assert calendar_vendor.calls == ["all", "changes", "all"]
    assert calendar.failures == 0


def test_the_window_slides_each_day(calendar: MemberCalendar, calendar_vendor: Vendor) -> None:
    book = calendar_vendor.book(calendar.external_id)
    book.put(entry(NOW + timedelta(weeks=8, days=1), title="Far"), entry(NOW - HOUR, title="Past"))
    read(calendar)
    assert titles(calendar) == ["Past"]
    with time_machine.travel(NOW + 2 * DAY, tick=False):
        read(calendar)
    assert titles(calendar) == ["Far"]
    assert calendar_vendor.calls == ["all", "all"]


def test_another_zone_of_the_owner_means_reading_all(calendar: MemberCalendar, calendar_vendor: Vendor) -> None:
    read(calendar)
    User.objects.filter(memberships=calendar.membership_id).update(time_zone="Asia/Tokyo")
    read(calendar)
    assert calendar_vendor.calls == ["all", "all"]
    assert calendar_vendor.zones[-1] == "Asia/Tokyo"


def test_a_series_is_replaced_as_a_whole(calendar: MemberCalendar, calendar_vendor: Vendor) -> None:
    book = calendar_vendor.book(calendar.external_id)
    book.put(*(entry(NOW + number * DAY, title=f"Daily {number}", series="daily") for number in range(3)))
    read(calendar)
    book.replace_series("daily", [entry(NOW + DAY + HOUR, title="Daily later", series="daily")])
    read(calendar)
    assert titles(calendar) == ["Daily later"]
    book.replace_series("daily", [Occurrence("daily", NOW + DAY, NOW + DAY + HOUR, title="Once")])
    read(calendar)
    assert titles(calendar) == ["Once"]
    book.remove("daily")
    read(calendar)
    assert titles(calendar) == []


def test_titles_of_private_entries_and_of_interviews_are_not_kept(
    calendar: MemberCalendar, calendar_vendor: Vendor
) -> None:
    CalendarEvent.objects.create(organization=calendar.organization, our_id="a" * 32)
    calendar_vendor.book(calendar.external_id).put(
        entry(NOW + HOUR, title="Oncologist", is_private=True),
        entry(NOW + 2 * HOUR, title="Interview with Ada", our_id="a" * 32),
        entry(NOW + 3 * HOUR, title="Two\nlines\u200b " + "x" * 300),
    )
    read(calendar)
    assert titles(calendar)[:2] == ["", ""]
    assert titles(calendar)[2].startswith("Two lines xx")
    assert CalendarTime.objects.get(is_ours=True).starts_at == NOW + 2 * HOUR


def test_entries_without_a_length_are_left_out(calendar: MemberCalendar, calendar_vendor: Vendor) -> None:
    calendar_vendor.book(calendar.external_id).put(entry(NOW + HOUR, hours=0), entry(NOW + HOUR, title="There"))
    read(calendar)
    assert titles(calendar) == ["There"]


@pytest.mark.parametrize(
    ("fault", "code", "at_least", "at_most"),
    [
        (Retryable("vendor_down"), "vendor_down", timedelta(seconds=1), timedelta(seconds=2)),
        (Retryable("busy", retry_after=90), "busy", timedelta(seconds=90), timedelta(seconds=90)),
        (Retryable(), "trouble", timedelta(seconds=1), timedelta(seconds=2)),
        (Gone("calendar_gone"), "calendar_gone", HOUR, HOUR),
    ],
)
def test_a_failed_read_keeps_the_entries_and_comes_back_later(
    calendar: MemberCalendar,
    calendar_vendor: Vendor,
    fault: ToolError,
    code: str,
    at_least: timedelta,
    at_most: timedelta,
) -> None:
    calendar_vendor.book(calendar.external_id).put(entry(NOW + HOUR))
    read(calendar)
    calendar_vendor.faults = [fault]
    with time_machine.travel(NOW + HOUR, tick=False):
        read(calendar)
    assert titles(calendar) == ["Dentist"]
    assert (calendar.read_at, calendar.failures, calendar.problem_code, calendar.problem_since) == (
        NOW, 1, code, NOW + HOUR,
    )  # fmt: skip
    assert calendar.due_at is not None
    assert at_least <= calendar.due_at - (NOW + HOUR) <= at_most
    with time_machine.travel(NOW + 3 * HOUR, tick=False):
        read(calendar)
    assert (calendar.failures, calendar.problem_code, calendar.problem_since) == (0, "", None)


def test_rejected_credentials_pause_the_connection_and_nothing_is_read_until_it_works(
    calendar: MemberCalendar, calendar_vendor: Vendor
) -> None:
    calendar_vendor.faults = [CredentialsRejected("key_rejected")]
    read(calendar)
    assert CalendarConnection.objects.get().state == "paused"
    read(calendar)
    assert calendar_vendor.calls == ["all"]
    CalendarConnection.objects.update(state="connected")
    read(calendar)
    assert calendar.read_at == NOW


def test_the_last_word_of_a_reader_whose_lease_is_over_does_not_count(
    calendar: MemberCalendar, calendar_vendor: Vendor
) -> None:
    book = calendar_vendor.book(calendar.external_id)

    def another_reads() -> None:
        calendar_vendor.during = None
        MemberCalendar.objects.update(due_at=datetime.now(UTC))
        tasks.read_calendars(calendar.connection_id)
        book.put(entry(NOW + DAY, title="Added later"))

    book.put(entry(NOW + HOUR, title="There"))
    calendar_vendor.during = another_reads
    read(calendar)
    assert titles(calendar) == ["There"]  # of the second reader, whose token goes on from there
    read(calendar)
    assert titles(calendar) == ["Added later", "There"]


def test_a_change_announced_during_a_read_is_read_right_after_it(
    calendar: MemberCalendar, calendar_vendor: Vendor, team: Team
) -> None:
    calendar_vendor.during = lambda: snapshots.mark_due([calendar.pk])
    read(calendar)
    assert calendar.due_at == NOW + timedelta(seconds=20)
    assert calendar.claim == ""


def test_a_vendor_that_leaves_some_out_is_not_believed(calendar: MemberCalendar, calendar_vendor: Vendor) -> None:
    """Asked for everything, an answer that is not whole would show what it lacks as free."""
    calendar_vendor.answers_in_part = True
    read(calendar)
    assert calendar.read_at is None
    assert calendar.problem_code == "answer_unreadable"


def test_a_calendar_that_is_unticked_while_it_is_read_is_read_whole_the_next_time(
    calendar: MemberCalendar, calendar_vendor: Vendor, team: Team
) -> None:
    """Else the reader's token would stand for entries that are deleted with the tick: busy times shown as free."""
    tick = partial(choose, membership=team.interviewer, written=None, actor=team.interviewer.user)

    def untick() -> None:
        calendar_vendor.during = None
        tick(read=[])

    book = calendar_vendor.book(calendar.external_id)
    book.put(entry(NOW + HOUR, title="Dentist"))
    read(calendar)
    book.put(entry(NOW + DAY, title="Sync"))
    calendar_vendor.during = untick
    read(calendar)
    assert titles(calendar) == []
    tick(read=[calendar.pk])
    read(calendar)
    assert titles(calendar) == ["Dentist", "Sync"]


def test_a_new_address_is_looked_up_at_once(
    team: Team,
    calendar_vendor: Vendor,
    clock: object,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    eager: None,
) -> None:
    """Until then its owner would look free."""
    connection = connect_calendars(team.admin)
    calendar_vendor.people = {team.interviewer.user.email: "cal-i", "new@acme.example": "cal-n"}
    tasks.find_calendars(connection.pk)
    calendar_vendor.book("cal-n").put(entry(NOW + HOUR, title="Dentist"))
    with django_capture_on_commit_callbacks(execute=True):
        User.objects.filter(pk=team.interviewer.user_id).update(email="new@acme.example")
        address_changes.announce(team.interviewer.user, None)
    assert titles(MemberCalendar.objects.get(membership=team.interviewer)) == ["Dentist"]


def test_a_new_members_calendar_is_looked_up_at_once(
    team: Team,
    calendar_vendor: Vendor,
    clock: object,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    eager: None,
) -> None:
    """Until then they would look free."""
    connect_calendars(team.admin)
    calendar_vendor.people = {"new@acme.example": "cal-n"}
    calendar_vendor.book("cal-n").put(entry(NOW + HOUR, title="Dentist"))
    user = User.objects.create_user("new@acme.example", "demo", name="Nina Berg")
    with django_capture_on_commit_callbacks(execute=True):
        member = add_member(organization=team.organization, user=user, role="interviewer", actor=None)
    assert titles(MemberCalendar.objects.get(membership=member)) == ["Dentist"]


def test_members_get_their_calendars_by_their_addresses(team: Team, calendar_vendor: Vendor) -> None:
    connection = connect_calendars(team.admin)
    calendar_vendor.people = {team.admin.user.email: "cal-a", team.interviewer.user.email: "cal-i"}
    tasks.find_calendars(connection.pk)
    assert dict(MemberCalendar.objects.values_list("membership", "external_id")) == {
        team.admin.pk: "cal-a",
        team.interviewer.pk: "cal-i",
    }
    assert MemberCalendar.objects.filter(is_written=True).count() == 2
    newcomer = team.add("interviewer")
    calendar_vendor.people[newcomer.user.email] = "cal-n"
    tasks.find_calendars(connection.pk)
    assert MemberCalendar.objects.filter(membership=newcomer).exists()
    newcomer.delete()
    assert MemberCalendar.objects.count() == 2


def test_more_members_than_one_task_looks_up(team: Team, calendar_vendor: Vendor) -> None:
    connection = connect_calendars(team.admin)
    for number in range(member_calendars.AT_ONCE):
        user = User.objects.create_user(f"many-{number}@acme.example", "demo", name=f"Many {number}")
        Membership.objects.create(organization=team.organization, user=user, role="interviewer")
    members = Membership.objects.select_related("user")
    calendar_vendor.people = {member.user.email: f"cal-{member.pk}" for member in members}
    rest = member_calendars.find_calendars(connection.pk)
    assert rest is not None
    assert rest.seconds == 0
    assert member_calendars.find_calendars(connection.pk, rest.after) is None
    assert MemberCalendar.objects.count() == members.count()


def test_those_who_are_left_over_are_looked_up_soon(team: Team, calendar_vendor: Vendor, eager: None) -> None:
    """Not within the hour: until then they look free. A vendor that is away is not asked on and on."""
    connection = connect_calendars(team.admin)
    calendar_vendor.people = {one.user.email: f"cal-{one.pk}" for one in (team.admin, team.recruiter, team.interviewer)}

    def fail_once() -> None:
        if calendar_vendor.calls.count("calendar_of") == 2 and MemberCalendar.objects.count() == 1:
            calendar_vendor.faults = [Retryable("vendor_down")]

    calendar_vendor.during = fail_once
    tasks.find_calendars(connection.pk)
    assert MemberCalendar.objects.count() == 3
    calendar_vendor.during, calendar_vendor.faults = None, [Retryable("vendor_down")] * 99
    MemberCalendar.objects.all().delete()
    tasks.find_calendars(connection.pk)
    assert calendar_vendor.calls.count("calendar_of") == 5


def test_calendars_of_another_organization_are_its_own(team: Team, other_team: Team, calendar_vendor: Vendor) -> None:
    connection = connect_calendars(team.admin)
    calendar_vendor.people = {other_team.admin.user.email: "cal-x"}
    tasks.find_calendars(connection.pk)
    assert not MemberCalendar.objects.exists()


def test_new_words_weigh_the_stored_entries(calendar: MemberCalendar, calendar_vendor: Vendor, team: Team) -> None:
    book = calendar_vendor.book(calendar.external_id)
    book.put(entry(NOW + HOUR, title="Yoga"), entry(NOW + DAY, title="Board"))
    read(calendar)
    CalendarWords.objects.create(organization=team.organization, soft="yoga\nboard")
    CalendarWords.objects.create(organization=team.organization, membership=team.interviewer, hard="board")
    tasks.weigh_calendars_again(team.organization.pk)
    weights = dict(CalendarTime.objects.values_list("title", "weight"))
    assert weights == {"Yoga": "soft", "Board": "hard"}
    book.put(entry(NOW + 2 * DAY, title="Yoga again"))
    read(calendar)
    assert CalendarTime.objects.get(title="Yoga again").weight == "soft"


@pytest.mark.parametrize("seed", range(12))
def test_the_changes_lead_to_the_same_rows_as_reading_all(
    team: Team, clock: object, calendar_vendor: Vendor, seed: int
) -> None:
    """A snapshot after any changes equals one that was read from nothing."""
    chance = random.Random(seed)
    calendar = calendar_for(team.interviewer)
    book = calendar_vendor.book(calendar.external_id)
    for _round in range(8):
        for _ in range(chance.randint(0, 5)):
            _change(book, chance)
        if chance.random() < 0.2:
            calendar_vendor.faults = [Retryable("vendor_down")]
        calendar_vendor.forgets_tokens = chance.random() < 0.2
        read(calendar)
    calendar_vendor.faults, calendar_vendor.forgets_tokens = [], False
    read(calendar)
    by_changes = rows(calendar)
    CalendarTime.objects.all().delete()
    MemberCalendar.objects.update(sync_token="")
    read(calendar)
    assert rows(calendar) == by_changes
    assert len(by_changes) == len([one for one in book.occurrences.values() if _is_in_window(one)])


def _is_in_window(one: Occurrence) -> bool:
    begins, ends = datetime(2027, 3, 9, tzinfo=UTC), datetime(2027, 5, 6, tzinfo=UTC)
    return one.starts_at < one.ends_at and one.starts_at < ends and one.ends_at > begins


def _change(book: calendars.Book, chance: random.Random) -> None:
    at = NOW + chance.randint(-60, 24 * 70) * HOUR
    series = f"series-{chance.randint(1, 3)}"
    there = sorted(book.occurrences)
    what = chance.choice(["add", "move", "remove", "series", "end series"])
    if what == "add":
        book.put(entry(at, hours=chance.choice([0.5, 1, 24]), answer=chance.choice(list(Answer))))
    elif what == "move" and there:
        old = book.occurrences[chance.choice(there)]
        book.put(entry(at, id=old.id, series=old.series, kind=chance.choice(list(TimeKind))))
    elif what == "remove" and there:
        book.remove(chance.choice(there))
    elif what == "series":
        days = range(chance.randint(1, 6))
        book.replace_series(series, [entry(at + day * DAY, series=series, title=f"Day {day}") for day in days])
    elif what == "end series":
        book.remove(series)

"""A restored database is older than the calendars: nothing is written twice, and nothing is left there unsaid."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone

from organizations.backup import services as backup
from scheduling import tasks
from scheduling.availability import snapshots
from scheduling.calendar_events.following import is_from_here, our_id
from scheduling.models import CalendarEvent, EventState, MemberCalendar
from scheduling.schedules import services
from tests.conftest import Team
from tests.organizations.backup.rows import alone
from tests.scheduling.calendars import Vendor, entry
from tests.scheduling.test_calendar_events import (
    HOUR,
    NO_REASON,
    calendar,
    home_of,
    later,
    move,
    scheduled,
    there,
    work,
    written,
)

__all__ = ["calendar"]
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.enable_socket,
    pytest.mark.allow_hosts(["127.0.0.1", "::1", "localhost"]),
]
UNKNOWN = "The calendar of Interviewer Acme has an event without an interview"


def restored(folder: Path) -> list[str]:
    """Restore, and let workers do what is due then."""
    alone()
    notes = list(backup.restore(folder, replace=True).notes)
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        read_all()
        work()
    return notes


def read_all() -> None:
    """Read all calendars, and look up what that shows."""
    for pk in MemberCalendar.objects.order_by("pk").values_list("pk", flat=True):
        snapshots.mark_due([pk])
        snapshots.read(pk)
    for pk in CalendarEvent.objects.filter(check_at__isnull=False).order_by("pk").values_list("pk", flat=True):
        tasks.check_calendar_event(pk)


def test_an_event_written_after_the_backup_is_not_written_twice(team: Team, calendar: Vendor, tmp_path: Path) -> None:
    scheduled(team, team.interviewer)
    backup.back_up(tmp_path / "backup")
    work()
    restored(tmp_path / "backup")
    assert len(there(calendar, team)) == 1
    assert written(team).state == EventState.READY


def test_an_interview_moved_after_the_backup_is_said(team: Team, calendar: Vendor, tmp_path: Path) -> None:
    interview = scheduled(team, team.interviewer).interviews.get()
    work()
    backup.back_up(tmp_path / "backup")
    move(interview, team, 2 * HOUR)
    work()
    notes = restored(tmp_path / "backup")
    assert "1 events are compared with the calendars that they are in." in " ".join(notes)
    assert "moved “Coding” to" in home_of(team)
    assert len(there(calendar, team)) == 1


def test_an_event_that_only_the_calendar_knows_is_said_and_removed(
    team: Team, calendar: Vendor, tmp_path: Path
) -> None:
    backup.back_up(tmp_path / "backup")
    scheduled(team, team.interviewer)
    work()
    restored(tmp_path / "backup")
    assert len(there(calendar, team)) == 1
    assert UNKNOWN in home_of(team)
    event = CalendarEvent.objects.get()
    assert team.client(team.recruiter).post(team.url(f"calendar-events/{event.pk}/remove/")).status_code == 302
    work()
    assert there(calendar, team) == []
    assert UNKNOWN not in home_of(team)


def test_one_that_is_left_there_is_not_said_again(team: Team, calendar: Vendor, tmp_path: Path) -> None:
    backup.back_up(tmp_path / "backup")
    scheduled(team, team.interviewer)
    work()
    restored(tmp_path / "backup")
    team.client(team.recruiter).post(team.url(f"calendar-events/{CalendarEvent.objects.get().pk}/leave/"))
    MemberCalendar.objects.update(sync_token="")
    read_all()
    work()
    assert UNKNOWN not in home_of(team)
    assert len(there(calendar, team)) == 1


def test_an_interview_taken_up_again_after_the_backup_leaves_nothing(
    team: Team, calendar: Vendor, tmp_path: Path
) -> None:
    """Its event was removed before the backup, and is in the calendar again."""
    schedule = scheduled(team, team.interviewer)
    work()
    [one] = there(calendar, team)
    services.cancel_schedule(schedule=schedule, actor=team.recruiter.user, reason=NO_REASON)
    work()
    backup.back_up(tmp_path / "backup")
    calendar.book(f"cal-{team.interviewer.pk}").put(one)
    restored(tmp_path / "backup")
    later()
    work()
    assert there(calendar, team) == []


def test_events_of_others_are_never_touched(team: Team, calendar: Vendor, tmp_path: Path) -> None:
    """Another installation writes into the calendar, too; and what people enter has no id of Panelist's."""
    book, start = calendar.book(f"cal-{team.interviewer.pk}"), timezone.now() + timedelta(days=2)
    book.put(entry(start, our_id="0123456789abcdef" * 2), entry(start))
    backup.back_up(tmp_path / "backup")
    restored(tmp_path / "backup")
    assert len(there(calendar, team)) == 2
    assert not CalendarEvent.objects.exists()


def test_an_id_tells_whether_it_was_made_here() -> None:
    assert is_from_here(our_id(1, 2))
    assert our_id(1, 2) == our_id(1, 2) != our_id(2, 1)
    assert not is_from_here("0123456789abcdef" * 2)
    assert not is_from_here("")

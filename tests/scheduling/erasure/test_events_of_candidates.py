"""A candidate's name in calendars: it leaves the interviewers' and the rooms' with the candidate, and follows them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from integrations.base import Refused, Retryable
from integrations.calendar_connections import disconnect
from integrations.calendars import Answer
from integrations.hooks.calendars import announce
from integrations.models import CalendarConnection
from scheduling.models import CalendarEvent, Candidate, EventState, Interview, Room, Schedule
from scheduling.schedules import services
from tests.conftest import Team
from tests.integrations.conftest import Work
from tests.scheduling.calendars import HOUR, Vendor, entry
from tests.scheduling.erasure.steps import PERSON
from tests.scheduling.test_calendar_events import home_of, later, work
from tests.scheduling.test_rooms import AURORA, aurora, connection, details, scheduled, ten

__all__ = ["aurora", "connection"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(team: Team, calendar_vendor: Vendor, aurora: Room) -> Candidate:
    """Two interviews in a room, one of them over, each in the interviewer's calendar; and somebody else's entries."""
    first = scheduled(team, aurora)
    candidate = first.schedule.candidate
    services.create_schedule(
        organization=team.organization,
        actor=team.recruiter.user,
        candidate=candidate,
        job=None,
        stage=None,
        time_zone="UTC",
        interviews=[details(team, aurora, hours=2)],
    )
    work()
    calendar_vendor.book(f"cal-{team.interviewer.pk}").put(entry(ten(), title="Call Ada"))
    past = timezone.now() - timedelta(days=3)
    times = {"starts_at": past, "ends_at": past + HOUR}
    Interview.objects.filter(pk=first.pk).update(**times)
    Schedule.objects.filter(pk=first.schedule_id).update(first_starts_at=past, last_ends_at=past + HOUR)
    CalendarEvent.objects.filter(interview=first).update(**times)
    later()
    work()
    return candidate


def titles(vendor: Vendor, team: Team) -> list[str]:
    """Return the titles in the interviewer's calendar and in the room's, but for the interviewer's own entry."""
    books = (vendor.book(f"cal-{team.interviewer.pk}"), vendor.book(AURORA))
    return [one.title for book in books for one in book.occurrences.values() if one.title != "Call Ada"]


def remove(client: Client, team: Team, candidate: Candidate, **data: str) -> None:
    answer = client.post(team.url(f"candidates/{candidate.pk}/remove/"), data, headers={"HX-Request": "true"})
    assert answer.status_code == 200


def rename(client: Client, team: Team, candidate: Candidate, name: str) -> None:
    form = PERSON | {"name": name, "email": candidate.email, "time_zone": candidate.time_zone}
    assert client.post(team.url(f"candidates/{candidate.pk}/edit/"), form).status_code == 302


def test_nothing_of_a_deleted_candidate_is_in_a_calendar(
    team: Team, calendar_vendor: Vendor, ada: Candidate, as_recruiter: Client, committed: Work
) -> None:
    assert len(titles(calendar_vendor, team)) == 4
    with committed():
        remove(as_recruiter, team, ada)
    assert titles(calendar_vendor, team) == []
    assert [one.title for one in calendar_vendor.book(f"cal-{team.interviewer.pk}").occurrences.values()] == [
        "Call Ada"
    ], "what others wrote is theirs"


def test_it_leaves_as_soon_as_the_vendor_is_back(
    team: Team, calendar_vendor: Vendor, ada: Candidate, as_recruiter: Client, committed: Work
) -> None:
    calendar_vendor.faults = [Retryable("server_error"), Retryable("server_error")]
    with committed():
        remove(as_recruiter, team, ada)
    assert len(titles(calendar_vendor, team)) == 4
    later()
    work()
    assert titles(calendar_vendor, team) == []


def test_what_a_vendor_refuses_to_remove_is_on_home_without_the_name(
    team: Team, calendar_vendor: Vendor, ada: Candidate, as_recruiter: Client, committed: Work
) -> None:
    calendar_vendor.faults = [Refused("read_only"), Refused("read_only")]
    with committed():
        remove(as_recruiter, team, ada)
    home = home_of(team)
    assert "A removed interview is still in the calendar of Interviewer Acme" in home and "Ada" not in home


def test_a_calendar_that_is_connected_again_is_rid_of_it_too(
    team: Team, calendar_vendor: Vendor, ada: Candidate, as_recruiter: Client, committed: Work
) -> None:
    row = CalendarConnection.objects.get()
    with committed():
        disconnect(connection=row, actor=team.admin.user)
    with committed():
        remove(as_recruiter, team, ada)
    assert len(titles(calendar_vendor, team)) == 4
    CalendarConnection.objects.update(state="connected", credentials='{"secret": "s"}')
    row.refresh_from_db()
    with committed():
        announce("connected", row)
    later()
    work()
    assert titles(calendar_vendor, team) == []


def test_a_new_name_is_written_to_every_calendar(
    team: Team, calendar_vendor: Vendor, ada: Candidate, as_recruiter: Client, committed: Work
) -> None:
    CalendarEvent.objects.update(answer=Answer.ACCEPTED)
    with committed():
        rename(as_recruiter, team, ada, "Robin Osei")
    later()
    work()
    assert titles(calendar_vendor, team) == ["Coding with Robin Osei"] * 4
    rows = CalendarEvent.objects.order_by("pk").values_list("state", "answer")
    assert list(rows) == [(EventState.READY, Answer.ACCEPTED)] * 2, "the times are the same, and so are the answers"


def test_an_event_that_its_owner_deleted_does_not_come_back_with_the_name(
    team: Team, calendar_vendor: Vendor, ada: Candidate, as_recruiter: Client, committed: Work
) -> None:
    past = CalendarEvent.objects.filter(ends_at__lt=timezone.now())
    calendar_vendor.book(f"cal-{team.interviewer.pk}").remove(past.get().our_id)
    past.update(deleted_at=timezone.now())
    with committed():
        rename(as_recruiter, team, ada, "Robin Osei")
    assert past.get().our_id not in calendar_vendor.book(f"cal-{team.interviewer.pk}").occurrences


def test_another_address_alone_leaves_past_events_alone(
    team: Team, calendar_vendor: Vendor, ada: Candidate, as_recruiter: Client, committed: Work
) -> None:
    before = len(calendar_vendor.calls)
    form = PERSON | {"name": ada.name, "email": "new@example.com", "time_zone": ada.time_zone}
    with committed():
        assert as_recruiter.post(team.url(f"candidates/{ada.pk}/edit/"), form).status_code == 302
    assert "put" not in calendar_vendor.calls[before:]

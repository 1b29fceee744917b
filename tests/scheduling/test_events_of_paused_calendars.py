"""Events in calendars whose connection is paused: they stay the invitation, and people are mailed only what they must
know."""

from __future__ import annotations

from dataclasses import replace
from email.message import EmailMessage

import pytest
from django.utils import timezone

from integrations.base import Refused
from integrations.hooks.calendars import announce
from integrations.models import CalendarConnection
from organizations.models import Membership, User
from scheduling.models import CalendarEvent, EventState, Interview, Message, Schedule
from scheduling.schedules import services
from scheduling.schedules.interviews import InterviewDetails, add_interview, details_of, edit_interview
from tests.conftest import Team
from tests.integrations.conftest import Work
from tests.scheduling.calendars import Vendor, calendar_for, connect_calendars
from tests.scheduling.message_steps import calendars, deliver_all, propose, queue
from tests.scheduling.test_answers_on_pages import removed_call
from tests.scheduling.test_calendar_events import (
    HOUR,
    NO_REASON,
    calendar,
    home_of,
    later,
    messages_of,
    move,
    scheduled,
    there,
    work,
    written,
)
from tests.scheduling.test_rooms_pages import plain

__all__ = ["calendar"]
pytestmark = pytest.mark.django_db

#: The sentence of a cancellation where the event is gone, and where it is still there.
SENTENCES = {
    "en": {
        "free": "The time is free in your calendar again.",
        "there": "Your calendar still shows this time as taken.",
    },
    "de": {"free": "wieder frei.", "there": "Ihr Kalender zeigt die Zeit noch als belegt."},
}


def paused(team: Team, *names: str) -> Schedule:
    """Interviews that are in the interviewer's calendar, which is paused since."""
    schedule = scheduled(team, team.interviewer, names=names or ["Coding"])
    work()
    CalendarConnection.objects.update(state="paused")
    return schedule


def resume(committed: Work) -> None:
    CalendarConnection.objects.update(state="connected")
    with committed():
        announce("resumed", CalendarConnection.objects.get())
    later()
    work()


def edit(interview: Interview, team: Team, **changes: object) -> None:
    details = replace(details_of(interview), **changes)  # type: ignore[arg-type]
    edit_interview(interview=interview, details=details, actor=team.recruiter.user, reason=NO_REASON)


def to_interviewers(schedule: Schedule) -> list[str]:
    rows = Message.objects.filter(schedule=schedule, audience="interviewer").order_by("id")
    return [f"{message.kind}: {message.state}" for message in rows]


def mailed(schedule: Schedule, team: Team, member: Membership) -> list[EmailMessage]:
    """Send all drafts; return the mails to one person."""
    propose(schedule, team)
    queue(schedule, team, overridden=True)
    return [one for one in deliver_all(schedule) if member.user.email in str(one["To"])]


def test_an_edit_that_is_no_news_mails_nobody_and_withdraws_nothing(
    team: Team, calendar: Vendor, committed: Work
) -> None:
    schedule = paused(team, "Coding", "System design")
    edit(schedule.interviews.get(name="System design"), team, interviewers=(team.interviewer, team.recruiter))
    assert to_interviewers(schedule) == ["interviewer_invitation: draft"], "to the recruiter alone"
    assert Message.objects.get(audience="interviewer").membership == team.recruiter
    later()
    work()
    resume(committed)
    assert len(there(calendar, team)) == 2
    assert "delete" not in calendar.calls
    assert {event.state for event in CalendarEvent.objects.filter(membership=team.interviewer)} == {EventState.READY}


def test_another_name_waits_for_the_calendar(team: Team, calendar: Vendor, committed: Work) -> None:
    schedule = paused(team)
    edit(schedule.interviews.get(), team, name="Pairing")
    assert to_interviewers(schedule) == []
    assert [one.title for one in there(calendar, team)] == ["Coding with Ada Osei"]
    resume(committed)
    assert [one.title for one in there(calendar, team)] == ["Pairing with Ada Osei"]
    assert to_interviewers(schedule) == []


def test_another_time_is_mailed_without_a_second_event(team: Team, calendar: Vendor, committed: Work) -> None:
    schedule = paused(team)
    interview = schedule.interviews.get()
    move(interview, team, 2 * HOUR)
    assert to_interviewers(schedule) == ["interviewer_update: draft"]
    [mail] = mailed(schedule, team, team.interviewer)
    assert calendars(mail) == []
    resume(committed)
    interview.refresh_from_db()
    assert [one.starts_at for one in there(calendar, team)] == [interview.starts_at]
    assert to_interviewers(schedule) == ["interviewer_update: sent"]
    move(interview, team, HOUR)
    work()
    interview.refresh_from_db()
    assert [one.starts_at for one in there(calendar, team)] == [interview.starts_at]
    assert to_interviewers(schedule) == ["interviewer_update: sent"], "the calendar tells them again"
    assert "delete" not in calendar.calls


def test_a_time_that_was_not_mailed_yet_needs_no_mail_any_more(team: Team, calendar: Vendor, committed: Work) -> None:
    schedule = paused(team)
    move(schedule.interviews.get(), team, 2 * HOUR)
    move(schedule.interviews.get(), team, -2 * HOUR)
    assert to_interviewers(schedule) == [], "it is where it was"
    move(schedule.interviews.get(), team, HOUR)
    resume(committed)
    assert to_interviewers(schedule) == []


def test_a_cancellation_is_mailed_and_the_event_leaves_later(team: Team, calendar: Vendor, committed: Work) -> None:
    schedule = paused(team)
    services.cancel_schedule(schedule=schedule, actor=team.recruiter.user, reason=NO_REASON)
    assert to_interviewers(schedule) == ["interviewer_cancellation: draft"]
    [mail] = mailed(schedule, team, team.interviewer)
    assert calendars(mail) == []
    assert len(there(calendar, team)) == 1
    resume(committed)
    assert there(calendar, team) == []
    propose(schedule, team)
    assert to_interviewers(schedule) == ["interviewer_cancellation: sent"]


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_cancellation_does_not_call_a_time_free_while_the_event_is_there(
    language: str, team: Team, calendar: Vendor
) -> None:
    User.objects.update(language=language)
    schedule = paused(team)
    services.cancel_schedule(schedule=schedule, actor=team.recruiter.user, reason=NO_REASON)
    [mail] = mailed(schedule, team, team.interviewer)
    text = str(mail)
    assert SENTENCES[language]["free"] not in text
    assert SENTENCES[language]["there"] in text


@pytest.mark.parametrize("names", [["Coding"], ["Coding", "Pairing"]])
def test_a_cancelled_invitation_by_mail_leaves_the_time_free(names: list[str], team: Team, calendar: Vendor) -> None:
    """Also of somebody who has a calendar that is paused, but no event of this one there."""
    CalendarConnection.objects.update(state="paused")
    schedule = scheduled(team, team.interviewer, names=names)
    assert mailed(schedule, team, team.interviewer)
    services.cancel_schedule(schedule=schedule, actor=team.recruiter.user, reason=NO_REASON)
    *_invited, cancelled = mailed(schedule, team, team.interviewer)
    assert SENTENCES["en"]["there"] not in str(cancelled)


@pytest.mark.parametrize(
    ("states", "sentence"),
    [
        (("connected", "connected"), "Interviewers' calendars are updated at once."),
        (("paused", "connected"), "Interviewers' calendars are updated at once; paused ones once they work again."),
        (("paused", "paused"), "Interviewers' calendars are updated once their connection works again."),
    ],
)
def test_cancelling_says_before_when_calendars_follow(
    states: tuple[str, str], sentence: str, team: Team, calendar: Vendor
) -> None:
    other = calendar_for(team.recruiter, connect_calendars(team.recruiter, for_all=False))
    other.is_written = True
    other.save()
    schedule = scheduled(team, team.interviewer, team.recruiter)
    work()
    for connection, state in zip(CalendarConnection.objects.order_by("id"), states, strict=True):
        connection.state = state
        connection.save()
    for path in (f"schedules/{schedule.pk}/cancel/", f"interviews/{schedule.interviews.get().pk}/cancel/"):
        page = team.client(team.recruiter).get(team.url(path), headers={"HX-Request": "true"}).content.decode()
        assert sentence in plain(page.encode())


def test_putting_back_says_that_it_waits_for_the_calendar(team: Team, calendar: Vendor) -> None:
    schedule = paused(team)
    CalendarEvent.objects.update(deleted_at=timezone.now())
    address, client = team.url(f"calendar-events/{written(team).pk}/restore/"), team.client(team.recruiter)
    for _time in range(2):
        page = plain(client.post(address, follow=True).content)
        assert "It will be back once the calendar's connection works again." in page
    assert "Waiting for the calendar" in plain(messages_of(team, schedule).encode())
    CalendarConnection.objects.update(state="connected")
    page = plain(client.post(address, follow=True).content)
    assert "It is being written to the calendar already." in page
    assert "Being written to the calendar" in plain(messages_of(team, schedule).encode())


def test_removing_again_says_that_it_waits_for_the_calendar(team: Team, calendar: Vendor) -> None:
    schedule = scheduled(team, team.interviewer)
    work()
    services.cancel_schedule(schedule=schedule, actor=team.recruiter.user, reason=NO_REASON)
    calendar.faults = [Refused("read_only")]
    work()
    CalendarConnection.objects.update(state="paused")
    address = team.url(f"calendar-events/{written(team).pk}/remove/")
    page = plain(team.client(team.recruiter).post(address, follow=True).content)
    assert "It will be removed once the calendar's connection works again." in page


def test_a_call_that_is_put_back_waits_for_the_calendar(team: Team, calendar: Vendor) -> None:
    interview = removed_call(team, calendar)
    CalendarConnection.objects.update(state="paused")
    address = team.url(f"interviews/{interview.pk}/call/restore/")
    page = plain(team.client(team.recruiter).post(address, follow=True).content)
    assert "The video call will be back once the calendar's connection works again." in page


def test_pages_say_who_is_still_to_be_told(team: Team, calendar: Vendor) -> None:
    """Also of somebody who takes no part any more, and never had a message."""
    schedule = paused(team)
    edit(schedule.interviews.get(), team, interviewers=(team.recruiter,))
    draft = Message.objects.get(membership=team.interviewer)
    assert draft.kind == "interviewer_cancellation"
    assert "Interviewer Acme" in messages_of(team, schedule)
    page = team.client(team.recruiter).get(team.url(f"messages/{draft.pk}/")).content.decode()
    assert "Coding" in page
    assert "the connected calendar is updated once it works again" in page
    assert "haven't been told" in home_of(team).replace("&#x27;", "'").replace("’", "'")


def test_a_cancellation_that_the_calendar_told_of_needs_no_mail(team: Team, calendar: Vendor, committed: Work) -> None:
    schedule = paused(team)
    services.cancel_schedule(schedule=schedule, actor=team.recruiter.user, reason=NO_REASON)
    CalendarConnection.objects.update(state="connected")
    with committed():
        later()
        work()
    assert written(team).state == EventState.CANCELLED
    assert to_interviewers(schedule) == []


def test_one_of_two_that_is_taken_away_is_mailed(team: Team, calendar: Vendor, committed: Work) -> None:
    schedule = paused(team, "Coding", "System design")
    edit(schedule.interviews.get(name="Coding"), team, interviewers=(team.recruiter,))
    rows = Message.objects.filter(schedule=schedule, membership=team.interviewer)
    assert [message.kind for message in rows] == ["interviewer_update"]
    edit(schedule.interviews.get(name="Coding"), team, interviewers=(team.interviewer,))
    assert to_interviewers(schedule) == [], "it is theirs again, as their calendar says"
    resume(committed)
    assert sorted(one.title for one in there(calendar, team)) == ["Coding with Ada Osei", "System design with Ada Osei"]


def test_a_new_interview_is_mailed_with_its_event_alone(team: Team, calendar: Vendor, committed: Work) -> None:
    schedule = paused(team)
    first = details_of(schedule.interviews.get())
    added = InterviewDetails(
        **{**vars(first), "name": "Pairing", "starts_at": first.ends_at, "ends_at": first.ends_at + HOUR}
    )
    add_interview(schedule=schedule, details=added, actor=team.recruiter.user)
    [mail] = mailed(schedule, team, team.interviewer)
    [ics] = calendars(mail)
    assert b"Pairing" in ics and b"Coding" not in ics
    resume(committed)
    assert [one.title for one in there(calendar, team)] == ["Coding with Ada Osei"]
    assert [one for one in to_interviewers(schedule) if "draft" in one] == []

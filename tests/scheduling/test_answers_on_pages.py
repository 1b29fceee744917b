"""Answers and changes in calendars, and by mail: the same on Home, "Details" and Communications."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from integrations.calendars import Answer
from organizations.members import remove_member
from organizations.models import Membership
from scheduling import tasks
from scheduling.availability import snapshots
from scheduling.erasure.services import delete_candidate
from scheduling.models import CalendarEntry, CalendarEvent, Candidate, Interview, MailAnswer
from scheduling.schedules import former_members
from tests.conftest import Team
from tests.scheduling.calendars import HOUR, Vendor
from tests.scheduling.stand_ins import read_all
from tests.scheduling.test_calendar_events import calendar, read, scheduled, work, written
from tests.scheduling.test_meetings import MEET, meeting
from tests.scheduling.test_rooms_pages import plain

__all__ = ["calendar"]
pytestmark = pytest.mark.django_db

LEAVE = "I'm on leave that week"


def details(team: Team, interview: Interview, client: Client | None = None) -> str:
    client = client or team.client(team.recruiter)
    return plain(client.get(team.url(f"schedules/{interview.schedule_id}/")).content)


def home(team: Team, client: Client | None = None) -> str:
    return plain((client or team.client(team.recruiter)).get(team.url("home/")).content)


def communications(team: Team, interview: Interview) -> str:
    address = team.url(f"schedules/{interview.schedule_id}/messages/")
    return plain(team.client(team.recruiter).get(address, headers={"HX-Request": "true"}).content)


def answers(team: Team, vendor: Vendor, answer: Answer, comment: str = "") -> None:
    """Answer in the calendar, let that be read, and look at what the list of changes shows."""
    book = vendor.book(f"cal-{team.interviewer.pk}")
    [one] = book.occurrences.values()
    book.comments[one.id] = comment
    book.put(replace(one, answer=answer))
    row = team.interviewer.calendars.get()
    snapshots.mark_due([row.pk])
    snapshots.read(row.pk)
    for pk in CalendarEvent.objects.filter(check_at__isnull=False).order_by("pk").values_list("pk", flat=True):
        tasks.check_calendar_event(pk)


def set_up(team: Team) -> Interview:
    interview = scheduled(team, team.interviewer).interviews.get()
    work()
    read(team)
    return interview


def test_a_comment_beside_a_decline_is_said_on_each_page(team: Team, calendar: Vendor) -> None:
    interview = set_up(team)
    answers(team, calendar, Answer.DECLINED, LEAVE)
    assert f"declined “Coding”: “{LEAVE}”" in home(team)
    assert f"Declined: “{LEAVE}”" in details(team, interview)
    assert LEAVE in communications(team, interview)


def test_a_comment_that_comes_after_the_answer_is_seen_too(team: Team, calendar: Vendor) -> None:
    set_up(team)
    answers(team, calendar, Answer.DECLINED)
    assert "declined “Coding”" in home(team) and LEAVE not in home(team)
    answers(team, calendar, Answer.DECLINED, LEAVE)
    assert f"declined “Coding”: “{LEAVE}”" in home(team)


def test_a_comment_is_text_on_one_line_and_cut(team: Team, calendar: Vendor) -> None:
    set_up(team)
    answers(team, calendar, Answer.DECLINED, "<b>No</b>\r\n\x00\u202ewon't\n" + 300 * "ab ")
    page = team.client(team.recruiter).get(team.url("home/")).content.decode()
    assert "&lt;b&gt;No&lt;/b&gt; won&#x27;t ab ab" in page and "<b>No</b>" not in page
    assert 60 * "ab " in page and 70 * "ab " not in page and "…”" in page
    assert len(str(written(team).comment)) <= 1000


def test_a_comment_is_stored_encrypted_and_reaches_no_log(
    team: Team, calendar: Vendor, caplog: pytest.LogCaptureFixture
) -> None:
    set_up(team)
    with caplog.at_level(logging.DEBUG):
        answers(team, calendar, Answer.DECLINED, LEAVE)
        home(team)
    assert "on leave" not in caplog.text
    with connection.cursor() as cursor:
        cursor.execute("SELECT comment FROM scheduling_calendarevent")
        assert b"on leave" not in bytes(cursor.fetchone()[0])


def test_other_interviewers_see_the_answer_without_the_comment(team: Team, calendar: Vendor) -> None:
    interview = scheduled(team, team.interviewer, team.recruiter).interviews.get()
    work()
    read(team)
    CalendarEvent.objects.filter(membership=team.interviewer).update(answer=Answer.DECLINED, comment=LEAVE)
    own = details(team, interview, team.client(team.interviewer))
    assert LEAVE in own and "Declined" in own
    Membership.objects.filter(pk=team.recruiter.pk).update(role="interviewer")
    other = details(team, interview, team.client(team.recruiter))
    assert LEAVE not in other and "Declined" in other


def test_a_comment_leaves_with_its_writer_and_with_the_candidate(team: Team, calendar: Vendor) -> None:
    interview = set_up(team)
    answers(team, calendar, Answer.DECLINED, LEAVE)
    assert LEAVE in str(former_members.held(team.interviewer.user, team.organization))
    former_members.forget(team.interviewer.user, team.organization, at_last=True)
    assert (written(team).answer, written(team).comment) == (Answer.DECLINED, "")
    CalendarEvent.objects.update(comment=LEAVE)
    remove_member(membership=team.interviewer, actor=team.admin.user)
    assert {str(one.comment) for one in CalendarEvent.objects.all()} == {""}
    CalendarEvent.objects.update(comment=LEAVE, membership=team.recruiter, state="ready")
    candidate = Candidate.objects.get(pk=interview.schedule.candidate_id)
    delete_candidate(candidate=candidate, actor=team.admin.user)
    assert {str(one.comment) for one in CalendarEvent.objects.all()} <= {""}


# --- the same everywhere -------------------------------------------------------------------------------------------


def at(interview: Interview, hours: int) -> dict[str, Any]:
    return {"starts_at": interview.starts_at + hours * HOUR, "ends_at": interview.ends_at + hours * HOUR}


@pytest.mark.parametrize("what", ["deleted", "moved", "proposed", "declined and proposed"])
def test_what_was_done_to_an_event_is_said_alike(team: Team, calendar: Vendor, what: str) -> None:
    interview = set_up(team)
    columns: dict[str, Any] = {"answer": Answer.ACCEPTED, "answered_at": timezone.now()}
    if what == "deleted":
        columns["deleted_at"] = timezone.now()
    elif what == "moved":
        columns |= {f"moved_{name}": value for name, value in at(interview, 1).items()}
    else:
        columns |= {f"proposed_{name}": value for name, value in at(interview, 1).items()}
        columns["answer"] = Answer.DECLINED if "declined" in what else Answer.TENTATIVE
    CalendarEvent.objects.update(**columns)
    words = {
        "deleted": ("deleted “Coding” from their calendar", "Deleted from the calendar"),
        "moved": ("moved “Coding” to", "Moved in the calendar"),
    }.get(what, ("proposes", "Proposes"))
    assert words[0] in home(team) and "declined" not in home(team)
    for page in (details(team, interview), communications(team, interview), home(team)):
        assert words[1] in page
        assert "Accepted" not in page and "Declined" not in page and "Tentative" not in page


def test_an_answer_to_a_withdrawn_invitation_is_said_nowhere(team: Team) -> None:
    interview = scheduled(team, team.interviewer).interviews.get()
    entry = mail_answer(team, interview, Answer.DECLINED).entry
    assert "Declined" in details(team, interview)
    entry.cancelled = True
    entry.save()
    assert "Declined" not in details(team, interview) and "declined" not in home(team)


def test_what_is_answered_in_the_calendar_counts_more_than_the_mail_before(team: Team, calendar: Vendor) -> None:
    interview = set_up(team)
    mail_answer(team, interview, Answer.DECLINED)
    assert "declined “Coding”" in home(team) and "Declined" in details(team, interview)
    answers(team, calendar, Answer.ACCEPTED)
    assert "declined" not in home(team)
    assert "Accepted" in details(team, interview) and "Declined" not in details(team, interview)


def mail_answer(team: Team, interview: Interview, answer: Answer) -> MailAnswer:
    """An answer by mail to an invitation of the interviewer's."""
    own = {"organization": team.organization, "schedule": interview.schedule, "membership": team.interviewer}
    entry = CalendarEntry.objects.create(
        **own, audience="interviewer", uid=f"uid-{interview.pk}", interview_ids=[interview.pk]
    )
    return MailAnswer.objects.create(
        **own,
        entry=entry,
        interview=interview,
        token_hash=f"hash-{entry.pk}",
        token="x",
        answer=answer,
        answered_at=timezone.now(),
        starts_at=interview.starts_at,
        ends_at=interview.ends_at,
    )


# --- a call that was taken out of its event ------------------------------------------------------------------------


def removed_call(team: Team, vendor: Vendor) -> Interview:
    """An interview whose video call somebody took out of the event, and whose interviewer has accepted."""
    interview = meeting(team, MEET, team.interviewer)
    work()
    read_all()
    book = vendor.book(f"cal-{team.interviewer.pk}")
    [one] = book.occurrences.values()
    book.calls[one.id] = None
    book.put(one)
    read_all()
    CalendarEvent.objects.update(answer=Answer.ACCEPTED)
    interview.refresh_from_db()
    assert interview.meeting_problem == "removed"
    return interview


def test_a_removed_call_is_put_back_into_its_event(team: Team, calendar: Vendor) -> None:
    interview = removed_call(team, calendar)
    address = team.url(f"interviews/{interview.pk}/call/restore/")
    for page in (home(team), details(team, interview)):
        assert address in page and "Put it back" in page
    [before] = calendar.book(f"cal-{team.interviewer.pk}").occurrences.values()
    answer = team.client(team.recruiter).post(address)
    assert answer.status_code == 302
    assert "Being created" in details(team, interview)
    work()
    interview.refresh_from_db()
    [after] = calendar.book(f"cal-{team.interviewer.pk}").occurrences.values()
    assert interview.meeting_url == calendar.book(f"cal-{team.interviewer.pk}").calls[after.id] != ""
    assert (after.id, interview.meeting_problem) == (before.id, "")
    assert written(team).answer == Answer.ACCEPTED, "nobody asked anew"
    assert address not in home(team) and address not in details(team, interview)
    history = plain(team.client(team.recruiter).get(team.url(f"schedules/{interview.schedule_id}/history/")).content)
    assert "Put the video call of “Coding” back" in history


def test_a_call_is_put_back_once_and_not_in_place_of_another_decision(team: Team, calendar: Vendor) -> None:
    interview = removed_call(team, calendar)
    address, client = team.url(f"interviews/{interview.pk}/call/restore/"), team.client(team.recruiter)
    CalendarEvent.objects.update(**{f"moved_{name}": value for name, value in at(interview, 1).items()})
    assert "Nothing was changed." in plain(client.post(address, follow=True).content)
    assert written(team).moved_starts_at is not None
    CalendarEvent.objects.update(moved_starts_at=None, moved_ends_at=None)
    puts = calendar.calls.count("put")
    for _time in range(2):
        client.post(address)
    work()
    assert calendar.calls.count("put") == puts + 1


def test_only_those_who_schedule_put_a_call_back(team: Team, as_outsider: Client, calendar: Vendor) -> None:
    interview = removed_call(team, calendar)
    address = team.url(f"interviews/{interview.pk}/call/restore/")
    own = team.client(team.interviewer)
    assert address not in details(team, interview, own)
    assert own.post(address).status_code == 403
    assert as_outsider.post(address).status_code == 404
    interview.refresh_from_db()
    assert interview.meeting_problem == "removed"

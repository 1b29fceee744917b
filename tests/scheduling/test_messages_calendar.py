"""The calendar events that messages carry: UID, SEQUENCE, grouping, and cancellations."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.utils import timezone

from organizations.models import Organization
from scheduling.models import CalendarEntry, Candidate, Message, Schedule
from tests.conftest import Team
from tests.scheduling.message_steps import (
    assign,
    calendars,
    colleague,
    interview,
    move,
    propose,
    send,
    staffed_loop,
)
from tests.scheduling.test_ics import lines_named

pytestmark = pytest.mark.django_db


@pytest.fixture
def schedule(team: Team) -> Schedule:
    return staffed_loop(team, "Coding", "Design")


def events(schedule: Schedule, audience: str = "candidate") -> list[tuple[str, str, int]]:
    """Those of the newest message and of the further mails that follow it."""
    message = schedule.messages.filter(audience=audience, part_of=None).order_by("id").last()
    assert message is not None
    mails = [message, *message.parts.order_by("id")]
    assert all(len(one.calendar) == 1 for one in mails)
    return [(event["method"], event["uid"], event["sequence"]) for one in mails for event in one.calendar]


@pytest.mark.parametrize(("grouping", "count"), [("day", 2), ("block", 3), ("interview", 4)])
def test_the_candidates_events_are_grouped_as_the_organization_sets_it(team: Team, grouping: str, count: int) -> None:
    Organization.objects.filter(pk=team.organization.pk).update(invitation_grouping=grouping)
    schedule = staffed_loop(team, "A", "B", "C", "D")
    noon = timezone.now().replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=3)
    # A and B back to back, C after a break, D a day later.
    for name, hours in (("A", 0), ("B", 1), ("C", 4), ("D", 24)):
        begin = noon + timedelta(hours=hours)
        schedule.interviews.filter(name=name).update(starts_at=begin, ends_at=begin + timedelta(hours=1))
    mails = [found for found in send(schedule, team) if "ada@example.com" in found["To"]]
    assert [len(calendars(found)) for found in mails] == [1] * count
    assert len({uid for _method, uid, _sequence in events(schedule)}) == count


def test_a_day_ends_where_the_reader_is(team: Team, schedule: Schedule) -> None:
    Candidate.objects.filter(pk=schedule.candidate_id).update(time_zone="Asia/Tokyo")
    # 23:00 and 00:30 in Tokyo; in UTC, both on one day.
    for name, hour, minute in (("Coding", 14, 0), ("Design", 15, 30)):
        begin = timezone.now().replace(hour=hour, minute=minute, second=0, microsecond=0) + timedelta(days=3)
        schedule.interviews.filter(name=name).update(starts_at=begin, ends_at=begin + timedelta(hours=1))
    send(schedule, team)
    assert len(events(schedule)) == 2


def test_an_update_keeps_the_uid_and_raises_the_sequence(team: Team, schedule: Schedule) -> None:
    send(schedule, team)
    ((_method, uid, first),) = events(schedule)
    move(interview(schedule, "Coding"), days=1)
    move(interview(schedule, "Design"), days=1)
    send(schedule, team)
    assert events(schedule) == [("REQUEST", uid, first + 1)]


def test_a_day_that_falls_apart_keeps_one_event_and_adds_one(team: Team, schedule: Schedule) -> None:
    send(schedule, team)
    ((_method, uid, _sequence),) = events(schedule)
    move(interview(schedule, "Design"), days=2)
    send(schedule, team)
    now = events(schedule)
    assert ("REQUEST", uid, 1) in now
    assert [sequence for method, other, sequence in now if other != uid] == [0]
    move(interview(schedule, "Design"), days=-2)
    send(schedule, team)
    assert sorted(method for method, _uid, _sequence in events(schedule)) == ["CANCEL", "REQUEST"]
    assert ("REQUEST", uid, 2) in events(schedule)


def test_an_event_that_stands_is_kept_before_one_that_was_cancelled(team: Team) -> None:
    """Both covered the interview once; the cancelled one is older. Using it again would cancel the one that stands."""
    schedule = staffed_loop(team, "Coding", "Design", "Talk")
    for name in ("Design", "Talk"):
        move(interview(schedule, name), days=1)
    send(schedule, team)
    (_method, older, _sequence), (_method, newer, _sequence) = events(schedule)
    move(interview(schedule, "Coding"), days=1)
    send(schedule, team)
    assert sorted(events(schedule)) == [("CANCEL", older, 1), ("REQUEST", newer, 1)]
    schedule.interviews.exclude(name="Coding").update(state="cancelled")
    send(schedule, team)
    assert events(schedule) == [("REQUEST", newer, 2)]


def test_an_event_that_did_not_change_is_not_sent_again(team: Team, schedule: Schedule) -> None:
    move(interview(schedule, "Design"), days=2)
    send(schedule, team)
    before = {uid: sequence for _method, uid, sequence in events(schedule)}
    assert len(before) == 2
    move(interview(schedule, "Design"), hours=1)
    send(schedule, team)
    ((method, uid, sequence),) = events(schedule)
    assert (method, sequence) == ("REQUEST", before[uid] + 1)


def test_an_event_without_one_place_has_none_and_says_whose_clocks_it_means(team: Team, schedule: Schedule) -> None:
    Candidate.objects.filter(pk=schedule.candidate_id).update(time_zone="Asia/Kolkata")
    schedule.interviews.filter(name="Coding").update(place="Room 4")
    message = send_and_read(schedule, team)
    assert message.calendar[0]["location"] == ""
    assert message.calendar[0]["description"].splitlines()[-1] == "Times in Kolkata, GMT+5:30"
    schedule.interviews.update(place="Room 5")
    assert send_and_read(schedule, team).calendar[0]["location"] == "Room 5"


def send_and_read(schedule: Schedule, team: Team) -> Message:
    """The candidate's newest message."""
    send(schedule, team)
    return schedule.messages.filter(audience="candidate", part_of=None).latest("id")


def test_a_cancellation_strikes_out_what_was_entered(team: Team, schedule: Schedule) -> None:
    invited = send(schedule, team)
    Schedule.objects.filter(pk=schedule.pk).update(state=Schedule.State.CANCELLED)
    cancelled = send(schedule, team)
    assert len(cancelled) == 3
    for before, after in zip(invited, cancelled, strict=True):
        assert before["To"] == after["To"]
        (asked,), (cancel,) = calendars(before), calendars(after)
        assert lines_named(cancel, "METHOD") == ["METHOD:CANCEL"]
        assert lines_named(cancel, "UID") == lines_named(asked, "UID")
        assert lines_named(cancel, "SEQUENCE") == ["SEQUENCE:1"]
        assert (
            lines_named(cancel, "ATTENDEE")[0].split("mailto:")[1]
            == lines_named(asked, "ATTENDEE")[0].split("mailto:")[1]
        )
    assert propose(schedule, team) == []
    assert not CalendarEntry.objects.filter(schedule=schedule, cancelled=False).exists()


def organizers(mails: list[EmailMessage]) -> set[str]:
    lines = [line for found in mails for body in calendars(found) for line in lines_named(body, "ORGANIZER")]
    return {line.rpartition("mailto:")[2] for line in lines}


def test_an_event_keeps_its_organizer_whatever_the_settings_become(team: Team, schedule: Schedule) -> None:
    """RFC 5546, 3.2.2.1 and 3.2.5: calendars take updates and cancellations from the organizer of the event alone."""
    settings = Organization.objects.filter(pk=team.organization.pk)
    settings.update(reply_to="jobs@acme.example")
    assert organizers(send(schedule, team)) == {"jobs@acme.example"}
    settings.update(reply_to="people@acme.example", sender_name="People")
    move(interview(schedule, "Coding"), hours=-2)
    assign(interview(schedule, "Design"), colleague(team, "Grace"))
    assert sorted(organizers(send(schedule, team))) == ["jobs@acme.example", "people@acme.example"]
    assert {event["organizer"][1] for event in schedule.messages.get(to_name="Grace").calendar} == {
        "people@acme.example"
    }
    Schedule.objects.filter(pk=schedule.pk).update(state=Schedule.State.CANCELLED)
    send(schedule, team)
    cancelled = schedule.messages.filter(kind__endswith="_cancellation").exclude(to_name="Grace")
    assert {event["organizer"][1] for one in cancelled for event in one.calendar} == {"jobs@acme.example"}


def test_nobody_is_invited_by_themselves(team: Team, schedule: Schedule) -> None:
    """Answers go to the recruiter, who interviews too: calendars would take the event for one of their own."""
    Organization.objects.filter(pk=team.organization.pk).update(reply_to=team.recruiter.user.email.upper())
    send(schedule, team)
    by = {one.to_name: one.calendar[0]["organizer"][1] for one in schedule.messages.all()}
    assert by["Ada Osei"] == "RECRUITER@acme.example"
    assert by["Recruiter Acme"] == "panelist@testserver"


def test_a_schedule_that_comes_back_uses_the_same_event(team: Team, schedule: Schedule) -> None:
    send(schedule, team)
    ((_method, uid, _sequence),) = events(schedule)
    Schedule.objects.filter(pk=schedule.pk).update(state=Schedule.State.CANCELLED)
    send(schedule, team)
    Schedule.objects.filter(pk=schedule.pk).update(state=Schedule.State.SCHEDULED)
    assert len(send(schedule, team)) == 3
    assert events(schedule) == [("REQUEST", uid, 2)]


def test_an_interviewers_calendar_holds_own_interviews_only(team: Team, schedule: Schedule) -> None:
    assign(interview(schedule, "Design"), team.interviewer)
    send(schedule, team)
    mails = schedule.messages.filter(membership=team.interviewer).order_by("id")
    assert [event["summary"] for one in mails for event in one.calendar] == [
        "Coding with Ada Osei",
        "Design with Ada Osei",
    ]
    message = schedule.messages.get(membership=team.recruiter)
    assert [event["summary"] for event in message.calendar] == ["Design with Ada Osei"]


def test_the_mail_has_the_parts_that_mail_programs_look_for(team: Team, schedule: Schedule) -> None:
    Organization.objects.filter(pk=team.organization.pk).update(reply_to="jobs@acme.example", sender_name="Acme, Jobs")
    found = send(schedule, team)[0]
    assert found["From"] == '"Acme, Jobs" <panelist@testserver>'
    assert found["Reply-To"] == "jobs@acme.example"
    assert found["Message-ID"] == schedule.messages.get(audience="candidate").message_id
    assert found.get_content_type() == "multipart/mixed"
    alternative, file = found.iter_parts()
    assert alternative.get_content_type() == "multipart/alternative"
    text, html, invitation = alternative.iter_parts()
    assert [text.get_content_type(), html.get_content_type()] == ["text/plain", "text/html"]
    assert invitation.get_content_type() == "text/calendar"
    assert invitation.get_param("method") == "REQUEST"
    assert invitation.get_param("charset") == "utf-8"
    assert file.get_content_type() == "application/ics"
    assert file.get_filename() == "invite.ics"
    body = file.get_payload(decode=True)
    assert lines_named(body, "METHOD") == ["METHOD:REQUEST"]  # type: ignore[arg-type]
    assert invitation.get_payload(decode=True).replace(b"\r\n", b"\n") == body.replace(b"\r\n", b"\n")  # type: ignore[union-attr]
    assert lines_named(body, "ORGANIZER") == [  # type: ignore[arg-type]
        'ORGANIZER;CN="Acme, Jobs";SENT-BY="mailto:panelist@testserver":mailto:jobs@acme.example'
    ]

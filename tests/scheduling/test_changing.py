"""Another person, another time: the two small dialogs of an interview, and taking a change back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client

from organizations.models import AuditEvent, DayOff
from scheduling.models import Interview, InterviewerAssignment, MemberCalendar, Message, Schedule
from tests.conftest import Team
from tests.scheduling.calendars import Vendor, calendar_for
from tests.scheduling.message_steps import assign, colleague, propose, queue, send, staffed_loop

pytestmark = pytest.mark.django_db
#: A Wednesday; interviews begin the Friday after, at ten in UTC.
NOW = datetime(2027, 3, 10, 9, tzinfo=UTC)
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def clock(team: Team) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as travelled:
        yield travelled


@pytest.fixture
def loop(team: Team, clock: time_machine.Traveller) -> Schedule:
    return staffed_loop(team, "Coding", "Design")


@pytest.fixture
def as_recruiter(team: Team, clock: time_machine.Traveller) -> Client:
    """Signed in once the clock was moved: sessions end by time."""
    return team.client(team.recruiter)


def coding(loop: Schedule) -> Interview:
    return loop.interviews.get(name="Coding")


def person_url(team: Team, interview: Interview) -> str:
    return team.url(f"interviews/{interview.pk}/person/")


def time_url(team: Team, interview: Interview) -> str:
    return team.url(f"interviews/{interview.pk}/time/")


def fields(client: Client, address: str) -> dict[str, str]:
    """The hidden fields of a dialog."""
    page = client.get(address, headers=HTMX).content.decode()
    return dict(re.findall(r'type="hidden" name="(version|person)" value="(\w+)"', page))


def text(answer: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def people(interview: Interview) -> set[int]:
    return set(InterviewerAssignment.objects.filter(interview=interview).values_list("membership", flat=True))


def state_of(answer: Any) -> str:
    return str(json.loads(answer["HX-Trigger"])["notice"]["undo"]["state"])


def replace(client: Client, team: Team, loop: Schedule, new: int, **more: str) -> Any:
    address = person_url(team, coding(loop))
    known = fields(client, f"{address}?person={team.interviewer.pk}")
    return client.post(address, known | {"new": str(new)} | more, headers=HTMX)


def undo(client: Client, team: Team, interview: Interview, state: str) -> str:
    answer = client.post(team.url(f"interviews/{interview.pk}/undo/"), {"state": state}, headers=HTMX)
    return str(json.loads(answer["HX-Trigger"])["notice"])


# --- another person ------------------------------------------------------------------------------------------------


def test_the_free_and_least_loaded_come_first(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    busy, away = colleague(team, "Busy"), colleague(team, "Away")
    colleague(team, "Calm")
    other = staffed_loop(team, "Talk", email="bo@example.com").interviews.get()
    Interview.objects.filter(pk=other.pk).update(
        starts_at=other.starts_at + timedelta(hours=3), ends_at=other.ends_at + timedelta(hours=3)
    )
    assign(other, busy)
    DayOff.objects.create(membership=away, day=coding(loop).starts_at.date())
    words = text(as_recruiter.get(f"{person_url(team, coding(loop))}?person={team.interviewer.pk}", headers=HTMX))
    assert "Replace Interviewer Acme in “ Coding ”" in words
    places = [words.index(part) for part in ("Calm Free · 0", "Busy Free · 1", "Admin Acme Free", "Away Away is off")]
    assert places == sorted(places)
    assert "Interviewer Acme Free" not in words


def test_the_list_is_searched(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    for number in range(9):
        colleague(team, f"Person {number}")
    data = {"person": str(team.interviewer.pk), "part": "people", "q": "person 7"}
    words = text(as_recruiter.post(person_url(team, coding(loop)), data, headers=HTMX))
    assert "Person 7" in words and "Person 8" not in words
    assert 'No people match "nobody".' in text(
        as_recruiter.post(person_url(team, coding(loop)), data | {"q": "nobody"}, headers=HTMX)
    )


def test_a_replacement_is_one_change_and_needs_no_reason(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    kiri = colleague(team, "Kiri")
    send(loop, team)
    interview = coding(loop)
    answer = replace(as_recruiter, team, loop, kiri.pk)
    assert answer["HX-Retarget"] == "#details"
    assert people(interview) == {kiri.pk}
    event = AuditEvent.objects.get(action="interview.changed")
    assert event.detail["changes"] == {"people": {"user": [[team.interviewer.user_id], [kiri.user_id]]}}
    assert "reason" not in event.detail
    kinds = set(Message.objects.filter(state="draft").values_list("kind", "membership"))
    assert kinds == {
        ("candidate_update", None),
        ("interviewer_cancellation", team.interviewer.pk),
        ("interviewer_invitation", kiri.pk),
    }


def test_the_number_of_messages_is_said_before(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    """Nobody was told yet: whoever goes needs no message."""
    address = f"{person_url(team, coding(loop))}?person={team.interviewer.pk}"
    assert "Replace and prepare 2 messages" in text(as_recruiter.get(address, headers=HTMX))
    send(loop, team)
    assert "Replace and prepare 3 messages" in text(as_recruiter.get(address, headers=HTMX))
    assert "Add and prepare 3 messages" in text(as_recruiter.get(person_url(team, coding(loop)), headers=HTMX))
    assert "Move and prepare 2 messages" in text(as_recruiter.get(time_url(team, coding(loop)), headers=HTMX))


def test_whoever_has_it_in_their_calendar_counts_as_no_message(
    team: Team, loop: Schedule, as_recruiter: Client, calendar_vendor: Vendor
) -> None:
    """A new person counts as one until all who can be chosen have a calendar."""
    address = f"{person_url(team, coding(loop))}?person={team.interviewer.pk}"
    connection = calendar_for(team.interviewer).connection
    calendar_for(team.recruiter, connection)
    MemberCalendar.objects.update(is_written=True)
    assert "Move and prepare 1 message" in text(as_recruiter.get(time_url(team, coding(loop)), headers=HTMX))
    assert "Replace and prepare 2 messages" in text(as_recruiter.get(address, headers=HTMX))
    calendar_for(team.admin, connection)
    MemberCalendar.objects.update(is_written=True)
    assert "Replace and prepare 1 message" in text(as_recruiter.get(address, headers=HTMX))


def test_whoever_was_invited_by_mail_goes_on_getting_mails(
    team: Team, loop: Schedule, as_recruiter: Client, calendar_vendor: Vendor
) -> None:
    send(loop, team)
    calendar_for(team.interviewer)
    MemberCalendar.objects.update(is_written=True)
    assert "Move and prepare 2 messages" in text(as_recruiter.get(time_url(team, coding(loop)), headers=HTMX))


def test_one_more_interviewer_is_added(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    kiri, address = colleague(team, "Kiri"), person_url(team, coding(loop))
    answer = as_recruiter.post(address, fields(as_recruiter, address) | {"new": str(kiri.pk)}, headers=HTMX)
    assert answer.status_code == 200
    assert people(coding(loop)) == {team.interviewer.pk, kiri.pk}


def test_a_conflict_of_the_new_person_has_to_be_confirmed(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    """Those that the interview has anyway, here the weekend, are not asked about again."""
    saturday = coding(loop)
    saturday.starts_at += timedelta(days=1)
    saturday.ends_at += timedelta(days=1)
    saturday.save()
    team.admin.work_days = "123456"
    team.admin.save()
    DayOff.objects.create(membership=team.admin, day=saturday.starts_at.date())
    refused = replace(as_recruiter, team, loop, team.admin.pk)
    assert refused.status_code == 422 and "Not saved yet: fix 1 problem" in text(refused)
    token = re.search(r'name="rows-0-override"\s+value="([^"]+)"', refused.content.decode())
    assert token and token[1].startswith("day_off:")
    assert people(saturday) == {team.interviewer.pk}
    assert replace(as_recruiter, team, loop, team.admin.pk, **{"rows-0-override": token[1]}).status_code == 200
    assert people(saturday) == {team.admin.pk}
    overridden = AuditEvent.objects.get(action="interview.changed").detail["overridden"]
    assert {"conflict": "day_off", "user": team.admin.user_id} in overridden


def test_what_cannot_be_replaced_says_why(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    interview, kiri = coding(loop), colleague(team, "Kiri")
    address = person_url(team, interview)
    known = fields(as_recruiter, f"{address}?person={team.interviewer.pk}")
    nobody = as_recruiter.post(address, known, headers=HTMX)
    assert nobody.status_code == 422 and "Choose a person." in text(nobody)
    gone = as_recruiter.get(f"{address}?person={kiri.pk}", headers=HTMX)
    assert "This person is no longer in the interview." in text(gone)
    assert as_recruiter.get(f"{address}?person=x", headers=HTMX).status_code == 200

    Interview.objects.filter(pk=interview.pk).update(place="Room 7")
    since = as_recruiter.post(address, known | {"new": str(kiri.pk)}, headers=HTMX)
    assert since.status_code == 422 and "This changed since you opened it. It is now:" in text(since)
    Interview.objects.filter(pk=interview.pk).update(state="cancelled")
    off = as_recruiter.post(address, known | {"new": str(kiri.pk)}, headers=HTMX)
    assert off.status_code == 422 and "This interview is cancelled." in text(off)
    Interview.objects.filter(pk=interview.pk).update(state="scheduled", starts_at=NOW - timedelta(hours=3), ends_at=NOW)
    assert "This interview is over." in text(as_recruiter.get(address, headers=HTMX))
    assert people(interview) == {team.interviewer.pk}


def test_nobody_of_another_organization_is_taken(
    team: Team, other_team: Team, loop: Schedule, as_recruiter: Client
) -> None:
    refused = replace(as_recruiter, team, loop, other_team.interviewer.pk)
    assert refused.status_code == 422 and "Choose a person." in text(refused)


# --- another time --------------------------------------------------------------------------------------------------


def at(interview: Interview) -> dict[str, str]:
    return {"rows-0-date": f"{interview.starts_at:%Y-%m-%d}", "rows-0-time": "16:00"}


def test_a_move_needs_a_reason_and_tells_all_problems_at_once(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    design = loop.interviews.get(name="Design")
    address = time_url(team, coding(loop))
    known = fields(as_recruiter, address)
    both = as_recruiter.post(address, known | at(design) | {"rows-0-time": "12:30"}, headers=HTMX)
    assert both.status_code == 422
    assert "Not saved yet: fix 2 problems" in text(both)
    same = as_recruiter.post(address, known | at(design) | {"rows-0-time": "11:00"}, headers=HTMX)
    assert "at this time already" in text(same)
    wrong = as_recruiter.post(address, known | {"rows-0-date": "x", "rows-0-time": ""}, headers=HTMX)
    assert wrong.status_code == 422 and "Enter a date like" in text(wrong)

    reason = {"reason": "An interviewer is ill", "note": "Flu"}
    answer = as_recruiter.post(address, known | at(design) | reason, headers=HTMX)
    assert answer.status_code == 200
    assert coding(loop).starts_at == datetime.combine(design.starts_at.date(), time(15), UTC)
    event = AuditEvent.objects.get(action="interview.moved")
    assert (event.detail["reason"], event.texts["note"]) == ("An interviewer is ill", "Flu")


@pytest.mark.parametrize(
    ("quick", "shown"),
    [("30m", ("2027-03-12", "11:30")), ("1d", ("2027-03-13", "11:00")), ("1w", ("2027-03-19", "11:00"))],
)
def test_quick_buttons_only_show(
    team: Team, loop: Schedule, as_recruiter: Client, quick: str, shown: tuple[str, str]
) -> None:
    before, address = coding(loop), time_url(team, coding(loop))
    sent = {"quick": quick, "rows-0-date": "2027-03-12", "rows-0-time": "11:00", "reason": "An interviewer is ill"}
    page = as_recruiter.post(address, sent, headers=HTMX).content.decode()
    assert all(f'value="{value}"' in page for value in shown)
    assert 'name="reason"' not in page  # one that was chosen since stays
    whole = as_recruiter.post(address, sent).content.decode()
    assert re.search(r'value="An interviewer is ill"\s+checked', whole)
    assert coding(loop).starts_at == before.starts_at
    assert as_recruiter.post(address, {"quick": "x"}, headers=HTMX).status_code == 200


def test_the_next_free_time_suits_everyone(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    """The interviewer is off on Monday; on Friday the other interview is in the way, and then the hours are over."""
    InterviewerAssignment.objects.filter(interview=coding(loop)).update(membership=team.admin)
    team.admin.work_from, team.admin.work_until = time(9), time(12)
    team.admin.save()
    DayOff.objects.create(membership=team.admin, day=datetime(2027, 3, 15).date())
    address = time_url(team, coding(loop))
    sent = {"quick": "free", "rows-0-date": "2027-03-12", "rows-0-time": "11:00"}
    page = as_recruiter.post(address, sent, headers=HTMX).content.decode()
    # Nine in UTC, where the admin is: ten in Berlin.
    assert 'value="2027-03-16"' in page and 'value="10:00"' in page
    team.admin.work_days = ""
    team.admin.save()
    never = as_recruiter.post(address, sent, headers=HTMX)
    assert "No time in the next 14 days suits everyone." in text(never)


# --- taking back ---------------------------------------------------------------------------------------------------


def test_both_are_taken_back_while_nobody_was_told(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    send(loop, team)
    kiri, interview = colleague(team, "Kiri"), coding(loop)
    state = state_of(replace(as_recruiter, team, loop, kiri.pk))
    assert undo(as_recruiter, team, interview, state) == "Undone."
    assert people(interview) == {team.interviewer.pk}
    assert not Message.objects.filter(state="draft").exists()

    address = time_url(team, interview)
    known = fields(as_recruiter, address) | at(interview) | {"reason": "An interviewer is ill"}
    state = state_of(as_recruiter.post(address, known, headers=HTMX))
    assert undo(as_recruiter, team, interview, state) == "Undone."
    assert coding(loop).starts_at == interview.starts_at
    assert "Undone" in {event.detail.get("reason") for event in AuditEvent.objects.filter(action="interview.moved")}


def test_it_is_not_taken_back_once_something_else_happened(
    team: Team, loop: Schedule, as_recruiter: Client, clock: time_machine.Traveller
) -> None:
    kiri, interview = colleague(team, "Kiri"), coding(loop)
    state = state_of(replace(as_recruiter, team, loop, kiri.pk))
    assert undo(as_recruiter, team, interview, "x") == "Not undone: too much time has passed."
    assert undo(team.client(team.admin), team, interview, state) == "Not undone: this changed since."
    assert undo(as_recruiter, team, loop.interviews.get(name="Design"), state) == "Not undone: this changed since."
    Interview.objects.filter(pk=interview.pk).update(place="Room 7")
    assert undo(as_recruiter, team, interview, state) == "Not undone: this changed since."
    Interview.objects.filter(pk=interview.pk).update(place=interview.place)
    other = staffed_loop(team, "Talk", email="bo@example.com")
    assert other.interviews.get().starts_at == interview.starts_at
    assert undo(as_recruiter, team, interview, state) == "Not undone: somebody else was booked at that time."
    other.interviews.update(state="cancelled")
    clock.shift(timedelta(seconds=1))
    propose(loop, team)
    queue(loop, team, overridden=True)
    assert undo(as_recruiter, team, interview, state) == "Not undone: messages were sent since."
    clock.shift(timedelta(minutes=11))
    assert undo(team.client(team.recruiter), team, interview, state) == "Not undone: too much time has passed."
    assert people(interview) == {kiri.pk}


def test_without_scripts_the_schedule_says_it(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    address = person_url(team, coding(loop))
    page = as_recruiter.get(f"{address}?person={team.interviewer.pk}").content.decode()
    assert "<h1" in page and f'action="{address}' in page
    known = fields(as_recruiter, f"{address}?person={team.interviewer.pk}") | {"new": str(team.admin.pk)}
    answer = as_recruiter.post(address, known, follow=True)
    assert answer.redirect_chain == [(team.url(f"schedules/{loop.pk}/"), 302)]
    assert "replaced by" in text(answer)

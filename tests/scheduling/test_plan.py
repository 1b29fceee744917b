""" "Edit plan": several interviews of a schedule changed together, all or nothing, with one reason."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client

from jobs.models import Job, JobCoordinator
from organizations.models import AuditEvent, DayOff, Membership
from scheduling.models import FormDraft, Interview, Message, Schedule
from tests.conftest import Team
from tests.scheduling.loops import connect, make_link, make_loop
from tests.scheduling.message_steps import assign, colleague, kinds, send, staffed_loop
from tests.scheduling.test_communications import text_of

pytestmark = pytest.mark.django_db

REASON = "The candidate asked for it"
# A Friday; ten in Berlin.
FRIDAY = datetime(2027, 3, 5, 9, tzinfo=UTC)
FIELD = re.compile(r"<input\b[^>]*>")


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(datetime(2027, 3, 1, 12, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def loop(team: Team) -> Schedule:
    """Coding at ten, Design at eleven and Talk at twelve on Friday in Berlin."""
    for member in (team.interviewer, team.recruiter):
        member.user.time_zone = "Europe/Berlin"
        member.user.save()
    schedule = staffed_loop(team, "Coding", "Design", "Talk")
    for place, interview in enumerate(schedule.interviews.order_by("position")):
        interview.starts_at = FRIDAY + timedelta(hours=place)
        interview.ends_at = interview.starts_at + timedelta(hours=1)
        interview.save()
    Schedule.objects.filter(pk=schedule.pk).update(first_starts_at=FRIDAY, last_ends_at=FRIDAY + timedelta(hours=3))
    schedule.candidate.time_zone = "Europe/Berlin"
    schedule.candidate.save()
    return schedule


def address(team: Team, schedule: Schedule) -> str:
    return team.url(f"schedules/{schedule.pk}/plan/")


def fields_in(page: str) -> dict[str, Any]:
    """Read the form as a browser sends it: its inputs, and the chosen type of each row."""
    form = page[page.index('id="builder"') :]
    form = form[: form.index("</form>")]
    found: dict[str, list[str]] = {}
    for tag in FIELD.findall(form):
        given = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if "name" not in given or (given.get("type") in {"checkbox", "radio"} and "checked" not in tag):
            continue
        found.setdefault(given["name"], []).append(unescape(given.get("value", "")))
    for name, options in re.findall(r'<select name="(rows-\d+-kind)".*?>(.*?)</select>', form, re.DOTALL):
        found[name] = re.findall(r'value="(\w+)" selected', options)
    found.pop("csrfmiddlewaretoken", None)
    return found


def opened(client: Client, team: Team, schedule: Schedule) -> dict[str, Any]:
    answer = client.get(address(team, schedule))
    assert answer.status_code == 200
    return fields_in(answer.content.decode())


def post(client: Client, team: Team, schedule: Schedule, fields: dict[str, Any]) -> tuple[int, str]:
    answer = client.post(address(team, schedule), fields)
    return answer.status_code, unescape(answer.content.decode())


def pressed(client: Client, team: Team, schedule: Schedule, fields: dict[str, Any], *do: str) -> dict[str, Any]:
    status, page = post(client, team, schedule, fields | {"part": "form", "do": list(do)})
    assert status == 200
    return fields_in(page)


def times(schedule: Schedule) -> dict[str, str]:
    due = schedule.interviews.filter(state="scheduled").order_by("starts_at")
    return {one.name: f"{one.starts_at + timedelta(hours=1):%a %H:%M}" for one in due}


def people_of(schedule: Schedule, name: str) -> set[int]:
    return set(schedule.interviews.get(name=name).assignments.values_list("membership", flat=True))


def test_several_are_changed_with_one_reason_and_one_round_of_messages(
    team: Team, loop: Schedule, as_recruiter: Client
) -> None:
    kiri = colleague(team, "Kiri Moana", time_zone="Europe/Berlin")
    send(loop, team)
    sent = opened(as_recruiter, team, loop)
    assert [sent[f"rows-{row}-name"] for row in range(3)] == [["Coding"], ["Design"], ["Talk"]]
    sent |= {"rows-0-time": "14:00", "rows-1-interviewers": f"{kiri.pk}", "rows-2-place": "Room 7"}
    status, _page = post(as_recruiter, team, loop, sent | {"reason": REASON, "note": "She is ill."})
    assert status == 302
    assert times(loop) == {"Design": "Fri 11:00", "Talk": "Fri 12:00", "Coding": "Fri 14:00"}
    assert people_of(loop, "Design") == {kiri.pk}
    assert loop.interviews.get(name="Talk").place == "Room 7"
    events = AuditEvent.objects.filter(action__startswith="interview.").order_by("pk")
    assert [event.action for event in events] == ["interview.moved", "interview.changed", "interview.changed"]
    assert {(event.detail["reason"], event.texts["note"]) for event in events} == {(REASON, "She is ill.")}
    assert kinds(list(loop.messages.filter(state="draft"))) == [
        ("candidate_update", "Ada Osei"),
        ("interviewer_invitation", "Kiri Moana"),
        ("interviewer_update", "Interviewer Acme"),
        ("interviewer_update", "Recruiter Acme"),
    ]
    loop.refresh_from_db()
    assert loop.last_ends_at == FRIDAY + timedelta(hours=5)


def test_the_foot_says_what_saving_does(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    make_link(loop.interviews.get(name="Coding"), connect(team), "ready", expires_at=FRIDAY + timedelta(days=1))
    make_link(loop.interviews.get(name="Talk"), loop.organization.integrations.get(), "ready")
    sent = opened(as_recruiter, team, loop)
    assert "Nothing changed yet" in post(as_recruiter, team, loop, sent | {"part": "conflicts"})[1]
    sent |= {"rows-0-date": "2027-03-08"}
    status, page = post(as_recruiter, team, loop, sent | {"part": "form", "do": "remove:2"})
    words = text_of(page)
    assert status == 200
    assert "Save 2 changes" in words and "Talk Will be cancelled when you save" in words
    assert "3 messages will be prepared" not in words
    assert "2 messages will be prepared" in words  # nobody told the recruiter of Talk yet
    assert "1 coding link will be generated" in words and "1 coding link will be removed" in words
    assert times(loop) == {"Coding": "Fri 10:00", "Design": "Fri 11:00", "Talk": "Fri 12:00"}


def test_one_is_added_and_one_removed(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    sent = pressed(as_recruiter, team, loop, opened(as_recruiter, team, loop), "remove:1", "add")
    assert sent["rows-count"] == ["3"] and sent["removed"] == [f"{loop.interviews.get(name='Design').pk}"]
    sent |= {"rows-2-name": "Lunch", "rows-2-minutes": "30", "rows-2-time": "11:00"}
    assert post(as_recruiter, team, loop, sent | {"reason": REASON})[0] == 302
    assert times(loop) == {"Coding": "Fri 10:00", "Lunch": "Fri 11:00", "Talk": "Fri 12:00"}
    assert loop.interviews.get(name="Design").is_cancelled
    assert AuditEvent.objects.get(action="interview.cancelled").detail["reason"] == REASON
    assert AuditEvent.objects.filter(action="interview.added").count() == 1


def test_what_is_removed_comes_back_with_keep(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    design = loop.interviews.get(name="Design").pk
    sent = pressed(as_recruiter, team, loop, opened(as_recruiter, team, loop), "remove:1")
    sent = pressed(as_recruiter, team, loop, sent, f"keep:{design}")
    assert "removed" not in sent and sent["rows-1-name"] == ["Design"]
    assert post(as_recruiter, team, loop, sent)[0] == 302
    assert not AuditEvent.objects.filter(action__startswith="interview.").exists()


def test_only_added_ones_ask_for_no_reason(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    sent = pressed(as_recruiter, team, loop, opened(as_recruiter, team, loop), "add")
    assert post(as_recruiter, team, loop, sent | {"rows-3-name": "Lunch"})[0] == 302
    assert loop.interviews.filter(name="Lunch").exists()


def test_a_change_without_a_reason_is_refused(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    sent = opened(as_recruiter, team, loop) | {"rows-0-time": "14:00"}
    status, page = post(as_recruiter, team, loop, sent | {"reason": ""})
    assert status == 422 and "Choose a reason" in page
    assert fields_in(page)["rows-0-time"] == ["14:00"]
    assert times(loop)["Coding"] == "Fri 10:00"


def test_conflicts_are_found_together_refused_and_overridden(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    """All or nothing: what has no conflict is not saved either."""
    DayOff.objects.create(membership=team.interviewer, day=date(2027, 3, 8))
    sent = opened(as_recruiter, team, loop) | {"rows-0-date": "2027-03-08", "rows-1-time": "12:30", "reason": REASON}
    status, page = post(as_recruiter, team, loop, sent)
    assert status == 422
    assert "Interviewer Acme is off on 8 March 2027." in page and "Talk" in page
    assert times(loop) == {"Coding": "Fri 10:00", "Design": "Fri 11:00", "Talk": "Fri 12:00"}
    ticks = re.findall(r'name="(rows-\d+-override)"\s+value="([^"]+)"', page)
    # The day off; the candidate and the recruiter, who are in Talk: said once, beside what was moved.
    assert [name for name, _token in ticks] == ["rows-0-override", "rows-1-override", "rows-1-override"]
    tokens: dict[str, list[str]] = {}
    for name, token in ticks:
        tokens.setdefault(name, []).append(token)
    assert post(as_recruiter, team, loop, sent | {"rows-0-override": tokens["rows-0-override"]})[0] == 422
    assert post(as_recruiter, team, loop, sent | tokens)[0] == 302
    assert times(loop) == {"Talk": "Fri 12:00", "Design": "Fri 12:30", "Coding": "Mon 10:00"}
    assert len(AuditEvent.objects.filter(action="interview.moved", texts__has_key="overridden")) == 2


def test_two_change_places(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    """Nothing of the schedule is in the way of itself, nor is what is removed."""
    sent = opened(as_recruiter, team, loop) | {"rows-0-time": "11:00", "rows-1-time": "10:00", "reason": REASON}
    assert post(as_recruiter, team, loop, sent)[0] == 302
    assert times(loop) == {"Design": "Fri 10:00", "Coding": "Fri 11:00", "Talk": "Fri 12:00"}
    sent = pressed(as_recruiter, team, loop, opened(as_recruiter, team, loop), "remove:2")
    assert post(as_recruiter, team, loop, sent | {"rows-1-time": "12:00", "reason": REASON})[0] == 302
    assert times(loop) == {"Design": "Fri 10:00", "Coding": "Fri 12:00"}


def test_a_conflict_that_was_there_before_keeps_nothing_from_being_saved(
    team: Team, loop: Schedule, as_recruiter: Client
) -> None:
    DayOff.objects.create(membership=team.interviewer, day=date(2027, 3, 5))
    sent = opened(as_recruiter, team, loop) | {"rows-0-place": "Room 7", "reason": REASON}
    assert post(as_recruiter, team, loop, sent)[0] == 302
    assert loop.interviews.get(name="Coding").place == "Room 7"


def test_what_a_colleague_changed_is_said_and_what_was_typed_stays(
    team: Team, loop: Schedule, as_recruiter: Client
) -> None:
    sent = opened(as_recruiter, team, loop) | {"rows-0-time": "14:00", "reason": REASON}
    for name in ("Coding", "Talk"):
        interview = loop.interviews.get(name=name)
        interview.place = "Room 9"
        interview.save()
    Interview.objects.filter(schedule=loop, name="Design").update(state="cancelled")
    status, page = post(as_recruiter, team, loop, sent)
    assert status == 422
    assert "This changed since you opened it. It is now:" in text_of(page)
    assert "Coding · Fri 5 Mar 2027, 10:00–11:00 · Interviewer Acme · Room 9" in text_of(page)
    assert times(loop)["Coding"] == "Fri 10:00"
    again = fields_in(page)
    # What the reader did not touch is as it is now; nothing of it is taken back.
    assert (again["rows-0-time"], again["rows-1-name"], again["rows-1-place"]) == (["14:00"], ["Talk"], ["Room 9"])
    assert again["rows-count"] == ["2"]
    assert post(as_recruiter, team, loop, again | {"reason": REASON})[0] == 302
    assert times(loop) == {"Talk": "Fri 12:00", "Coding": "Fri 14:00"}
    assert loop.interviews.get(name="Talk").place == "Room 9"


def test_an_interview_that_a_colleague_added_is_not_lost(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    sent = opened(as_recruiter, team, loop) | {"rows-0-time": "14:00", "reason": REASON}
    start = FRIDAY + timedelta(hours=6)
    Interview.objects.create(
        organization=loop.organization, schedule=loop, name="Lunch", starts_at=start, ends_at=start + timedelta(hours=1)
    )
    status, page = post(as_recruiter, team, loop, sent)
    assert status == 422 and fields_in(page)["rows-3-name"] == ["Lunch"]
    assert post(as_recruiter, team, loop, fields_in(page) | {"reason": REASON})[0] == 302
    assert times(loop) == {"Design": "Fri 11:00", "Talk": "Fri 12:00", "Coding": "Fri 14:00", "Lunch": "Fri 16:00"}


def test_what_is_over_or_cancelled_is_a_plain_line(
    team: Team, loop: Schedule, as_recruiter: Client, clock: Any
) -> None:
    Interview.objects.filter(schedule=loop, name="Design").update(state="cancelled")
    clock.move_to(FRIDAY + timedelta(hours=1, minutes=30))
    as_recruiter = team.client(team.recruiter)
    page = as_recruiter.get(address(team, loop)).content.decode()
    fields = fields_in(page)
    assert fields["rows-count"] == ["1"] and fields["rows-0-name"] == ["Talk"]
    assert "Coding Fri 5 Mar 2027, 10:00–11:00 · Over" in text_of(page)
    assert "Design Fri 5 Mar 2027, 11:00–12:00 · Cancelled" in text_of(page)
    # Nor does somebody change one of them by hand.
    coding = loop.interviews.get(name="Coding").pk
    assert post(as_recruiter, team, loop, fields | {"removed": f"{coding}", "rows-0-interview": f"{coding}"})[0] == 422
    assert not loop.interviews.get(name="Coding").is_cancelled


def test_interviews_of_other_schedules_are_out_of_reach(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    other = make_loop(team, "Elsewhere").interviews.get()
    sent = opened(as_recruiter, team, loop) | {"reason": REASON}
    assert post(as_recruiter, team, loop, sent | {"removed": f"{other.pk}"})[0] == 302
    forged = sent | {"rows-0-interview": f"{other.pk}", "rows-0-time": "14:00"}
    post(as_recruiter, team, loop, forged)
    before = other.starts_at
    other.refresh_from_db()
    assert not other.is_cancelled and other.starts_at == before


def test_nothing_changed_writes_nothing(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    before = (AuditEvent.objects.count(), Message.objects.count())
    sent = opened(as_recruiter, team, loop)
    answer = as_recruiter.post(address(team, loop), sent, follow=True)
    assert "Nothing changed." in answer.content.decode()
    assert (AuditEvent.objects.count(), Message.objects.count()) == before


def test_a_draft_is_kept_until_it_is_saved(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    sent = opened(as_recruiter, team, loop) | {"rows-0-time": "14:00"}
    draft = sent | {"part": "draft", "draft-sequence": "1"}
    assert post(as_recruiter, team, loop, draft)[0] == 204
    Interview.objects.filter(schedule=loop, name="Talk").update(place="Room 9")
    again = opened(as_recruiter, team, loop)
    assert (again["rows-0-time"], again["rows-2-place"]) == (["14:00"], ["Room 9"])
    assert "schedule-plan" not in as_recruiter.get(team.url("schedules/")).content.decode()
    assert post(as_recruiter, team, loop, again | {"reason": REASON})[0] == 302
    assert not FormDraft.objects.exclude(content="").exists()
    assert opened(as_recruiter, team, loop)["rows-0-name"] == ["Design"]


def test_a_draft_without_a_reason_is_no_mistake_yet(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    sent = opened(as_recruiter, team, loop) | {"rows-0-time": "14:00", "reason": ""}
    post(as_recruiter, team, loop, sent | {"part": "draft", "draft-sequence": "1"})
    page = as_recruiter.get(address(team, loop)).content.decode()
    assert 'id="id_reason"' in page and "Choose a reason. It appears" not in page


def test_people_are_found_as_if_the_schedule_kept_nobody_busy(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    sent = opened(as_recruiter, team, loop) | {"rows-1-time": "14:00", "part": "people", "rows-0-time": "11:00"}
    page = post(as_recruiter, team, loop, sent | {"row": "0", "rows-0-find": "Recruiter"})[1]
    assert "Recruiter Acme" in page and "busy" not in text_of(page)
    day = {"entry_zone": "Europe/Berlin", "day": "2027-03-05", "people": f"{team.recruiter.pk}"}
    busy = as_recruiter.get(team.url("schedules/new/day/"), day).content.decode()
    free = as_recruiter.get(team.url("schedules/new/day/"), day | {"schedule": f"{loop.pk}"}).content.decode()
    assert '"busy"' in busy and '"busy"' not in free


def test_details_leads_there_for_those_who_change_schedules(team: Team, loop: Schedule) -> None:
    details = team.url(f"schedules/{loop.pk}/")
    assert address(team, loop) in team.client(team.recruiter).get(details).content.decode()
    assert address(team, loop) not in team.client(team.interviewer).get(details).content.decode()
    assert team.client(team.interviewer).get(address(team, loop)).status_code == 403


def test_a_cancelled_schedule_has_no_plan_to_edit(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    sent = opened(as_recruiter, team, loop) | {"rows-0-time": "14:00", "reason": REASON}
    Schedule.objects.filter(pk=loop.pk).update(state="cancelled")
    details = team.url(f"schedules/{loop.pk}/")
    assert address(team, loop) not in as_recruiter.get(details).content.decode()
    assert as_recruiter.get(address(team, loop)).headers["Location"] == details
    answer = as_recruiter.post(address(team, loop), sent, follow=True)
    assert "This schedule is cancelled. Nothing was saved." in answer.content.decode()
    assert loop.interviews.get(name="Coding").starts_at == FRIDAY


def test_others_get_no_plan(team: Team, other_team: Team, loop: Schedule) -> None:
    stranger = other_team.client(other_team.recruiter)
    assert stranger.get(address(team, loop)).status_code == 404
    assert stranger.get(other_team.url(f"schedules/{loop.pk}/plan/")).status_code == 404
    other = Job.objects.create(organization=team.organization, title="Gardener")
    coordinator = team.add(Membership.Role.COORDINATOR)
    JobCoordinator.objects.create(job=other, membership=coordinator)
    assert team.client(coordinator).get(address(team, loop)).status_code == 404
    assert team.client(coordinator).post(address(team, loop), {"rows-count": "0"}).status_code == 404
    Schedule.objects.filter(pk=loop.pk).update(job=other)
    assert team.client(coordinator).get(address(team, loop)).status_code == 200


def test_it_takes_few_queries_and_writes_nothing(
    team: Team, loop: Schedule, as_recruiter: Client, django_assert_max_num_queries: Any
) -> None:
    assign(loop.interviews.get(name="Coding"), team.admin)
    as_recruiter.get(address(team, loop))
    with django_assert_max_num_queries(12) as asked:
        as_recruiter.get(address(team, loop))
    assert not [one for one in asked.captured_queries if not one["sql"].lstrip("(").startswith("SELECT")]

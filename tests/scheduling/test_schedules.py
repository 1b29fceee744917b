"""The list of schedules and one schedule's pages: who sees what, and what changing them does."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jobs.models import Job, Stage
from organizations.models import AuditEvent
from scheduling.models import Candidate, CodingLink, Interview, InterviewerAssignment, Schedule
from tests.conftest import Team
from tests.scheduling.loops import MEETING, connect, make_link, make_loop

pytestmark = pytest.mark.django_db

START = datetime(2027, 3, 1, 9, tzinfo=UTC)
# Each address of one schedule and its interview, and what each of the roles gets: admin, recruiter, interviewer
# who sits in it, interviewer who does not.
ADDRESSES = [
    ("schedules/", (200, 200, 200, 200)),
    ("schedules/{schedule}/", (200, 200, 200, 404)),
    ("schedules/{schedule}/history/", (200, 200, 403, 403)),
    ("schedules/{schedule}/cancel/", (200, 200, 403, 403)),
    ("schedules/{schedule}/delete/", (200, 200, 403, 403)),
    ("schedules/{schedule}/interviews/new/", (200, 200, 403, 403)),
    ("interviews/{interview}/edit/", (200, 200, 403, 403)),
    ("interviews/{interview}/cancel/", (200, 200, 403, 403)),
]


@pytest.fixture
def loop(team: Team) -> Schedule:
    """Two hours, back to back, in 2027."""
    schedule = make_loop(team, "Coding", "Culture")
    for place, interview in enumerate(schedule.interviews.order_by("position")):
        interview.starts_at = START + timedelta(hours=place)
        interview.ends_at = START + timedelta(hours=place + 1)
        interview.save()
    Schedule.objects.filter(pk=schedule.pk).update(first_starts_at=START, last_ends_at=START + timedelta(hours=2))
    schedule.refresh_from_db()
    return schedule


def coding(schedule: Schedule) -> Interview:
    return schedule.interviews.get(name="Coding")


def values(interview: Interview, **changes: str) -> dict[str, str]:
    """The values that the dialog of an interview sends."""
    local = interview.starts_at + timedelta(hours=1)  # Berlin's winter, in which the schedules here are planned
    return {
        "rows-count": "1",
        "rows-0-name": interview.name,
        "rows-0-kind": interview.kind,
        "rows-0-minutes": str(interview.minutes),
        "rows-0-date": f"{local:%Y-%m-%d}",
        "rows-0-time": f"{local:%H:%M}",
        "rows-0-place": interview.place,
        "reason": "",
        "note": "",
    } | changes


@pytest.mark.parametrize(("address", "statuses"), ADDRESSES)
def test_who_may_see_what(
    team: Team, other_team: Team, loop: Schedule, address: str, statuses: tuple[int, int, int, int]
) -> None:
    path = address.format(schedule=loop.pk, interview=coding(loop).pk)
    assignment = InterviewerAssignment.objects.create(interview=coding(loop), membership=team.interviewer)
    assert team.client(team.admin).get(team.url(path)).status_code == statuses[0]
    assert team.client(team.recruiter).get(team.url(path)).status_code == statuses[1]
    assert team.client(team.interviewer).get(team.url(path)).status_code == statuses[2]
    assignment.delete()
    assert team.client(team.interviewer).get(team.url(path)).status_code == statuses[3]
    outsider = other_team.client(other_team.admin)
    assert outsider.get(team.url(path)).status_code == 404
    if "{" in address:
        assert outsider.get(other_team.url(path)).status_code == 404
    if statuses[2] == 403:
        assert team.client(team.interviewer).post(team.url(path)).status_code == 403
        # A page that is only read takes no POST, whatever its id.
        assert outsider.post(other_team.url(path)).status_code == (405 if path.endswith("/history/") else 404)
        assert Schedule.objects.get().state == "scheduled"
    assert Client().get(team.url(path)).status_code == 302


def test_an_interviewer_sees_only_own_interviews(team: Team, loop: Schedule, as_interviewer: Client) -> None:
    assert "Ada Osei" not in as_interviewer.get(team.url("schedules/")).content.decode()
    InterviewerAssignment.objects.create(interview=coding(loop), membership=team.interviewer)
    assert "Ada Osei" in as_interviewer.get(team.url("schedules/")).content.decode()
    page = as_interviewer.get(team.url(f"schedules/{loop.pk}/")).content.decode()
    assert "Coding" in page
    assert "Culture" not in page
    assert "Communications" not in page
    assert "ada@example.com" not in page


def test_details_show_the_readers_time_and_the_schedules(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    team.recruiter.user.time_zone = "America/New_York"
    team.recruiter.user.save()
    page = as_recruiter.get(team.url(f"schedules/{loop.pk}/")).content.decode()
    assert "Mon 1 Mar 2027, 04:00–05:00" in page
    assert "Mon 1 Mar 2027, 10:00–11:00" in page


def test_the_list_is_searched_and_narrowed(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    job = Job.objects.create(organization=team.organization, title="Compiler engineer")
    stage = Stage.objects.create(organization=team.organization, job=job, name="On site")
    grace = Candidate.objects.create(organization=team.organization, name="Grace Lin")
    Schedule.objects.create(
        organization=team.organization,
        candidate=grace,
        job=job,
        stage=stage,
        first_starts_at=START + timedelta(days=7),
        last_ends_at=START + timedelta(days=7, hours=1),
    )

    def names(query: str) -> set[str]:
        page = as_recruiter.get(team.url("schedules/") + query).content.decode()
        return {name for name in ("Ada Osei", "Grace Lin") if name in page}

    assert names("") == {"Ada Osei", "Grace Lin"}
    assert names("?q=grace") == {"Grace Lin"}
    assert names("?q=compiler") == {"Grace Lin"}
    assert names(f"?job={job.pk}") == {"Grace Lin"}
    assert names(f"?job={job.pk}&stage={stage.pk}") == {"Grace Lin"}
    assert names("?day_until=2027-03-01") == {"Ada Osei"}
    assert names("?day_from=2027-03-02") == {"Grace Lin"}
    assert names("?q=nobody") == set()
    assert names("?job=x&state=y&day_from=z&page=w&order=v") == {"Ada Osei", "Grace Lin"}
    Schedule.objects.filter(candidate=grace).update(state="cancelled")
    assert names("?state=scheduled") == {"Ada Osei"}
    assert names("?state=cancelled") == {"Grace Lin"}


def test_the_list_takes_the_same_queries_for_few_and_many(team: Team, as_recruiter: Client) -> None:
    integration = connect(team)

    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert as_recruiter.get(team.url("schedules/")).status_code == 200
        return len(queries)

    make_loop(team, "One")
    make_link(Interview.objects.get(name="One"), integration, "ready")
    few = count()
    for number in range(60):
        schedule = make_loop(team, f"A{number}", f"B{number}", email=f"{number}@example.com")
        for interview in schedule.interviews.all():
            make_link(interview, integration, "ready")
    assert count() == few
    assert few <= 12


def test_pages_of_the_list_keep_the_search(team: Team, as_recruiter: Client) -> None:
    for number in range(51):
        make_loop(team, "Coding", hours_ahead=number + 1)
    page = as_recruiter.get(team.url("schedules/") + "?q=ada").content.decode()
    assert "1 to 50 of 51" in page
    assert "?q=ada&amp;page=2" in page
    assert "51 to 51 of 51" in as_recruiter.get(team.url("schedules/") + "?q=ada&page=2").content.decode()


def test_moving_asks_for_a_reason_and_keeps_it(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    interview = coding(loop)
    address = team.url(f"interviews/{interview.pk}/edit/")
    moved = values(interview, **{"rows-0-time": "15:00", "note": "Her train is late."})
    refused = as_recruiter.post(address, moved)
    assert refused.status_code == 422
    assert "Choose a reason" in refused.content.decode()
    assert "Her train is late." in refused.content.decode()
    interview.refresh_from_db()
    assert interview.starts_at == START

    answer = as_recruiter.post(
        address, moved | {"reason": "The candidate asked for it"}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 200
    assert answer["HX-Retarget"] == "#details"
    interview.refresh_from_db()
    assert interview.starts_at == datetime(2027, 3, 1, 14, tzinfo=UTC)
    loop.refresh_from_db()
    assert (loop.first_starts_at, loop.last_ends_at) == (START + timedelta(hours=1), START + timedelta(hours=6))
    event = AuditEvent.objects.get(action="interview.moved")
    assert event.detail["reason"] == "The candidate asked for it"
    assert event.texts["note"] == "Her train is late."
    history = as_recruiter.get(team.url(f"schedules/{loop.pk}/history/")).content.decode()
    assert "Her train is late." in history
    assert "Moved “Coding”" in history


def test_other_changes_need_no_reason(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    interview = coding(loop)
    sent = values(interview, **{"rows-0-name": "Pairing", "rows-0-interviewers": str(team.interviewer.pk)})
    assert as_recruiter.post(team.url(f"interviews/{interview.pk}/edit/"), sent).status_code == 200
    interview.refresh_from_db()
    assert interview.name == "Pairing"
    assert [assignment.membership_id for assignment in interview.assignments.all()] == [team.interviewer.pk]
    event = AuditEvent.objects.get(action="interview.changed")
    assert event.texts["changes"] == {"name": ["Coding", "Pairing"]}
    assert event.detail["changes"] == {"people": {"user": [[], [team.interviewer.user_id]]}}
    history = unescape(as_recruiter.get(team.url(f"schedules/{loop.pk}/history/")).content.decode())
    assert "Name: Coding → Pairing" in history and "Interviewers: none → Interviewer Acme" in history


def test_saving_what_is_the_same_writes_nothing(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    interview = coding(loop)
    assert as_recruiter.post(team.url(f"interviews/{interview.pk}/edit/"), values(interview)).status_code == 200
    assert not AuditEvent.objects.filter(subject_type="interview").exists()


def test_moving_tells_the_link(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    interview = coding(loop)
    link = make_link(interview, connect(team), "pending")
    sent = values(interview, **{"rows-0-date": "2027-04-05", "reason": "The candidate asked for it"})
    assert as_recruiter.post(team.url(f"interviews/{interview.pk}/edit/"), sent).status_code == 200
    link.refresh_from_db()
    assert link.not_before is not None
    assert link.not_before > START


def test_cancelling_an_interview_lets_its_link_go(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    interview = coding(loop)
    link = make_link(interview, connect(team), "ready")
    address = team.url(f"interviews/{interview.pk}/cancel/")
    assert as_recruiter.post(address, {"reason": ""}).status_code == 422
    assert as_recruiter.post(address, {"reason": "The candidate withdrew"}).status_code == 200
    interview.refresh_from_db()
    link.refresh_from_db()
    assert interview.is_cancelled
    assert not link.is_live
    loop.refresh_from_db()
    assert loop.first_starts_at == START + timedelta(hours=1)


def test_cancelling_a_schedule_cancels_all_of_it(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    link = make_link(coding(loop), connect(team), "ready")
    answer = as_recruiter.post(
        team.url(f"schedules/{loop.pk}/cancel/"), {"reason": "The candidate withdrew"}, headers={"HX-Request": "true"}
    )
    assert answer["HX-Redirect"] == team.url(f"schedules/{loop.pk}/")
    loop.refresh_from_db()
    link.refresh_from_db()
    assert loop.state == "cancelled"
    assert {interview.state for interview in loop.interviews.all()} == {"cancelled"}
    assert not link.is_live
    # The list still says when it was.
    assert loop.first_starts_at == START
    assert as_recruiter.get(team.url(f"schedules/{loop.pk}/")).status_code == 200


def test_deleting_a_schedule_lets_its_links_go(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    link = make_link(coding(loop), connect(team), "ready")
    answer = as_recruiter.post(team.url(f"schedules/{loop.pk}/delete/"), headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == team.url("schedules/")
    assert not Schedule.objects.filter(pk=loop.pk).exists()
    assert not CodingLink.objects.get(pk=link.pk).is_live
    assert AuditEvent.objects.filter(action="schedule.deleted", subject_id=loop.pk).exists()


def test_an_interview_can_be_added(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    address = team.url(f"schedules/{loop.pk}/interviews/new/")
    dialog = as_recruiter.get(address).content.decode()
    assert 'value="12:15"' in dialog  # a break after the last one, which ends at 12:00 in Berlin
    assert "is-invalid" not in dialog
    sent = values(coding(loop), **{"rows-0-name": "", "rows-0-time": "12:15"})
    refused = as_recruiter.post(address, sent)
    assert refused.status_code == 422
    assert "Enter a name, such as “System design”." in refused.content.decode()
    assert as_recruiter.post(address, sent | {"rows-0-name": "Lunch"}).status_code == 200
    assert loop.interviews.get(name="Lunch").starts_at == datetime(2027, 3, 1, 11, 15, tzinfo=UTC)


def test_what_was_cancelled_meanwhile_is_not_changed(team: Team, loop: Schedule, as_recruiter: Client) -> None:
    interview = coding(loop)
    interview.state = "cancelled"
    interview.save()
    sent = values(interview, **{"rows-0-name": "Pairing"})
    answer = as_recruiter.post(team.url(f"interviews/{interview.pk}/edit/"), sent)
    assert answer.status_code == 422
    assert "This was cancelled since you opened it" in answer.content.decode()
    interview.refresh_from_db()
    assert interview.name == "Coding"


def test_what_a_colleague_changed_meanwhile_is_not_undone_by_accident(
    team: Team, loop: Schedule, as_recruiter: Client, as_admin: Client
) -> None:
    interview = coding(loop)
    address = team.url(f"interviews/{interview.pk}/edit/")
    opened = as_recruiter.get(address).content.decode()
    sent = values(interview, **{"rows-0-place": "Room 5", "version": version_in(opened)})
    moved = values(interview, **{"rows-0-time": "15:00", "reason": "An interviewer is ill"})
    moved |= {
        "rows-0-interviewers": str(team.interviewer.pk),
        "version": version_in(as_admin.get(address).content.decode()),
    }
    assert as_admin.post(address, moved).status_code == 200

    refused = as_recruiter.post(address, sent)
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "This changed since you opened it" in page
    assert "Mon 1 Mar 2027, 15:00–16:00" in page and "Interviewer Acme" in page
    assert 'value="Room 5"' in page and 'value="10:00"' in page
    interview.refresh_from_db()
    assert (interview.place, interview.starts_at) == (MEETING, datetime(2027, 3, 1, 14, tzinfo=UTC))

    again = sent | {
        "rows-0-time": "15:00",
        "rows-0-interviewers": str(team.interviewer.pk),
        "version": version_in(page),
    }
    assert as_recruiter.post(address, again).status_code == 200
    interview.refresh_from_db()
    assert (interview.place, interview.starts_at) == ("Room 5", datetime(2027, 3, 1, 14, tzinfo=UTC))


def version_in(page: str) -> str:
    found = re.search(r'name="version" value="(\w+)"', page)
    assert found
    return found[1]


def test_the_django_admin_shows_but_does_not_change(team: Team, loop: Schedule, client: Client) -> None:
    make_link(coding(loop), connect(team), "ready")
    team.admin.user.is_staff = team.admin.user.is_superuser = True
    team.admin.user.save()
    client.force_login(team.admin.user)
    for model in (
        "candidate",
        "schedule",
        "interview",
        "interviewerassignment",
        "codinglink",
        "linkevent",
        "changereason",
    ):
        assert client.get(f"/admin/scheduling/{model}/").status_code == 200
    link = CodingLink.objects.get()
    page = client.get(f"/admin/scheduling/codinglink/{link.pk}/change/").content.decode()
    assert 'name="_save"' not in page
    assert client.post(f"/admin/scheduling/codinglink/{link.pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_schedule_without_interviews_is_listed_with_those_to_come(
    team: Team, loop: Schedule, as_recruiter: Client
) -> None:
    Schedule.objects.filter(pk=loop.pk).update(first_starts_at=None, last_ends_at=None)
    assert "Ada Osei" in as_recruiter.get(team.url("schedules/")).content.decode()

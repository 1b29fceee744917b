"""Coordinators of some jobs: what they see, choose and change of theirs, and that other jobs do not exist for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from integrations.models import Integration
from jobs.models import InterviewPlan, Job, JobCoordinator, PlanInterview, Stage
from organizations.models import Membership
from scheduling.models import Candidate, Interview, InterviewerAssignment, Message, Schedule
from tests.conftest import Team
from tests.scheduling.loops import connect, make_link

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 2, 26, 7, tzinfo=UTC)  # a Friday, 8 o'clock in Berlin
MONDAY_AT_TWO = datetime(2027, 3, 1, 13, tzinfo=UTC)
HOUR = timedelta(hours=1)
#: Words of the other job, which must stand on no page.
FOREIGN = ("Zookeeper", "Aquarium", "Feeding", "Bob Foreign", "bob@example.com")


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@dataclass
class Work:
    """A job with its plan, a candidate, and their schedule with one interview by the team's interviewer."""

    job: Job
    stage: Stage
    plan: PlanInterview
    candidate: Candidate
    schedule: Schedule

    @property
    def interview(self) -> Interview:
        return self.schedule.interviews.get()


def work(team: Team, title: str, stage_name: str, plan_name: str, person: str, at: datetime) -> Work:
    here = {"organization": team.organization}
    job = Job.objects.create(**here, title=title)
    stage = Stage.objects.create(**here, job=job, name=stage_name)
    plan = InterviewPlan.objects.create(**here, stage=stage)
    planned = PlanInterview.objects.create(**here, plan=plan, name=plan_name)
    name = person.split(maxsplit=1)[0].lower()
    candidate = Candidate.objects.create(
        **here, name=person, email=f"{name}@example.com", job=job, stage=stage, time_zone="Europe/Berlin"
    )
    return Work(job, stage, planned, candidate, book(team, candidate, job, stage, plan_name, at))


def book(team: Team, candidate: Candidate, job: Job, stage: Stage, name: str, at: datetime) -> Schedule:
    here = {"organization": team.organization}
    schedule = Schedule.objects.create(
        **here, candidate=candidate, job=job, stage=stage, first_starts_at=at, last_ends_at=at + HOUR
    )
    interview = Interview.objects.create(
        **here, schedule=schedule, name=name, starts_at=at, ends_at=at + HOUR, place="https://meet.example/x"
    )
    InterviewerAssignment.objects.create(interview=interview, membership=team.interviewer)
    return schedule


@pytest.fixture
def mine(team: Team) -> Work:
    return work(team, "Baker", "On site", "Kneading", "Ada Own", NOW + 3 * HOUR)


@pytest.fixture
def foreign(team: Team) -> Work:
    return work(team, "Zookeeper", "Aquarium", "Feeding", "Bob Foreign", NOW + 6 * HOUR)


@pytest.fixture
def coordinator(team: Team, mine: Work, foreign: Work) -> Membership:
    member = team.add("coordinator")
    JobCoordinator.objects.create(job=mine.job, membership=member)
    return member


@pytest.fixture
def client(team: Team, coordinator: Membership) -> Client:
    return team.client(coordinator)


def read(client: Client, team: Team, path: str, **asked: str | int) -> str:
    response = client.get(team.url(path), asked)
    assert response.status_code == 200, path
    return unescape(response.content.decode())


def nothing_foreign(page: str, words: Sequence[str] = FOREIGN) -> None:
    assert [word for word in words if word in page] == []


# --- lists, searches and choices -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "own"),
    [
        ("home/", "Ada Own"),
        ("schedules/", "Ada Own"),
        ("schedules/?show=past", "Schedules"),
        ("schedules/?show=cancelled", "Schedules"),
        ("schedules/?order=candidate", "Baker"),
        ("candidates/", "Ada Own"),
        ("candidates/find/", "Ada Own"),
        ("candidates/new/", "Baker"),
        ("jobs/", "Baker"),
        ("schedules/new/", "Baker"),
        ("settings/members/", "Baker"),
    ],
)
def test_pages_hold_their_jobs_and_no_others(team: Team, client: Client, foreign: Work, path: str, own: str) -> None:
    other = team.add("coordinator")
    JobCoordinator.objects.create(job=foreign.job, membership=other)
    page = read(client, team, path)
    assert own in page
    nothing_foreign(page)


@pytest.mark.parametrize("path", ["schedules/", "candidates/", "candidates/find/", "jobs/"])
def test_searches_do_not_find_another_job(team: Team, client: Client, path: str) -> None:
    for words in ("Bob", "Zookeeper", "bob@example.com"):
        page = read(client, team, path, q=words)
        assert "Bob Foreign" not in page
        assert f'href="{team.url("jobs/")}2' not in page


def test_filters_take_no_foreign_job(team: Team, client: Client, foreign: Work) -> None:
    """Ignored like anything else that is not among the choices."""
    for path in ("schedules/", "candidates/"):
        page = read(client, team, path, job=foreign.job.pk, stage=foreign.stage.pk)
        assert "Ada Own" in page
        nothing_foreign(page)


def test_their_own_schedule_tells_nothing_of_others(
    team: Team, client: Client, mine: Work, foreign: Work, coordinator: Membership
) -> None:
    for page in ("", "communications/", "messages/", "join-links/", "history/", "move/", "cancel/", "delete/"):
        response = client.get(team.url(f"schedules/{mine.schedule.pk}/{page}"), headers={"HX-Request": "true"})
        assert response.status_code == 200, page
        nothing_foreign(unescape(response.content.decode()))


@pytest.mark.parametrize("path", ["candidates/import/", "candidates/export/", "settings/security/", "jobs/new/"])
def test_what_reaches_beyond_their_jobs_is_closed(team: Team, client: Client, path: str) -> None:
    assert client.get(team.url(path)).status_code == 403


def test_the_notice_of_a_paused_key_names_no_candidates(team: Team, client: Client, foreign: Work) -> None:
    key = connect(team, state=Integration.State.PAUSED, problem_code="key_rejected")
    make_link(foreign.interview, key, "pending")
    assert "Bob Foreign" in read(team.client(team.recruiter), team, "schedules/")
    page = read(client, team, "schedules/")
    assert "is paused" in page
    nothing_foreign(page)


def test_home_asks_them_only_about_their_own(team: Team, client: Client, mine: Work, foreign: Work) -> None:
    key = connect(team)
    for one in (mine, foreign):
        make_link(one.interview, key, "failed", problem_code="template_refused", candidate_key=one.candidate.email)
    for one in (mine, foreign):
        Message.objects.create(
            organization=team.organization,
            schedule=one.schedule,
            audience="candidate",
            kind="candidate_invitation",
            state="failed",
            to_name=one.candidate.name,
            to_email=one.candidate.email,
            subject="Interview",
            text="-",
            html="-",
        )
    recruiters = read(team.client(team.recruiter), team, "home/")
    assert recruiters.count("Bob Foreign") > 1
    page = read(client, team, "home/")
    assert "need attention" in page and "Ada Own" in page
    nothing_foreign(page)


def test_without_a_job_home_says_what_to_do(team: Team, client: Client, mine: Work) -> None:
    mine.schedule.delete()
    mine.job.delete()
    page = read(client, team, "home/")
    assert "You coordinate no jobs yet." in page
    assert "Ask Admin Acme to assign you to a job." in page
    assert "No open jobs yet" in read(client, team, "schedules/new/")


def test_a_new_coordinator_is_asked_to_schedule(team: Team, client: Client, mine: Work) -> None:
    mine.schedule.delete()
    assert "Next: schedule a candidate." in read(client, team, "home/")


# --- forms with ids of another job ---------------------------------------------------------------------------------


def typed(at: Work, candidate: str, **changes: object) -> dict[str, object]:
    """The fields of "New schedule" for Monday, 1 March 2027, at two in Berlin."""
    row = {
        "rows-0-plan_interview": str(at.plan.pk),
        "rows-0-name": "Kneading",
        "rows-0-kind": "video",
        "rows-0-minutes": "60",
        "rows-0-date": "2027-03-01",
        "rows-0-time": "14:00",
        "rows-0-place": "https://meet.example/1",
    }
    head = {"candidate": candidate, "job": str(at.job.pk), "stage": str(at.stage.pk), "time_zone": "Europe/Berlin"}
    return head | {"rows-count": "1"} | row | changes


def test_they_schedule_a_new_candidate_for_their_job(team: Team, client: Client, mine: Work) -> None:
    new = {"new-name": "Eli New", "new-email": "eli@example.com", "new-time_zone": "Europe/Berlin"}
    answer = client.post(team.url("schedules/new/"), typed(mine, "new", **new))
    schedule = Schedule.objects.latest("id")
    assert answer["Location"] == team.url(f"schedules/{schedule.pk}/")
    assert (schedule.candidate.name, schedule.job) == ("Eli New", mine.job)
    assert "Eli New" in read(client, team, f"schedules/{schedule.pk}/")
    assert "Eli New" in read(client, team, "candidates/")


@pytest.mark.parametrize("field", ["candidate", "job", "stage"])
def test_a_schedule_takes_nothing_of_another_job(
    team: Team, client: Client, mine: Work, foreign: Work, field: str
) -> None:
    other = {"candidate": foreign.candidate.pk, "job": foreign.job.pk, "stage": foreign.stage.pk}[field]
    sent = typed(mine, str(mine.candidate.pk)) | {field: str(other)}
    before = Schedule.objects.count()
    for more in ({}, {"part": "form", "changed": field}, {"part": "conflicts"}):
        answer = client.post(team.url("schedules/new/"), sent | more)
        assert answer.status_code in {200, 422}
        nothing_foreign(unescape(answer.content.decode()))
    assert Schedule.objects.count() == before


def test_a_plan_interview_of_another_job_is_not_taken(team: Team, client: Client, mine: Work, foreign: Work) -> None:
    sent = typed(mine, str(mine.candidate.pk)) | {"rows-0-plan_interview": str(foreign.plan.pk)}
    client.post(team.url("schedules/new/"), sent)
    assert Interview.objects.get(starts_at=MONDAY_AT_TWO).plan_interview is None
    assert not Interview.objects.filter(plan_interview=foreign.plan).exists()


def test_the_address_of_a_new_schedule_names_nothing_foreign(team: Team, client: Client, foreign: Work) -> None:
    asked = {"candidate": foreign.candidate.pk, "job": foreign.job.pk, "stage": foreign.stage.pk}
    nothing_foreign(read(client, team, "schedules/new/", **asked))


def test_they_add_candidates_to_their_jobs_only(team: Team, client: Client, mine: Work, foreign: Work) -> None:
    person = {"name": "Eli New", "email": "", "phone": "", "time_zone": "Europe/Berlin"}
    for job, stage in (("", ""), (foreign.job.pk, ""), (foreign.job.pk, foreign.stage.pk), ("", foreign.stage.pk)):
        answer = client.post(team.url("candidates/new/"), person | {"job": job, "stage": stage})
        assert (job, stage, answer.status_code) == (job, stage, 422)
    assert not Candidate.objects.filter(name="Eli New").exists()
    assert client.post(team.url("candidates/new/"), person | {"job": mine.job.pk, "stage": ""}).status_code == 302
    assert Candidate.objects.get(name="Eli New").job == mine.job


def test_a_candidate_stays_with_one_of_their_jobs(team: Team, client: Client, mine: Work, foreign: Work) -> None:
    person = {"name": "Ada Own", "email": "ada@example.com", "phone": "", "time_zone": "Europe/Berlin"}
    for job in ("", foreign.job.pk):
        answer = client.post(team.url(f"candidates/{mine.candidate.pk}/edit/"), person | {"job": job, "stage": ""})
        assert answer.status_code == 422
    mine.candidate.refresh_from_db()
    assert mine.candidate.job == mine.job


@pytest.fixture
def shared(team: Team, mine: Work, foreign: Work) -> Candidate:
    """A candidate for the other job with schedules in both."""
    person = Candidate.objects.create(
        organization=team.organization, name="Cem Both", job=foreign.job, stage=foreign.stage, time_zone="Europe/Berlin"
    )
    book(team, person, mine.job, mine.stage, "Baking", MONDAY_AT_TWO + 3 * HOUR)
    book(team, person, foreign.job, foreign.stage, "Feeding", MONDAY_AT_TWO)
    return person


def test_a_shared_candidates_other_job_is_not_shown(team: Team, client: Client, shared: Candidate) -> None:
    assert "Cem Both" in read(client, team, "candidates/")
    page = read(client, team, f"candidates/{shared.pk}/")
    assert page.count("On site") == 1
    paths = ("candidates/", f"candidates/{shared.pk}/", f"candidates/{shared.pk}/edit/")
    for path in (*paths, f"schedules/new/?candidate={shared.pk}"):
        nothing_foreign(read(client, team, path))


def test_a_shared_candidate_keeps_the_other_job(team: Team, client: Client, shared: Candidate, mine: Work) -> None:
    fields = {"name": "Cem Corrected", "email": "", "phone": "", "time_zone": "UTC", "job": mine.job.pk, "stage": ""}
    assert client.post(team.url(f"candidates/{shared.pk}/edit/"), fields).status_code == 302
    after = Candidate.objects.get(pk=shared.pk)
    assert (after.name, after.job_id, after.stage_id) == ("Cem Corrected", shared.job_id, shared.stage_id)


# --- their own job -------------------------------------------------------------------------------------------------


def test_they_edit_the_plan_of_their_job(team: Team, client: Client, mine: Work) -> None:
    page = read(client, team, f"jobs/{mine.job.pk}/")
    assert 'id="add-stage"' in page and "Edit job" in page
    assert "Close job" not in page and "Delete job" not in page
    assert client.post(team.url(f"jobs/{mine.job.pk}/stages/new/"), {"name": "Trial day"}).status_code == 302
    assert list(mine.job.stages.values_list("name", flat=True)) == ["On site", "Trial day"]


def test_an_assignment_opens_and_closes_a_job_at_once(
    team: Team, client: Client, coordinator: Membership, foreign: Work
) -> None:
    address = team.url(f"schedules/{foreign.schedule.pk}/")
    assert client.get(address).status_code == 404
    row = JobCoordinator.objects.create(job=foreign.job, membership=coordinator)
    assert client.get(address).status_code == 200
    row.delete()
    assert client.get(address).status_code == 404
    assert timezone.now() == NOW

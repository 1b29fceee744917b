"""Stages of a job and the interviews of their plans: adding, editing, moving, removing."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.http import Http404
from django.test import Client
from django.utils import timezone

from jobs import services
from jobs.models import PlanInterview, Stage
from organizations.models import AuditEvent
from scheduling.models import Candidate, Interview, Schedule
from tests.conftest import Team
from tests.jobs.rows import HTMX, make_interview, make_job, make_stage, order_of

pytestmark = pytest.mark.django_db

GOOD = {"name": "Coding", "minutes": 45, "interviewer_count": 2, "kind": "phone"}


def test_a_page_shows_stages_and_interviews_in_order(as_recruiter: Client, team: Team) -> None:
    job = make_job(team)
    make_stage(job, "Phone screen", interviews=["Introduction"])
    make_stage(job, "Technical", interviews=["Coding", "System design"])
    page = as_recruiter.get(team.url(f"jobs/{job.pk}/")).content.decode()
    places = [page.index(f">{name}<") for name in ("Phone screen", "Introduction", "Technical", "Coding")]
    assert places == sorted(places)
    assert "2 interviews, 120 minutes" in page


def test_thirty_interviews_cost_as_many_queries_as_three(
    as_recruiter: Client, team: Team, django_assert_max_num_queries: object
) -> None:
    for stages, interviews in ((1, 3), (3, 10)):
        job = make_job(team)
        for number in range(stages):
            make_stage(job, f"Stage {number}", interviews=[f"Interview {place}" for place in range(interviews)])
        with django_assert_max_num_queries(9):  # type: ignore[operator]
            page = as_recruiter.get(team.url(f"jobs/{job.pk}/")).content.decode()
        assert page.count("Generate a CodeSignal link by default") >= stages * interviews


def test_adding_a_stage_answers_with_all_stages(as_recruiter: Client, team: Team) -> None:
    job = make_job(team)
    make_stage(job, "Phone screen")
    response = as_recruiter.post(team.url(f"jobs/{job.pk}/stages/new/"), {"name": "Final round"}, **HTMX)
    assert "<html" not in response.content.decode()
    assert "Phone screen" in response.content.decode()
    assert json.loads(response["HX-Trigger"])["closeDialog"] is True
    assert [(stage.name, stage.position) for stage in job.stages.all()] == [("Phone screen", 0), ("Final round", 1)]
    assert AuditEvent.objects.get().action == "stage.added"


def test_renaming_a_stage_needs_a_name(as_recruiter: Client, team: Team) -> None:
    stage = make_stage(make_job(team), "Phone screen")
    response = as_recruiter.post(team.url(f"jobs/stages/{stage.pk}/edit/"), {"name": ""}, **HTMX)
    assert response.status_code == 422
    assert "Enter a name" in response.content.decode()
    as_recruiter.post(team.url(f"jobs/stages/{stage.pk}/edit/"), {"name": "First call"})
    stage.refresh_from_db()
    assert stage.name == "First call"


def test_moving_stages_keeps_them_numbered(as_recruiter: Client, team: Team) -> None:
    job = make_job(team)
    first, second = make_stage(job, "A"), make_stage(job, "B")
    make_stage(job, "C")
    as_recruiter.post(team.url(f"jobs/stages/{second.pk}/move/"), {"direction": "up"})
    assert [(stage.name, stage.position) for stage in job.stages.all()] == [("B", 0), ("A", 1), ("C", 2)]
    as_recruiter.post(team.url(f"jobs/stages/{second.pk}/move/"), {"direction": "up"})
    as_recruiter.post(team.url(f"jobs/stages/{first.pk}/move/"), {"direction": "sideways"})
    assert [stage.name for stage in job.stages.all()] == ["B", "A", "C"]
    assert AuditEvent.objects.count() == 1


def test_removing_a_stage_says_what_goes_and_what_stays(as_recruiter: Client, team: Team) -> None:
    job = make_job(team)
    stage = make_stage(job, "Technical", interviews=["Coding", "System design"])
    make_stage(job, "Final round")
    candidate = Candidate.objects.create(organization=team.organization, name="Ada", job=job, stage=stage)
    schedule = Schedule.objects.create(organization=team.organization, candidate=candidate, job=job, stage=stage)
    page = as_recruiter.get(team.url(f"jobs/stages/{stage.pk}/remove/")).content.decode()
    assert "Its plan with 2 interviews is removed, too." in page
    assert "1 schedule stays with its coding links" in page
    assert "1 candidate stays with the job" in page
    as_recruiter.post(team.url(f"jobs/stages/{stage.pk}/remove/"), {"confirmed": "1"})
    assert [(left.name, left.position) for left in job.stages.all()] == [("Final round", 0)]
    schedule.refresh_from_db()
    assert (schedule.job, schedule.stage) == (job, None)


def test_adding_an_interview_puts_it_last(as_recruiter: Client, team: Team) -> None:
    stage = make_stage(make_job(team), interviews=["Introduction"])
    response = as_recruiter.post(team.url(f"jobs/stages/{stage.pk}/interviews/new/"), GOOD, **HTMX)
    assert f'id="stage-{stage.pk}"' in response.content.decode()
    assert order_of(stage) == ["Introduction", "Coding"]
    made = PlanInterview.objects.get(name="Coding")
    assert (made.minutes, made.interviewer_count, made.kind, made.link_tool) == (45, 2, "phone", "")


def test_a_stage_that_never_had_a_plan_gets_one(as_recruiter: Client, team: Team) -> None:
    stage = Stage.objects.create(organization=team.organization, job=make_job(team), name="Bare")
    as_recruiter.post(team.url(f"jobs/stages/{stage.pk}/interviews/new/"), GOOD)
    assert order_of(stage) == ["Coding"]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": ""}, "Enter a name"),
        ({"minutes": "4"}, "Enter at least 5 minutes."),
        ({"minutes": "601"}, "Enter at most 600 minutes."),
        ({"minutes": "an hour"}, "Enter the minutes as a whole number."),
        ({"interviewer_count": "0"}, "Enter at least one interviewer."),
        ({"interviewer_count": "13"}, "Enter at most 12 interviewers."),
        ({"kind": "telepathy"}, "telepathy is not one of the available choices"),
    ],
)
def test_a_wrong_interview_is_explained_and_kept(
    as_recruiter: Client, team: Team, wrong: dict[str, str], sentence: str
) -> None:
    stage = make_stage(make_job(team))
    sent = GOOD | {"name": "Pair programming"} | wrong
    response = as_recruiter.post(team.url(f"jobs/stages/{stage.pk}/interviews/new/"), sent, **HTMX)
    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in page
    if "name" not in wrong:
        assert 'value="Pair programming"' in page
    assert order_of(stage) == []


def test_editing_an_interview_keeps_its_default_and_template(as_recruiter: Client, team: Team) -> None:
    interview = make_interview(team, link_tool="codesignal", template_id="t1", template_locked=True)
    as_recruiter.post(team.url(f"jobs/interviews/{interview.pk}/edit/"), GOOD | {"name": "Deep dive"})
    interview.refresh_from_db()
    assert (interview.name, interview.minutes) == ("Deep dive", 45)
    assert (interview.link_tool, interview.template_id, interview.template_locked) == ("codesignal", "t1", True)


def test_moving_an_interview(as_recruiter: Client, team: Team) -> None:
    stage = make_stage(make_job(team), interviews=["A", "B", "C"])
    last = stage.plan.interviews.get(name="C")
    response = as_recruiter.post(team.url(f"jobs/interviews/{last.pk}/move/"), {"direction": "up"}, **HTMX)
    assert order_of(stage) == ["A", "C", "B"]
    assert "number 2" in json.loads(response["HX-Trigger"])["notice"]
    as_recruiter.post(team.url(f"jobs/interviews/{last.pk}/move/"), {"direction": "down"})
    assert order_of(stage) == ["A", "B", "C"]
    as_recruiter.post(team.url(f"jobs/interviews/{last.pk}/move/"), {"direction": "down"})
    assert order_of(stage) == ["A", "B", "C"]


def test_moving_mends_positions_that_were_not_dense(team: Team) -> None:
    stage = make_stage(make_job(team), interviews=["A", "B", "C"])
    PlanInterview.objects.update(position=7)
    services.reorder_plan_interview(interview=stage.plan.interviews.get(name="A"), actor=team.recruiter.user, steps=1)
    assert order_of(stage) == ["B", "A", "C"]


def test_removing_an_interview_leaves_scheduled_ones(as_recruiter: Client, team: Team) -> None:
    stage = make_stage(make_job(team), interviews=["A", "B", "C"])
    planned = stage.plan.interviews.get(name="B")
    candidate = Candidate.objects.create(organization=team.organization, name="Ada")
    schedule = Schedule.objects.create(organization=team.organization, candidate=candidate)
    start = timezone.now()
    scheduled = Interview.objects.create(
        organization=team.organization,
        schedule=schedule,
        plan_interview=planned,
        name="B",
        starts_at=start,
        ends_at=start + timedelta(hours=1),
    )
    page = as_recruiter.get(team.url(f"jobs/interviews/{planned.pk}/remove/")).content.decode()
    assert "Scheduled interviews stay" in page
    as_recruiter.post(team.url(f"jobs/interviews/{planned.pk}/remove/"), {"confirmed": "1"})
    assert order_of(stage) == ["A", "C"]
    scheduled.refresh_from_db()
    assert scheduled.plan_interview is None


def test_what_somebody_removed_meanwhile_is_gone(team: Team) -> None:
    interview = make_interview(team)
    services.remove_plan_interview(interview=PlanInterview.objects.get(), actor=team.admin.user)
    with pytest.raises(Http404):
        services.reorder_plan_interview(interview=interview, actor=team.recruiter.user, steps=1)
    with pytest.raises(Http404):
        services.set_default_link(interview=interview, actor=team.recruiter.user, tool="codesignal")
    assert list(AuditEvent.objects.values_list("action", flat=True)) == ["plan_interview.removed"]


def test_long_names_and_markup_are_shown_as_typed(as_recruiter: Client, team: Team) -> None:
    stage = make_stage(make_job(team, "x" * 200), "“Quoted” & <b>bold</b>", interviews=['"><script>'])
    page = as_recruiter.get(team.url(f"jobs/{stage.job_id}/")).content.decode()
    assert "“Quoted” &amp; &lt;b&gt;bold&lt;/b&gt;" in page
    assert '"><script>' not in page


@pytest.mark.django_db(transaction=True)
def test_two_who_reorder_at_once_keep_positions_unique_and_dense(team: Team) -> None:
    if connection.vendor == "sqlite" and connection.is_in_memory_db():  # type: ignore[attr-defined]
        pytest.skip("an in-memory SQLite database has no second connection to wait for: runs on PostgreSQL")
    stage = make_stage(make_job(team), interviews=list("ABCDEF"))
    interviews = list(stage.plan.interviews.all())
    start, troubles = threading.Barrier(4), []

    def reorder(number: int) -> None:
        try:
            start.wait()
            for step in range(12):
                interview = interviews[(number + step) % len(interviews)]
                services.reorder_plan_interview(
                    interview=interview, actor=team.recruiter.user, steps=1 if (number + step) % 2 else -1
                )
        except Exception as trouble:
            troubles.append(trouble)
        finally:
            connection.close()

    threads = [threading.Thread(target=reorder, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert troubles == []
    assert sorted(order_of(stage)) == list("ABCDEF")

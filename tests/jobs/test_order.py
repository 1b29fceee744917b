"""The order of stages and of the interviews of a plan, changed as a whole by dragging."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from jobs import services
from jobs.models import Job, PlanInterview, Stage
from organizations.models import AuditEvent
from tests.conftest import Team
from tests.jobs.rows import HTMX, make_job, make_stage, order_of

pytestmark = pytest.mark.django_db


def ids(stage: Stage) -> list[int]:
    return list(PlanInterview.objects.filter(plan__stage=stage).order_by("position").values_list("pk", flat=True))


def stage_ids(job: Job) -> list[int]:
    return list(job.stages.order_by("position").values_list("pk", flat=True))


def sent(seen: list[int], order: list[int]) -> dict[str, Any]:
    return {"seen": ",".join(map(str, seen)), "row": order}


def test_interviews_stand_in_the_order_they_were_dragged_into(as_recruiter: Client, team: Team) -> None:
    stage = make_stage(make_job(team), interviews=["A", "B", "C"])
    first, second, third = seen = ids(stage)
    address = team.url(f"jobs/stages/{stage.pk}/interviews/order/")
    answer = as_recruiter.post(address, sent(seen, [third, first, second]), **HTMX)
    assert order_of(stage) == ["C", "A", "B"]
    assert answer.status_code == 200 and f'id="stage-{stage.pk}"' in answer.content.decode()
    assert "notice" not in json.loads(answer["HX-Trigger"])
    event = AuditEvent.objects.get()
    assert (event.action, event.subject_id, event.detail) == (
        "stage.plan_reordered",
        stage.pk,
        {"stage": "Technical interviews"},
    )


def test_stages_stand_in_the_order_they_were_dragged_into(as_recruiter: Client, team: Team) -> None:
    job = make_job(team)
    first, second = make_stage(job, "Phone"), make_stage(job, "On site")
    answer = as_recruiter.post(
        team.url(f"jobs/{job.pk}/stages/order/"), sent([first.pk, second.pk], [second.pk, first.pk])
    )
    assert answer["Location"] == team.url(f"jobs/{job.pk}/") + "#stages"
    assert [(stage.name, stage.position) for stage in job.stages.all()] == [("On site", 0), ("Phone", 1)]
    assert AuditEvent.objects.get().action == "job.stages_reordered"


def test_what_comes_back_to_its_place_is_not_written_down(as_recruiter: Client, team: Team) -> None:
    stage = make_stage(make_job(team), interviews=["A", "B"])
    seen = ids(stage)
    address = team.url(f"jobs/stages/{stage.pk}/interviews/order/")
    assert as_recruiter.post(address, sent(seen, seen), **HTMX).status_code == 200
    assert order_of(stage) == ["A", "B"]
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("change", ["added", "removed", "moved"])
def test_an_order_of_a_plan_that_changed_since_is_refused(as_recruiter: Client, team: Team, change: str) -> None:
    stage = make_stage(make_job(team), interviews=["A", "B", "C"])
    first, second, third = seen = ids(stage)
    one, actor = stage.plan.interviews.get(name="A"), team.admin.user
    if change == "added":
        services.add_plan_interview(stage=stage, actor=actor, name="D", minutes=60, interviewer_count=1, kind="video")
    elif change == "removed":
        services.remove_plan_interview(interview=one, actor=actor)
    else:
        services.reorder_plan_interview(interview=one, actor=actor, steps=1)
    now, count = order_of(stage), AuditEvent.objects.count()
    address = team.url(f"jobs/stages/{stage.pk}/interviews/order/")
    answer = as_recruiter.post(address, sent(seen, [third, second, first]), **HTMX)
    assert answer.status_code == 422
    assert "This changed since you opened it. Nothing was moved." in json.loads(answer["HX-Trigger"])["notice"]
    assert f'value="{",".join(map(str, ids(stage)))}"' in answer.content.decode()
    assert (order_of(stage), AuditEvent.objects.count()) == (now, count)
    page = as_recruiter.post(address, sent(seen, [third, second, first]), follow=True).content.decode()
    assert "This changed since you opened it. Nothing was moved." in page


def test_an_order_of_stages_that_changed_since_is_refused(as_recruiter: Client, team: Team) -> None:
    job = make_job(team)
    first, second = make_stage(job, "Phone"), make_stage(job, "On site")
    services.add_stage(job=job, actor=team.admin.user, name="Final")
    answer = as_recruiter.post(
        team.url(f"jobs/{job.pk}/stages/order/"), sent([first.pk, second.pk], [second.pk, first.pk]), **HTMX
    )
    assert answer.status_code == 422
    assert [stage.name for stage in job.stages.all()] == ["Phone", "On site", "Final"]


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"seen": "x,,²", "row": ["y"]},
        {"seen": "9" * 5000, "row": ["-1", ""]},
        {"seen": "{own}", "row": ["{own}", "{own}"]},
        {"seen": "{own}", "row": ["{other}"]},
        {"seen": "{own},{other}", "row": ["{other}", "{own}"]},
    ],
)
def test_an_order_that_no_page_sends_changes_nothing(as_recruiter: Client, team: Team, wrong: dict[str, Any]) -> None:
    job = make_job(team)
    stage, other = make_stage(job, interviews=["A", "B"]), make_stage(job, "Other", interviews=["X"])
    known = {"own": ids(stage)[0], "other": ids(other)[0]}
    filled = {
        name: [one.format(**known) for one in value] if isinstance(value, list) else value.format(**known)
        for name, value in wrong.items()
    }
    answer = as_recruiter.post(team.url(f"jobs/stages/{stage.pk}/interviews/order/"), filled, **HTMX)
    assert answer.status_code == 422
    assert (order_of(stage), order_of(other)) == (["A", "B"], ["X"])


def test_a_stage_without_a_plan_has_no_order_to_change(as_recruiter: Client, team: Team) -> None:
    stage = Stage.objects.create(organization=team.organization, job=make_job(team), name="Bare")
    address = team.url(f"jobs/stages/{stage.pk}/interviews/order/")
    assert as_recruiter.post(address, sent([], []), **HTMX).status_code == 200
    assert as_recruiter.post(address, sent([], [1]), **HTMX).status_code == 422

"""Runs that add the links of a whole job: which interviews, exactly once, and stopped at any moment."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrations.models import Integration
from integrations.sandbox.model import Template
from jobs.models import InterviewPlan, Job, PlanInterview, Stage
from organizations.models import AuditEvent
from scheduling import coding_links
from scheduling.coding_links import run_plan, runs
from scheduling.coding_links.run_results import Result, progress
from scheduling.models import CodingLink, Interview, LinkRun, LinkRunItem, LinkState, RunState, Schedule, Skipped
from scheduling.models.coding_links import CLICK
from tests.scheduling.coding_links.conftest import Bench, Crash
from tests.scheduling.loops import make_link

pytestmark = pytest.mark.allow_hosts(["127.0.0.1", "localhost"])


@pytest.fixture
def ticks() -> bool:
    return False


@contextlib.contextmanager
def at_statement(part: str, deed: Callable[[], object], *, number: int = 1) -> Iterator[None]:
    """Let something happen just before the statement with this part, the first one or a later one."""
    seen = 0

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal seen
        if part in sql:
            seen += 1
            if seen == number:
                deed()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield


NEW_LINK = 'INSERT INTO "scheduling_codinglink"'


def die() -> None:
    raise Crash


@pytest.fixture
def job(bench: Bench) -> Job:
    return Job.objects.create(organization=bench.team.organization, title="Backend")


def planned(bench: Bench, job: Job, **fields: Any) -> PlanInterview:
    """An interview of the job's plan, which asks for a CodeSignal link unless `fields` say otherwise."""
    here = bench.team.organization
    stage = Stage.objects.create(organization=here, job=job, name=f"Stage {job.stages.count() + 1}")
    plan = InterviewPlan.objects.create(organization=here, stage=stage)
    given = {"name": "Coding", "minutes": 60, "link_tool": "codesignal"} | fields
    return PlanInterview.objects.create(organization=here, plan=plan, **given)


def interviews(bench: Bench, job: Job, number: int, plan: PlanInterview | None = None, **when: Any) -> list[Interview]:
    """Upcoming interviews of different candidates, an hour after each other."""
    plan = plan or planned(bench, job)
    made = []
    for place in range(number):
        starts_in = when.get("starts_in", timedelta(days=2)) + timedelta(hours=place)
        name = f"p{Interview.objects.count()}"
        interview = bench.interview(email=f"{name}@example.com", name=name, starts_in=starts_in)
        Interview.objects.filter(pk=interview.pk).update(plan_interview=plan)
        Schedule.objects.filter(pk=interview.schedule_id).update(
            job=job, first_starts_at=interview.starts_at, last_ends_at=interview.ends_at
        )
        interview.refresh_from_db()
        made.append(interview)
    return made


def start(bench: Bench, job: Job) -> LinkRun:
    run, is_new = runs.start(job=job, actor=bench.team.recruiter.user)
    assert is_new
    return run


def through(bench: Bench, run: LinkRun, rounds: int = 60) -> LinkRun:
    """Let workers go on until the run is over, or paused."""
    for _ in range(rounds):
        bench.later(2.5)
        run.refresh_from_db()
        if run.state != RunState.RUNNING:
            return run
    raise AssertionError(f"still {run.state}: {progress(run)}")


def states(run: LinkRun) -> dict[str, int]:
    return {result.value: number for result, number in progress(run).numbers.items() if number}


def links_each() -> set[int]:
    """How many live links interviews have, of those that have any."""
    live = CodingLink.objects.filter(state__in=["pending", "creating", "unknown", "failed", "ready", "active"])
    counted: dict[int | None, int] = {}
    for pk in live.values_list("interview", flat=True):
        counted[pk] = counted.get(pk, 0) + 1
    return set(counted.values())


def test_each_interview_gets_one_link_and_the_rest_a_reason(bench: Bench, job: Job) -> None:
    plan = planned(bench, job)
    wanted = interviews(bench, job, 25, plan)
    served, cancelled, taken_away, over = interviews(bench, job, 4, plan)
    make_link(served, bench.integration, "ready", next_attempt_at=None)
    Interview.objects.filter(pk=cancelled.pk).update(state="cancelled")
    coding_links.remove_link(link=make_link(taken_away, bench.integration, "pending"), actor=None)
    Interview.objects.filter(pk=over.pk).update(
        starts_at=timezone.now() - timedelta(hours=3), ends_at=timezone.now() - timedelta(hours=2)
    )
    interviews(bench, job, 1, planned(bench, job, template_id="gone"))
    switched_off, switched_on = interviews(bench, job, 1, plan) + interviews(
        bench, job, 1, planned(bench, job, link_tool="")
    )
    interviews(bench, job, 1, planned(bench, job, link_tool=""))
    Interview.objects.filter(pk=switched_off.pk).update(link_tool="")
    Interview.objects.filter(pk=switched_on.pk).update(link_tool="codesignal")
    interviews(bench, Job.objects.create(organization=bench.team.organization, title="Other"), 1)
    Integration.objects.update(templates=[{"id": "t1", "name": "Graphs"}], templates_fetched_at=timezone.now())

    plan_now = run_plan.preview(job)
    assert [(share.tool, share.number, share.later) for share in plan_now.shares] == [("CodeSignal", 26, 0)]
    assert {(group.number, group.reason) for group in plan_now.skipped} == {
        (1, "Interview cancelled"),
        (1, "Has a link already"),
        (1, "Link removed by someone"),
        (1, "Template no longer in CodeSignal"),
    }
    assert plan_now.unasked == 2

    run = through(bench, start(bench, job))
    assert run.state == RunState.DONE and run.ended_at is not None
    assert states(run) == {"ready": 26, "skipped": 4}
    assert CodingLink.objects.filter(interview__in=wanted, state="ready").count() == 25
    assert len(bench.at_vendor()) == 26
    assert dict(run.items.exclude(skipped="").values_list("interview", "skipped")) == {
        served.pk: Skipped.HAS_LINK,
        cancelled.pk: Skipped.CANCELLED,
        taken_away.pk: Skipped.REMOVED,
        Interview.objects.get(plan_interview__template_id="gone").pk: Skipped.NO_TEMPLATE,
    }
    assert progress(run).waiting == 0
    assert run_plan.preview(job).number == 0
    with pytest.raises(coding_links.LinkError, match="lacks a link"):
        runs.start(job=job, actor=bench.team.recruiter.user)


def test_the_preview_counts_more_than_a_worker_takes_at_once(
    bench: Bench, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It asks as often for many as for one."""
    monkeypatch.setattr(runs, "SLICE", 20)
    plan = planned(bench, job)
    interviews(bench, job, 1, plan)
    with CaptureQueriesContext(connection) as one:
        assert run_plan.preview(job).number == 1
    interviews(bench, job, runs.SLICE + 3, plan)
    make_link(Interview.objects.order_by("-pk")[0], bench.integration, "ready", next_attempt_at=None)
    with CaptureQueriesContext(connection) as many:
        plan_now = run_plan.preview(job)
    assert plan_now.number == runs.SLICE + 3
    assert [group.number for group in plan_now.skipped] == [1]
    assert len(many) == len(one) <= 4
    run = through(bench, start(bench, job))
    assert states(run) == {"ready": runs.SLICE + 3, "skipped": 1}
    assert links_each() == {1}


def test_the_time_is_said_at_the_tools_limit(bench: Bench, job: Job) -> None:
    assert run_plan.at_limit(bench.integration, 100) == "Less than a minute at CodeSignal's limit of 1000 a second."
    bench.integration.write_ceiling = 10
    assert run_plan.at_limit(bench.integration, 2400) == "About 4 minutes at CodeSignal's limit of 10 a second."
    bench.integration.write_ceiling = 0.5
    assert run_plan.at_limit(bench.integration, 3600) == "About 2 hours at CodeSignal's limit of 30 a minute."


def test_links_that_would_expire_are_planned_and_hold_no_run_open(bench: Bench, job: Job) -> None:
    interviews(bench, job, 2)
    interviews(bench, job, 3, starts_in=timedelta(days=40))
    assert [(share.number, share.later) for share in run_plan.preview(job).shares] == [(5, 3)]
    run = through(bench, start(bench, job))
    assert run.state == RunState.DONE
    assert states(run) == {"ready": 2, "planned": 3}


def test_the_queue_of_the_key_is_never_full_of_a_run(bench: Bench, job: Job) -> None:
    """A run requests ahead as much as the tool generates in seconds: nobody waits behind thousands of rows."""
    Integration.objects.update(write_rate=5)
    interviews(bench, job, 60)
    run = start(bench, job)
    bench.workers.messages.clear()
    coding_links.advance_link_run(run.pk)
    assert CodingLink.objects.filter(state=LinkState.PENDING).count() == 20
    assert progress(run).waiting == 40
    for _ in range(3):
        bench.clock.shift(timedelta(seconds=3))
        coding_links.advance_link_run(run.pk)
    assert CodingLink.objects.count() == 20  # nobody worked: nothing more is requested


def test_the_second_of_two_who_start_sees_the_run_of_the_first(bench: Bench, job: Job) -> None:
    interviews(bench, job, 3)
    first = start(bench, job)
    second, is_new = runs.start(job=job, actor=bench.team.admin.user)
    assert not is_new and second == first
    assert LinkRun.objects.count() == AuditEvent.objects.filter(action="link_run.started").count() == 1


def test_two_who_start_at_the_same_moment(bench: Bench, job: Job) -> None:
    """The database refuses the second row; the one who lost sees the other's run."""
    interviews(bench, job, 3)
    with at_statement("GROUP BY", lambda: runs.start(job=job, actor=bench.team.admin.user)):
        run, is_new = runs.start(job=job, actor=bench.team.recruiter.user)
    assert not is_new and run.started_by == bench.team.admin.user
    assert LinkRun.objects.count() == 1
    assert through(bench, run).state == RunState.DONE
    assert links_each() == {1}


def test_a_worker_that_dies_leaves_a_lease_and_no_second_link(bench: Bench, job: Job) -> None:
    interviews(bench, job, 12)
    run = start(bench, job)
    with at_statement(NEW_LINK, die, number=5):
        bench.run()
    assert CodingLink.objects.count() == 4 == run.items.count()  # the fifth took its item with it
    bench.workers.lose_all()
    bench.later(5)
    assert CodingLink.objects.count() == 4  # the lease holds
    bench.later(60)
    assert through(bench, run).state == RunState.DONE
    assert states(run) == {"ready": 12}
    assert links_each() == {1}


def test_a_worker_whose_lease_is_over_does_nothing_more(bench: Bench, job: Job) -> None:
    interviews(bench, job, 8)
    run = start(bench, job)

    def another_takes_over() -> None:
        LinkRun.objects.update(due_at=timezone.now() - timedelta(seconds=1))
        coding_links.advance_link_run(run.pk)

    # It is slow between the reading of its slice and its first link.
    with at_statement("FOR UPDATE" if connection.vendor == "postgresql" else "SAVEPOINT", another_takes_over):
        coding_links.advance_link_run(run.pk)
    assert through(bench, run).state == RunState.DONE
    assert states(run) == {"ready": 8}
    assert links_each() == {1}


def test_messages_that_come_twice_or_late_do_no_harm(bench: Bench, job: Job) -> None:
    interviews(bench, job, 5)
    run = start(bench, job)
    for _ in range(3):
        coding_links.advance_link_run(run.pk)
    assert through(bench, run).state == RunState.DONE
    coding_links.advance_link_run(run.pk)
    coding_links.advance_link_run(10**6)
    assert links_each() == {1} and run.items.count() == 5


@pytest.fixture
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a run request ten links ahead."""
    monkeypatch.setattr(runs, "AHEAD", 0.0)


def add_template(bench: Bench, template_id: str) -> None:
    """Make a template at the vendor, under the id that a plan names already."""
    company = bench.sandbox.interviews(live_only=False)
    assert not company  # nothing was made so far
    vendor = bench.sandbox.vendor
    company_id = next(iter(vendor.companies))
    vendor.templates[template_id] = Template(template_id, company_id, "Late")


@pytest.mark.usefixtures("few_at_once")
def test_a_paused_run_requests_nothing_and_goes_on_when_resumed(bench: Bench, job: Job) -> None:
    interviews(bench, job, 25)
    run = start(bench, job)
    coding_links.advance_link_run(run.pk)
    assert runs.pause(run=run, actor=bench.team.recruiter.user)
    assert not runs.pause(run=run, actor=bench.team.recruiter.user)
    for _ in range(5):
        bench.later(3)
    assert states(run) == {"ready": 10}  # what was being made is finished
    assert progress(run).waiting == 15
    run.refresh_from_db()
    assert runs.resume(run=run, actor=bench.team.admin.user)
    assert not runs.resume(run=run, actor=bench.team.admin.user)
    assert through(bench, run, rounds=200).state == RunState.DONE
    assert states(run) == {"ready": 25}
    told = AuditEvent.objects.filter(action__startswith="link_run.").order_by("id").values_list("action", "actor")
    recruiter, admin = bench.team.recruiter.user.pk, bench.team.admin.user.pk
    assert list(told) == [
        ("link_run.started", recruiter),
        ("link_run.paused", recruiter),
        ("link_run.resumed", admin),
    ]


@pytest.mark.parametrize("paused", [False, True])
def test_cancelling_keeps_what_is_made_and_takes_back_what_nobody_began(
    bench: Bench, job: Job, paused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "AHEAD", 0.04)  # forty
    interviews(bench, job, 55)
    run = start(bench, job)
    coding_links.advance_link_run(run.pk)
    bench.workers.until(lambda: CodingLink.objects.filter(state="ready").exists())
    made = CodingLink.objects.filter(state="ready").count()
    assert 0 < made < 40
    if paused:
        runs.pause(run=run, actor=bench.team.recruiter.user)
    assert runs.cancel(run=run, actor=bench.team.recruiter.user)
    assert not runs.cancel(run=run, actor=bench.team.recruiter.user)
    coding_links.advance_link_run(run.pk)
    bench.until_settled()
    run.refresh_from_db()
    assert (run.state, run.due_at) == (RunState.CANCELLED, None)
    left = CodingLink.objects.exclude(state__in=["ready", "cancelled"])
    assert not left.exists()
    assert made <= CodingLink.objects.filter(state="ready").count() < 40
    assert len(bench.at_vendor()) == CodingLink.objects.filter(state="ready").count()
    assert progress(run).waiting == 15
    # Nothing is in the way of another run.
    again = through(bench, start(bench, job), rounds=200)
    assert CodingLink.objects.filter(state="ready").count() == 55
    assert states(again)["skipped"] + states(again)["ready"] == 55


@pytest.mark.parametrize("change", [runs.pause, runs.cancel])
def test_a_slice_stops_where_the_run_is_stopped(bench: Bench, job: Job, change: Callable[..., bool]) -> None:
    interviews(bench, job, 9)
    run = start(bench, job)

    def stop() -> None:
        change(run=LinkRun.objects.get(pk=run.pk), actor=bench.team.recruiter.user)

    with at_statement(NEW_LINK, stop, number=4):
        coding_links.advance_link_run(run.pk)
    assert run.items.count() == 4


@pytest.mark.usefixtures("few_at_once")
def test_a_click_overtakes_a_run(bench: Bench, job: Job) -> None:
    """Also a click on an interview whose link waits in the run already."""
    waiting = interviews(bench, job, 10)
    run = start(bench, job)
    coding_links.advance_link_run(run.pk)
    clicked = waiting[-1]
    link = coding_links.request_link(interview=clicked, integration=bench.integration, actor=bench.team.recruiter.user)
    assert link.priority == CLICK
    assert run.items.get(interview=clicked).link == link
    assert ("work_on_link", (link.pk,)) in bench.workers.messages
    runs.cancel(run=run, actor=bench.team.recruiter.user)
    coding_links.advance_link_run(run.pk)
    link.refresh_from_db()
    assert link.state == LinkState.PENDING  # somebody wants it, whatever becomes of the run
    others = CodingLink.objects.exclude(pk=link.pk)
    assert others.filter(state="cancelled").count() >= 8
    assert not others.filter(state="pending", claim="").exists()


def test_interviews_made_later_are_left_to_their_plan(bench: Bench, job: Job) -> None:
    plan = planned(bench, job)
    interviews(bench, job, 2, plan)
    run = start(bench, job)
    later = interviews(bench, job, 1, plan)[0]
    coding_links.request_default_links(schedule=later.schedule, actor=bench.team.recruiter.user)
    assert through(bench, run).state == RunState.DONE
    assert run.items.count() == 2
    assert CodingLink.objects.filter(interview=later).count() == 1
    assert links_each() == {1}


@pytest.mark.usefixtures("few_at_once")
def test_many_failures_in_a_row_pause_the_run_until_a_person_resumes(bench: Bench, job: Job) -> None:
    interviews(bench, job, 30, planned(bench, job, template_id="late"))
    run = through(bench, start(bench, job), rounds=200)
    assert (run.state, run.paused_because) == (RunState.PAUSED, runs.FAILING)
    assert set(states(run)) == {"failed"}
    assert progress(run).waiting == 10
    paused = AuditEvent.objects.get(action="link_run.paused")
    assert paused.actor is None
    add_template(bench, "late")
    assert runs.resume(run=run, actor=bench.team.recruiter.user)
    failed = progress(run).failed
    number = runs.retry_failed(run=run, actor=bench.team.recruiter.user)
    assert number == failed
    assert through(bench, run, rounds=300).state == RunState.DONE
    assert states(run) == {"ready": 30}


def test_a_paused_tool_holds_a_run_without_filling_its_queue(bench: Bench, job: Job) -> None:
    interviews(bench, job, 30)
    Integration.objects.update(state=Integration.State.PAUSED, problem_code="key_rejected")
    run = start(bench, job)
    for _ in range(3):
        bench.later(40)
    run.refresh_from_db()
    assert run.state == RunState.RUNNING
    assert not CodingLink.objects.exists()
    Integration.objects.update(state=Integration.State.CONNECTED, problem_code="")
    assert through(bench, run).state == RunState.DONE
    assert states(run) == {"ready": 30}


def test_what_is_deleted_leaves_nothing_in_a_run(bench: Bench, job: Job) -> None:
    first, second = interviews(bench, job, 2)
    run = through(bench, start(bench, job))
    first.schedule.candidate.delete()
    assert list(run.items.values_list("interview", flat=True)) == [second.pk]
    assert not LinkRunItem.objects.filter(interview=first.pk).exists()
    assert Result.READY in dict(progress(run).shown)

"""Building a schedule in a real browser: what a hasty hand does."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from jobs.models import InterviewPlan, Job, PlanInterview, Stage
from scheduling.models import Candidate, Schedule
from tests.browser.visitor import Visitor
from tests.conftest import Team
from tests.scheduling.message_steps import staffed_loop

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.allow_hosts(["127.0.0.1", "localhost"]),
]


@pytest.fixture
def stage(team: Team) -> Stage:
    job = Job.objects.create(organization=team.organization, title="Engineer")
    stage = Stage.objects.create(organization=team.organization, job=job, name="On site")
    plan = InterviewPlan.objects.create(organization=team.organization, stage=stage)
    PlanInterview.objects.create(organization=team.organization, plan=plan, name="Coding")
    return stage


def test_a_double_click_schedules_once_and_enter_in_a_search_not_at_all(
    visitor: Visitor, team: Team, stage: Stage
) -> None:
    page = visitor.page
    page.goto(team.url(f"schedules/new/?job={stage.job_id}&stage={stage.pk}"))
    page.get_by_text("New candidate").click()
    page.locator("#id_new-name").fill("Grace Lin")
    visitor.quiet()
    page.get_by_label("Search name or e-mail").fill("gra")
    expect(page.get_by_text("No candidates match “gra”.")).to_be_visible()
    page.get_by_label("Search name or e-mail").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("New schedule")
    visitor.quiet()
    assert not Schedule.objects.exists()

    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.is_navigation_request() else None)
    # By script, because Playwright's own clicks wait for the answer. After two frames the first one is on its way.
    page.evaluate(
        """() => {
          const button = document.querySelector("#builder button.btn-primary");
          button.click();
          requestAnimationFrame(() => requestAnimationFrame(() => button.click()));
        }"""
    )
    expect(page.get_by_text("1 interview scheduled.")).to_be_visible()
    assert [address.rpartition("/o/")[2] for address in posts if address.endswith("/schedules/new/")] == [
        f"{team.slug}/schedules/new/"
    ]
    assert (Candidate.objects.count(), Schedule.objects.count()) == (1, 1)


def test_a_refused_schedule_lists_its_problems_and_goes_to_the_first(
    visitor: Visitor, team: Team, stage: Stage
) -> None:
    page = visitor.page
    page.goto(team.url(f"schedules/new/?job={stage.job_id}&stage={stage.pk}"))
    page.get_by_role("button", name="Add interview", exact=True).click()
    second = page.get_by_role("group", name="Interview 2", exact=True)
    second.get_by_label("Time", exact=True).fill("")
    second.get_by_label("Time", exact=True).blur()
    visitor.quiet()
    page.get_by_role("button", name="Schedule 2 interviews").click()
    problems = page.get_by_role("alert").filter(has_text="Not saved yet: fix 3 problems")
    expect(problems.get_by_role("listitem")).to_have_text(
        [
            "Candidate: Choose a candidate, or add a new one.",
            "Interview 2: Name: Enter a name, such as “System design”.",
            "Interview 2: Time: Choose a time.",
        ]
    )
    expect(page.get_by_label("Search name or e-mail")).to_be_focused()
    visitor.check()
    problems.get_by_role("link", name="Interview 2: Time").click()
    expect(second.get_by_label("Time", exact=True)).to_be_focused()
    expect(second.get_by_label("Time", exact=True)).to_be_in_viewport()


def test_a_conflict_alone_is_a_problem_with_a_link_to_its_tick(visitor: Visitor, team: Team, stage: Stage) -> None:
    page = visitor.page
    person = Candidate.objects.create(organization=team.organization, name="Ada Osei", time_zone="Europe/Berlin")
    page.goto(team.url(f"schedules/new/?candidate={person.pk}&job={stage.job_id}&stage={stage.pk}"))
    only = page.get_by_role("group", name="Interview 1", exact=True)
    only.get_by_label("Time", exact=True).fill("05:00")
    only.get_by_label("Time", exact=True).blur()
    expect(only).to_contain_text("Outside the candidate's day")
    visitor.quiet()
    page.get_by_role("button", name="Schedule 1 interview").click()
    expect(page.get_by_text("Not saved yet: fix 1 problem")).to_be_visible()
    expect(only.get_by_label("Schedule anyway")).to_be_focused()


def test_a_new_organization_is_told_the_next_step(visitor: Visitor, team: Team) -> None:
    page = visitor.page
    page.goto(team.url("schedules/new/"))
    expect(page.get_by_text("No candidates yet. Add the first one here.")).to_be_visible()
    expect(page.get_by_text("No open jobs yet.")).to_be_visible()
    visitor.check()
    page.get_by_role("radio", name="New candidate").click(force=True)
    page.locator("#id_new-name").fill("Grace Lin")
    visitor.quiet()
    page.get_by_role("link", name="Create a job").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Title").fill("Engineer")
    dialog.get_by_role("button", name="Create job").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Engineer")
    page.goto(team.url("schedules/new/"))
    expect(page.locator("#id_new-name")).to_have_value("Grace Lin")
    page.get_by_label("Job", exact=True).select_option("Engineer")
    expect(page.get_by_text("This job has no stages yet.")).to_be_visible()
    page.get_by_role("link", name="Add a stage").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Engineer")


def test_a_search_without_a_result_says_what_was_searched(visitor: Visitor, team: Team, stage: Stage) -> None:
    page = visitor.page
    Candidate.objects.create(organization=team.organization, name="Ada Osei")
    page.goto(team.url("schedules/new/"))
    page.get_by_label("Search name or e-mail").fill("<zzz>")
    expect(page.get_by_text("No candidates match “<zzz>”. Check the spelling, or add a new candidate.")).to_be_visible()


def test_a_reason_and_a_conflict_are_asked_for_at_once(visitor: Visitor, team: Team) -> None:
    page, schedule = visitor.page, staffed_loop(team, "Coding")
    page.goto(team.url(f"schedules/{schedule.pk}/"))
    page.get_by_role("button", name="Edit Coding").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Time", exact=True).fill("04:00")
    dialog.get_by_label("Time", exact=True).blur()
    expect(dialog.get_by_text("Outside the candidate's day")).to_be_visible()
    visitor.quiet()
    dialog.get_by_role("button", name="Save interview").click()
    problems = dialog.get_by_role("alert").filter(has_text="Not saved yet")
    expect(problems).to_contain_text("Outside the candidate's day")
    expect(problems).to_contain_text("Reason: Choose a reason")
    tick = dialog.get_by_label("Schedule anyway").first
    expect(tick).to_be_focused()
    # What is to be done stands together: the day view is below it.
    reason, day = (
        dialog.get_by_label("Reason").bounding_box(),
        dialog.get_by_role("region", name="Day view").bounding_box(),
    )
    at = tick.bounding_box()
    assert reason and day and at
    assert at["y"] < reason["y"] < day["y"]
    assert reason["y"] - at["y"] < 500
    for box in dialog.get_by_label("Schedule anyway").all():
        box.check()
    visitor.quiet()
    dialog.get_by_label("Reason").select_option(index=1)
    dialog.get_by_role("button", name="Save interview").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_text("“Coding” moved.")).to_be_visible()

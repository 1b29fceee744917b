"""Building a schedule in a real browser: what a hasty hand does."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from jobs.models import InterviewPlan, Job, PlanInterview, Stage
from scheduling.models import Candidate, Schedule
from tests.browser.visitor import Visitor
from tests.conftest import Team

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
    expect(page.get_by_text("Nobody is called that.")).to_be_visible()
    page.get_by_label("Search name or e-mail").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("New schedule")
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
    expect(page.get_by_text("1 interview is scheduled.")).to_be_visible()
    assert [address.rpartition("/o/")[2] for address in posts if address.endswith("/schedules/new/")] == [
        f"{team.slug}/schedules/new/"
    ]
    assert (Candidate.objects.count(), Schedule.objects.count()) == (1, 1)

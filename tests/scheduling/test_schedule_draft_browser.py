""" "New schedule" in a real browser: leaving loses nothing, nor does another stage, zone or session."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

import pytest
from django.core.signals import request_finished
from playwright.sync_api import Locator, Page, expect

from jobs.models import InterviewPlan, Job, PlanInterview, Stage
from organizations.models import Membership, Session
from scheduling.models import Candidate, FormDraft, Schedule
from tests.browser.steps import change_choice, opened
from tests.browser.visitor import Visitor
from tests.conftest import Team

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.allow_hosts(["127.0.0.1", "localhost"]),
]

NEW = "schedules/new/"


@pytest.fixture
def stages(team: Team) -> list[Stage]:
    Membership.objects.update(work_days="1234567")
    job = Job.objects.create(organization=team.organization, title="Engineer")
    found = []
    for position, name in enumerate(("Phone", "On site")):
        stage = Stage.objects.create(organization=team.organization, job=job, name=name, position=position)
        plan = InterviewPlan.objects.create(organization=team.organization, stage=stage)
        PlanInterview.objects.create(organization=team.organization, plan=plan, name=f"{name} talk", minutes=60)
        found.append(stage)
    Candidate.objects.create(organization=team.organization, name="Ada Osei", time_zone="Europe/Berlin")
    return found


def row(page: Page, number: int) -> Locator:
    return page.get_by_role("group", name=f"Interview {number}", exact=True)


def begin(visitor: Visitor, team: Team) -> Page:
    """Ada's "Phone", with its one interview."""
    page = visitor.page
    page.goto(team.url(NEW))
    page.get_by_role("radio", name="Ada Osei").click(force=True)
    page.get_by_label("Job", exact=True).select_option("Engineer")
    page.get_by_label("Stage", exact=True).select_option("Phone")
    expect(row(page, 1).get_by_label("Name", exact=True)).to_have_value("Phone talk")
    visitor.quiet()
    return page


def is_draft(request: object) -> bool:
    return "part=draft" in (getattr(request, "post_data", None) or "")


@contextmanager
def kept(words: str) -> Iterator[None]:
    """After the block, waits until the server has the words: what a page sends as it goes, no event of it tells."""
    answered = Event()

    def look(**_kwargs: object) -> None:
        if FormDraft.objects.filter(content__contains=words).exists():
            answered.set()

    request_finished.connect(look)
    try:
        yield
        assert answered.wait(30)
    finally:
        request_finished.disconnect(look)


def test_leaving_by_a_link_and_coming_back_finds_everything(visitor: Visitor, team: Team, stages: list[Stage]) -> None:
    page = begin(visitor, team)
    opened(page, 1).get_by_label("Meeting link or location").fill("Room 7")
    with kept("Room+7"):
        page.get_by_role("link", name="Home", exact=True).click()
    expect(page).to_have_title("Home · Panelist")
    page.goto(team.url("schedules/"))
    page.get_by_role("link", name="New schedule").first.click()
    expect(row(page, 1).get_by_label("Meeting link or location")).to_have_value("Room 7")
    expect(page.get_by_role("heading", level=1)).to_have_text("New schedule: Ada Osei")
    expect(page.get_by_text("Draft saved")).to_be_visible()
    visitor.check()
    page.get_by_role("link", name="Home", exact=True).click()
    page.go_back()
    expect(row(page, 1).get_by_label("Meeting link or location")).to_have_value("Room 7")
    page.get_by_role("button", name="Start over").click()
    expect(page.get_by_text("Draft saved")).to_be_hidden()
    expect(page.get_by_text("Choose a job and a stage")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Choose a job and a stage")).to_be_visible()


def test_another_tab_has_it_a_moment_after_it_was_typed(visitor: Visitor, team: Team, stages: list[Stage]) -> None:
    page = begin(visitor, team)
    with page.expect_response(lambda answer: is_draft(answer.request) and "Room+7" in (answer.request.post_data or "")):
        opened(page, 1).get_by_label("Meeting link or location").press_sequentially("Room 7")
    page.close(run_before_unload=False)
    other = visitor.context.new_page()
    other.goto(team.url(NEW))
    expect(row(other, 1).get_by_label("Meeting link or location")).to_have_value("Room 7")


def test_a_saved_schedule_leaves_no_draft(visitor: Visitor, team: Team, stages: list[Stage]) -> None:
    page = begin(visitor, team)
    opened(page, 1).get_by_label("Meeting link or location").fill("Room 7")
    row(page, 1).get_by_label("Meeting link or location").blur()
    visitor.quiet()
    page.get_by_role("button", name="Schedule 1 interview").click()
    expect(page.get_by_text("1 interview scheduled.")).to_be_visible()
    assert Schedule.objects.get().interviews.get().place == "Room 7"
    page.goto(team.url(NEW))
    expect(page.get_by_text("Choose a job and a stage")).to_be_visible()
    assert not FormDraft.objects.exclude(content="").exists()
    page.go_back()
    page.go_back()
    expect(page.get_by_role("heading", level=1, name="New schedule")).to_be_visible()
    expect(page.get_by_text("Draft saved")).to_be_hidden()


def test_another_stage_and_back_loses_nothing(visitor: Visitor, team: Team, stages: list[Stage]) -> None:
    page = begin(visitor, team)
    opened(page, 1).get_by_label("Meeting link or location").fill("Room 7")
    change_choice(page)
    page.get_by_label("Stage", exact=True).select_option("On site")
    expect(row(page, 1).get_by_label("Name", exact=True)).to_have_value("On site talk")
    change_choice(page)
    page.get_by_label("Stage", exact=True).select_option("Phone")
    expect(row(page, 1).get_by_label("Name", exact=True)).to_have_value("Phone talk")
    expect(row(page, 1).get_by_label("Meeting link or location")).to_have_value("Room 7")


def test_another_time_zone_asks_what_stays(visitor: Visitor, team: Team, stages: list[Stage]) -> None:
    page = begin(visitor, team)
    time = row(page, 1).get_by_label("Time", exact=True)
    expect(time).to_have_value("10:00")
    change_choice(page)
    page.locator("#id_time_zone").fill("tokyo")
    page.get_by_role("option", name="Tokyo").click()
    question = page.get_by_role("group", name="The time zone changed from Berlin to Tokyo. What should stay?")
    expect(question.get_by_label("Keep the moment")).to_be_checked()
    expect(time).not_to_have_value("10:00")
    visitor.check()
    question.get_by_label("Keep the clock time").check()
    expect(time).to_have_value("10:00")
    question.get_by_label("Keep the moment").check()
    expect(time).not_to_have_value("10:00")


def test_what_was_typed_after_the_session_had_ended_is_kept_after_signing_in(
    visitor: Visitor, team: Team, stages: list[Stage]
) -> None:
    page = begin(visitor, team)
    with page.expect_response(lambda answer: is_draft(answer.request)):
        opened(page, 1).get_by_label("Meeting link or location").fill("Room 6")
    Session.objects.all().delete()
    opened(page, 1).get_by_label("Meeting link or location").fill("Room 7")
    row(page, 1).get_by_label("Meeting link or location").blur()
    again = page.get_by_role("dialog")
    again.get_by_label("Password").fill("demo")
    with page.expect_response(lambda answer: is_draft(answer.request) and answer.status == 204):
        again.get_by_role("button", name="Sign in").click()
    page.goto(team.url(NEW))
    expect(row(page, 1).get_by_label("Meeting link or location")).to_have_value("Room 7")
    assert all("401" in complaint for complaint in visitor.complaints)
    visitor.complaints.clear()


def test_what_the_server_never_got_is_still_in_the_tab(visitor: Visitor, team: Team, stages: list[Stage]) -> None:
    page = begin(visitor, team)
    visitor.context.set_offline(True)
    opened(page, 1).get_by_label("Meeting link or location").fill("Room 7")
    row(page, 1).get_by_label("Meeting link or location").blur()
    expect(page.get_by_text("No connection.")).to_be_visible()
    visitor.context.set_offline(False)
    visitor.complaints.clear()  # the console tells that the network is away
    page.goto("about:blank")
    FormDraft.objects.all().delete()
    page.goto(team.url(NEW))
    expect(row(page, 1).get_by_label("Meeting link or location")).to_have_value("Room 7")
    visitor.complaints.clear()


def test_night_and_weekend_of_the_candidate_are_scheduled_knowingly(
    visitor: Visitor, team: Team, stages: list[Stage]
) -> None:
    page = begin(visitor, team)
    row(page, 1).get_by_label("Time", exact=True).fill("06:00")
    row(page, 1).get_by_label("Time", exact=True).blur()
    expect(row(page, 1)).to_contain_text("Outside the candidate's day: 08:00–20:00 in Berlin.")
    visitor.quiet()
    page.get_by_role("button", name="Schedule 1 interview").click()
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    row(page, 1).get_by_label("Schedule anyway").check()
    visitor.quiet()
    page.get_by_role("button", name="Schedule 1 interview").click()
    expect(page.get_by_text("1 interview scheduled.")).to_be_visible()

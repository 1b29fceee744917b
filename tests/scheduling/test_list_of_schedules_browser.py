"""The list of schedules in a real browser: heads that sort, tabs, small cards on a phone, drafts."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from jobs.models import Job, Stage
from scheduling.models import FormDraft, Schedule
from tests.browser.visitor import DESKTOP, PHONE, Visitor, show
from tests.chromium import IN_BROWSER
from tests.conftest import Team
from tests.scheduling.loops import connect, make_link, make_loop

pytestmark = IN_BROWSER

HEIGHTS = "() => [...document.querySelectorAll('.list-table tbody tr')].map(row => row.getBoundingClientRect().height)"
#: An upper edge for a card in the list on a phone, and the height of a row beside others.
CARD, ROW = 120, 44.5


def names(page: Page) -> list[str]:
    return page.locator(".list-table tbody .list-title a").all_inner_texts()


def loop(team: Team, name: str, hours: float) -> Schedule:
    job, _new = Job.objects.get_or_create(organization=team.organization, title=f"Job of {name}")
    stage = Stage.objects.create(organization=team.organization, job=job, name="On site")
    schedule = make_loop(team, "Intro", "Coding", hours_ahead=hours)
    schedule.candidate.name = name
    schedule.candidate.save()
    Schedule.objects.filter(pk=schedule.pk).update(job=job, stage=stage)
    return schedule


def test_heads_sort_and_tabs_part_the_list(visitor: Visitor, team: Team) -> None:
    for name, hours in (("Ben", 48), ("Ada", 24), ("Cem", -48)):
        loop(team, name, hours)
    page = visitor.page
    page.goto(team.url("schedules/"))
    assert names(page) == ["Ada", "Ben"]
    head = page.get_by_role("columnheader", name="Candidate")
    head.get_by_role("link").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    head.get_by_role("link").press("Enter")
    expect(head).to_have_attribute("aria-sort", "descending")
    assert names(page) == ["Ben", "Ada"]
    page.get_by_role("link", name="Past", exact=True).click()
    expect(page.get_by_role("row").filter(has_text="Cem")).to_contain_text("Done")
    visitor.check()


def test_a_row_is_low_and_a_card_small(visitor: Visitor, team: Team) -> None:
    integration = connect(team)
    for name in ("Ada Osei", "Wolfeschlegelsteinhausenbergerdorff " * 4):
        for interview in loop(team, name, 30).interviews.all():
            make_link(interview, integration, "ready")
    page = visitor.page
    page.goto(team.url("schedules/"))
    show(page, DESKTOP, "light")
    assert max(page.evaluate(HEIGHTS)) <= ROW
    show(page, PHONE, "light")
    assert 40 < max(page.evaluate(HEIGHTS)) <= CARD
    # The order is chosen behind "Filters" there: no heads stand above cards.
    page.get_by_role("button", name="Filters").click()
    page.get_by_label("Sort by").select_option("Candidate, Z to A")
    expect(page).to_have_url(re.compile("order=-candidate"))
    page.get_by_role("button", name=re.compile("Actions for Ada Osei")).click()
    page.get_by_role("link", name="Communications").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ada Osei")


def test_the_menu_of_a_row_is_its_own_and_works_by_keyboard(visitor: Visitor, team: Team) -> None:
    coming, past = loop(team, "Ada", 24), loop(team, "Cem", -48)
    page = visitor.page
    page.goto(team.url("schedules/"))
    button = page.get_by_role("button", name="Actions for Ada")
    button.press("ArrowDown")
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("link", name="Communications")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="History")).to_be_focused()
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "false")
    button.press("Enter")
    page.get_by_role("button", name="Cancel schedule").press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Ada")
    assert (
        page.locator("#dialog [hx-post], #dialog form").first.evaluate("form => form.outerHTML").count(f"/{coming.pk}/")
    )
    page.goto(team.url("schedules/?show=past"))
    page.get_by_role("button", name="Actions for Cem").click()
    expect(page.get_by_role("button", name="Delete schedule")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel schedule")).to_have_count(0)
    page.get_by_role("link", name="History").click()
    expect(page).to_have_url(re.compile(f"/schedules/{past.pk}/history/"))
    visitor.check()


def test_what_is_not_saved_yet_stands_on_its_own_tab(visitor: Visitor, team: Team) -> None:
    page = visitor.page
    page.goto(team.url("schedules/"))
    expect(page.get_by_role("link", name="Drafts")).to_have_count(0)
    schedule = loop(team, "Ada", 24)
    FormDraft.objects.create(
        organization=team.organization,
        membership=team.recruiter,
        page="schedule-new",
        form="a" * 32,
        sequence=1,
        content=f"candidate={schedule.candidate_id}&stage={Stage.objects.get().pk}",
    )
    page.reload()
    page.get_by_role("link", name="Drafts").click()
    row = page.get_by_role("row").filter(has_text="Ada")
    expect(row).to_contain_text("Draft")
    expect(row).to_contain_text("Job of Ada")
    visitor.check()
    row.get_by_role("link", name="Ada").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("New schedule")

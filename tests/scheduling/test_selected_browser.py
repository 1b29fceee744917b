"""Several rows of a list at once, in a real browser: selected, asked about, done, and said what came of each."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from scheduling.messages.services import propose_updates
from scheduling.models import Candidate, CodingLink, Message, MessageState
from tests.browser.steps import dialog
from tests.browser.visitor import PHONE, Visitor
from tests.chromium import IN_BROWSER
from tests.conftest import Team
from tests.scheduling.loops import connect
from tests.scheduling.test_selected import loop

pytestmark = IN_BROWSER


def bar(page: Page, name: str) -> None:
    page.locator("#list-selected-bar").get_by_role("button", name=name, exact=True).click()


def lines_of_export(page: Page) -> int:
    with page.expect_download() as download:
        bar(page, "Export")
    return len(Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines())


def test_links_and_messages_of_several_schedules(visitor: Visitor, team: Team) -> None:
    connect(team)
    for name in ("Ada", "Ben", "Cem"):
        propose_updates(schedule=loop(team, name), actor=team.recruiter.user)
    page = visitor.page
    page.goto(team.url("schedules/"))
    expect(page.locator("#list-selected-bar")).to_be_hidden()
    page.get_by_label("Select Ada").check()
    expect(page.get_by_text("1 selected")).to_be_visible()
    page.get_by_label("Select all on this page").check()
    expect(page.get_by_text("3 selected")).to_be_visible()
    page.get_by_label("Select Ben").uncheck()
    expect(page.get_by_text("2 selected")).to_be_visible()
    visitor.check()
    page.get_by_label("Select Ben").check()

    bar(page, "Add links")
    expect(dialog(page).get_by_role("heading", name="Add 3 coding links")).to_be_visible()
    visitor.check()
    dialog(page).get_by_role("button", name="Add 3 links").click()
    expect(dialog(page).get_by_role("heading", name="3 links are being added.")).to_be_visible()
    assert CodingLink.objects.count() == 3
    visitor.check()
    dialog(page).get_by_role("link", name="Back to the list").click()
    expect(page.locator("#dialog.show")).to_have_count(0)

    page.get_by_label("Select all on this page").check()
    bar(page, "Send messages")
    expect(dialog(page).get_by_role("heading", name="Send 6 messages to 4 people")).to_be_visible()
    visitor.check()
    dialog(page).get_by_role("button", name="Send 6 messages").click()
    expect(dialog(page).get_by_role("heading", name="Sending 6 messages.")).to_be_visible()
    assert set(Message.objects.values_list("state", flat=True)) == {MessageState.QUEUED}
    dialog(page).get_by_role("link", name="Back to the list").click()
    expect(page.get_by_role("row").filter(has_text="Ada")).to_contain_text("Sending")

    page.get_by_label("Select Ada").check()
    assert lines_of_export(page) == 2
    page.get_by_role("button", name="Clear selection").click()
    expect(page.locator("#list-selected-bar")).to_be_hidden()


def test_several_candidates_on_a_phone(visitor: Visitor, team: Team) -> None:
    for name in ("Ada", "Ben", "Cem"):
        Candidate.objects.create(organization=team.organization, name=name)
    page = visitor.page
    page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    page.goto(team.url("candidates/"))
    page.get_by_label("Select Ada").check()
    assert lines_of_export(page) == 2
    page.get_by_role("button", name="Select all").click()
    page.get_by_label("Select Cem").uncheck()
    bar(page, "Delete")
    expect(dialog(page)).to_contain_text("Everything Panelist holds on these people is deleted.")
    visitor.check()
    dialog(page).get_by_role("button", name="Delete 2 candidates").click()
    expect(dialog(page).get_by_role("heading", name="2 candidates deleted.")).to_be_visible()
    dialog(page).get_by_role("link", name="Back to the list").click()
    expect(page.get_by_role("link", name="Cem")).to_be_visible()
    assert list(Candidate.objects.values_list("name", flat=True)) == ["Cem"]


def test_a_filter_is_saved_renamed_and_deleted(visitor: Visitor, team: Team) -> None:
    loop(team, "Ada")
    page = visitor.page
    page.goto(team.url("schedules/"))
    page.get_by_label("Scheduled by").select_option("Me")
    expect(page.get_by_text("No schedules found")).to_be_visible()
    page.get_by_role("button", name="Saved filters").click()
    page.get_by_role("button", name="Save or edit filters").click()
    dialog(page).get_by_label("Name of the filter").fill("My open loops")
    visitor.check()
    dialog(page).get_by_role("button", name="Save filter").click()
    expect(page.locator("#dialog.show")).to_have_count(0)
    page.goto(team.url("schedules/"))
    page.get_by_role("button", name="Saved filters").click()
    page.get_by_role("link", name="My open loops").click()
    expect(page.get_by_label("Scheduled by")).to_have_value("me")
    page.get_by_role("button", name="Saved filters").click()
    page.get_by_role("button", name="Save or edit filters").click()
    dialog(page).get_by_label("Name of the filter").last.fill("Mine")
    dialog(page).get_by_role("button", name="Rename").click()
    dialog(page).get_by_role("button", name="Delete Mine").click()
    expect(dialog(page).get_by_text("Your filters")).to_have_count(0)
    visitor.check()

"""Typed and unsaved values are not lost: dialogs ask, and pages bring them back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from organizations.models import User
from scheduling.models import Candidate, Interview
from tests.browser.steps import add_interviewer, people_found
from tests.browser.visitor import Visitor
from tests.conftest import Team
from tests.scheduling.loops import MEETING
from tests.scheduling.message_steps import staffed_loop

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.allow_hosts(["127.0.0.1", "localhost"]),
]


def edit(visitor: Visitor, team: Team) -> Locator:
    """The dialog of the interview "Coding", open."""
    schedule = staffed_loop(team, "Coding")
    visitor.page.goto(team.url(f"schedules/{schedule.pk}/"))
    return opened(visitor.page)


def opened(page: Page) -> Locator:
    page.get_by_role("button", name="Edit Coding").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    return dialog


def test_a_dialog_without_changes_closes_at_once(visitor: Visitor, team: Team) -> None:
    dialog = edit(visitor, team)
    visitor.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


@pytest.mark.parametrize("way", ["Escape", "beside", "Close"])
def test_a_dialog_with_changes_asks_before_it_closes(visitor: Visitor, team: Team, way: str) -> None:
    dialog, page = edit(visitor, team), visitor.page
    place = dialog.get_by_label("Meeting link or location")
    place.fill("Room 7")

    def close() -> None:
        if way == "Escape":
            page.keyboard.press("Escape")
        elif way == "beside":
            page.mouse.click(5, 400)
        else:
            dialog.get_by_role("button", name="Close").first.click()

    close()
    question = dialog.get_by_role("alertdialog", name="Discard your changes?")
    expect(question).to_be_visible()
    expect(question.get_by_role("button", name="Keep editing")).to_be_focused()
    visitor.check()
    question.get_by_role("button", name="Keep editing").click()
    expect(question).to_be_hidden()
    expect(place).to_have_value("Room 7")
    close()
    # Escape once more takes the question back, and not the work.
    page.keyboard.press("Escape")
    expect(question).to_be_hidden()
    expect(place).to_have_value("Room 7")
    close()
    question.get_by_role("button", name="Discard changes").click()
    expect(dialog).to_be_hidden()
    expect(opened(page).get_by_label("Meeting link or location")).to_have_value(MEETING)


def test_typing_back_what_was_there_is_no_change(visitor: Visitor, team: Team) -> None:
    dialog = edit(visitor, team)
    place = dialog.get_by_label("Meeting link or location")
    place.fill("Room 7")
    place.fill(MEETING)
    visitor.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_an_interviewer_taken_by_a_button_is_a_change(visitor: Visitor, team: Team) -> None:
    dialog, page = edit(visitor, team), visitor.page
    dialog.get_by_role("combobox", name="Add interviewer").click()
    people_found(dialog).first.click()
    visitor.quiet()
    page.keyboard.press("Escape")
    expect(dialog.get_by_text("Discard your changes?")).to_be_visible()


def test_what_was_refused_and_closed_asks_too(visitor: Visitor, team: Team) -> None:
    dialog, page = edit(visitor, team), visitor.page
    dialog.get_by_label("Name", exact=True).fill("")
    dialog.get_by_role("button", name="Save interview").click()
    expect(dialog.get_by_text("Enter a name, such as “System design”.", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog.get_by_text("Discard your changes?")).to_be_visible()


def test_a_saved_dialog_closes_without_a_question(visitor: Visitor, team: Team) -> None:
    dialog, page = edit(visitor, team), visitor.page
    dialog.get_by_label("Meeting link or location").fill("Room 7")
    dialog.get_by_label("Meeting link or location").blur()
    visitor.quiet()
    dialog.get_by_role("button", name="Save interview").click()
    expect(dialog).to_be_hidden()
    assert Interview.objects.get().place == "Room 7"
    expect(opened(page).get_by_label("Meeting link or location")).to_have_value("Room 7")
    expect(page.get_by_text("Your unsaved changes are back.")).to_have_count(0)


def test_a_dialog_that_was_left_with_its_page_has_its_changes_again(visitor: Visitor, team: Team) -> None:
    dialog, page = edit(visitor, team), visitor.page
    dialog.get_by_label("Meeting link or location").fill("Room 7")
    page.reload()
    dialog = opened(page)
    expect(dialog.get_by_text("Your unsaved changes are back.")).to_be_visible()
    expect(dialog.get_by_label("Meeting link or location")).to_have_value("Room 7")
    visitor.check()
    dialog.get_by_role("button", name="Discard changes").click()
    expect(dialog.get_by_label("Meeting link or location")).to_have_value(MEETING)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_interviewers_come_back_with_a_dialog_that_was_left(visitor: Visitor, team: Team) -> None:
    dialog, page = edit(visitor, team), visitor.page
    add_interviewer(dialog, "Admin Acme")
    page.reload()
    dialog = opened(page)
    expect(dialog.get_by_text("Your unsaved changes are back.")).to_be_visible()
    expect(dialog.get_by_role("button", name="Remove Admin Acme")).to_be_visible()
    dialog.get_by_role("button", name="Discard changes").click()
    expect(dialog.get_by_role("button", name="Remove Admin Acme")).to_have_count(0)


def test_a_page_that_was_left_has_its_changes_again(visitor: Visitor, team: Team) -> None:
    page = visitor.page
    page.goto(team.url("settings/profile/"))
    page.get_by_label("Name", exact=True).fill("Robin B. Becker")
    page.get_by_role("link", name="Home", exact=True).click()
    expect(page).to_have_title("Home · Panelist")
    page.go_back()
    expect(page.get_by_text("Your unsaved changes are back.")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Robin B. Becker")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("Your unsaved changes are back.")).to_have_count(0)
    page.goto(team.url("settings/profile/"))
    expect(page.get_by_label("Name", exact=True)).to_have_value("Robin B. Becker")
    expect(page.get_by_text("Your unsaved changes are back.")).to_have_count(0)


def test_passwords_are_never_kept(visitor: Visitor, team: Team) -> None:
    page = visitor.page
    page.goto(team.url("settings/profile/"))
    page.get_by_label("Name", exact=True).fill("Robin B. Becker")
    page.get_by_role("link", name="Change password").click()
    page.get_by_label("Current password").fill("a-secret-of-mine-7")
    page.get_by_label("New password", exact=True).fill("a-secret-of-mine-7")
    kept = page.evaluate("JSON.stringify(sessionStorage)")
    assert "Robin B. Becker" in kept
    assert "a-secret-of-mine-7" not in kept


def test_another_member_in_the_same_tab_finds_nothing(visitor: Visitor, team: Team) -> None:
    page = visitor.page
    page.goto(team.url("settings/profile/"))
    page.get_by_label("Name", exact=True).fill("Robin B. Becker")
    cookie = team.client(team.admin).cookies["sessionid"].value
    visitor.context.add_cookies([{"name": "sessionid", "value": cookie, "url": visitor.base_url}])
    page.goto(team.url("settings/profile/"))
    expect(page.get_by_label("Name", exact=True)).to_have_value(User.objects.get(pk=team.admin.user_id).name)
    assert "Robin B. Becker" not in page.evaluate("JSON.stringify(sessionStorage)")


def test_a_dialog_opens_in_its_first_field(visitor: Visitor, team: Team) -> None:
    page = visitor.page
    page.goto(team.url("jobs/"))
    page.get_by_role("link", name="New job").first.click()
    expect(page.get_by_role("dialog").locator("input:not([type='hidden'])").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("link", name="New job").first).to_be_focused()


def test_a_dialog_that_only_asks_keeps_its_keyboard_off_the_buttons(visitor: Visitor, team: Team) -> None:
    page = visitor.page
    person = Candidate.objects.create(organization=team.organization, name="Grace Lin")
    page.goto(team.url(f"candidates/{person.pk}/"))
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("dialog")).to_be_focused()


def test_every_dialog_with_a_form_asks(visitor: Visitor, team: Team) -> None:
    page, dialog = visitor.page, visitor.page.get_by_role("dialog")
    for path, opener, field in (
        ("jobs/", "New job", "Title"),
        ("candidates/", "Add candidate", "Name"),
    ):
        page.goto(team.url(path))
        page.get_by_role("link", name=opener).or_(page.get_by_role("button", name=opener)).first.click()
        dialog.get_by_label(field, exact=True).fill("Something")
        page.keyboard.press("Escape")
        expect(dialog.get_by_role("alertdialog", name="Discard your changes?")).to_be_visible()
        dialog.get_by_role("button", name="Discard changes").click()
        expect(dialog).to_be_hidden()


def test_a_typed_key_is_asked_about_and_never_kept(visitor: Visitor, team: Team) -> None:
    cookie = team.client(team.admin).cookies["sessionid"].value
    visitor.context.add_cookies([{"name": "sessionid", "value": cookie, "url": visitor.base_url}])
    page = visitor.page
    page.goto(team.url("settings/integrations/"))
    page.get_by_role("button", name="Connect", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("API Key")).to_be_focused()
    dialog.get_by_label("API Key").fill("a-key-of-mine")
    page.keyboard.press("Escape")
    dialog.get_by_role("button", name="Discard changes").click()
    expect(dialog).to_be_hidden()
    assert "a-key-of-mine" not in page.evaluate("JSON.stringify(sessionStorage)")

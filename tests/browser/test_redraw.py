"""Forms that are drawn anew while they are filled in: late answers take nothing back, nothing pressed is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Locator, Page, Request, Response, Route, expect

from tests.browser.conftest import Visitors
from tests.browser.steps import change_choice, dialog, opened, people_found, remove_interview, start_over
from tests.browser.visitor import Visitor

STRUCTURES = "Coding: data structures"
BUILDER = "**/schedules/new/"


def is_question(sent: Request) -> bool:
    """Whether the request asks how the form looks now; others store its draft."""
    return sent.url.endswith("/schedules/new/") and sent.method == "POST" and "part=draft" not in (sent.post_data or "")


def answers(answer: Response) -> bool:
    return is_question(answer.request)


class Late:
    """Requests that are held back and do not reach the server yet."""

    def __init__(self) -> None:
        self.held: list[Route] = []
        self.over = False

    def hold(self, route: Route) -> None:
        if route.request.method == "POST" and not self.over:
            self.held.append(route)
        else:
            route.continue_()

    def release(self) -> None:
        """Let the requests go on, in the order in which they were made."""
        while self.held:
            self.held.pop(0).continue_()


@contextmanager
def late(page: Page, address: str) -> Iterator[Late]:
    """Hold back requests to the address within the block; then they go on, and so do all that follow."""
    questions = Late()
    page.route(address, questions.hold)
    yield questions
    questions.over = True
    questions.release()


def row(page: Page, number: int) -> Locator:
    return page.get_by_role("group", name=f"Interview {number}", exact=True)


def begin(visitor: Visitor, candidate: str = "Emeka Balogun") -> Page:
    """Begin a new schedule of the candidate's own stage."""
    page = visitor.page
    page.goto("/o/acme/schedules/new/")
    start_over(page)
    page.get_by_label("Search name or e-mail").fill(candidate.split(maxsplit=1)[0])
    page.get_by_role("radio", name=re.compile(candidate)).click(force=True)
    expect(row(page, 1).get_by_label("Name", exact=True)).to_have_value(STRUCTURES)
    visitor.quiet()
    return page


def test_what_is_typed_meanwhile_stays(visitors: Visitors) -> None:
    page = begin(visitors("recruiter@example.com"))
    with late(page, BUILDER):
        page.get_by_role("button", name="Add interview", exact=True).click()
        opened(page, 1).get_by_label("Meeting link or location").fill("Room 7")
        row(page, 2).get_by_label("Time").fill("11:55")
    expect(row(page, 5)).to_be_visible()
    expect(row(page, 1).get_by_label("Meeting link or location")).to_have_value("Room 7")
    expect(row(page, 2).get_by_label("Time")).to_have_value("11:55")


def test_all_that_is_pressed_before_an_answer_counts(visitors: Visitors) -> None:
    page = begin(visitors("recruiter@example.com"))
    with late(page, BUILDER):
        opened(page, 4).get_by_label("Minutes").fill("50")
        remove_interview(page, 2)
        remove_interview(page, 3)
        page.get_by_role("button", name="Add interview", exact=True).click()
    expect(row(page, 2).get_by_label("Minutes")).to_have_value("50")
    names = [row(page, number).get_by_label("Name", exact=True).input_value() for number in (1, 2, 3)]
    assert names == [STRUCTURES, "Hiring manager", ""]
    expect(row(page, 4)).to_have_count(0)


def test_choices_in_a_hurry_all_count(visitors: Visitors) -> None:
    """Another job than the candidate's, chosen before the page knew the candidate's."""
    page = visitors("recruiter@example.com").page
    page.goto("/o/acme/schedules/new/")
    start_over(page)
    with late(page, BUILDER):
        page.get_by_role("radio", name=re.compile("@")).first.click(force=True)
        page.get_by_label("Job", exact=True).select_option("Frontend Engineer")
        page.get_by_label("Time zone", exact=True).fill("Asia/Tokyo")
        page.keyboard.press("Tab")
    expect(page.get_by_label("Job", exact=True).locator("option:checked")).to_have_text("Frontend Engineer")
    expect(page.get_by_label("Time zone", exact=True)).to_have_value("Tokyo (GMT+9)")
    page.get_by_label("Stage", exact=True).select_option("Final loop")
    expect(row(page, 1).get_by_label("Name", exact=True)).to_have_value("Coding: components")
    # Chosen once more, it takes nothing back.
    opened(page, 1).get_by_label("Meeting link or location").fill("Room 7")
    change_choice(page)
    with page.expect_response(answers):
        page.get_by_label("Job", exact=True).select_option("Frontend Engineer")
    change_choice(page)
    with page.expect_response(answers):
        page.get_by_label("Stage", exact=True).select_option("Final loop")
    expect(row(page, 1).get_by_label("Meeting link or location")).to_have_value("Room 7")


def test_ticks_are_kept_by_answers_to_earlier_questions(visitors: Visitors) -> None:
    visitor = visitors("recruiter@example.com")
    page = begin(visitor)
    for number in (1, 2):
        with page.expect_response(answers):
            row(page, number).get_by_label("Date").fill("2026-01-10")
            row(page, number).get_by_label("Date").blur()
    first, second = (row(page, number).get_by_label("Schedule anyway").first for number in (1, 2))
    expect(first).to_be_visible()
    visitor.quiet()
    with late(page, BUILDER) as held:
        with page.expect_request(is_question):
            first.check()
        with page.expect_request(is_question):
            held.release()  # the answer comes, and the second tick is younger than its question
            second.check()
    visitor.quiet()
    expect(first).to_be_checked()
    expect(second).to_be_checked()


def test_an_answer_to_a_closed_dialog_is_not_put_into_the_next(visitors: Visitors) -> None:
    visitor = visitors("recruiter@example.com")
    page = visitor.page
    page.goto("/o/acme/schedules/?state=scheduled")
    page.get_by_role("main").get_by_role("link", name="Emeka Balogun").last.click()
    page.get_by_role("button", name=f"Edit {STRUCTURES}").click()
    expect(dialog(page).get_by_label("Date")).to_be_visible()
    visitor.quiet()
    with late(page, "**/interviews/*/edit/"):
        with page.expect_request("**/interviews/*/edit/"):
            dialog(page).get_by_label("Date").fill("2026-01-10")
            dialog(page).get_by_label("Date").blur()
        dialog(page).get_by_role("button", name="Close").last.click()
        dialog(page).get_by_role("button", name="Discard changes").click()
        expect(dialog(page)).to_be_hidden()
        page.get_by_role("button", name="Edit System design").click()
        expect(dialog(page).get_by_label("Name", exact=True)).to_have_value("System design")
    visitor.quiet()
    page.evaluate("() => new Promise(requestAnimationFrame)")
    expect(dialog(page)).not_to_contain_text("Schedule anyway")


def test_an_interviewer_is_added_in_the_dialog(visitors: Visitors) -> None:
    visitor = visitors("recruiter@example.com")
    page = visitor.page
    page.goto("/o/acme/schedules/?state=scheduled")
    page.get_by_role("main").get_by_role("link", name="Emeka Balogun").last.click()
    page.get_by_role("button", name=f"Edit {STRUCTURES}").click()
    dialog(page).get_by_role("combobox", name="Add interviewer").click()
    before = dialog(page).locator("[data-drop]").count()
    name = people_found(dialog(page)).first.locator(".person-option-name bdi").inner_text()
    with late(page, "**/interviews/*/edit/"):
        people_found(dialog(page)).first.click()
        # It stands there before the server has answered.
        expect(dialog(page).get_by_role("button", name=f"Remove {name}")).to_be_visible()
        dialog(page).get_by_label("Meeting link or location").fill("Room 7")
    visitor.quiet()
    expect(dialog(page).locator("[data-drop]")).to_have_count(before + 1)
    expect(dialog(page).get_by_role("button", name=f"Remove {name}")).to_be_visible()
    expect(dialog(page).get_by_label("Meeting link or location")).to_have_value("Room 7")

"""Steps of people that several tests share, in the words of the pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from playwright.sync_api import Locator, Page, expect

from integrations.sandbox.client import SandboxClient
from integrations.sandbox.model import ALL
from tests.browser.visitor import Visitor

SWITCH = "Generate a CodeSignal link by default"
ADD = "+ Add CodeSignal link"


@dataclass
class Clicks:
    """The clicks of one person, by what was clicked. Typing is none."""

    made: list[str] = field(default_factory=list)

    def on(self, target: Locator) -> None:
        self.made.append(target.inner_text().strip())
        target.click()


def a_day_soon() -> date:
    """A working day on which the demo has nothing yet, and for which a link can be made today."""
    day = datetime.now(UTC).date() + timedelta(days=8)
    while day.isoweekday() > 5:
        day += timedelta(days=1)
    return day


def agree(page: Page, words: str) -> None:
    """Read the product's own question, and answer with the button that does it."""
    question = page.get_by_role("alertdialog")
    expect(question).to_contain_text(words)
    expect(question.get_by_role("button", name="Keep as it is")).to_be_focused()
    question.get_by_role("button").last.click()
    expect(question).to_be_hidden()


def sign_out(page: Page) -> None:
    """Sign out by the menu of the person's name."""
    page.get_by_role("button", name="Account:").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def more_actions(page: Page, name: str) -> None:
    """Press what stands in the menu at the head of a page."""
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("button", name=name, exact=True).click()


def make_key(visitor: Visitor, sandbox: SandboxClient, permissions: Sequence[str] = ALL) -> str:
    """Make a key by hand on the sandbox's page, as at the vendor."""
    page = visitor.context.new_page()
    page.goto(sandbox.url)
    page.get_by_role("link", name="API Keys").click()
    page.get_by_label("Description").fill("Panelist")
    for permission in permissions:
        page.get_by_label(permission, exact=True).check()
    page.get_by_role("button", name="Save", exact=True).click()
    visitor.check(page)
    key = page.get_by_label("Your new API key").input_value()
    page.close()
    return key


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog")


def connect(visitor: Visitor, sandbox: SandboxClient) -> None:
    """Go from the integrations' page to "Connected", with a key made in the background."""
    visitor.go("Organization Settings", "Integrations")
    visitor.page.get_by_role("button", name="Connect", exact=True).click()
    dialog(visitor.page).get_by_label("API Key").fill(sandbox.make_key(description="Panelist"))
    dialog(visitor.page).get_by_role("button", name="Save").click()
    expect(visitor.page.get_by_text("Connected", exact=True).first).to_be_visible()


def row_of(page: Page, interview: str) -> Locator:
    """An interview's row in the CodeSignal dialog."""
    return dialog(page).get_by_role("group", name=interview, exact=True)


def link_of(page: Page, interview: str) -> Locator:
    """An interview's line in the table of coding links, on Communications."""
    lines = page.get_by_role("region", name="Coding links").get_by_role("row")
    return lines.filter(has=page.get_by_role("rowheader", name=interview, exact=True))


def planned(page: Page, interview: str) -> Locator:
    """An interview of a plan, on the page of a job."""
    return page.get_by_role("listitem").filter(has_text=interview)


def act(page: Page, name: str, words: str) -> None:
    """Choose an action from the menu of a row, or of a page, by its name."""
    page.get_by_role("button", name=f"Actions for {name}", exact=True).click()
    page.locator(".dropdown-menu.show").get_by_text(words, exact=True).click()


def link_in(row: Locator) -> str:
    """Wait for the coding link, and return its address."""
    expect(row.get_by_role("link", name="Open")).to_be_visible()
    return row.get_by_role("link", name="Open").get_attribute("href") or ""


def start_over(page: Page) -> None:
    """Discard what an earlier test has left on "New schedule"."""
    expect(page.get_by_role("heading", level=1)).to_contain_text("New schedule")
    page.wait_for_load_state()
    again = page.get_by_role("button", name="Start over")
    if again.is_visible():
        again.click()
        expect(again).to_be_hidden()


def change_choice(page: Page) -> None:
    """Show the fields of candidate, job, stage and time zone on "New schedule"."""
    expect(page.locator(".htmx-request")).to_have_count(0)
    if not page.get_by_label("Job", exact=True).is_visible():
        page.get_by_role("button", name="Change candidate, job and stage").click()
    expect(page.get_by_label("Job", exact=True)).to_be_visible()


def opened(page: Page, number: int) -> Locator:
    """One row of "New schedule", with all of its fields."""
    row = page.get_by_role("group", name=f"Interview {number}", exact=True)
    if not row.get_by_label("Name", exact=True).is_visible():
        row.get_by_role("button", name=f"Actions for interview {number}").click()
        row.get_by_role("button", name="Edit details").click()
    expect(row.get_by_label("Name", exact=True)).to_be_visible()
    return row


def remove_interview(page: Page, number: int) -> None:
    """Remove a row of "New schedule" by its menu."""
    page.get_by_role("button", name=f"Actions for interview {number}").click()
    page.get_by_role("button", name=f"Remove interview {number}").click()


def people_found(row: Locator) -> Locator:
    """The people that the list below "Add interviewer" offers."""
    return row.get_by_role("listbox", name="People to add").get_by_role("option")


def add_interviewer(row: Locator, name: str) -> None:
    """Add a person to a row of "New schedule", or in the dialog of an interview, by typing the name."""
    row.get_by_role("combobox", name="Add interviewer").fill(name)
    people_found(row).filter(has_text=name).click()
    expect(row.get_by_role("button", name=f"Remove {name}")).to_be_visible()


def fill_interview(page: Page, number: int, day: date, time: str, interviewer: str) -> None:
    """Fill in one row of "New schedule"."""
    row = page.get_by_role("group", name=f"Interview {number}", exact=True)
    row.get_by_label("Date").fill(day.isoformat())
    row.get_by_label("Time").fill(time)
    add_interviewer(row, interviewer)


def plan_a_loop(page: Page, candidate: str, day: date) -> None:
    """Fill in "New schedule" for the backend engineers' onsite loop, without a conflict."""
    page.get_by_label("Search name or e-mail").fill(candidate.split(maxsplit=1)[0])
    page.get_by_role("radio", name=candidate).click(force=True)
    expect(page.get_by_role("heading", level=1)).to_contain_text(candidate)
    change_choice(page)
    page.get_by_label("Job", exact=True).select_option("Backend Engineer")
    page.get_by_label("Stage", exact=True).select_option("Onsite loop")
    # The rows of the stage that was proposed first are replaced by this one's.
    expect(page.get_by_role("group", name="Interview 4", exact=True)).to_be_visible()
    # By day in India, where the candidate is.
    rows = (("10:00", "Marek Novák"), ("11:15", "Grace Okafor"), ("12:30", "Ines Duarte"), ("14:00", "Marek Novák"))
    for number, (time, interviewer) in enumerate(rows, start=1):
        fill_interview(page, number, day, time, interviewer)
    expect(page.get_by_text("None is chosen yet")).to_have_count(0)


def open_communications(visitor: Visitor, candidate: str, stage: str) -> None:
    """Open the second tab of this candidate's schedule for this stage."""
    visitor.go("Schedules")
    row = visitor.page.get_by_role("row").filter(has_text=candidate).filter(has_text=stage)
    row.get_by_role("link", name=candidate).click()
    visitor.page.get_by_role("link", name="Communications", exact=True).click()
    visitor.page.wait_for_url("**/communications/")  # with its scripts, which the next click needs

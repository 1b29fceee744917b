"""A coordinator's week in one go: import, schedule, send, move across a clock change, cancel."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect

from integrations.sandbox.client import SandboxClient
from tests.browser.conftest import Visitors
from tests.browser.demo import Demo
from tests.browser.steps import SWITCH, a_day_soon, connect, dialog, fill_interview, planned
from tests.browser.visitor import Visitor

ZONE = ZoneInfo("Europe/Berlin")
CODING = "Coding: SQL and Python"
CANDIDATE, EMAIL = "Imported 123", "imported-123@example.net"
PEOPLE = (("10:00", "Priya Raman"), ("11:30", "Marek Novák"), ("13:30", "Ines Duarte"))


def test_from_an_import_to_a_cancellation(demo: Demo, visitors: Visitors) -> None:
    visitor = visitors()
    connect(visitor, demo.sandbox)
    switch_on(visitor)
    import_candidates(visitor)
    schedule(visitor, a_day_soon())
    link_is_there(visitor, demo.sandbox)
    send(visitor, 4)
    address = join_address(visitor)
    candidate = visitors("", timezone_id="Europe/Berlin")
    candidate.page.goto(address)
    expect(candidate.page.get_by_text("The door opens at")).to_be_visible()
    candidate.check()

    after = after_a_clock_change(a_day_soon())
    move(visitor, after)
    send(visitor, 2)
    assert newest_mail(visitor, "Update to the candidate", in_words(after))
    candidate.page.goto(address)
    expect(candidate.page.get_by_text(in_words(after))).to_be_visible()
    expect(candidate.page.get_by_text("10:00")).to_be_visible()

    cancel(visitor)
    send(visitor, 4)
    assert newest_mail(visitor, "Cancellation to the candidate", "METHOD:CANCEL")
    candidate.page.goto(address)
    expect(candidate.page.get_by_text("does not take place")).to_be_visible()
    assert EMAIL not in [interview.candidate_email for interview in demo.sandbox.interviews(live_only=True)]


def after_a_clock_change(day: date) -> date:
    """The Monday after the next Sunday on which the clocks change in the organization's zone."""

    def offset(of: date) -> timedelta | None:
        return datetime(of.year, of.month, of.day, 12, tzinfo=ZONE).utcoffset()

    found = day + timedelta(days=1)
    while offset(found) == offset(found - timedelta(days=1)):
        found += timedelta(days=1)
    return found + timedelta(days=1)


def in_words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def switch_on(visitor: Visitor) -> None:
    visitor.go("Jobs", "Data Scientist")
    switch = planned(visitor.page, CODING).get_by_role("button", name=SWITCH, exact=True)
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "true")


def import_candidates(visitor: Visitor) -> None:
    """Two hundred, as Excel writes them in Germany: semicolons, and a comma and an umlaut in a name."""
    page = visitor.page
    rows = [f"Imported {number:03};imported-{number:03}@example.net;Europe/Berlin" for number in range(199)]
    text = "\ufeff" + "\r\n".join(["Name;E-Mail;Time zone", *rows, '"Müller, Jörg";joerg@example.net;Europe/Berlin'])
    visitor.go("Candidates", "Import")
    upload = {"name": "candidates.csv", "mimeType": "text/csv", "buffer": text.encode()}
    page.get_by_label("File").set_input_files(upload)  # type: ignore[arg-type]
    page.get_by_role("button", name="Check the rows").click()
    visitor.check()
    page.get_by_role("button", name="Import 200 candidates").click()
    expect(page.get_by_role("main")).to_contain_text("200")
    page.get_by_label("Search name or e-mail").fill("Müller")
    page.get_by_label("Search name or e-mail").press("Enter")
    expect(page.get_by_role("link", name="Müller, Jörg")).to_be_visible()


def schedule(visitor: Visitor, day: date) -> None:
    page = visitor.page
    visitor.go("Schedules", "New schedule")
    page.get_by_label("Search name or e-mail").fill(CANDIDATE)
    page.get_by_label(CANDIDATE).check(force=True)
    visitor.quiet()
    page.get_by_label("Job", exact=True).select_option("Data Scientist")
    visitor.quiet()
    page.get_by_label("Stage", exact=True).select_option("Loop")
    expect(page.get_by_role("group", name="Interview 3", exact=True)).to_be_visible()
    visitor.quiet()
    for number, (time, interviewer) in enumerate(PEOPLE, start=1):
        fill_interview(page, number, day, time, interviewer)
    expect(page.get_by_text("there are none so far")).to_have_count(0)
    page.get_by_role("button", name="Schedule 3 interviews").click()
    expect(page.get_by_role("main")).to_contain_text("3 interviews are scheduled.")
    expect(page.get_by_role("main")).to_contain_text("4 people do not know yet")


def link_is_there(visitor: Visitor, sandbox: SandboxClient) -> None:
    tab(visitor.page, "Communications")
    card = visitor.page.get_by_role("group", name=CODING, exact=True)
    expect(card.get_by_text("Ready", exact=True)).to_be_visible()
    assert EMAIL in [interview.candidate_email for interview in sandbox.interviews(live_only=True)]


def tab(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("link", name=name, exact=True).click()


def send(visitor: Visitor, people: int) -> None:
    """Looks at what the candidate gets, then sends all that waits."""
    page = visitor.page
    if "/communications/" not in page.url:
        tab(page, "Communications")
    section = page.get_by_role("region", name="Messages")
    section.get_by_role("button", name="Preview").first.click()
    expect(dialog(page)).to_contain_text(EMAIL)
    visitor.check()
    dialog(page).get_by_role("button", name="Close").last.click()
    section.get_by_role("button", name=f"Send to {people} people").click()
    expect(section.get_by_text("Sent", exact=True)).to_have_count(4)


def newest_mail(visitor: Visitor, kind: str, text: str) -> str:
    """The outbox page of the newest mail of this kind, which has this text in it."""
    page, back = visitor.page, visitor.page.url
    visitor.go("Outbox")
    page.get_by_role("main").get_by_role("link").filter(has_text=kind).first.click()
    expect(page.get_by_role("main")).to_contain_text(text)
    found = page.get_by_role("main").inner_text()
    page.goto(back)
    return found


def join_address(visitor: Visitor) -> str:
    text = newest_mail(visitor, "Invitation to the candidate", "METHOD:REQUEST")
    found = re.search(r"http://localhost:\d+/join/[\w-]+/", text)
    assert found is not None
    return found[0]


def move(visitor: Visitor, day: date) -> None:
    """The coding interview goes to 10:00 on another day, for a reason."""
    page = visitor.page
    tab(page, "Details")
    item = page.get_by_role("listitem").filter(has_text=CODING).or_(page.locator(".list-group-item", has_text=CODING))
    item.first.get_by_role("button", name="Edit").click()
    dialog(page).get_by_label("Date").fill(day.isoformat())
    dialog(page).get_by_label("Reason").select_option(index=1)
    dialog(page).get_by_label("Note").fill("The candidate asked for it.")
    visitor.quiet()
    dialog(page).get_by_role("button", name="Save interview").click()
    expect(dialog(page)).to_have_count(0)
    expect(page.get_by_role("main")).to_contain_text("2 people do not know yet")


def cancel(visitor: Visitor) -> None:
    page = visitor.page
    tab(page, "Details")
    page.get_by_role("button", name="Cancel schedule").click()
    dialog(page).get_by_label("Reason").select_option(index=1)
    visitor.check()
    dialog(page).get_by_role("button", name="Cancel schedule").click()
    expect(page.get_by_role("main")).to_contain_text("4 people do not know yet")
    tab(page, "History")
    expect(page.get_by_role("main")).to_contain_text("Cancelled the schedule")
    expect(page.get_by_role("main")).to_contain_text("The candidate asked for it.")

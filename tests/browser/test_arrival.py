"""The link arrives: from a list of candidates to a message, through a move across a clock change, to a cancellation."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visitors
from tests.browser.demo import Demo
from tests.browser.steps import SWITCH, connect, dialog, fill_interview, link_of, more_actions, planned
from tests.browser.visitor import Visitor

ORGANIZATION = ZoneInfo("Europe/Berlin")
CANDIDATE = ZoneInfo("America/New_York")
NAME, ADDRESS = 'Ada "Countess" Quill, the 117th', "ada.117@example.net"
CODING, DESIGN, TEAM = "Coding: components", "Accessibility and design", "Team conversation"
INTERVIEWER = "Robin Becker"


def two_hundred() -> bytes:
    """A file of two hundred candidates as a spreadsheet writes it: byte order mark, semicolons, nested quotes."""
    lines = ["Name;E-mail;Time zone;Job;Stage"]
    for number in range(1, 201):
        name = '"' + NAME.replace('"', '""') + '"' if number == 117 else f"Ada Quill {number}"
        lines.append(f"{name};ada.{number}@example.net;{CANDIDATE.key};Frontend Engineer;Final loop")
    return "\r\n".join(lines).encode("utf-8-sig")


def in_hours(hours: int) -> datetime:
    """A moment in so many hours by the organization's clocks, at a time that they show only once."""
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    moment = (now + timedelta(hours=hours)).astimezone(ORGANIZATION)
    if moment.utcoffset() != moment.replace(fold=1).utcoffset():
        moment = (now + timedelta(hours=hours + 2)).astimezone(ORGANIZATION)
    return moment


def after_the_clock_change() -> date:
    """The first working day on which the organization's clocks are set otherwise than today."""
    day = datetime.now(ORGANIZATION).date()
    offset = datetime(day.year, day.month, day.day, 12, tzinfo=ORGANIZATION).utcoffset()
    while datetime(day.year, day.month, day.day, 12, tzinfo=ORGANIZATION).utcoffset() == offset:
        day += timedelta(days=1)
    while day.isoweekday() > 5:
        day += timedelta(days=1)
    return day


def test_from_a_list_of_candidates_to_a_cancellation(demo: Demo, visitors: Visitors) -> None:
    visitor = visitors()
    candidate = visitors("", timezone_id=CANDIDATE.key)
    import_candidates(visitor)
    connect(visitor, demo.sandbox)
    switch_all_defaults_on(visitor)
    first = schedule(visitor)
    address = send_invitations(visitor)
    check_invitation(visitor, first, address)
    enter(candidate, address, first)
    moved = datetime.combine(after_the_clock_change(), datetime.min.time(), ORGANIZATION) + timedelta(hours=15)
    move(visitor, moved)
    check_update(visitor, moved)
    same_address(candidate, address, moved)
    cancel(visitor)
    check_cancellation(visitor)
    candidate.page.goto(address)
    expect(candidate.page.get_by_role("main")).to_contain_text("This interview is cancelled.")
    assert [one for one in demo.sandbox.interviews() if one.candidate_email == ADDRESS] == []


def import_candidates(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("Candidates")
    page.get_by_role("link", name="Import").click()
    page.get_by_label("File").set_input_files(
        {"name": "candidates.csv", "mimeType": "text/csv", "buffer": two_hundred()}
    )
    page.get_by_role("button", name="Check rows").click()
    expect(page.get_by_role("main")).to_contain_text("200 candidates will be added")
    visitor.check()
    page.get_by_role("button", name="Import 200 candidates").click()
    expect(page.get_by_role("heading", level=1, name="Candidates")).to_be_visible()
    page.get_by_label("Search name or e-mail").fill(ADDRESS)
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_role("link", name=NAME)).to_be_visible()


def switch_all_defaults_on(visitor: Visitor) -> None:
    visitor.go("Jobs", "Frontend Engineer")
    for name in (CODING, DESIGN, TEAM):
        switch = planned(visitor.page, name).get_by_role("button", name=SWITCH, exact=True)
        switch.click()
        expect(switch).to_have_attribute("aria-pressed", "true")


def schedule(visitor: Visitor) -> datetime:
    """Schedule three interviews within the next hours, overriding what speaks against it. Return when they begin."""
    page = visitor.page
    visitor.go("Organization Settings")
    page.get_by_label("Join links open this many minutes ahead").fill("1440")
    page.get_by_role("button", name="Save changes").click()
    visitor.go("Candidates")
    page.get_by_label("Search name or e-mail").fill(ADDRESS)
    page.get_by_role("button", name="Search", exact=True).click()
    page.get_by_role("link", name=NAME).click()
    page.get_by_role("link", name="New schedule").last.click()
    for number, hours in ((1, 3), (2, 6), (3, 9)):
        moment = in_hours(hours)
        fill_interview(page, number, moment.date(), f"{moment:%H:%M}", INTERVIEWER)
    expect(page.get_by_text("None is chosen yet")).to_have_count(0)
    visitor.quiet()
    for box in page.get_by_label("Schedule anyway").all():
        with page.expect_response(
            lambda answer: (
                answer.url.endswith("/schedules/new/") and "part=conflicts" in (answer.request.post_data or "")
            )
        ):
            box.check()
    page.get_by_role("button", name="Schedule 3 interviews").click()
    expect(page.get_by_role("main")).to_contain_text("3 interviews scheduled.")
    expect(page.get_by_role("main")).to_contain_text("2 people haven't been told yet")
    return in_hours(3)


def communications(page: Page) -> Locator:
    """Open the messages, on the schedule's second tab."""
    page.get_by_role("link", name="Communications", exact=True).click()
    return page.get_by_role("region", name="Messages")


def send_invitations(visitor: Visitor) -> str:
    """Wait for the links, open the preview, and send. Return the candidate's join link of the first interview."""
    page = visitor.page
    messages = communications(page)
    for name in (CODING, DESIGN, TEAM):
        expect(link_of(page, name).get_by_text("Ready", exact=True)).to_be_visible()
    prepare(messages)
    messages.get_by_role("button", name=f"Preview {NAME}").click()
    visitor.check()
    dialog(page).get_by_role("tab", name="Plain text").click()
    text = dialog(page).locator("#preview-text").inner_text()
    dialog(page).get_by_role("button", name="Close").last.click()
    found = re.search(rf"{CODING}.*?(http://\S+/join/\S+/)", text, re.DOTALL)
    assert found is not None, text
    send(messages, 2)
    open_mail(page, ADDRESS, "Interview with")
    assert page.get_by_role("region", name="text/plain").locator("pre").inner_text().strip() == text.strip()
    return found[1]


#: The button that sends all that is prepared: "Send 3 messages".
SEND = re.compile(r"Send \d+ message")


def prepare(messages: Locator) -> None:
    """Ask for the drafts that are missing: those of people whom a change concerns are there already."""
    button, ready = messages.get_by_role("button", name="Prepare"), messages.get_by_role("button", name=SEND)
    expect(button.or_(ready).first).to_be_visible()
    if button.count():
        button.click()
    expect(ready).to_be_enabled()


def send(messages: Locator, count: int) -> None:
    anyway = messages.get_by_label("Send anyway")
    if anyway.count():
        anyway.check()
    messages.get_by_role("button", name=f"Send {count} messages" if count > 1 else "Send 1 message").click()
    expect(messages.get_by_text("Sent", exact=True)).to_have_count(count)


def open_mail(page: Page, recipient: str, subject: str) -> None:
    """Open the newest mail to somebody with these words in its subject."""
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Outbox").click()
    page.get_by_role("main").get_by_role("link").filter(has_text=recipient).filter(has_text=subject).first.click()
    expect(page.get_by_role("region", name="text/plain")).to_be_visible()


def every_calendar(page: Page, recipient: str, subject: str) -> list[str]:
    """The events of all mails to somebody with these words in their subjects: each mail brings one."""
    outbox = page.get_by_role("navigation", name="Main").get_by_role("link", name="Outbox")
    mails = page.get_by_role("main").get_by_role("link").filter(has_text=recipient).filter(has_text=subject)
    outbox.click()
    expect(mails.first).to_be_visible()
    found = []
    for number in range(mails.count()):
        mails.nth(number).click()
        expect(page.get_by_role("region", name="text/plain")).to_be_visible()
        found += calendars(page)
        outbox.click()
        expect(mails.first).to_be_visible()
    return found


def calendars(page: Page) -> list[str]:
    """The calendar of the mail that is open, as an alternative and as a file, its long lines joined."""
    parts = page.get_by_role("region", name=re.compile(r"text.calendar|\.ics")).locator("pre").all()
    return [re.sub(r"\r?\n[ \t]", "", part.inner_text()) for part in parts]


def utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def check_invitation(visitor: Visitor, first: datetime, address: str) -> None:
    """Check the open mail, the candidate's."""
    page = visitor.page
    assert address in page.get_by_role("region", name="text/plain").locator("pre").inner_text()
    frame = page.frame_locator("iframe[title='The message']")
    expect(frame.locator(f"a[href='{address}']")).to_be_visible()
    (calendar, *_) = calendars(page)
    assert "METHOD:REQUEST" in calendar and f"DTSTART:{utc(first)}" in calendar and "SEQUENCE:0" in calendar
    visitor.check()


def shown_in(zone: ZoneInfo, moment: datetime) -> re.Pattern[str]:
    """A moment as the join link's page writes it for a visitor in that zone."""
    local = moment.astimezone(zone)
    return re.compile(rf"{local:%A},? {local.day} {local:%B} {local.year}.*{local:%H:%M}")


def enter(candidate: Visitor, address: str, first: datetime) -> None:
    page = candidate.page
    page.goto(address)
    expect(page.get_by_role("heading", level=1, name=CODING)).to_be_visible()
    expect(page.locator("time").first).to_have_text(shown_in(CANDIDATE, first))
    expect(page.get_by_role("main")).to_contain_text(re.compile(r"Times in New York, GMT-[45]"))
    expect(page.get_by_role("main")).to_contain_text("Use the one that was invited")
    candidate.check()
    page.get_by_role("link", name="Join coding interview").click()
    expect(page.get_by_role("heading", name=f"Interview with {NAME}")).to_be_visible()


def back_to_the_schedule(page: Page) -> None:
    page.get_by_role("link", name="Open schedule").click()


def move(visitor: Visitor, moved: datetime) -> None:
    """Move the first interview to a day on which clocks are set otherwise, at three in the afternoon."""
    page = visitor.page
    back_to_the_schedule(page)
    page.get_by_role("link", name="Details", exact=True).click()
    page.get_by_role("button", name=f"Edit {CODING}").click()
    dialog(page).get_by_label("Date").fill(moved.date().isoformat())
    dialog(page).get_by_label("Time", exact=True).fill(f"{moved:%H:%M}")
    dialog(page).get_by_label("Reason").select_option("The candidate asked for it")
    dialog(page).get_by_label("Note").fill("Exams until then")
    visitor.quiet()
    visitor.check()
    dialog(page).get_by_role("button", name="Save interview").click()
    expect(dialog(page)).to_be_hidden()
    messages = communications(page)
    # Far away, a link made now would be dead on the day; near, the one there is stays.
    line = link_of(page, CODING)
    expect(line.get_by_text(re.compile("Ready|Will be generated on")).first).to_be_visible()
    prepare(messages)
    send(messages, 2)


def check_update(visitor: Visitor, moved: datetime) -> None:
    page = visitor.page
    assert any(f"DTSTART:{utc(moved)}" in calendar for calendar in every_calendar(page, ADDRESS, ""))
    open_mail(page, ADDRESS, "Updated: interview")
    local = moved.astimezone(CANDIDATE)
    assert f"{local:%H:%M}" in page.get_by_role("region", name="text/plain").locator("pre").inner_text()
    (calendar, *_) = [one for one in every_calendar(page, "recruiter@example.com", "Updated") if utc(moved) in one]
    assert "METHOD:REQUEST" in calendar and "SEQUENCE:1" in calendar
    open_mail(page, "recruiter@example.com", "Updated")
    visitor.check()


def same_address(candidate: Visitor, address: str, moved: datetime) -> None:
    page = candidate.page
    page.goto(address)
    expect(page.get_by_role("heading", level=1, name=CODING)).to_be_visible()
    expect(page.locator("time").first).to_have_text(shown_in(CANDIDATE, moved))
    expect(page.get_by_role("main")).to_contain_text("Opens at")
    candidate.check()


def cancel(visitor: Visitor) -> None:
    page = visitor.page
    back_to_the_schedule(page)
    page.get_by_role("link", name="Details", exact=True).click()
    more_actions(page, "Cancel schedule")
    dialog(page).get_by_label("Reason").select_option("The candidate withdrew")
    dialog(page).get_by_role("button", name="Cancel schedule").click()
    expect(dialog(page)).to_be_hidden()
    messages = communications(page)
    for name in (DESIGN, TEAM):
        expect(link_of(page, name)).to_have_count(0)
    prepare(messages)
    send(messages, 2)
    page.get_by_role("link", name="History", exact=True).click()
    for words in ("Cancelled the schedule", "The candidate withdrew", "The candidate asked for it", "Exams until then"):
        expect(page.get_by_role("main")).to_contain_text(words)
    visitor.check()


def check_cancellation(visitor: Visitor) -> None:
    page = visitor.page
    for recipient in (ADDRESS, "recruiter@example.com"):
        open_mail(page, recipient, "Cancelled")
        found = calendars(page)
        assert found and all("METHOD:CANCEL" in calendar and "STATUS:CANCELLED" in calendar for calendar in found)

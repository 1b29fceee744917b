"""A coordinator of one job and a member who only reads: from the invitation to what they can press."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import Visitors
from tests.browser.demo import Demo
from tests.browser.steps import ADD, a_day_soon, connect, dialog, link_in, open_communications, plan_a_loop, row_of
from tests.browser.test_joining import address_in_mail
from tests.browser.visitor import Visitor

PASSWORD = "tall-ships-sail-9"
OTHERS = re.compile("Frontend Engineer|Data Scientist|Chloe Bennett|Sakura Tanaka|Jordan Lee|Sofia Petrova")


def invite(admin: Visitor, email: str, role: str, *jobs: str) -> str:
    """Invite somebody on the "Members" page, and return the link in their mail."""
    page = admin.page
    admin.go("Organization Settings", "Members")
    region = page.get_by_role("region", name="Invite a member")
    region.get_by_label("E-mail").fill(email)
    region.get_by_label("Role").select_option(role)
    for job in jobs:
        region.get_by_role("checkbox", name=job).check()
    admin.check()
    region.get_by_role("button", name="Invite", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text(email)
    return address_in_mail(admin, email, "invitations")


def join(visitor: Visitor, address: str, name: str) -> None:
    page = visitor.page
    page.goto(address)
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Join Acme Corp").click()
    expect(page.get_by_role("main")).to_contain_text("Welcome to Acme Corp.")


def menu(visitor: Visitor) -> list[str]:
    links = visitor.page.get_by_role("navigation", name="Main").get_by_role("link").all()
    return [name for link in links if (name := link.inner_text().strip()) in PAGES]


PAGES = ("Home", "Schedules", "Calendar", "Candidates", "Jobs", "Organization Settings")


def test_a_coordinator_works_on_one_job(demo: Demo, visitors: Visitors) -> None:
    admin, cora = visitors(), visitors("")
    connect(admin, demo.sandbox)
    admin.go("Organization Settings", "Members")
    region = admin.page.get_by_role("region", name="Invite a member")
    expect(region.get_by_text("Only their own interviews.")).to_be_visible()
    expect(region.get_by_role("checkbox", name="Backend Engineer")).to_be_hidden()
    region.get_by_label("E-mail").fill("cora@example.com")
    region.get_by_label("Role").select_option("Coordinator")
    region.get_by_role("button", name="Invite", exact=True).click()
    expect(region.get_by_text("Choose at least one job for a coordinator.")).to_be_visible()
    admin.check()
    join(cora, invite(admin, "cora@example.com", "Coordinator", "Backend Engineer"), "Cora Coordinator")

    page = cora.page
    assert menu(cora) == list(PAGES)
    for name, own in (("Schedules", "Hannah Fischer"), ("Candidates", "Amina Haddad"), ("Jobs", "Backend Engineer")):
        cora.go(name)
        main = page.get_by_role("main")
        expect(main.get_by_role("link", name=own).first).to_be_visible()
        assert OTHERS.search(main.inner_text()) is None
        cora.check()
    expect(page.get_by_role("link", name="New job")).to_have_count(0)

    cora.go("Schedules")
    page.get_by_role("link", name="New schedule").first.click()
    assert page.get_by_label("Job", exact=True).get_by_role("option").all_inner_texts() == [
        "Choose a job",
        "Backend Engineer",
    ]
    plan_a_loop(page, "Rohan Mehta", a_day_soon())
    page.get_by_role("button", name="Schedule 4 interviews").click()
    expect(page.get_by_role("main")).to_contain_text("4 interviews scheduled.")
    open_communications(cora, "Rohan Mehta", "Onsite loop")
    cora.check()
    page.get_by_role("button", name="CodeSignal", exact=True).click()
    row = row_of(page, "Coding: data structures")
    row.get_by_role("button", name=ADD).click()
    assert link_in(row).startswith("http")
    cora.check()

    # An admin adds a job: it is there with the next page.
    admin.go("Organization Settings", "Members")
    admin.page.get_by_role("link", name="Edit Cora Coordinator").click()
    expect(admin.page.get_by_role("checkbox", name="Backend Engineer")).to_be_checked()
    admin.page.get_by_role("checkbox", name="Data Scientist").check()
    admin.check()
    admin.page.get_by_role("button", name="Save changes").click()
    expect(admin.page.get_by_role("main")).to_contain_text("Member saved.")
    admin.go("Organization Settings", "Members")
    cell = admin.page.get_by_role("row").filter(has_text="Cora Coordinator")
    expect(cell).to_contain_text("Backend Engineer, Data Scientist")
    dialog(page).get_by_role("button", name="Close").first.click()
    expect(dialog(page)).to_have_count(0)
    cora.go("Jobs")
    expect(page.get_by_role("link", name="Data Scientist")).to_be_visible()
    expect(page.get_by_role("link", name="Frontend Engineer")).to_have_count(0)


def test_who_only_reads_finds_nothing_to_press(visitors: Visitors) -> None:
    admin, reader = visitors(), visitors("")
    join(reader, invite(admin, "rae@example.com", "Read only"), "Rae Reader")
    page = reader.page
    assert menu(reader) == list(PAGES)
    for way in (
        ("Home",),
        ("Schedules",),
        ("Calendar",),
        ("Candidates",),
        ("Candidates", "Amina Haddad"),
        ("Jobs",),
        ("Jobs", "Backend Engineer"),
    ):
        reader.go(*way)
        reader.check()
        # Interviews on the calendar begin with their time, and open to be read; its arrows have no words.
        shown = {one for one in buttons(reader) if not re.match(r"\d\d:\d\d\n", one)}
        looking = {"", "Today", "Show"} if way == ("Calendar",) else set()
        assert shown <= {"Search", "Clear filter", "Saved filters"} | looking, way
    reader.go("Schedules")
    page.get_by_role("main").get_by_role("cell").get_by_role("link").first.click()
    for tab in ("Details", "Communications", "History"):
        page.get_by_role("link", name=tab, exact=True).click()
        reader.check()
        assert buttons(reader) <= {"Refresh"}, tab
    reader.go("Organization Settings")
    for name in ("Members", "Roles", "Integrations", "Scheduling", "Templates"):
        page.locator(".page-wrapper").get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(name)
        reader.check()
        assert buttons(reader) <= {"Search"}, name
    page.locator(".page-wrapper").get_by_role("link", name="Roles", exact=True).click()
    expect(page.get_by_text("(your role)")).to_be_visible()
    expect(dialog(page)).to_have_count(0)


def buttons(visitor: Visitor) -> set[str]:
    """The buttons in the page's content that can be pressed, and links that look like one."""
    visitor.quiet()
    pressable = visitor.page.get_by_role("main").locator("button:visible:enabled, a.btn:visible")
    return {one.inner_text().strip() for one in pressable.all()}

"""The trail in a real browser: an admin narrows it, takes it out as a file, and sets how long it is kept."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import Page, expect

from organizations import members
from organizations.models import AuditEvent, Membership
from scheduling.models import Candidate
from scheduling.schedules.services import cancel_schedule
from scheduling.schedules.trail_rows import GivenReason
from tests.browser.visitor import Visitor
from tests.chromium import IN_BROWSER
from tests.conftest import Team
from tests.scheduling.loops import make_loop

pytestmark = IN_BROWSER


def downloaded(page: Page, button: str) -> str:
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    expect(page.locator("form[aria-busy]")).to_have_count(0)
    return Path(download.value.path()).read_text()


def test_an_admin_narrows_the_trail_and_takes_it_out(admin_visitor: Visitor, team: Team) -> None:
    visitor, page = admin_visitor, admin_visitor.page
    members.change_role(membership=team.interviewer, role=Membership.Role.RECRUITER, actor=team.admin.user)
    members.save_organization(organization=team.organization, changed=["name", "time_zone"], actor=team.admin.user)
    page.goto(team.url("settings/security/"))
    main = page.get_by_role("main")
    expect(main).to_contain_text("Changed the role of Interviewer Acme from Interviewer to Recruiter")
    expect(main).to_contain_text("Changed: Name, Time zone")
    visitor.check()
    page.get_by_label("Person").select_option("Interviewer Acme (Recruiter)")
    expect(main).not_to_contain_text("Changed: Name")
    rows = [json.loads(line) for line in downloaded(page, "Export JSON Lines").splitlines()]
    assert [row["action"] for row in rows] == ["member.role_changed"]
    assert "Changed the role of Interviewer Acme" in downloaded(page, "Export CSV")
    page.get_by_role("link", name="Clear filter").click()
    expect(main).to_contain_text("Exported 1 row of this list")
    page.get_by_label("Keep activity for").select_option("2 years")
    page.get_by_role("button", name="Save retention").click()
    expect(page.get_by_role("alert").first).to_contain_text("Settings saved.")
    expect(page.get_by_label("Keep activity for")).to_have_value("24")
    expect(main).to_contain_text("For ever → 2 years")


def test_an_export_of_candidates_stands_in_the_trail(admin_visitor: Visitor, team: Team) -> None:
    page = admin_visitor.page
    Candidate.objects.create(organization=team.organization, name="Ada Osei", time_zone="UTC")
    page.goto(team.url("candidates/?q=ada"))
    assert "Ada Osei" in downloaded(page, "Export")
    assert AuditEvent.objects.get(action="candidates.exported").detail == {"count": 1}


def test_the_history_reads_as_before(admin_visitor: Visitor, team: Team) -> None:
    page = admin_visitor.page
    schedule = make_loop(team, "Coding")
    cancel_schedule(schedule=schedule, actor=team.recruiter.user, reason=GivenReason("Filled", "Ada is ill."))
    page.goto(team.url(f"schedules/{schedule.pk}/history/"))
    main = page.get_by_role("main")
    for words in ("Cancelled the schedule", "Recruiter Acme", "Filled", "Ada is ill."):
        expect(main).to_contain_text(words)
    admin_visitor.check()
    admin_visitor.go("Organization Settings", "Audit log")
    page.get_by_label("Subject").select_option("Schedules and messages")
    expect(main).to_contain_text("About Ada Osei")

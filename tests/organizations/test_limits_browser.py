"""A limit that is reached in a real browser: one sentence says when it goes on, and what was typed is still there."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from django.utils import timezone
from playwright.sync_api import Page, expect

from organizations import limits
from organizations.models import Attempt, Invitation
from scheduling.models import CandidateImport
from tests.browser.steps import agree
from tests.browser.visitor import PHONE, Visitor
from tests.chromium import IN_BROWSER
from tests.conftest import Team
from tests.scheduling.message_steps import send, staffed_loop

pytestmark = IN_BROWSER


def use_up(limit: limits.Limit, *whose: object) -> None:
    for _use in range(limit.most):
        limits.note(limit, *whose)


def an_hour_passes() -> None:
    Attempt.objects.update(at=timezone.now() - timedelta(hours=1, minutes=1))


def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_an_admin_reads_when_the_next_invitation_can_go_out(admin_visitor: Visitor, team: Team) -> None:
    visitor, page = admin_visitor, admin_visitor.page
    use_up(limits.INVITATIONS, team.organization.pk)
    page.goto(team.url("settings/members/"))
    page.get_by_label("E-mail").fill("nia@new.example")
    page.get_by_label("Role").first.select_option("Recruiter")
    page.get_by_role("button", name="Invite", exact=True).click()
    refusal = page.get_by_text("20 invitations were sent within an hour. More can go out")
    expect(refusal).to_be_visible()
    expect(page.get_by_label("E-mail")).to_have_value("nia@new.example")
    expect(page.get_by_label("Role").first).to_have_value("recruiter")
    visitor.check()
    picture(page, "invite")
    an_hour_passes()
    page.get_by_role("button", name="Invite", exact=True).click()
    expect(refusal).to_have_count(0)
    assert Invitation.objects.get().email == "nia@new.example"
    for _again in range(2):
        with page.expect_navigation():
            page.get_by_role("button", name="Send again to nia@new.example").click()
        expect(page.get_by_role("alert").first).to_contain_text("Invitation sent to nia@new.example again.")
    page.get_by_role("button", name="Send again to nia@new.example").click()
    expect(page.get_by_role("alert").first).to_contain_text("This person got 3 invitations within a day.")
    visitor.check()
    picture(page, "send-again")


def test_a_recruiter_reads_when_the_next_file_can_be_uploaded(visitor: Visitor, team: Team) -> None:
    page = visitor.page
    use_up(limits.IMPORTS, team.recruiter.user.pk)
    page.goto(team.url("candidates/import/"))
    page.get_by_label("Or paste rows").fill("Name\nAda Osei")
    page.get_by_role("button", name="Check rows").click()
    refusal = page.get_by_text("You uploaded 20 files within an hour. Upload the next")
    expect(refusal).to_be_visible()
    expect(page.get_by_label("Or paste rows")).to_have_value("Name\nAda Osei")
    visitor.check()
    picture(page, "import")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    visitor.check()
    picture(page, "import-phone")
    an_hour_passes()
    page.get_by_role("button", name="Check rows").click()
    expect(refusal).to_have_count(0)
    assert CandidateImport.objects.count() == 1


def test_a_recruiter_reads_that_a_copy_was_sent_too_often(visitor: Visitor, team: Team) -> None:
    page = visitor.page
    schedule = staffed_loop(team, "Design")
    send(schedule, team)
    use_up(limits.COPIES, schedule.pk, "candidate", None)
    page.goto(team.url(f"schedules/{schedule.pk}/communications/"))
    page.get_by_role("button", name="Send again").first.click()
    agree(page, "Send it again?")
    expect(page.get_by_text("Sent again 5 times within an hour.")).to_be_visible()
    picture(page, "copies")
    assert schedule.messages.filter(audience="candidate").count() == 1

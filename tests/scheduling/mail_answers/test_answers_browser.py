"""Home says what was answered by mail, and settles it in one click."""

from __future__ import annotations

import re
from datetime import timedelta

from playwright.sync_api import expect

from scheduling.models import MailAnswer, Schedule
from tests.browser.steps import dialog
from tests.browser.visitor import Visitor
from tests.chromium import IN_BROWSER
from tests.conftest import Team
from tests.scheduling.mail_answers.mails import apple, arrives, gmail, invited, note, outlook

pytestmark = IN_BROWSER
DAY = timedelta(days=1)


def test_a_decline_and_a_proposal_are_settled_from_home(visitor: Visitor, team: Team, loop: Schedule) -> None:
    theirs = invited(loop, team.recruiter.user.email)
    at = theirs.event.starts_at + DAY
    arrives(outlook(theirs.reply("TENTATIVE", method="COUNTER", starts_at=at, ends_at=at + timedelta(hours=1))))
    arrives(gmail(invited(loop, team.interviewer.user.email).reply("DECLINED", comment="I am away.")))
    page = visitor.page
    page.goto(team.url("home/"))
    expect(page.get_by_text("declined “Coding”")).to_be_visible()
    expect(page.get_by_text("for “Design”")).to_be_visible()
    visitor.check()
    page.get_by_role("link", name="Find a replacement").click()
    expect(dialog(page)).to_contain_text("Replace")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Move the interview").click()
    moving = dialog(page)
    moving.locator(".reason-choice").first.click()
    moving.get_by_role("button", name="Move and prepare").click()
    expect(page.locator(".toast")).to_contain_text("“Design” moved.")
    expect(page.get_by_text("for “Design”")).to_be_hidden()
    assert loop.interviews.get(name="Design").starts_at == at
    expect(page.get_by_text("declined “Coding”")).to_be_visible()


def test_a_candidates_proposal_is_declined_and_their_words_are_read(
    visitor: Visitor, team: Team, loop: Schedule
) -> None:
    theirs = invited(loop, "ada@example.com")
    at = theirs.event.starts_at + DAY
    length = theirs.event.ends_at - theirs.event.starts_at
    words = "The next day suits me better"
    arrives(apple(theirs.reply("TENTATIVE", method="COUNTER", starts_at=at, ends_at=at + length, comment=words)))
    arrives(note(theirs.address, "Would the next day work?\n\n<b>Ada</b>"))
    page = visitor.page
    page.goto(team.url(f"schedules/{loop.pk}/"))
    expect(page.get_by_text(re.compile("Proposes .*: “The next day suits me better”"))).to_be_visible()
    visitor.check()
    page.goto(team.url("home/"))
    page.get_by_role("link", name="Move all").click()
    expect(dialog(page)).to_contain_text("Move all")
    expect(dialog(page).locator("[name=date]")).to_have_value(at.date().isoformat())
    page.goto(team.url("home/"))
    page.get_by_role("button", name="Keep the time").click()
    expect(page.locator(".toast")).to_contain_text("The time stays. The invitation is sent again.")
    expect(page.get_by_role("button", name="Keep the time")).to_be_hidden()
    assert MailAnswer.objects.get(membership=None).proposed_starts_at is None
    page.goto(team.url(f"schedules/{loop.pk}/communications/"))
    expect(page.get_by_role("heading", name="Received e-mails")).to_be_visible()
    expect(page.get_by_text("<b>Ada</b>")).to_be_visible()
    expect(page.locator("#messages-section")).to_be_visible()
    visitor.check()

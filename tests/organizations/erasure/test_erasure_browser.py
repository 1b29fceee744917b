"""Somebody deletes their account in a real browser, from "Your profile"."""

from __future__ import annotations

from playwright.sync_api import expect

from organizations.erasure import accounts
from organizations.models import Membership, User
from tests.browser.visitor import Visitor
from tests.chromium import IN_BROWSER
from tests.conftest import Team
from tests.organizations.erasure.stored import naming
from tests.scheduling.message_steps import send, staffed_loop

pytestmark = IN_BROWSER


def test_somebody_deletes_their_account(visitor: Visitor, team: Team) -> None:
    page, user = visitor.page, team.recruiter.user
    send(staffed_loop(team, "Design", "Coding"), team)
    page.goto(team.url("settings/profile/"))
    visitor.check()
    page.get_by_role("link", name="Delete my account…").click()
    page.get_by_label("Password").fill("demo")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Delete your account")).to_be_visible()
    expect(page.get_by_text("1 interview to come loses you as interviewer.")).to_be_visible()
    visitor.check()
    page.get_by_role("button", name="Delete my account").click()
    expect(page.get_by_role("alert").first).to_contain_text("Your account is deleted.")
    visitor.check()
    assert not Membership.objects.filter(pk=team.recruiter.pk).exists()
    page.get_by_label("E-mail").fill(user.email)
    page.get_by_label("Password").fill("demo")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("navigation", name="Main")).to_have_count(0)
    User.objects.filter(pk=user.pk).update(erase_asked_at=user.created_at - accounts.MESSAGES_HAVE)
    accounts.sweep()
    assert naming(user.email) == []

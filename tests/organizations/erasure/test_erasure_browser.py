"""Accounts and organizations are deleted in a real browser, from the pages that people use."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from organizations.erasure import accounts, closing
from organizations.models import Membership, Organization, User
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


def test_an_admin_deletes_the_organization(admin_visitor: Visitor, team: Team) -> None:
    visitor, page = admin_visitor, admin_visitor.page
    staffed_loop(team, "Coding")
    page.goto(team.url("settings/"))
    visitor.check()
    page.get_by_role("link", name="Delete this organization…").click()
    page.get_by_label("Password").fill("demo")
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Type the organization's name").fill("Globex")
    page.get_by_role("button", name="Delete Acme").click()
    expect(page.get_by_text("The organization's name is “Acme”.")).to_be_visible()
    page.get_by_label("Type the organization's name").fill("Acme")
    page.get_by_label("Tell everyone whose interview is cancelled").uncheck()
    forgive(visitor)
    visitor.check()
    page.get_by_role("button", name="Delete Acme").click()
    expect(page.get_by_text("Acme will be deleted in a week.")).to_be_visible()
    page.goto(team.url("schedules/"))
    expect(page.get_by_text("Acme will be deleted on")).to_be_visible()
    visitor.check()
    page.get_by_role("link", name="Call it off").click()
    page.get_by_role("button", name="Keep Acme").click()
    expect(page.get_by_text("Acme stays.")).to_be_visible()
    assert Organization.objects.get().erase_at is None

    page.get_by_role("link", name="Delete this organization…").click()
    page.get_by_label("Type the organization's name").fill("Acme")
    page.get_by_role("button", name="Delete Acme").click()
    expect(page.get_by_text("Acme will be deleted in a week.")).to_be_visible()
    Organization.objects.update(erase_at=timezone.now() - timedelta(seconds=1))
    page.goto(team.url("schedules/"))
    expect(page.get_by_role("heading", name="Acme is being deleted")).to_be_visible()
    forgive(visitor)
    visitor.check()
    for _round in range(3):
        closing.sweep()
    assert not Organization.objects.exists()
    assert naming("admin@acme.example") == []
    page.goto("/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def forgive(visitor: Visitor) -> None:
    """Forget the browser's own words about an answer that is meant to be a refusal."""
    visitor.complaints = [each for each in visitor.complaints if "status of 4" not in each]

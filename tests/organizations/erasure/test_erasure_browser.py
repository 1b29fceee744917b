"""Accounts and organizations are deleted in a real browser, from the pages that people use."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone
from playwright.sync_api import Page, expect

from organizations import members
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


def downloaded(page: Page, button: str) -> Any:
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    return json.loads(Path(download.value.path()).read_text())


def test_an_admin_hands_out_and_forgets_what_is_held(admin_visitor: Visitor, team: Team) -> None:
    visitor, page = admin_visitor, admin_visitor.page
    page.goto(team.url("settings/profile/"))
    assert downloaded(page, "Download my data")["account"]["email"] == "admin@acme.example"
    page.goto(team.url(f"settings/members/{team.interviewer.pk}/"))
    assert downloaded(page, "Download what is held on Interviewer Acme")["account"]["name"] == "Interviewer Acme"
    visitor.check()
    members.remove_member(membership=team.interviewer, actor=team.admin.user)
    visitor.go("Organization Settings", "Members", "Former members")
    visitor.check()
    told = downloaded(page, "Download data on Interviewer Acme")
    assert "Removed " in told["organizations"][0]["activity"][-2]["what"]
    page.get_by_role("link", name="Delete data on Interviewer Acme").click()
    visitor.check()
    page.get_by_role("button", name="Delete what is held").click()
    expect(page.get_by_text("What was held on the former member is deleted.")).to_be_visible()
    expect(page.get_by_text("Nobody has left yet")).to_be_visible()
    assert naming("interviewer@acme.example") == []

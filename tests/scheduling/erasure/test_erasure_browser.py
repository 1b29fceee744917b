"""Privacy in a real browser: an admin sets how long candidates are kept, keeps one, and settles what a tool refused."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

from django.utils import timezone
from playwright.sync_api import expect

from organizations.models import Organization
from scheduling.models import Candidate, CodingLink
from tests.browser.steps import dialog
from tests.browser.visitor import Visitor
from tests.chromium import IN_BROWSER
from tests.conftest import Team
from tests.scheduling.loops import connect, make_link, make_loop

pytestmark = IN_BROWSER


def test_an_admin_sets_how_long_candidates_are_kept_and_keeps_one(admin_visitor: Visitor, team: Team) -> None:
    visitor, page = admin_visitor, admin_visitor.page
    long_ago = timezone.now() - timedelta(days=400)
    person = Candidate.objects.create(organization=team.organization, name="Ada Osei", created_at=long_ago)
    page.goto(team.url("settings/privacy/"))
    page.get_by_label("Delete candidates").select_option("12 months after the last interview · 1 candidate due now")
    visitor.check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("Settings saved.")
    expect(page.get_by_role("heading", name="1 candidate due in the next 30 days")).to_be_visible()
    page.get_by_role("button", name="Keep Ada Osei").click()
    dialog(page).get_by_label("Reason").select_option("Needed for a legal claim")
    visitor.check()
    dialog(page).get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("region", name="Kept longer")).to_contain_text("Ada Osei")
    expect(page.get_by_role("heading", name="0 candidates due in the next 30 days")).to_be_visible()
    visitor.check()
    person.refresh_from_db()
    assert person.kept_because == "legal"
    assert Organization.objects.get(pk=team.organization.pk).candidate_months == 12


def test_what_a_tool_refused_is_tried_again_or_left(admin_visitor: Visitor, team: Team) -> None:
    visitor, page = admin_visitor, admin_visitor.page
    interview = make_loop(team, "Coding").interviews.get()
    link = make_link(interview, connect(team), "ready", erase_asked_at=timezone.now())
    refused = CodingLink.objects.filter(pk=link.pk)
    refused.update(interview=None, state="cancelling", problem_code="left_without_key", next_attempt_at=None)
    page.goto(team.url("settings/privacy/"))
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("alert").first).to_contain_text("Trying again: 1 coding interview.")
    expect(page.get_by_role("heading", name="Not deleted yet")).to_be_hidden()
    refused.update(problem_code="left_without_key", next_attempt_at=None)
    page.reload()
    visitor.check()
    page.get_by_role("button", name="Delete here anyway").click()
    expect(dialog(page)).to_contain_text("stays in CodeSignal")
    visitor.check()
    dialog(page).get_by_role("button", name="Delete here", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("Delete it in CodeSignal, too.")
    assert not refused.exists()


def test_a_candidates_data_is_downloaded(visitor: Visitor, team: Team) -> None:
    page, candidate = visitor.page, make_loop(team, "Coding").candidate
    page.goto(team.url(f"candidates/{candidate.pk}/"))
    with page.expect_download() as download:
        page.get_by_role("button", name="Download data").click()
    data = json.loads(Path(download.value.path()).read_text())
    assert data["candidate"]["name"] == "Ada Osei"

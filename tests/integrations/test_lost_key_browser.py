"""A lost encryption key, as the people meet it who mend it: an admin, and a recruiter who sends a join link again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.fernet import Fernet
from playwright.sync_api import expect

from config.celery import app
from integrations import tasks
from integrations.models import Integration
from integrations.sandbox import Sandbox
from scheduling.models import JoinLink, Schedule
from tests.browser.steps import agree, dialog
from tests.browser.visitor import Visitor
from tests.chromium import IN_BROWSER
from tests.conftest import Team
from tests.integrations.test_settings_browser import paste, says, stored
from tests.scheduling.loops import make_link
from tests.scheduling.message_steps import propose, staffed_loop

pytestmark = IN_BROWSER


@pytest.fixture(autouse=True)
def working() -> Iterator[None]:
    """Run tasks at once, where they are enqueued."""
    app.conf.update(task_always_eager=True, task_eager_propagates=True)
    yield
    app.conf.update(task_always_eager=False, task_eager_propagates=False)


def lose_the_key(settings: Any) -> None:
    settings.FERNET_KEYS = [Fernet.generate_key().decode()]
    tasks.sweep()


def test_an_admin_pastes_the_key_again(admin_visitor: Visitor, team: Team, vendor: Sandbox, settings: Any) -> None:
    visitor, page = admin_visitor, admin_visitor.page
    page.goto(team.url("settings/integrations/"))
    paste(page, "Connect", vendor.make_key(company="Acme Corp"))
    says(page, "CodeSignal is connected.")
    lose_the_key(settings)

    visitor.go("Home")
    expect(page.locator("main")).to_contain_text("The stored API key can't be read. Paste it again.")
    page.locator("main").get_by_role("link", name="Replace key").first.click()
    expect(dialog(page)).to_contain_text("Replace the CodeSignal key")
    visitor.check()
    page.goto(team.url("settings/integrations/codesignal/"))
    expect(page.get_by_text("The stored secret can't be read.")).to_be_visible()
    visitor.check()
    paste(page, "Replace key", vendor.make_key(company="Acme Corp"))
    says(page, "CodeSignal is connected.")
    assert stored() == ("Acme Corp", "connected")

    page.get_by_role("button", name="Create new secret").click()
    dialog(page).get_by_role("button", name="Create new secret").click()
    says(page, "New signing secret and address created. Enter both in CodeSignal now.")
    found = Integration.objects.get()
    page.get_by_text("Advanced", exact=True).click()
    expect(page.get_by_label("Address")).to_have_value(f"{settings.BASE_URL}/hooks/codesignal/{found.webhook_token}/")
    page.get_by_role("button", name="Show secret").click()
    expect(page.get_by_text(found.webhook_secret)).to_be_visible()
    visitor.check()


def test_a_recruiter_renews_a_join_link_and_sends_it(visitor: Visitor, team: Team, settings: Any) -> None:
    page = visitor.page
    integration = Integration.objects.create(organization=team.organization, kind="codesignal", api_key="key-0123")
    schedule: Schedule = staffed_loop(team, "Coding")
    make_link(schedule.interviews.get(), integration, "ready")
    propose(schedule, team)
    lose_the_key(settings)

    page.goto(team.url(f"schedules/{schedule.pk}/communications/"))
    page.get_by_text("2 links can't be read").click()
    links = page.locator("#join-links")
    expect(links.get_by_text("Renew it to send it again.")).to_have_count(2)
    page.locator("#messages-section").get_by_role("button", name="Ada Osei").first.click()
    expect(dialog(page)).to_contain_text("The join link to “Coding” can't be read. Renew it below.")
    visitor.check()
    page.keyboard.press("Escape")
    links.get_by_role("row", name="Ada Osei").get_by_role("button", name="Renew").click()
    agree(page, "The old one stops working.")
    expect(links.get_by_text("Renew it to send it again.")).to_have_count(1)
    fresh = JoinLink.objects.get(revoked_at=None, membership=None)
    page.locator("#messages-section").get_by_role("button", name="Ada Osei").first.click()
    expect(dialog(page)).to_contain_text(f"/join/{fresh.token}/")
    visitor.check()

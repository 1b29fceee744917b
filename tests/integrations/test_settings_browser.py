"""Connecting a coding tool and looking after it in a real browser. Its stand-in answers, and tasks run where they are
sent, unless a test holds them back.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from config.celery import app
from integrations.models import Integration, KeyCheck
from integrations.sandbox import Sandbox
from tests.browser.steps import dialog
from tests.browser.visitor import Visitor
from tests.chromium import IN_BROWSER
from tests.conftest import Team

pytestmark = IN_BROWSER


@pytest.fixture(autouse=True)
def working() -> Iterator[None]:
    """Run tasks at once, where they are enqueued."""
    app.conf.update(task_always_eager=True, task_eager_propagates=True)
    yield
    app.conf.update(task_always_eager=False, task_eager_propagates=False)


def paste(page: Page, button: str, key: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()
    dialog(page).get_by_label("API Key").fill(key)
    dialog(page).get_by_role("button", name="Save", exact=True).click()


def says(page: Page, words: str) -> None:
    expect(page.get_by_role("alert").first).to_contain_text(words)


def stored() -> tuple[str, str]:
    """Whose key is stored, and how it stands. Checks keep no key once they are over."""
    assert set(KeyCheck.objects.values_list("api_key", flat=True)) == {""}
    integration = Integration.objects.get()
    return integration.company_name, integration.state


def test_a_key_is_connected_replaced_and_disconnected(admin_visitor: Visitor, team: Team, vendor: Sandbox) -> None:
    visitor, page = admin_visitor, admin_visitor.page
    page.goto(team.url("settings/integrations/"))
    paste(page, "Connect", vendor.make_key(company="Acme Corp"))
    says(page, "CodeSignal is connected.")
    assert stored() == ("Acme Corp", "connected")

    other = vendor.make_key(company="Globex")
    paste(page, "Replace key", other)
    expect(dialog(page).get_by_role("heading", name="This key belongs to another company")).to_be_visible()
    visitor.check()
    dialog(page).get_by_role("button", name="Keep current key").click()
    expect(dialog(page)).to_be_hidden()
    assert stored() == ("Acme Corp", "connected")
    paste(page, "Replace key", other)
    dialog(page).get_by_role("button", name="Use the key of Globex").click()
    expect(page.locator("#connection").get_by_text("Globex")).to_be_visible()
    assert stored() == ("Globex", "connected")

    page.get_by_role("button", name="Disconnect", exact=True).click()
    dialog(page).get_by_role("button", name="Disconnect CodeSignal").click()
    says(page, "CodeSignal is disconnected.")
    assert Integration.objects.get().state == "disconnected"


def test_a_connection_is_looked_after(admin_visitor: Visitor, team: Team, vendor: Sandbox) -> None:
    visitor, page = admin_visitor, admin_visitor.page
    page.goto(team.url("settings/integrations/"))
    paste(page, "Connect", vendor.make_key(company="Acme Corp"))
    says(page, "CodeSignal is connected.")
    secret = Integration.objects.get().webhook_secret
    Integration.objects.update(checked_at=timezone.now() - timedelta(days=1), templates=[])
    page.reload()

    page.get_by_role("button", name="Check now").click()
    expect(page.locator("#connection").get_by_text("now", exact=True)).to_be_visible()
    assert timezone.now() - Integration.objects.get().checked_at < timedelta(minutes=5)  # type: ignore[operator]
    page.get_by_label("Who owns this key?").select_option("person")
    page.get_by_label("Account", exact=True).fill("Robin Banks")
    page.get_by_text("Advanced", exact=True).click()
    page.get_by_label("Changes per second").fill("3")
    page.get_by_role("button", name="Save changes").click()
    says(page, "Changes saved.")
    page.get_by_role("button", name="Refresh templates").click()
    says(page, "Refreshing templates.")
    page.get_by_text("Advanced", exact=True).click()
    page.get_by_role("button", name="Create new secret").click()
    dialog(page).get_by_role("button", name="Create new secret").click()
    says(page, "New signing secret created.")
    found = Integration.objects.get()
    assert (found.key_owner, found.write_ceiling) == ("Robin Banks", 3)
    assert [each["name"] for each in found.templates] == list(vendor.templates(company="Acme Corp").values())
    assert found.webhook_secret != secret
    page.get_by_text("Advanced", exact=True).click()
    page.get_by_role("button", name="Show secret").click()
    expect(page.get_by_text(found.webhook_secret)).to_be_visible()
    visitor.check()


def test_a_check_that_no_worker_takes_is_asked_for_again(admin_visitor: Visitor, team: Team, vendor: Sandbox) -> None:
    app.conf.update(task_always_eager=False)
    visitor, page = admin_visitor, admin_visitor.page
    page.goto(team.url("settings/integrations/"))
    paste(page, "Connect", vendor.make_key(company="Acme Corp"))
    expect(dialog(page).get_by_role("heading", name="Checking the key with CodeSignal")).to_be_visible()
    KeyCheck.objects.update(asked_at=timezone.now() - timedelta(seconds=25))
    expect(dialog(page)).to_contain_text("Background work isn't running")
    visitor.check()
    app.conf.update(task_always_eager=True)
    dialog(page).get_by_role("button", name="Try again").click()
    says(page, "CodeSignal is connected.")
    assert stored() == ("Acme Corp", "connected")

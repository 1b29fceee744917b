"""“Integration health” in a real browser: reached from the tool's page, drawn, and read as numbers."""

from __future__ import annotations

import os
from datetime import UTC, timedelta

from django.utils import timezone
from playwright.sync_api import expect

from integrations.models import Integration
from tests.browser.visitor import DESKTOP, PHONE, Visitor, show
from tests.chromium import IN_BROWSER
from tests.conftest import Team
from tests.integrations.health_days import fill
from tests.scheduling.loops import connect

pytestmark = IN_BROWSER

#: Whether anything is drawn on the canvas of a plot.
DRAWN = """place => {
  const canvas = place.querySelector("canvas");
  return canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some(value => value > 0);
}"""


def thirty_days(integration: Integration) -> None:
    today = timezone.localdate(timezone=UTC)
    for back in range(30):
        failures = {"timeout": back % 5, "rate_limited": 7 if back == 3 else 0, "email_refused": int(back == 9)}
        made = 0 if back % 7 in {5, 6} else 20 + (back * 13) % 30
        fill(
            integration,
            today - timedelta(days=back),
            made=made,
            failures={code: number for code, number in failures.items() if number},
            seconds=0.2 + back % 6 / 10,
        )


def test_an_admin_looks_at_thirty_days(admin_visitor: Visitor, team: Team) -> None:
    visitor, page = admin_visitor, admin_visitor.page
    thirty_days(connect(team))
    page.goto(team.url("settings/integrations/codesignal/"))
    page.get_by_role("link", name="Integration health").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Integration health")
    for plot in ("#links-plot", "#times-plot"):
        expect(page.locator(f"{plot} canvas")).to_have_count(1)
        assert page.locator(plot).evaluate(DRAWN), plot
    expect(page.locator("#failure-kinds li").first).to_contain_text("CodeSignal did not answer in time.")
    visitor.check()

    summary = page.locator("#numbers > summary")
    summary.focus()
    page.keyboard.press("Enter")
    table = page.get_by_role("table", name="Numbers by day")
    expect(table.get_by_role("row")).to_have_count(31)
    expect(table.get_by_role("row").nth(4)).to_contain_text("10")  # 3 days ago: 3 too late, 7 too fast
    visitor.check()

    show(page, PHONE, "dark")
    canvas = page.locator("#links-plot canvas")
    width = canvas.evaluate("canvas => canvas.getBoundingClientRect().width")
    assert width <= 390
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=f"{folder}/phone-dark.png", full_page=True)
        show(page, DESKTOP, "light")
        page.screenshot(path=f"{folder}/desktop-light.png", full_page=True)
        show(page, DESKTOP, "dark")
        page.screenshot(path=f"{folder}/desktop-dark.png", full_page=True)
        page.goto(team.url("settings/integrations/codesignal/"))
        page.screenshot(path=f"{folder}/manage.png", full_page=True)


def test_before_the_first_call_the_page_leads_back(admin_visitor: Visitor, team: Team) -> None:
    connect(team)
    admin_visitor.page.goto(team.url("settings/integrations/codesignal/health/"))
    admin_visitor.check()
    admin_visitor.page.get_by_role("link", name="Open CodeSignal settings").click()
    expect(admin_visitor.page.get_by_role("heading", level=1)).to_have_text("CodeSignal")

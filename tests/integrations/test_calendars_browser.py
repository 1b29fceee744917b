"""Calendars connected and looked after in a real browser: everybody's by an admin, and members' own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from config.celery import app
from integrations import calendar_health
from integrations.base import CredentialsRejected
from integrations.calendars import CalendarRef
from integrations.models import CalendarCheck, CalendarConnection
from scheduling.models import MemberCalendar
from tests.browser.steps import dialog
from tests.browser.visitor import Visitor
from tests.chromium import IN_BROWSER
from tests.conftest import Team
from tests.integrations.fake_calendar import PASSWORD, World, fake_calendar

pytestmark = IN_BROWSER


@pytest.fixture(autouse=True)
def working() -> Iterator[None]:
    """Run tasks at once, where they are enqueued."""
    app.conf.update(task_always_eager=True, task_eager_propagates=True)
    yield
    app.conf.update(task_always_eager=False, task_eager_propagates=False)


@pytest.fixture
def world() -> Iterator[World]:
    with fake_calendar() as world:
        world.calendars = [
            CalendarRef("main", "Dana's calendar", "dana@acme.example", is_main=True, can_write=True),
            CalendarRef("team", "Team", "dana@acme.example", can_write=True),
        ]
        yield world


def enter(page: Page, password: str = PASSWORD) -> None:
    page.get_by_label("User name").fill("dana")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Check and save").click()


def says(page: Page, words: str) -> None:
    expect(page.get_by_role("alert").filter(has_text=words).first).to_be_visible()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_everybodys_calendars_are_connected_and_looked_after(admin_visitor: Visitor, team: Team, world: World) -> None:
    visitor, page = admin_visitor, admin_visitor.page
    page.goto(team.url("settings/integrations/"))
    visitor.check()
    page.get_by_role("link", name="Connect Acme Calendar").click()
    enter(page, "a-wrong-password")
    says(page, "did not accept the credentials")
    expect(page.get_by_label("User name")).to_have_value("dana")
    visitor.check()
    enter(page)
    says(page, "Acme Calendar is connected.")
    visitor.check()

    world.problem = CredentialsRejected("key_rejected")
    press(page, "Check now")
    says(page, "Acme Calendar did not accept the credentials.")
    expect(page.get_by_text("Paused", exact=True)).to_be_visible()
    world.problem = None
    CalendarConnection.objects.update(check_asked_at=None)
    press(page, "Check now")
    expect(page.get_by_text("Paused", exact=True)).to_be_hidden()
    expect(page.get_by_text("Acme Calendar works again")).to_be_visible()

    press(page, "Disconnect")
    expect(dialog(page)).to_contain_text("busy times are no longer seen")
    visitor.check()
    dialog(page).get_by_role("button", name="Disconnect Acme Calendar").click()
    says(page, "Acme Calendar is disconnected.")
    assert CalendarConnection.objects.get().state == "disconnected"
    assert len(world.revoked) == 1


def test_the_stand_in_is_connected_with_one_click(admin_visitor: Visitor, team: Team, world: World) -> None:
    world.trial = {"password": PASSWORD}
    page = admin_visitor.page
    page.goto(team.url("settings/integrations/"))
    page.get_by_role("button", name=re.compile("^Connect the stand-in.*Acme Calendar$")).click()
    says(page, "Acme Calendar is connected.")
    assert CalendarConnection.objects.get().membership is None


def test_a_member_connects_chooses_and_disconnects(visitor: Visitor, team: Team, world: World) -> None:
    page = visitor.page
    page.goto(team.url("settings/profile/"))
    page.get_by_role("link", name="Your calendars").click()
    visitor.check()
    page.get_by_role("link", name="Connect Acme Calendar").click()
    enter(page)
    says(page, "Acme Calendar is connected.")
    visitor.check()
    page.get_by_role("group", name="You are busy when").get_by_label("Team").check()
    page.get_by_role("group", name="New interviews go into").get_by_label("Team").check()
    press(page, "Save changes")
    says(page, "Changes saved.")
    chosen = MemberCalendar.objects.filter(membership=team.recruiter).order_by("pk")
    assert list(chosen.values_list("name", "is_read", "is_written")) == [
        ("Dana's calendar", True, False),
        ("Team", True, True),
    ]
    before = world.calls.count("check")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        press(page, "Check now")
    expect(page.locator("#connections")).to_contain_text("Connected")
    assert world.calls.count("check") == before + 1
    press(page, "Disconnect")
    dialog(page).get_by_role("button", name="Disconnect Acme Calendar").click()
    says(page, "Acme Calendar is disconnected.")
    assert not MemberCalendar.objects.exists()


@pytest.mark.parametrize("whose", ["own", "everybody's"])
def test_a_check_that_no_worker_takes_up_is_asked_for_again(
    whose: str, admin_visitor: Visitor, team: Team, world: World
) -> None:
    app.conf.update(task_always_eager=False)
    page = admin_visitor.page
    place = "profile" if whose == "own" else "integrations"
    long_ago = timezone.now() - timedelta(seconds=30)
    check = CalendarCheck.objects.create(
        organization=team.organization,
        membership=team.admin if whose == "own" else None,
        kind="fake",
        credentials='{"password": "correct-horse"}',
        asked_by=team.admin.user,
        asked_at=long_ago,
    )
    page.goto(team.url(f"settings/{place}/calendars/checks/{check.pk}/"))
    says(page, "Background work isn't running")
    app.conf.update(task_always_eager=True)
    press(page, "Try again")
    says(page, "Acme Calendar is connected.")


def test_the_owner_hears_of_a_pause_and_connects_again(visitor: Visitor, team: Team, world: World) -> None:
    page = visitor.page
    page.goto(team.url("settings/profile/calendars/fake/connect/"))
    enter(page)
    says(page, "Acme Calendar is connected.")
    world.problem = CredentialsRejected("consent_expired")
    calendar_health.check(CalendarConnection.objects.get().pk)
    world.problem = None
    page.goto(team.url("settings/profile/calendars/"))
    says(page, "Acme Calendar no longer accepts the connection.")
    visitor.check()
    page.get_by_role("link", name="Connect again").click()
    enter(page)
    says(page, "Acme Calendar is connected.")
    assert CalendarConnection.objects.get().state == "connected"

"""A room from the stand-in to the event, and another one after it declined, in a real browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from pytest_django import Settings

from integrations import transport
from integrations.google.tokens import store
from integrations.models import CalendarConnection
from integrations.sandbox import Sandbox
from jobs.models import PlanInterview, Stage
from scheduling import tasks
from scheduling.availability import snapshots
from scheduling.models import CalendarEvent, Candidate, Interview, MemberCalendar, Room
from tests.browser.steps import dialog
from tests.browser.visitor import Visitor
from tests.chromium import IN_BROWSER
from tests.conftest import Team
from tests.scheduling.loops import make_loop
from tests.scheduling.test_calendar_events import later, work
from tests.scheduling.test_schedules_new import ada, stage  # noqa: F401

pytestmark = IN_BROWSER

AURORA, BOREALIS = "c_1@resource.calendar.google.com", "c_2@resource.calendar.google.com"


@pytest.fixture
def sandbox(socket_enabled: None, monkeypatch: pytest.MonkeyPatch, settings: Settings, team: Team) -> Iterator[Sandbox]:
    """A Workspace with the interviewer and two rooms, which is connected."""
    monkeypatch.setattr(transport, "connections", transport.Connections())
    store.clear()
    with Sandbox() as running:
        settings.GOOGLE_STAND_IN_URL = running.google.url
        running.calendars.add_person("admin@acme.example")
        running.calendars.add_person(team.interviewer.user.email, zone="Europe/Berlin")
        running.calendars.add_person(AURORA, "Aurora", is_room=True, seats=6, place="Floor 2")
        running.calendars.add_person(BOREALIS, "Borealis", is_room=True, seats=12)
        key = {"service_account": running.google.make_service_account(), "admin": "admin@acme.example"}
        connection = CalendarConnection.objects.create(
            organization=team.organization,
            kind="google_workspace",
            state=CalendarConnection.State.CONNECTED,
            credentials=json.dumps(key),
            credentials_version=1,
            write_ceiling=100,
            read_ceiling=100,
            write_rate=100,
            read_rate=100,
        )
        tasks.find_calendars(connection.pk)
        yield running


def read_all() -> None:
    snapshots.mark_due(list(MemberCalendar.objects.values_list("pk", flat=True)))
    for pk in MemberCalendar.objects.order_by("pk").values_list("pk", flat=True):
        assert snapshots.read(pk)


def test_from_a_switch_to_another_room(admin_visitor: Visitor, visitor: Visitor, team: Team, sandbox: Sandbox) -> None:
    interview = make_loop(team, "Coding").interviews.get()
    monday = timezone.now() + timedelta(days=14)
    monday -= timedelta(days=monday.weekday())
    monday = monday.replace(hour=10, minute=0, second=0, microsecond=0)
    Interview.objects.update(starts_at=monday, ends_at=monday + timedelta(hours=1))
    interview.assignments.all().delete()
    interview.assignments.create(membership=team.interviewer)

    page = admin_visitor.page
    page.goto(team.url("settings/integrations/members/calendars/"))
    page.get_by_role("link", name="Rooms").click()
    admin_visitor.check()
    page.get_by_label("Aurora").check()
    page.get_by_label("Borealis").check()
    page.get_by_role("button", name="Save rooms").click()
    expect(page.get_by_text("2 rooms can be booked.")).to_be_visible()
    assert Room.objects.filter(is_on=True).count() == 2
    read_all()

    page = visitor.page
    page.goto(team.url(f"schedules/{interview.schedule_id}/"))
    page.get_by_role("button", name="Edit Coding").click()
    form = dialog(page)
    find = form.get_by_role("combobox", name="Find a room")
    find.click()
    options = form.get_by_role("listbox", name="Rooms to choose").get_by_role("option")
    expect(options).to_have_count(2)
    expect(options.first).to_contain_text("Aurora")
    expect(options.first).to_contain_text("free · 6 seats")
    visitor.check()
    options.first.click()
    expect(form.get_by_role("button", name="Remove Aurora")).to_be_visible()
    form.get_by_role("button", name="Save interview").click()
    expect(form).to_be_hidden()
    expect(page.get_by_text("Aurora, Floor 2")).to_be_visible()
    work()
    [copy] = sandbox.calendars.live(AURORA)
    assert copy.starts_at == monday

    sandbox.calendars.decline(AURORA, copy.id)
    read_all()
    tasks.check_calendar_event(CalendarEvent.objects.get().pk)
    page.goto(team.url("home/"))
    expect(page.get_by_text("Aurora declined “Coding”")).to_be_visible()
    visitor.check()
    page.get_by_role("link", name="Find another room").click()
    form = dialog(page)
    form.get_by_role("combobox", name="Find a room").click()
    # Another one takes its place.
    form.get_by_role("listbox", name="Rooms to choose").get_by_role("option").filter(has_text="Borealis").click()
    expect(form.get_by_role("button", name="Remove Borealis")).to_be_visible()
    expect(form.get_by_role("button", name="Remove Aurora")).to_have_count(0)
    form.get_by_role("button", name="Save interview").click()
    expect(page.get_by_text("Aurora declined “Coding”")).to_be_hidden()
    later()
    work()
    assert sandbox.calendars.live(AURORA) == []
    assert [one.starts_at for one in sandbox.calendars.live(BOREALIS)] == [monday]


def test_a_proposed_room_is_taken_by_one_press(
    visitor: Visitor,
    team: Team,
    sandbox: Sandbox,
    stage: Stage,  # noqa: F811
    ada: Candidate,  # noqa: F811
) -> None:
    PlanInterview.objects.filter(plan=stage.plan).update(needs_room=True)
    Room.objects.update(is_on=True)
    tasks.find_calendars(CalendarConnection.objects.get().pk)
    read_all()
    page = visitor.page
    page.goto(team.url(f"schedules/new/?candidate={ada.pk}&job={stage.job_id}&stage={stage.pk}"))
    page.locator("[data-row-toggle]").first.evaluate("button => button.click()")
    expect(page.get_by_text("Needs a room").first).to_be_visible()
    page.locator("#id_rows-0-time").fill("10:00")
    page.locator("#id_rows-0-time").dispatch_event("change")
    page.get_by_role("button", name="Use Aurora (free)").first.click()
    expect(page.get_by_role("button", name="Remove Aurora")).to_be_visible()
    expect(page.locator("#about-rows-0")).to_contain_text("Aurora")
    visitor.check()

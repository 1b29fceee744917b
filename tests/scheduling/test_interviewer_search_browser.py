"""Choosing among two hundred people in a real browser: with keys alone, and on a phone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, expect

from organizations.models import Membership, User
from scheduling.models import Interview, Schedule
from tests.browser.visitor import PHONE, Visitor, show
from tests.conftest import Team
from tests.scheduling.loops import make_loop

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.allow_hosts(["127.0.0.1", "localhost"]),
]


@pytest.fixture
def schedule(team: Team) -> Schedule:
    """One interview on a Monday to come, at ten; Person 150 is in another one then."""
    users = User.objects.bulk_create(
        User(email=f"p{number}@acme.example", name=f"Person {number:03}", time_zone="UTC") for number in range(200)
    )
    people = Membership.objects.bulk_create(
        Membership(organization=team.organization, user=user, role="interviewer") for user in users
    )
    day = timezone.now() + timedelta(days=14)
    monday = (day - timedelta(days=day.weekday())).replace(hour=10, minute=0, second=0, microsecond=0)
    made = [make_loop(team, name) for name in ("Coding", "Design")]
    Interview.objects.update(starts_at=monday, ends_at=monday + timedelta(hours=1))
    made[1].interviews.get().assignments.create(membership=people[150])
    return made[0]


def open_dialog(visitor: Visitor, team: Team, schedule: Schedule) -> Locator:
    visitor.page.goto(team.url(f"schedules/{schedule.pk}/"))
    visitor.page.get_by_role("button", name="Edit Coding").click()
    dialog = visitor.page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    return dialog


def test_by_keys_alone(visitor: Visitor, team: Team, schedule: Schedule) -> None:
    dialog = open_dialog(visitor, team, schedule)
    keys = visitor.page.keyboard
    dialog.get_by_label("Meeting link or location").fill("https://meet.example/7")
    search = dialog.get_by_label("Find an interviewer by name or e-mail")
    search.focus()
    keys.type("person 15")
    people = dialog.get_by_role("group", name="People found").get_by_role("button")
    expect(people).to_have_count(8)
    expect(people.first).to_contain_text("Person 015")
    expect(people.first).to_contain_text("Free at that time")
    keys.press("Enter")  # finds, and does not save
    expect(dialog).to_be_visible()
    visitor.check()
    search.focus()
    keys.type("0")
    expect(people).to_have_count(1)
    expect(people.first).to_contain_text("Person 150 is busy: “Design”")
    for _step in range(2):  # past "Find free interviewers"
        keys.press("Tab")
    expect(people.first).to_be_focused()
    keys.press("Enter")
    chosen = dialog.get_by_label("Interviewer 1", exact=True)
    expect(chosen).to_be_focused()
    expect(chosen.locator("option:checked")).to_contain_text("Person 150")
    expect(dialog.get_by_label("Meeting link or location")).to_have_value("https://meet.example/7")
    # What speaks against it stands there at once, to be overridden knowingly.
    expect(dialog.get_by_label("Schedule anyway")).to_have_count(1)


def test_on_a_phone(visitor: Visitor, team: Team, schedule: Schedule) -> None:
    show(visitor.page, PHONE, "dark")
    dialog = open_dialog(visitor, team, schedule)
    dialog.get_by_role("button", name="Find free interviewers").click()
    people = dialog.get_by_role("group", name="People found").get_by_role("button")
    expect(people).to_have_count(8)
    expect(people.nth(4)).to_contain_text("Person 002")
    people.nth(4).click()
    expect(dialog.get_by_label("Interviewer 1", exact=True).locator("option:checked")).to_contain_text("Person 002")
    dialog.get_by_role("button", name="Save interview").click()
    expect(dialog).to_be_hidden()
    expect(visitor.page.get_by_text("Person 002")).to_be_visible()

"""Choosing among two hundred people in a real browser: with keys alone, and on a phone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, expect

from organizations.models import Membership, User
from scheduling.models import Interview, Schedule
from tests.browser.steps import people_found
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
    search = dialog.get_by_role("combobox", name="Add interviewer")
    search.focus()
    keys.type("person 15")
    people = people_found(dialog)
    expect(people).to_have_count(8)
    expect(people.first).to_contain_text("Person 015")
    expect(people.first).to_contain_text("free · 0 interviews that week")
    expect(search).to_have_attribute("aria-expanded", "true")
    visitor.check()
    search.focus()
    keys.press("ArrowDown")
    expect(search).to_have_attribute("aria-activedescendant", people.nth(1).get_attribute("id") or "")
    keys.press("Escape")  # closes the list, and not the dialog
    expect(people).to_have_count(0)
    expect(search).to_have_value("")
    expect(dialog).to_be_visible()
    keys.type("person 150")
    expect(people).to_have_count(1)
    expect(people.first).to_contain_text("busy")
    keys.press("Enter")  # adds, and does not save
    expect(dialog.get_by_role("button", name="Remove Person 150")).to_be_visible()
    expect(search).to_be_focused()
    expect(dialog.get_by_label("Meeting link or location")).to_have_value("https://meet.example/7")
    # What speaks against it stands there at once, to be overridden knowingly.
    expect(dialog.get_by_text("Person 150 is busy: “Design”")).to_be_visible()
    expect(dialog.get_by_label("Schedule anyway")).to_have_count(1)
    keys.press("Backspace")
    expect(dialog.get_by_role("button", name="Remove Person 150")).to_have_count(0)
    expect(dialog.get_by_label("Schedule anyway")).to_have_count(0)


def test_on_a_phone(visitor: Visitor, team: Team, schedule: Schedule) -> None:
    show(visitor.page, PHONE, "dark")
    dialog = open_dialog(visitor, team, schedule)
    dialog.get_by_role("combobox", name="Add interviewer").click()
    people = people_found(dialog)
    expect(people).to_have_count(8)
    people.filter(has_text="Person 002").click()
    expect(dialog.get_by_role("button", name="Remove Person 002")).to_be_visible()
    expect(people).to_have_count(0)
    visitor.quiet()
    dialog.get_by_role("button", name="Save interview").click()
    expect(dialog).to_be_hidden()
    expect(visitor.page.get_by_text("Person 002")).to_be_visible()

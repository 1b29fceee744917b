"""A row among many is searched for and chosen in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from jobs.models import Job, Stage
from organizations.row_choices import MOST_OPTIONS
from scheduling.models import Candidate
from tests.browser.visitor import Visitor
from tests.conftest import Team

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.allow_hosts(["127.0.0.1", "localhost"]),
]


def test_a_job_among_many_is_chosen_in_a_list_a_dialog_and_a_new_schedule(admin_visitor: Visitor, team: Team) -> None:
    here = team.organization
    jobs = [Job.objects.create(organization=here, title=f"Engineer {number:03}") for number in range(MOST_OPTIONS + 5)]
    stages = [Stage.objects.create(organization=here, job=job, name="Onsite") for job in jobs]
    for name, job in (("Ada", jobs[-1]), ("Ben", jobs[0])):
        Candidate.objects.create(organization=here, name=name, job=job)
    visitor, page = admin_visitor, admin_visitor.page

    page.goto(team.url("candidates/"))
    field = page.get_by_role("combobox", name="Job")
    field.fill("054")
    page.get_by_role("option", name="Engineer 054").click()
    expect(page).to_have_url(re.compile(rf"job={jobs[-1].pk}\b"))
    expect(page.get_by_role("link", name="Ada")).to_be_visible()
    expect(page.get_by_role("link", name="Ben")).to_have_count(0)
    field = page.get_by_role("combobox", name="Job")
    expect(field).to_have_value("Engineer 054")
    field.fill("nobody called it so")  # and leaves: the former choice is back
    field.press("Escape")
    page.get_by_role("textbox", name="Search name or e-mail").or_(
        page.get_by_label("Search name or e-mail")
    ).first.focus()
    expect(field).to_have_value("Engineer 054")
    field.fill("")
    page.get_by_label("Search name or e-mail").first.focus()
    expect(page.get_by_role("link", name="Ben")).to_be_visible()

    page.goto(team.url("candidates/"))
    page.get_by_role("button", name="Add candidate").or_(page.get_by_role("link", name="Add candidate")).first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("Cleo")
    dialog.get_by_role("combobox", name="Stage").fill("engineer 053")
    dialog.get_by_role("option", name="Engineer 053: Onsite").click()
    visitor.check()
    dialog.get_by_role("button", name="Add candidate").click()
    expect(page.get_by_text("Cleo added.")).to_be_visible()
    assert Candidate.objects.get(name="Cleo").stage == stages[53]

    page.goto(team.url("schedules/new/"))
    field = page.get_by_role("combobox", name="Job")
    field.fill("engineer 052")
    expect(page.get_by_role("option", name="Engineer 052", selected=True)).to_be_visible()
    field.press("Enter")
    expect(page.get_by_label("Stage")).to_have_value(str(stages[52].pk))  # its only one
    expect(page.get_by_role("combobox", name="Job")).to_have_value("Engineer 052")
    visitor.check()

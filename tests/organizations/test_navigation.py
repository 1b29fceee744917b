"""The menus: entries of all apps in one order, and only those that the reader may open."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django import Settings

from tests.conftest import Team

pytestmark = pytest.mark.django_db

MENU = ["Home", "Schedules", "Calendar", "Candidates", "Jobs", "Organization Settings"]
SETTINGS = [
    "Organization",
    "Members",
    "Roles",
    "Integrations",
    "Scheduling",
    "Templates",
    "Two-step sign-in",
    "Audit log",
    "Your profile",
]
OF_ADMINS = ["Single sign-on", "Directory"]


def titles(client: Client, address: str) -> tuple[list[str], list[str]]:
    """The entries of the main menu and of the settings menu of a page."""
    page = client.get(address).content.decode()
    menu = re.findall(r'nav-link-title">([^<]+)<', page)
    settings = re.findall(r"list-group-item-action[^>]+>.*?</svg>\s*([^<]+?)\s*</a>", page, re.DOTALL)
    return menu, settings


def test_admins_and_recruiters_see_all_entries_in_order(team: Team, as_admin: Client, as_recruiter: Client) -> None:
    assert titles(as_recruiter, team.url("settings/profile/")) == (MENU, SETTINGS)
    with_theirs = [*SETTINGS[:3], *OF_ADMINS, *SETTINGS[3:7], "Privacy", *SETTINGS[7:]]
    assert titles(as_admin, team.url("settings/profile/")) == (MENU, with_theirs)


def test_interviewers_see_what_they_may_open(team: Team, as_interviewer: Client) -> None:
    assert titles(as_interviewer, team.url("settings/profile/")) == (
        ["Home", "Schedules", "Calendar"],
        ["Roles", "Your profile"],
    )


def test_the_demo_has_its_outbox_in_the_menu(team: Team, as_admin: Client, settings: Settings) -> None:
    settings.DEMO = True
    assert titles(as_admin, team.url("settings/profile/"))[0] == [*MENU, "Outbox"]


def test_one_entry_of_each_menu_is_the_current_one(team: Team, as_admin: Client) -> None:
    for path in ("settings/", "settings/members/", "settings/templates/", "settings/integrations/"):
        page = as_admin.get(team.url(path)).content.decode()
        assert len(re.findall(r'aria-current="page"', page)) == 2, path

"""Fixtures that every test may use: an organization with one member of each role, and an outsider."""

from __future__ import annotations

import os
from dataclasses import dataclass

import pytest
from django.test import Client

from organizations.models import Membership, Organization, User
from tests.browser.posts import begins, ends
from tests.chromium import admin_visitor, chromium, visitor  # noqa: F401 - for all who need a browser

# Playwright runs an event loop in the test's thread; Django would refuse the ORM beside it.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("browser"):
        begins(item)


def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    if item.get_closest_marker("browser"):
        ends(item, nextitem)


@dataclass
class Team:
    """An organization and its people, each with a signed-in test client."""

    organization: Organization
    admin: Membership
    recruiter: Membership
    interviewer: Membership

    def client(self, membership: Membership) -> Client:
        client = Client()
        client.force_login(membership.user)
        return client

    @property
    def slug(self) -> str:
        return self.organization.slug

    def url(self, rest: str = "") -> str:
        return f"/o/{self.slug}/{rest}"


def make_team(slug: str) -> Team:
    organization = Organization.objects.create(name=slug.title(), slug=slug, time_zone="Europe/Berlin")

    def member(role: str) -> Membership:
        user = User.objects.create_user(f"{role}@{slug}.example", "demo", name=f"{role.title()} {slug.title()}")
        return Membership.objects.create(organization=organization, user=user, role=role)

    return Team(organization, member("admin"), member("recruiter"), member("interviewer"))


@pytest.fixture
def team(db: None) -> Team:
    return make_team("acme")


@pytest.fixture
def other_team(db: None) -> Team:
    """Another organization; its people are outsiders to `team`."""
    return make_team("globex")


@pytest.fixture
def as_admin(team: Team) -> Client:
    return team.client(team.admin)


@pytest.fixture
def as_recruiter(team: Team) -> Client:
    return team.client(team.recruiter)


@pytest.fixture
def as_interviewer(team: Team) -> Client:
    return team.client(team.interviewer)


@pytest.fixture
def as_outsider(other_team: Team) -> Client:
    return other_team.client(other_team.admin)

"""Fixtures that every test may use: an organization with one member of each role, and an outsider."""

from __future__ import annotations

import gc
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.core.signals import setting_changed
from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations
from django.test import Client

from integrations.unreadable import secret_columns
from organizations.append_only import erasing
from organizations.models import Membership, Organization, User
from tests.browser.posts import begins, ends
from tests.chromium import admin_visitor, chromium, visitor  # noqa: F401 - for all who need a browser
from tests.shared_database import SharedDatabase

# Playwright runs an event loop in the test's thread; Django would refuse the ORM beside it.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give the long ones time, also on a busy machine: one that migrates, and is cut off, leaves old tables behind.

    Leave out on PostgreSQL and Redis what asks neither of them: it has just run without.
    """
    for item in items:
        if item.get_closest_marker("thorough") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(600))
    if "TEST_DATABASE_URL" not in os.environ:
        return
    spared = [item for item in items if not _asks_a_service(item)]
    items[:] = [item for item in items if _asks_a_service(item)]
    config.hook.pytest_deselected(items=spared)


def _asks_a_service(item: pytest.Item) -> bool:
    """Whether the test has a database, needs services by its mark, or its module names what Redis is used for.

    The long ones without a database start programs of their own, in an environment of their own.
    """
    if item.get_closest_marker("services") or item.get_closest_marker("django_db"):
        return True
    if "django_db_setup" in getattr(item, "fixturenames", ()):
        return True
    return not item.get_closest_marker("thorough") and _names_redis(item.path)


@cache
def _names_redis(module: Path) -> bool:
    return re.search(r"core\.cache|redis|celery|broker|throttle", module.read_text(), re.I) is not None


def pytest_collection_finish(session: pytest.Session) -> None:
    """Spare the garbage collector all that imports and collection made: it was a third of the tests' time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("browser"):
        begins(item)


def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    if item.get_closest_marker("browser"):
        ends(item, nextitem)


@pytest.fixture(scope="session", autouse=True)
def columns_follow_the_keys() -> Iterator[None]:
    """Let a test change FERNET_KEYS: each column remembers the ones that it was first used with."""

    def forget(*, setting: str, **_: Any) -> None:
        if setting == "FERNET_KEYS":
            for model, names in secret_columns():
                for name in names:
                    for remembered in ("keys", "fernet_keys", "fernet"):
                        model._meta.get_field(name).__dict__.pop(remembered, None)

    setting_changed.connect(forget, weak=False)
    yield
    setting_changed.disconnect(forget)


@pytest.fixture(scope="session")
def shared_database(django_db_modify_db_settings: None) -> Iterator[SharedDatabase | None]:
    """None on PostgreSQL: there is no file to share."""
    if connection.vendor != "sqlite":
        yield None
        return
    database = SharedDatabase(Path(connection.settings_dict["TEST"]["NAME"]))
    database.take()
    yield database
    database.remove()


@pytest.fixture(scope="session", autouse=True)
def flushes_are_allowed() -> Iterator[None]:
    """Let tests that commit empty the audit trail when they are over: its triggers refuse that otherwise."""
    flush = BaseDatabaseOperations.execute_sql_flush

    def flushed(operations: BaseDatabaseOperations, statements: list[str]) -> None:
        with erasing():
            flush(operations, statements)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", flushed)
        yield


@pytest.fixture(scope="session")
def django_db_keepdb(request: pytest.FixtureRequest, shared_database: SharedDatabase | None) -> bool:
    """Whether the database may be there already: a copy of the template is only checked for migrations."""
    return shared_database is not None or bool(request.config.getvalue("reuse_db"))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, shared_database: SharedDatabase | None) -> None:
    if shared_database is not None:
        shared_database.share()


@dataclass
class Team:
    """An organization and its people, each with a signed-in test client."""

    organization: Organization
    admin: Membership
    recruiter: Membership
    interviewer: Membership

    def add(self, role: str) -> Membership:
        """Add one more member."""
        name = role.replace("_", " ").capitalize()
        number = self.organization.memberships.count()
        user = User.objects.create_user(f"{role}-{number}@{self.slug}.example", "demo", name=f"{name} {number}")
        return Membership.objects.create(organization=self.organization, user=user, role=role)

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
def as_read_only(team: Team) -> Client:
    return team.client(team.add("read_only"))


@pytest.fixture
def as_outsider(other_team: Team) -> Client:
    return other_team.client(other_team.admin)

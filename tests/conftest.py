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
from django.core.management.commands import flush as flush_command
from django.core.signals import setting_changed
from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations
from django.test import Client

from integrations.unreadable import secret_columns
from organizations.append_only import erasing
from organizations.models import Membership, Organization, User
from tests.browser.posts import begins, ends
from tests.chromium import MUST_RUN, admin_visitor, chromium, visitor  # noqa: F401 - for all who need a browser
from tests.shared_database import SharedDatabase

# Playwright runs an event loop in the test's thread; Django would refuse the ORM beside it.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give the long ones time, also on a busy machine: one that migrates, and is cut off, leaves old tables behind.

    In `make test-all`, leave out what another part of it runs.
    """
    for item in items:
        if item.get_closest_marker("thorough") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(600))
    if MUST_RUN not in os.environ:
        return
    is_here = _needs_postgresql if "TEST_DATABASE_URL" in os.environ else _needs_sqlite
    spared = [item for item in items if not is_here(item)]
    items[:] = [item for item in items if is_here(item)]
    config.hook.pytest_deselected(items=spared)


def _needs_sqlite(item: pytest.Item) -> bool:
    """All but the long ones of what several do at once: these run on PostgreSQL, and here in their short form."""
    is_long = item.get_closest_marker("thorough") and not item.get_closest_marker("browser")
    return not is_long or not _commits(item) or _is_of_migrations(item)


def _needs_postgresql(item: pytest.Item) -> bool:
    """The ones for services; what has a database; modules that name what Redis is used for.

    Of the long ones those of upgrades, and of what several do at once. A migration that landed ran here when it did.
    """
    if item.get_closest_marker("services"):
        return True
    if item.get_closest_marker("thorough"):
        return not item.get_closest_marker("landed") and (_commits(item) or _is_of_migrations(item))
    has_database = item.get_closest_marker("django_db") or "django_db_setup" in getattr(item, "fixturenames", ())
    return bool(has_database) or _names_redis(item.path)


def _commits(item: pytest.Item) -> bool:
    mark = item.get_closest_marker("django_db")
    return bool(mark and mark.kwargs.get("transaction")) or "transactional_db" in getattr(item, "fixturenames", ())


def _is_of_migrations(item: pytest.Item) -> bool:
    return item.get_closest_marker("landed") is not None or item.path.parent.name == "upgrade"


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


#: What every migration leaves, and no test changes: to make it anew would be half the time of a flush.
NOT_FLUSHED = ("django_content_type", "auth_permission")


@pytest.fixture(scope="session", autouse=True)
def flushes_are_allowed() -> Iterator[None]:
    """Let tests that commit empty the audit trail when they are over: its triggers refuse that otherwise."""
    flush = BaseDatabaseOperations.execute_sql_flush

    def flushed(operations: BaseDatabaseOperations, statements: list[str]) -> None:
        with erasing():
            flush(operations, statements)

    def statements(style: Any, connection: Any, **options: bool) -> list[str]:
        there = connection.introspection.django_table_names(only_existing=True, include_views=False)
        found: list[str] = connection.ops.sql_flush(style, [one for one in there if one not in NOT_FLUSHED], **options)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", flushed)
        patch.setattr(flush_command, "sql_flush", statements)
        patch.setattr(flush_command, "emit_post_migrate_signal", lambda *_: None)
        yield


@pytest.fixture(scope="session")
def django_db_keepdb(request: pytest.FixtureRequest, shared_database: SharedDatabase | None) -> bool:
    """Whether the database may be there already: a copy of the template is only checked for migrations."""
    return shared_database is not None or bool(request.config.getvalue("reuse_db"))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, shared_database: SharedDatabase | None) -> None:
    if shared_database is not None:
        shared_database.share()


@pytest.fixture
def empty_database(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """A file without a table, in the place of the test's database: to migrate it on takes a third of going back."""
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite has a database that is a file")
    name = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = str(tmp_path / "empty.sqlite3")
    yield
    connection.close()
    connection.settings_dict["NAME"] = name


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

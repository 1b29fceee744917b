"""The table of what each role may do, and that nothing asks for a permission that does not exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from organizations.permissions import TABLE, Permission, Role, rights_of

ROOT = Path(__file__).parent.parent.parent
ASKED = re.compile(r"\baccess\.may\.(\w+)")


def sources() -> list[Path]:
    code = [
        path for app in ("organizations", "integrations", "jobs", "scheduling") for path in (ROOT / app).rglob("*.py")
    ]
    return [*code, *(ROOT / "templates").rglob("*.html")]


def test_each_permission_is_decided() -> None:
    assert set(TABLE) == set(Permission)


def test_admins_may_everything() -> None:
    assert all(permission in rights_of(Role.ADMIN) for permission in Permission)


def test_a_role_that_does_not_exist_may_nothing() -> None:
    assert not rights_of("owner")


def test_a_permission_is_an_attribute_and_a_misspelt_one_raises() -> None:
    assert rights_of(Role.RECRUITER).see_schedules is True
    assert rights_of(Role.RECRUITER).manage_members is False
    with pytest.raises(AttributeError):
        _ = rights_of(Role.ADMIN).see_schedule


def test_pages_ask_only_for_permissions_that_exist() -> None:
    """Django's templates take a misspelt one for False."""
    asked = {(path.name, name) for path in sources() for name in ASKED.findall(path.read_text())}
    assert len(asked) > 20
    assert {one for one in asked if one[1] not in set(Permission)} == set()


def test_nothing_outside_the_table_compares_roles() -> None:
    """But the last admin, whom nobody may remove, and whom to ask."""
    words = re.compile(r"\bis_recruiter\b|\baccess\.is_admin\b|\bmembership\.role\s*(==|!=|in)\b")
    found = [path.name for path in sources() if words.search(path.read_text())]
    assert found == []

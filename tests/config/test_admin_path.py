"""The Django admin can be moved, or switched off, by one variable."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import reload

import pytest
from django.test import Client, override_settings
from django.urls import clear_url_caches

from config import urls
from tests.conftest import Team

pytestmark = pytest.mark.django_db


@contextmanager
def at(path: str) -> Iterator[None]:
    with override_settings(ADMIN_PATH=path):
        reload(urls)
        clear_url_caches()
        yield
    reload(urls)
    clear_url_caches()


@pytest.fixture
def superuser(client: Client, team: Team) -> Client:
    team.admin.user.is_staff = team.admin.user.is_superuser = True
    team.admin.user.save()
    client.force_login(team.admin.user)
    return client


@pytest.mark.parametrize("path", ["admin", "staff/back-office"])
def test_it_is_where_the_setting_says_and_nowhere_else(superuser: Client, path: str) -> None:
    with at(path):
        assert superuser.get(f"/{path}/").status_code == 200
        assert superuser.get(f"/{path}/organizations/user/").status_code == 200
        assert superuser.get("/admin/").status_code == (200 if path == "admin" else 404)
        assert Client().get(f"/{path}/")["Location"].startswith(f"/{path}/login/")
        assert Client().get(f"/{path}/login/")["Location"].startswith("/sign-in/")


def test_switched_off_it_is_nowhere_and_everything_else_works(superuser: Client, team: Team) -> None:
    with at(""):
        for address in ("/admin/", "/admin/login/", "/admin/organizations/user/"):
            assert superuser.get(address).status_code == 404
        assert superuser.get(team.url("settings/security/")).status_code == 200


def test_no_address_of_the_product_is_lost_to_it(superuser: Client, team: Team) -> None:
    with at("o"):
        assert superuser.get(team.url("settings/security/")).status_code == 200

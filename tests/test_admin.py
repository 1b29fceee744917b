"""The Django admin: every model is there, every page of it opens, and what nobody may read is not on them."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import models
from django.test import Client
from django.urls import reverse

from organizations.models import User
from tests.conftest import Team
from tests.everything import API_KEY, JOIN_TOKEN, Rows, one_of_each

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("error::DeprecationWarning")]

OURS = [
    model
    for app in ("organizations", "integrations", "jobs", "scheduling")
    for model in apps.get_app_config(app).get_models()
]
each_model = pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)


@pytest.fixture
def rows(team: Team) -> Rows:
    return one_of_each(team)


@pytest.fixture
def superuser(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root@example.com", "demo", name="Root"))
    return client


def address(model: type[models.Model], page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@each_model
def test_the_list_shows_the_row_and_searching_works(model: type[models.Model], superuser: Client, rows: Rows) -> None:
    listed = superuser.get(address(model, "changelist"))
    assert listed.status_code == 200
    assert address(model, "change", rows[model].pk) in listed.content.decode()
    found = superuser.get(address(model, "changelist"), {"q": "nothing has this in it"})
    assert found.status_code == 200
    if admin.site.get_model_admin(model).search_fields:
        assert address(model, "change", rows[model].pk) not in found.content.decode()


@each_model
def test_the_row_opens_without_what_nobody_may_read(model: type[models.Model], superuser: Client, rows: Rows) -> None:
    page = superuser.get(address(model, "change", rows[model].pk))
    assert page.status_code == 200
    for word in (API_KEY, JOIN_TOKEN, getattr(rows[model], "webhook_secret", JOIN_TOKEN)):
        assert word not in page.content.decode()


@each_model
def test_a_new_row_can_be_made_exactly_where_that_is_meant(model: type[models.Model], superuser: Client) -> None:
    by_hand = {"Organization", "User", "Membership", "DayOff"}
    assert superuser.get(address(model, "add")).status_code == (200 if model.__name__ in by_hand else 403)


@pytest.mark.parametrize(
    "name",
    [
        *("CodingLink", "Interview", "Integration", "KeyCheck", "Message", "JoinLink"),
        *("Stage", "InterviewPlan", "PlanInterview", "ChangeReason"),
    ],
)
def test_what_has_its_own_rules_can_not_be_changed_there(name: str, superuser: Client, rows: Rows) -> None:
    model, row = next((model, row) for model, row in rows.items() if model.__name__ == name)
    before = model._default_manager.filter(pk=row.pk).values().get()
    assert superuser.post(address(model, "change", row.pk), {"state": "cancelled"}).status_code == 403
    assert superuser.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert model._default_manager.filter(pk=row.pk).values().get() == before


@each_model
def test_only_superusers_are_let_in(model: type[models.Model], as_admin: Client) -> None:
    assert as_admin.get(address(model, "changelist"))["Location"].startswith("/admin/login/")


def test_the_index_is_in_english_and_ours(superuser: Client) -> None:
    page = superuser.get(reverse("admin:index")).content.decode()
    for words in ("Calendar entries", "Days off", "Panelist"):
        assert words in page
    for words in ("entrys", "Day offs", "Django administration"):
        assert words not in page

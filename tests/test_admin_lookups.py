"""The Django admin answers no question about a column that its list does not offer as a filter (finding B13)."""

from __future__ import annotations

from itertools import product

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import models
from django.test import Client, RequestFactory

from organizations.admin_base import ListedAdmin
from organizations.models import User
from scheduling.models import CodingLink, Message
from tests.conftest import Team
from tests.everything import API_KEY, JOIN_TOKEN, one_of_each
from tests.test_admin import address

pytestmark = pytest.mark.django_db

# Not those of the identity provider that only tests install.
SHIPPED = [model for model in admin.site._registry if model._meta.app_label != "allauth_idp_oidc"]
REGISTERED = sorted(SHIPPED, key=lambda model: model._meta.label)
LOOKUPS = "regex iregex startswith contains icontains exact in gt lt isnull"
QUESTIONS = ["", *(f"__{name}" for name in LOOKUPS.split())]
SECRET = "secret-that-nobody-may-read"
each_registered = pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)


@pytest.fixture
def superuser(db: None) -> Client:
    client = Client(raise_request_exception=True)
    client.force_login(User.objects.create_superuser("root@example.com", "demo", name="Root"))
    return client


def own_columns(model: type[models.Model]) -> list[str]:
    """Columns of the model, without its keys to other rows and without the filters that its list offers."""
    offered = admin.site.get_model_admin(model).list_filter
    return [one.name for one in model._meta.concrete_fields if not one.is_relation and one.name not in offered]


def related_columns(model: type[models.Model]) -> list[str]:
    """Columns of rows that lead to the model's rows, and of rows that these lead to."""
    found = []
    for relation in model._meta.get_fields():
        if relation.is_relation and isinstance(relation.related_model, type):
            related = relation.related_model._meta
            name = relation.name if relation.concrete else (relation.related_query_name or relation.name)  # type: ignore[union-attr]
            found += [f"{name}__{one.name}" for one in related.concrete_fields if not one.primary_key]
    return found


@each_registered
def test_every_admin_builds_on_the_one_that_refuses(model: type[models.Model]) -> None:
    assert isinstance(admin.site.get_model_admin(model), ListedAdmin)


@each_registered
def test_no_column_is_asked_about_unless_it_is_offered(model: type[models.Model], superuser: Client) -> None:
    for column in own_columns(model):
        for question in ("__regex", "__startswith", ""):
            asked = superuser.get(address(model, "changelist"), {column + question: "N"})
            assert (column, question, asked.status_code) == (column, question, 400)


@each_registered
def test_nothing_is_asked_by_any_path(model: type[models.Model]) -> None:
    mine = admin.site.get_model_admin(model)
    paths = [*own_columns(model), *related_columns(model)]
    answered = [
        path + question
        for path, question in product(paths, QUESTIONS)
        if mine.lookup_allowed(path + question, "N", RequestFactory().get("/"))
    ]
    assert answered == []


@each_registered
def test_what_is_listed_is_filtered(model: type[models.Model], superuser: Client) -> None:
    mine = admin.site.get_model_admin(model)
    asked = [f"{name}__exact" for name in mine.list_filter if isinstance(name, str)]
    asked += [one.name for one in model._meta.fields if one.is_relation][:1]
    for lookup in asked:
        found = superuser.get(address(model, "changelist"), {lookup: "1"})
        assert (lookup, found.status_code) == (lookup, 200)


@each_registered
def test_neither_order_nor_search_reaches_a_secret(model: type[models.Model], superuser: Client, team: Team) -> None:
    mine = admin.site.get_model_admin(model)
    hidden = {"api_key", "webhook_token", "webhook_secret", "token", "token_hash", "token_secret", "secret", "key"}
    hidden |= {"text", "html", "calendar", "content", "url", "choices", "data", "session_key", "password", "rows"}
    hidden |= {"pasted", "source", "edits", "extra_data", "body_source", "subject_source"}
    # Of a submission the hash is listed, and of a reason its text, which is nobody's secret.
    hidden -= {"Submission": {"key"}, "ChangeReason": {"text"}}.get(model.__name__, set())
    assert not hidden & set(mine.list_display)
    assert not [path for path in mine.search_fields if hidden & set(path.split("__"))]
    assert superuser.get(address(model, "changelist"), {"o": "-1.2"}).status_code == 200
    assert superuser.get(address(model, "changelist"), {"q": SECRET}).status_code == 200
    assert superuser.get(address(model, "changelist"), {"_to_field": "webhook_token"}).status_code in {200, 400}


@pytest.mark.thorough
@each_registered
def test_any_order_opens_the_list(model: type[models.Model], superuser: Client) -> None:
    for order in ("1", "99", "x", "9" * 5000):
        assert superuser.get(address(model, "changelist"), {"o": order}).status_code == 200


def test_pages_show_no_secret(superuser: Client, team: Team) -> None:
    rows = one_of_each(team)
    user, link = team.recruiter.user, rows[CodingLink]
    CodingLink.objects.filter(pk=link.pk).update(
        url=f"https://tool.test/{SECRET}", choices=[{"id": "1", "url": SECRET}]
    )
    Message.objects.update(body_source=SECRET, subject_source=SECRET)
    app = SocialApp.objects.create(provider="openid_connect", name="Acme", client_id="1", secret=SECRET, key=SECRET)
    account = SocialAccount.objects.create(user=user, provider="openid_connect", uid="1", extra_data={"a": SECRET})
    shown: list[models.Model] = [
        *rows.values(),
        EmailAddress.objects.create(user=user, email="second@acme.example"),
        Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": SECRET}),
        app,
        account,
        Group.objects.create(name="Support"),
    ]
    assert {type(row) for row in shown} >= set(REGISTERED)
    for row in shown:
        if not admin.site.is_registered(type(row)):
            continue
        pages = [address(type(row), page, row.pk) for page in ("change", "history")] + [
            address(type(row), "changelist")
        ]
        for page in pages:
            answer = superuser.get(page)
            assert (page, answer.status_code) == (page, 200)
            for secret in (SECRET, SECRET[:27], JOIN_TOKEN, API_KEY, getattr(row, "webhook_token", JOIN_TOKEN)):
                assert (page, secret in answer.content.decode()) == (page, False)


def test_tokens_of_identity_providers_have_no_page() -> None:
    assert not admin.site.is_registered(SocialToken)

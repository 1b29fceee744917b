"""Every page, dialog, error and mail in the pseudo-language: a word outside its marks is data, or has a reason here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.http import HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from organizations import limits, public_holidays, zones
from organizations.models import Organization, User
from tests.browser.posts import TEMPLATES
from tests.conftest import Team
from tests.everything import Rows
from tests.fuzz.attack import senders
from tests.fuzz.conftest import probe, rows, the_demos_pages_too, theirs
from tests.fuzz.forms import TYPED
from tests.fuzz.probe import Probe, encoded
from tests.fuzz.test_members import further_on, pages
from tests.mails import every_mail, part
from tests.pseudo import language
from tests.pseudo.reader import shown_by, unmarked
from tests.test_admin import address
from tests.test_admin_walk import everything

__all__ = ["probe", "rows", "the_demos_pages_too", "theirs"]

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(1800)]

#: What no language has another word for: products, standards, keys, and the names of languages and permissions.
NAMES = [
    "Panelist",
    "CodeSignal",
    "Google Workspace",
    "Google Calendar",
    "Microsoft 365",
    "CalDAV",
    "Jitsi",
    "OpenID Connect",
    "SAML",
    "GMT",
    "Ctrl",
    "English",
    "Pseudo",
    "liveInterview",
]
#: What tests write into mails in place of the product.
OF_TESTS = ["Firefox on Linux", "The API key was refused.", "Coding with", "Thu", "Dec"]
#: Django's own pictures have English words behind them, and so do its columns of ids and passwords. allauth gives its
#: columns no names; its provider of identities, which is of tests alone, has no German.
OF_PACKAGES = ["True", "False", "Search", "ID", "md5", "User", "Type", "Created at", "Last used at", "Tokens", "IdP"]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def pseudo(tmp_path: Path, team: Team) -> Iterator[None]:
    """Everybody reads the pseudo-language."""
    User.objects.update(language=language.CODE)
    Organization.objects.update(language=language.CODE)
    team.organization.refresh_from_db()
    with language.spoken(tmp_path):
        yield


def written() -> list[str]:
    """Return what all rows say: names, addresses texts that people wrote; cities of zones, and countries."""
    found = {zones.city(name) for name in zones.names()} | {*NAMES, *OF_TESTS}
    found |= {name for _code, name in public_holidays.countries()}  # as CLDR has them in each language
    for model in apps.get_models():
        columns = [column.attname for column in model._meta.concrete_fields if is_written(column)]
        for row in model._default_manager.values_list(*columns) if columns else []:
            found |= {text for value in row for text in texts_in(value) if len(text) > 2}
    return sorted(found)


def is_written(column: models.Field[Any, Any]) -> bool:
    """Whether a person or a vendor may have written what stands in the column."""
    return isinstance(column, models.CharField | models.TextField | models.JSONField) and not column.choices


def texts_in(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list | tuple):
        for inner in value:
            yield from texts_in(inner)
    elif isinstance(value, str):
        yield value


class Walk:
    """The words that were found outside the marks, each once with its place."""

    def __init__(self, *more: str) -> None:
        self.data = sorted([*written(), *more], key=len, reverse=True)
        self.found: dict[str, str] = {}

    def look(self, place: str, response: HttpResponseBase | None) -> None:
        if isinstance(response, HttpResponse) and "html" in response.headers.get("Content-Type", ""):
            for text in shown_by(response.content.decode()):
                self.read(place, text)

    def read(self, place: str, text: str) -> None:
        if left := unmarked(text, self.data):
            self.found.setdefault(left[:200], place)

    def report(self) -> str:
        return "\n".join(f"{left}   <- {place}" for left, place in self.found.items())


def test_every_page_and_dialog(pseudo: None, probe: Probe, team: Team, rows: Rows) -> None:
    walk = Walk()
    for page in pages(team, rows):
        for headers in (None, HTMX):
            walk.look(page, probe.ask("GET", page, headers=headers))
    assert not walk.found, walk.report()


@pytest.mark.thorough
def test_every_answer_to_a_form(pseudo: None, probe: Probe, team: Team, rows: Rows) -> None:
    """As it stands, empty, and with values that are wrong in every field: what the answer says, and its errors."""
    walk = Walk(*TYPED.values())
    for _target, sent in [*senders(probe, pages(team, rows), "/"), *further_on(team, rows)]:
        for fields in (sent.fields, {name: [""] for name in sent.fields}, {name: ["7"] for name in sent.fields}):
            query = encoded(fields)
            posted = sent.method == "POST"
            answer = probe.ask(
                sent.method,
                sent.address,
                query="" if posted else query,
                body=query.encode() if posted else b"",
                headers=HTMX,
            )
            walk.look(f"{sent.method} {sent.address}: {query[:80]}", answer)
    assert not walk.found, walk.report()


def test_every_mail(pseudo: None, team: Team) -> None:
    mails = every_mail(team)
    walk = Walk()
    for name, mail in mails.items():
        walk.read(f"{name}, subject", str(mail["Subject"]))
        walk.read(f"{name}, text", part(mail, "text/plain"))
        for text in shown_by(part(mail, "text/html")):
            walk.read(f"{name}, HTML", text)
    assert not walk.found, walk.report()


def test_every_error_page(pseudo: None) -> None:
    walk = Walk()
    reached = limits.Reached(limits.EXPORTS, timezone.now() + timedelta(hours=1))
    for path in [*sorted(TEMPLATES.glob("[45]*.html")), TEMPLATES / "scheme_unknown.html"]:
        for text in shown_by(render_to_string(path.name, {"reached": reached})):
            walk.read(path.name, text)
    assert not walk.found, walk.report()


def test_every_page_of_the_admin(pseudo: None, team: Team) -> None:
    """Its index, each list, and one row of each model: Panelist's own words, and Django's."""
    root = User.objects.create_superuser("root@example.com", "demo", name="Root", language=language.CODE)
    client, rows = Client(), everything(team)
    client.force_login(root)
    walk = Walk(*OF_PACKAGES)
    walk.look("index", client.get(reverse("admin:index")))
    for model, row in rows.items():
        for page in (address(model, "changelist"), address(model, "change", row.pk)):
            walk.look(page, client.get(page))
    assert not walk.found, walk.report()

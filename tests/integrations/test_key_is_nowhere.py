"""The API key, the pasted one and the signing secret are readable nowhere."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import pytest
from celery import signals
from django.core.management import call_command
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from django.views.debug import ExceptionReporter
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from integrations.models import Integration, KeyCheck
from integrations.sandbox import Fault, Sandbox
from organizations.models import User
from tests.conftest import Team
from tests.integrations.conftest import Work, make_connected

pytestmark = [pytest.mark.django_db, pytest.mark.allow_hosts(["127.0.0.1"])]

KEY = "csk-very-secret-and-long-0042"
PASTED = "csk-just-pasted-and-open-0043"


@pytest.fixture
def secrets(team: Team) -> list[str]:
    """Store all secrets, open a check, and return what must not be seen."""
    integration = make_connected(team, api_key=KEY)
    KeyCheck.objects.create(organization=team.organization, kind="codesignal", api_key=PASTED, asked_by=team.admin.user)
    return [KEY, PASTED, integration.webhook_secret]


@pytest.fixture
def superuser(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root@example.com", "demo", name="Root"))
    return client


def test_the_django_admin_shows_no_key(superuser: Client, secrets: list[str]) -> None:
    for model, row in (("integration", Integration.objects.get()), ("keycheck", KeyCheck.objects.get())):
        for end in ("", f"{row.pk}/change/", f"{row.pk}/history/"):
            response = superuser.get(f"/admin/integrations/{model}/{end}")
            assert response.status_code == 200
            page = response.content.decode()
            assert "codesignal" in page
            assert not [secret for secret in secrets if secret in page]


def test_the_django_admin_changes_nothing_there(superuser: Client, secrets: list[str]) -> None:
    for model, row in (("integration", Integration.objects.get()), ("keycheck", KeyCheck.objects.get())):
        assert superuser.post(f"/admin/integrations/{model}/{row.pk}/change/", {"state": "paused"}).status_code == 403
        assert superuser.get(f"/admin/integrations/{model}/add/").status_code == 403
        assert superuser.post(f"/admin/integrations/{model}/{row.pk}/delete/", {"post": "yes"}).status_code == 403


def test_no_page_of_the_settings_shows_a_key(as_admin: Client, team: Team, secrets: list[str]) -> None:
    check = KeyCheck.objects.get()
    one = "settings/integrations/codesignal/"
    for rest in ("settings/integrations/", one, f"{one}connect/", f"{one}connection/", f"{one}disconnect/"):
        page = as_admin.get(team.url(rest)).content.decode()
        assert not [secret for secret in secrets if secret in page], rest
    assert PASTED not in as_admin.get(team.url(f"settings/integrations/key-checks/{check.pk}/")).content.decode()


def test_a_dump_holds_no_key_in_any_form(secrets: list[str]) -> None:
    stored = _stored()
    out = io.StringIO()
    call_command("dumpdata", "integrations", stdout=out)
    rows = json.loads(out.getvalue())
    assert {row["model"] for row in rows} == {"integrations.integration", "integrations.keycheck"}
    assert not [secret for secret in [*secrets, *stored] if secret in out.getvalue()]


def test_the_database_holds_it_encrypted(secrets: list[str]) -> None:
    assert len(_stored()) == 3
    assert not set(_stored()) & set(secrets)


def _stored() -> list[str]:
    """The columns as they are in the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT api_key, webhook_secret FROM integrations_integration")
        columns = list(cursor.fetchone())
        cursor.execute("SELECT api_key FROM integrations_keycheck")
        columns.append(cursor.fetchone()[0])
    return [bytes(value).decode() if not isinstance(value, str) else value for value in columns]


def test_neither_repr_nor_str_shows_it(secrets: list[str]) -> None:
    for row in (Integration.objects.get(), KeyCheck.objects.get()):
        assert not [secret for secret in secrets if secret in f"{row!r} {row}"]


@pytest.mark.parametrize("fault", [None, Fault.CUT_JSON_AFTER, Fault.UNAUTHORIZED, Fault.DROP_BEFORE])
def test_no_log_line_and_no_message_carries_it(
    fault: Fault | None, as_admin: Client, team: Team, vendor: Sandbox, work: Work, caplog: pytest.LogCaptureFixture
) -> None:
    key = vendor.make_key(company="Acme Corp")
    if fault is not None:
        vendor.fault(fault, probability=1.0)
    messages: list[str] = []

    def spy(sender: object = None, args: Any = None, kwargs: Any = None, **rest: Any) -> None:
        messages.append(f"{sender} {args!r} {kwargs!r}")

    signals.task_prerun.connect(spy)
    try:
        with caplog.at_level(logging.DEBUG), work():
            as_admin.post(team.url("settings/integrations/codesignal/connect/"), {"api_key": key})
    finally:
        signals.task_prerun.disconnect(spy)
    assert messages
    assert key not in " ".join(messages)
    assert caplog.text
    assert key not in caplog.text


def test_the_message_on_its_way_carries_only_an_id(
    as_admin: Client, team: Team, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    sent: list[str] = []

    def spy(sender: object = None, body: Any = None, headers: Any = None, **rest: Any) -> None:
        sent.append(f"{sender} {body!r} {headers!r} {rest!r}")

    signals.before_task_publish.connect(spy)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            as_admin.post(team.url("settings/integrations/codesignal/connect/"), {"api_key": PASTED})
    finally:
        signals.before_task_publish.disconnect(spy)
    assert len(sent) == 1
    assert "integrations.tasks.check_key" in sent[0]
    assert PASTED not in sent[0]


def broken(request: HttpRequest) -> HttpResponse:
    """A page that breaks while it handles a key."""
    held = request.POST["api_key"]
    raise RuntimeError(f"broken after {len(held)} characters")


urlpatterns = [path("broken/", broken)]


@pytest.mark.urls("tests.integrations.test_key_is_nowhere")
def test_an_error_page_shows_none_even_in_debug(settings: Settings) -> None:
    settings.DEBUG = True
    client = Client(raise_request_exception=False)
    response = client.post("/broken/", {"api_key": PASTED, "note": "something-personal"})
    page = response.content.decode()
    assert response.status_code == 500
    assert "broken after 29 characters" in page
    assert PASTED not in page
    assert "something-personal" not in page
    assert settings.SECRET_KEY not in page
    assert settings.FERNET_KEYS[0] not in page


def test_a_report_by_mail_shows_none_either() -> None:
    held = PASTED
    try:
        raise RuntimeError(f"broken after {len(held)} characters")
    except RuntimeError as error:
        reporter = ExceptionReporter(None, type(error), error, error.__traceback__)
    assert "broken after 29 characters" in reporter.get_traceback_text()
    assert PASTED not in reporter.get_traceback_text() + reporter.get_traceback_html()

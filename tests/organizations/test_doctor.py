"""`manage.py doctor`: what is wrong with an installation, in a sentence, and what to do."""

from __future__ import annotations

import io
import shutil
from collections import namedtuple
from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests
import responses
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from organizations.diagnosis import checks
from organizations.diagnosis.signs import SILENT_AFTER
from organizations.models import Heartbeat
from organizations.tasks import heartbeat
from tests.conftest import Team
from tests.scheduling.loops import connect

pytestmark = [pytest.mark.django_db, pytest.mark.allow_hosts(["127.0.0.1"])]


def examine() -> tuple[dict[str, str], int]:
    """The line of each check, and the exit status."""
    out, status = io.StringIO(), 0
    try:
        call_command("doctor", stdout=out)
    except SystemExit as end:
        status = int(end.code or 0)
    found: dict[str, str] = {}
    for line in out.getvalue().splitlines():
        verdict, said = line[:5].strip(), line[7:]
        name = said.partition(":")[0]
        found[name] = f"{verdict}{said.removeprefix(name)}"
    return found, status


@pytest.fixture(autouse=True)
def sound(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An installation without a fault."""
    settings.BASE_URL = "https://panelist.example"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    # Backups have tests of their own: tests/organizations/backup/test_nightly.py.
    monkeypatch.setitem(checks.ALL, "Backups", lambda: iter(()))
    heartbeat()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as web:
        web.get("https://panelist.example/healthz", body="ok\n")
        yield


def test_a_sound_installation_has_a_line_for_each_check_and_no_fault() -> None:
    found, status = examine()
    assert status == 0
    assert found == dict.fromkeys(
        [
            "Settings",
            "Database",
            "Broker",
            "Background work",
            "Waiting rows",
            "Mail",
            "Clocks",
            "Web",
            "Disk",
            "Backups",
            "Keys",
            "Mail answers",
        ],
        "ok",
    )


def test_plain_http_is_a_note_and_no_fault(settings: Settings) -> None:
    settings.BASE_URL = "http://panelist.example"
    found, _status = examine()
    assert found["Settings"].startswith("note: BASE_URL is not https")


def test_silence_of_worker_or_beat_is_a_fault() -> None:
    Heartbeat.objects.update(at=timezone.now() - SILENT_AFTER - timedelta(minutes=4))
    found, status = examine()
    assert found["Background work"].startswith("FAULT: Worker or beat has been silent for 7 min. Start both")
    assert status == 1
    Heartbeat.objects.all().delete()
    assert examine()[0]["Background work"].startswith("FAULT: No worker has ever done what beat sends.")


def test_a_missing_mail_server_is_told_and_one_that_is_away(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    assert examine()[0]["Mail"].startswith("FAULT: No mail server is set up")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert examine()[0]["Mail"].startswith("FAULT: The mail server can't be used (ConnectionRefusedError)")


def test_another_server_behind_the_address_is_found() -> None:
    with responses.RequestsMock() as web:
        web.get("https://panelist.example/healthz", body="<h1>It works!</h1>")
        assert examine()[0]["Web"].startswith("FAULT: BASE_URL answers, but not Panelist (200).")
    with responses.RequestsMock() as web:
        web.get("https://panelist.example/healthz", body=requests.ConnectionError())
        assert examine()[0]["Web"].startswith("FAULT: BASE_URL does not answer from here (ConnectionError).")


def test_a_full_disk_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", ["total", "used", "free"])
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(10**9, 10**9 - 10**6, 10**6))
    assert examine()[0]["Disk"] == "FAULT: DATA_DIR has 1 MB left. Make room, or move DATA_DIR to a larger disk."


def test_keys_that_nobody_can_read_are_found(team: Team, settings: Settings) -> None:
    connect(team)
    settings.FERNET_KEYS = [Fernet.generate_key().decode()]
    found, status = examine()
    assert found["Keys"].startswith("FAULT: FERNET_KEYS can't read 1 of 1 integrations.")
    assert status == 1


def test_a_redis_that_is_away_is_found_and_the_rest_is_still_checked(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    found, _status = examine()
    assert found["Broker"].startswith("FAULT: The broker does not answer")
    assert found["Disk"] == found["Clocks"] == "ok"


def test_settings_that_show_memory_are_found(settings: Settings) -> None:
    settings.DEBUG = True
    assert examine()[0]["Settings"].startswith("FAULT: DEBUG is on")

"""The health addresses: `/healthz` says that the web server serves, `/readyz` that everything around it works."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from organizations.diagnosis.signs import SILENT_AFTER
from organizations.tasks import heartbeat
from tests.conftest import Team
from tests.scheduling.loops import connect, make_link, make_loop

pytestmark = [pytest.mark.django_db, pytest.mark.allow_hosts(["127.0.0.1"])]


def refuse(*_: Any) -> None:
    raise OperationalError("connection refused for user panelist")


def lines(answer: Any) -> dict[str, str]:
    assert answer["Content-Type"] == "text/plain"
    return dict(line.split(": ", 1) for line in answer.content.decode().splitlines())


def test_the_process_says_ok_to_anybody_whatever_the_database_does() -> None:
    with connection.execute_wrapper(refuse):
        answer = Client().get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_ready_is_who_has_a_database_a_broker_and_background_work() -> None:
    heartbeat()
    answer = Client().get("/readyz")
    assert answer.status_code == 200
    assert lines(answer) == {
        "database": "ok",
        "broker": "ok",
        "background work": "ok",
        "oldest waiting row": "0 s",
    }


def test_without_a_database_nothing_more_is_said() -> None:
    heartbeat()
    with connection.execute_wrapper(refuse):
        answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert lines(answer) == {
        "database": "does not answer",
        "broker": "ok",
        "background work": "does not answer",
    }


def test_a_worker_that_never_worked_or_fell_silent_is_named() -> None:
    assert lines(Client().get("/readyz"))["background work"] == "does not answer"
    heartbeat()
    with time_machine.travel(timezone.now() + SILENT_AFTER + timedelta(seconds=1), tick=False):
        answer = Client().get("/readyz")
        assert (answer.status_code, lines(answer)["background work"]) == (503, "does not answer")
        heartbeat()
        assert Client().get("/readyz").status_code == 200


def test_a_broker_that_is_away_is_named(settings: Settings) -> None:
    heartbeat()
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = Client().get("/readyz")
    assert (answer.status_code, lines(answer)["broker"]) == (503, "does not answer")


def test_a_folder_that_is_away_is_a_broker_that_is_away(settings: Settings, tmp_path: Path) -> None:
    heartbeat()
    settings.REDIS_URL = ""
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_out": str(tmp_path / "gone")}
    assert lines(Client().get("/readyz"))["broker"] == "does not answer"


def test_the_row_that_waits_longest_is_told_in_seconds(team: Team) -> None:
    heartbeat()
    link = make_link(make_loop(team, "Coding").interviews.get(), connect(team), "pending")
    link.next_attempt_at = timezone.now() - timedelta(seconds=90)
    link.save()
    waited = lines(Client().get("/readyz"))["oldest waiting row"]
    assert 90 <= int(waited.removesuffix(" s")) < 120

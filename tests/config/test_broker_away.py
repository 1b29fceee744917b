"""A broker that is away, or whose disk is full, costs nobody their page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from kombu import Connection
from kombu.exceptions import ChannelError, OperationalError

from config.environment import broker_url
from integrations.tasks import check_integration
from organizations import enqueue
from scheduling.tasks import work_on_link
from tests import services


@pytest.mark.services
@pytest.mark.enable_socket
@pytest.mark.allow_hosts(["127.0.0.1"])
def test_who_sends_a_task_does_not_wait_for_redis_to_come_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    task: Any = work_on_link
    monkeypatch.setattr("kombu.utils.functional.sleep", pauses.append)
    with services.redis(tmp_path / "redis") as server:
        server.kill()
        url, options = broker_url(server.address), settings.CELERY_BROKER_TRANSPORT_OPTIONS
        with Connection(url, transport_options=options) as away, pytest.raises(OperationalError):
            task.apply_async((1,), connection=away, retry=False)
    assert pauses == []


@pytest.mark.parametrize("problem", [OperationalError("refused"), ChannelError("cannot write"), OSError("broken")])
def test_a_task_that_can_not_be_sent_is_no_error_of_the_page(
    problem: Exception, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any, db: None
) -> None:
    sent: list[int] = []

    def away(*_arguments: Any, **_options: Any) -> None:
        sent.append(1)
        raise problem

    monkeypatch.setattr(check_integration, "apply_async", away)
    with django_capture_on_commit_callbacks(execute=True):
        enqueue.after_commit("integrations.check_integration", 1)
    assert sent == [1]

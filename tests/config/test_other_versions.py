"""During an upgrade, tasks of a newer version reach older workers: they come again, and are not lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from celery import current_app
from kombu import Connection
from kombu.simple import SimpleQueue

from config import other_versions
from config.celery import app
from config.other_versions import MOST_RETURNS, RETURNS, WAIT, pass_on
from scheduling.tasks import send_message

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1", "localhost"])]


@pytest.fixture
def queue() -> Iterator[SimpleQueue]:
    """The queue of the tests' broker, empty before and after."""
    connection: Connection = current_app.connection_for_write()
    found = connection.SimpleQueue("celery")
    found.clear()
    yield found
    found.clear()
    found.close()
    connection.release()


def is_empty(queue: SimpleQueue) -> bool:
    """Whether no message waits. Redis has no queue where it has none, and then its length is an error."""
    try:
        queue.get(block=False)
    except SimpleQueue.Empty:
        return True
    return False


def waiting(queue: SimpleQueue) -> tuple[str, list[Any], dict[str, Any], Any]:
    """Name, arguments and headers of the one message that waits."""
    message = queue.get(timeout=5)
    message.ack()
    assert is_empty(queue)
    return message.headers["task"], message.payload[0], message.payload[1], message.headers


def test_an_unknown_task_comes_again(queue: SimpleQueue) -> None:
    app.send_task("scheduling.tasks.of_tomorrow", [7], {"gently": True})
    message = queue.get(timeout=5)
    message.ack()
    other_versions.hand_back_unknown(message=message, name="scheduling.tasks.of_tomorrow")
    name, args, kwargs, headers = waiting(queue)
    assert (name, args, kwargs) == ("config.pass_on", ["scheduling.tasks.of_tomorrow", [7], {"gently": True}, 1], {})
    assert headers["eta"]
    pass_on(*args)
    name, args, kwargs, headers = waiting(queue)
    assert (name, args, kwargs) == ("scheduling.tasks.of_tomorrow", [7], {"gently": True})
    assert headers[RETURNS] == 1


def test_one_that_no_version_knows_is_dropped_at_last(queue: SimpleQueue) -> None:
    other_versions.hand_back("scheduling.tasks.of_never", [], {}, MOST_RETURNS)
    assert is_empty(queue)
    assert MOST_RETURNS * WAIT >= 3600


def test_arguments_of_a_newer_version_come_again(queue: SimpleQueue) -> None:
    send_message.apply(args=(5,), kwargs={"gently": True})
    name, args, _kwargs, _headers = waiting(queue)
    assert (name, args) == ("config.pass_on", [send_message.name, [5], {"gently": True}, 1])


def test_a_direct_call_with_wrong_arguments_stays_an_error(queue: SimpleQueue) -> None:
    with pytest.raises(TypeError):
        send_message(*(5,), **{"gently": True})
    assert is_empty(queue)

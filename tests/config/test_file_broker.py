"""The broker of files, which several processes write to and read from at once."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection
from kombu.exceptions import ChannelError
from kombu.simple import SimpleQueue
from kombu.transport import get_transport_cls

from config.file_broker import Transport
from tests.config.disk import full_disk


@contextlib.contextmanager
def queue_in(folder: Path, name: str) -> Iterator[Any]:
    """A queue on a connection of its own. The name is used once: kombu remembers for the process what it has bound."""
    for part in ("queue", "control"):
        (folder / part).mkdir(exist_ok=True)
    options = {
        "data_folder_in": str(folder / "queue"),
        "data_folder_out": str(folder / "queue"),
        "control_folder": str(folder / "control"),
        "polling_interval": 0.02,
    }
    with Connection("filesystem://localhost", transport=Transport, transport_options=options) as mine:
        queue: Any = SimpleQueue
        with queue(mine, name) as opened:
            yield opened


def test_what_is_sent_from_many_sides_arrives_whole_and_once(tmp_path: Path) -> None:
    problems: list[BaseException] = []

    def send(name: int) -> None:
        try:
            with queue_in(tmp_path, "crowd") as queue:
                for number in range(60):
                    queue.put({"number": number, "of": name, "weight": "x" * 20_000})
        except BaseException as problem:
            problems.append(problem)

    senders = [threading.Thread(target=send, args=(name,)) for name in range(4)]
    with queue_in(tmp_path, "crowd") as queue:
        for sender in senders:
            sender.start()
        got: list[tuple[int, int]] = []
        while len(got) < 240:
            message = queue.get(timeout=20)
            got.append((message.payload["of"], message.payload["number"]))
            message.ack()
    for sender in senders:
        sender.join()
    assert problems == []
    assert sorted(got) == [(name, number) for name in range(4) for number in range(60)]


def test_a_file_that_was_cut_off_does_not_end_a_worker(tmp_path: Path) -> None:
    with queue_in(tmp_path, "cut") as queue:
        (tmp_path / "queue" / "0_cut.cut.msg").write_bytes(b"")
        (tmp_path / "queue" / "1_cut.cut.msg").write_bytes(b'{"body": "')
        queue.put({"number": 1})
        assert queue.get(timeout=5).payload == {"number": 1}
        with pytest.raises(queue.Empty):
            queue.get(timeout=0.05)


def test_a_full_disk_refuses_a_message_whole_and_takes_the_next(tmp_path: Path) -> None:
    with queue_in(tmp_path, "tight") as queue:
        with full_disk(), pytest.raises(ChannelError):
            queue.put({"number": 1})
        assert list((tmp_path / "queue").iterdir()) == []
        queue.put({"number": 2})
        assert queue.get(timeout=5).payload == {"number": 2}


def test_messages_come_in_the_order_in_which_they_were_sent(tmp_path: Path) -> None:
    with queue_in(tmp_path, "row") as queue:
        for number in range(5):
            queue.put({"number": number})
            threading.Event().wait(0.002)
        assert [queue.get(timeout=5).payload["number"] for _ in range(5)] == [0, 1, 2, 3, 4]


def test_the_product_uses_it() -> None:
    found: Any = get_transport_cls("filesystem")
    assert found is Transport

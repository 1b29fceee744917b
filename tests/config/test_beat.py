"""Beat begins its work whatever a death or a full disk has made of the file in which it keeps its times."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from config.celery import app
from tests.config.disk import full_disk

DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda whole: b"",
    "half": lambda whole: whole[: len(whole) // 2],
    "zeros": lambda whole: whole[: len(whole) // 3] + bytes(len(whole) - len(whole) // 3),
    "garbage": lambda whole: bytes(byte ^ 0x5A for byte in whole),
}


def scheduler(file: Path) -> Any:
    """As beat makes it: its entries are read from the file, or begin anew."""
    module, _, name = settings.CELERY_BEAT_SCHEDULER.partition(":")
    return getattr(import_module(module), name)(app, schedule_filename=str(file))


@pytest.mark.parametrize("which", [0, 1, 2])
@pytest.mark.parametrize("damage", DAMAGES)
def test_beat_begins_with_a_damaged_file(damage: str, which: int, tmp_path: Path) -> None:
    scheduler(tmp_path / "times").close()
    # One file or three, as the machine's kind of dbm keeps them.
    files = sorted(tmp_path.iterdir())
    file = files[which % len(files)]
    file.write_bytes(DAMAGES[damage](file.read_bytes()))
    beat = scheduler(tmp_path / "times")
    assert set(beat.schedule) >= set(settings.CELERY_BEAT_SCHEDULE)
    beat.close()


def test_beat_begins_where_no_file_can_be_written(tmp_path: Path) -> None:
    beat = scheduler(tmp_path / "not there" / "times")
    assert set(beat.schedule) >= set(settings.CELERY_BEAT_SCHEDULE)
    beat.sync()


def test_beat_goes_on_when_the_disk_is_full(tmp_path: Path) -> None:
    beat = scheduler(tmp_path / "times")
    name = "forget-old-events"
    with full_disk():
        sent = beat.reserve(beat.schedule[name])
        beat.sync()
        assert beat.schedule[name].last_run_at == sent.last_run_at
        beat.close()
    scheduler(tmp_path / "times").close()


def test_a_restart_keeps_the_times(tmp_path: Path) -> None:
    beat = scheduler(tmp_path / "times")
    name = "forget-old-events"
    sent = beat.reserve(beat.schedule[name])
    beat.close()
    again = scheduler(tmp_path / "times")
    assert again.schedule[name].last_run_at == sent.last_run_at
    assert again.schedule[name].total_run_count == 1
    again.close()


def test_the_end_closes_it_twice(tmp_path: Path) -> None:
    """As beat does: in the handler of the signal, and when that has ended its loop."""
    beat = scheduler(tmp_path / "times")
    sent = beat.reserve(beat.schedule["forget-old-events"])
    beat.close()
    beat.close()
    again = scheduler(tmp_path / "times")
    assert again.schedule["forget-old-events"].last_run_at == sent.last_run_at
    again.close()

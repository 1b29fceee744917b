"""Beat keeps its times in memory: nothing on the disk stops it, and no restart makes it miss its work."""

from __future__ import annotations

import signal
from collections import Counter
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import time_machine
from cryptography.fernet import Fernet
from django.conf import settings

from config.celery import app
from config.supervisor.processes import Child, Program
from tests.config.disk import full_disk
from tests.config.running import environment, wait_until

START = datetime(2030, 3, 4, 11, 30, tzinfo=UTC)
HOURLY = {
    "back-up",
    "integrations-check",
    "integrations-templates",
    "find-all-calendars",
    "forget-candidate-imports",
    "forget-attempts",
    "delete-due-candidates",
    "delete-expired-trail",
    "forget-old-events",
    "refresh-statistics",
}


def scheduler() -> Any:
    """A scheduler as beat makes it at its start; tasks that it would send are counted in `sent`."""
    module, _, name = settings.CELERY_BEAT_SCHEDULER.partition(":")

    class Counting(getattr(import_module(module), name)):  # type: ignore[misc]
        sent: Counter[str] = Counter()

        def apply_async(self, entry: Any, *_arguments: Any, **_options: Any) -> None:
            self.sent[entry.name] += 1

    return Counting(app)


def sent(hours: int, *, restart_every: timedelta, down: timedelta) -> Counter[str]:
    """How often each task is sent while beat runs, ends and starts again."""
    found: Counter[str] = Counter()
    end = START + timedelta(hours=hours)
    with time_machine.travel(START, tick=False) as clock:
        while datetime.now(UTC) < end:
            beat, until = scheduler(), min(end, datetime.now(UTC) + restart_every)
            while datetime.now(UTC) < until:
                clock.shift(max(beat.tick(), 0.1))
            found += beat.sent
            clock.shift(down)
    return found


@pytest.mark.parametrize("minutes", [4, 25, 600])
def test_hourly_work_is_done_each_hour_however_often_beat_restarts(minutes: int) -> None:
    found = sent(4, restart_every=timedelta(minutes=minutes), down=timedelta(seconds=5))
    assert {name: found[name] for name in HOURLY} == dict.fromkeys(HOURLY, 4)


def test_a_restart_at_the_minute_of_a_task_costs_it_one_hour() -> None:
    found = sent(4, restart_every=timedelta(minutes=6, seconds=58), down=timedelta(seconds=60))
    assert found["forget-candidate-imports"] == 3


def test_sweeps_go_on_through_restarts() -> None:
    found = sent(1, restart_every=timedelta(minutes=3), down=timedelta(seconds=5))
    assert found["sweep-links"] >= 0.9 * 360
    assert found["sweep-messages"] >= 0.85 * 240
    assert found["integrations-sweep"] >= 0.6 * 60


def test_every_entry_of_the_settings_is_sent() -> None:
    found = sent(1, restart_every=timedelta(hours=1), down=timedelta(0))
    assert set(found) == set(settings.CELERY_BEAT_SCHEDULE)


def test_beat_begins_and_goes_on_when_the_disk_is_full() -> None:
    with full_disk(), time_machine.travel(START, tick=False) as clock:
        beat = scheduler()
        for _ in range(20):
            clock.shift(max(beat.tick(), 0.1))
        beat.sync()
        beat.close()
    assert beat.sent["sweep-links"] > 1


def test_a_stop_is_quiet_and_leaves_no_file(tmp_path: Path) -> None:
    values = {"SECRET_KEY": "only-for-a-test-of-beat", "FERNET_KEYS": Fernet.generate_key().decode()}
    arguments = ("-A", "config.celery:app", "beat", "--loglevel", "WARNING", "--pidfile", "")
    log, data = tmp_path / "beat.log", tmp_path / "data"
    beat = Child(Program("beat", "celery", arguments), environment(DATA_DIR=str(data), **values), log)
    beat.start()
    try:
        wait_until(beat.check_ready, 60, "beat at work")
        beat.signal(signal.SIGTERM)
        wait_until(lambda: not beat.running, 30, "the end of beat")
        assert beat.ending() == "exited with status 0"
    finally:
        beat.clear()
    said = log.read_text()
    assert "Traceback" not in said and "CRITICAL" not in said.upper()
    assert [path.name for path in data.rglob("*") if path.is_file()] == []

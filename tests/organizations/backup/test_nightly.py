"""A backup each night, read back before an older one goes, and what the doctor says of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings

from organizations.backup import nightly, running, services
from organizations.diagnosis.gauges import gauges
from organizations.hooks.diagnosis import Fault
from organizations.tasks import back_up
from scheduling.models import Candidate
from tests.conftest import Team
from tests.test_logs import Lines, lines  # noqa: F401

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.enable_socket,
    pytest.mark.allow_hosts(["127.0.0.1", "::1", "localhost"]),
]
MORNING = datetime(2027, 3, 10, 2, 17, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.BACKUP_DIR, settings.BACKUP_KEEP = tmp_path, 3
    return tmp_path


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MORNING, tick=False) as traveller:
        yield traveller


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != nightly.LOCK)


def faults() -> list[Fault]:
    return list(nightly.faults())


def age() -> list[float]:
    """The metric's values."""
    (found,) = [one for one in gauges(timezone.now()) if one.name == "panelist_backup_age_seconds"]
    return [sample.value for sample in found.samples]


def test_the_newest_stay_and_can_be_restored(team: Team, folder: Path, clock: time_machine.Traveller) -> None:
    (folder / "before-the-move.backup").write_text("somebody's own")
    for _night in range(5):
        back_up()
        clock.shift(timedelta(hours=1))
        back_up()
        clock.shift(DAY - timedelta(hours=1))
    kept = [f"panelist-2027-03-{day}.backup" for day in (12, 13, 14)]
    assert names(folder) == ["before-the-move.backup", *kept]
    assert faults() == []
    assert age() == [DAY.total_seconds()]
    Candidate.objects.create(organization=team.organization, name="Later", email="later@example.com")
    services.restore(folder / kept[-1], replace=True)
    assert not Candidate.objects.exists()


def test_none_is_made_by_day_unless_it_is_missing(folder: Path, clock: time_machine.Traveller) -> None:
    clock.move_to(MORNING - timedelta(hours=1))
    back_up()
    assert names(folder) == []
    clock.move_to(MORNING + timedelta(hours=12))
    back_up()
    assert names(folder) == ["panelist-2027-03-10.backup"]


def test_without_a_folder_none_is_made_and_the_doctor_says_so(settings: Settings) -> None:
    settings.BACKUP_DIR = None
    back_up()
    (fault,) = faults()
    assert (fault.text, fault.is_serious) == ("No nightly backups are made.", False)
    assert age() == []


def test_a_folder_that_is_away_is_logged_told_and_tried_again(
    settings: Settings,
    folder: Path,
    clock: time_machine.Traveller,
    lines: Lines,  # noqa: F811
) -> None:
    settings.BACKUP_DIR = folder / "disk"
    back_up()
    assert "event='backup_failed' problem='No such file or directory'" in lines.text
    (fault,) = faults()
    assert fault.text == f"No backup can be written to {folder / 'disk'} (No such file or directory)."
    assert fault.is_serious
    assert age() == []
    (folder / "disk").mkdir()
    assert faults()[0].text == "There is no good backup yet."
    clock.shift(timedelta(hours=1))
    back_up()
    assert faults() == []


def test_an_old_one_is_told(folder: Path, clock: time_machine.Traveller) -> None:
    back_up()
    clock.shift(timedelta(hours=35))
    assert faults() == []
    clock.shift(timedelta(hours=5))
    (fault,) = faults()
    assert (fault.text, fault.is_serious) == ("The last good backup is 40 hours old.", True)
    assert "backup_failed" in fault.cure


def test_a_damaged_one_does_not_count(folder: Path, clock: time_machine.Traveller) -> None:
    back_up()
    clock.shift(DAY)
    back_up()
    damaged = folder / "panelist-2027-03-11.backup"
    os.truncate(damaged, damaged.stat().st_size // 2)
    assert [fault.text for fault in faults()] == [f"{damaged} is damaged."]
    clock.shift(DAY)
    assert [fault.text for fault in faults()][1:] == ["The last good backup is 48 hours old."]


def test_a_second_worker_leaves_it_to_the_first(folder: Path, clock: time_machine.Traveller) -> None:
    lock = running.lock(folder, nightly.LOCK)
    assert lock is not None
    back_up()
    assert names(folder) == []
    os.close(lock)
    back_up()
    assert names(folder) == ["panelist-2027-03-10.backup"]


def test_what_a_killed_worker_left_goes_after_a_day(folder: Path, clock: time_machine.Traveller) -> None:
    """Not before: somebody may be backing up into the same folder by hand."""
    for name, hours in (("old", 25), ("new", 1)):
        left = folder / f".panelist-backup-{name}"
        left.mkdir()
        (left / "database").write_text("half")
        then = (MORNING - timedelta(hours=hours)).timestamp()
        os.utime(left, (then, then))
    back_up()
    assert names(folder) == [".panelist-backup-new", "panelist-2027-03-10.backup"]

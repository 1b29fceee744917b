"""A backup holds everything of one moment; a restore gives it back whole, or changes nothing."""

from __future__ import annotations

import json
import os
import stat
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from pytest_django import Settings

from organizations.audit import record
from organizations.backup import postgres, running, services
from organizations.backup.problem import BackupProblem
from organizations.hooks import restores
from organizations.models import AuditEvent, Organization, User
from scheduling.models import Candidate
from tests.conftest import Team
from tests.everything import one_of_each
from tests.organizations.backup.rows import kept, stored

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.enable_socket,
    pytest.mark.allow_hosts(["127.0.0.1", "::1", "localhost"]),
]


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    return tmp_path / "panelist.backup"


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """Neither a half-restored database nor a file beside it stays, whatever happened."""
    yield
    if connection.vendor == "sqlite":
        database = services.database_file()
        assert [path.name for path in database.parent.glob(f"{database.name}.*")] == []
        return
    with postgres.maintenance() as server:
        current = connection.settings_dict["NAME"]
        names = [name for (name,) in server.execute("SELECT datname FROM pg_database")]
    assert [name for name in names if name.startswith((f"{current}_restoring", f"{current}_former"))] == []


def add_candidate(organization: Organization, name: str) -> None:
    """Write two rows in one transaction: a backup has both of them or none."""
    with transaction.atomic():
        made = Candidate.objects.create(organization=organization, name=name, email=f"{name}@load.example")
        record(organization=organization, actor=None, action="candidate.added", subject=made)


def test_every_table_comes_back(team: Team, other_team: Team, backup: Path) -> None:
    one_of_each(team)
    one_of_each(other_team)
    before = stored()
    services.back_up(backup)
    User.objects.filter(pk=team.recruiter.user_id).delete()
    add_candidate(team.organization, "later")
    assert kept(stored()) != kept(before)
    done = services.restore(backup, replace=True)
    after = stored()
    assert kept(after) == kept(before)
    assert done.rows == sum(map(len, before.values()))
    assert after["organizations_session"] == after["organizations_heartbeat"] == []
    assert len(after["organizations_auditevent"]) == len(before["organizations_auditevent"]) + 2
    assert AuditEvent.objects.filter(action="organization.restored").count() == 2


def test_new_rows_get_numbers_that_were_never_given(team: Team, backup: Path) -> None:
    add_candidate(team.organization, "first")
    highest = Candidate.objects.order_by("-pk")[0].pk
    services.back_up(backup)
    services.restore(backup, replace=True)
    add_candidate(team.organization, "second")
    assert Candidate.objects.get(name="second").pk > highest


def test_what_is_written_during_a_backup_is_in_it_whole_or_not_at_all(team: Team, backup: Path) -> None:
    over, written = threading.Event(), threading.Semaphore(0)

    def write(number: int) -> None:
        turn = 0
        while not over.is_set():
            add_candidate(team.organization, f"load-{number}-{turn}")
            written.release()
            turn += 1
        connections.close_all()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for writer in writers:
        writer.start()
    try:
        for _turn in range(30):
            assert written.acquire(timeout=60)
        made = services.back_up(backup)
        for _turn in range(30):
            assert written.acquire(timeout=60)
    finally:
        over.set()
        for writer in writers:
            writer.join()
    there = Candidate.objects.count()
    services.restore(backup, replace=True)
    assert 30 <= Candidate.objects.count() == made.rows["scheduling_candidate"] < there
    told = AuditEvent.objects.filter(action="candidate.added", organization=team.organization)
    assert set(told.values_list("subject_id", flat=True)) == set(Candidate.objects.values_list("pk", flat=True))


def test_the_file_is_for_its_owner_and_overwrites_none(team: Team, backup: Path) -> None:
    services.back_up(backup)
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert [path.name for path in backup.parent.iterdir()] == [backup.name]
    with pytest.raises(BackupProblem, match="exists already"):
        services.back_up(backup)
    with pytest.raises(BackupProblem, match=r"does not exist\. Create it first"):
        services.back_up(backup.parent / "no-such-folder" / "file")


def test_no_key_is_in_it(team: Team, backup: Path, tmp_path: Path) -> None:
    one_of_each(team)
    keys = tmp_path / "keys.env"
    call_command("backup", str(backup), "--keys", str(keys))
    secrets = [django_settings.SECRET_KEY, *django_settings.FERNET_KEYS]
    assert {f"SECRET_KEY={secrets[0]}", f"FERNET_KEYS={','.join(secrets[1:])}"} <= set(keys.read_text().splitlines())
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    with zipfile.ZipFile(backup) as found:
        content = b"".join(found.read(name) for name in found.namelist())
    assert not [secret for secret in secrets if secret.encode() in content]


def test_saved_mails_come_back_beside_newer_ones(team: Team, backup: Path, settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    folder.mkdir()
    settings.EMAIL_FILE_PATH = str(folder)
    (folder / "one.log").write_text("an invitation")
    services.back_up(backup)
    (folder / "one.log").unlink()
    (folder / "two.log").write_text("newer")
    assert services.restore(backup, replace=True).mails == 1
    assert {path.name: path.read_text() for path in folder.iterdir()} == {
        "one.log": "an invitation",
        "two.log": "newer",
    }


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def flip(path: Path) -> None:
    """Change a byte in the middle of the database."""
    with zipfile.ZipFile(path) as found:
        place = found.getinfo("database").header_offset + found.getinfo("database").compress_size // 2
    with path.open("r+b") as file:
        file.seek(place)
        byte = file.read(1)[0]
        file.seek(place)
        file.write(bytes([byte ^ 0xFF]))


def no_backup(path: Path) -> None:
    path.write_text("a letter")


def retold(**changes: Any) -> Callable[[Path], None]:
    """Change the manifest of a backup that is whole otherwise."""

    def change(path: Path) -> None:
        with zipfile.ZipFile(path) as found:
            files = {name: found.read(name) for name in found.namelist()}
        manifest = json.loads(files["manifest.json"])
        for name, value in changes.items():
            manifest[name] = value(manifest[name]) if callable(value) else value
        files["manifest.json"] = json.dumps(manifest).encode()
        with zipfile.ZipFile(path, "w") as written:
            for name, content in files.items():
                written.writestr(name, content)

    return change


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (cut, "damaged: it was cut, or changed. Use another backup"),
        (flip, "is damaged"),
        (no_backup, "is no backup of Panelist"),
        (Path.unlink, "does not exist"),
        (retold(rows=lambda rows: rows | {"organizations_user": 99}), "is damaged"),
        (retold(rows=lambda rows: rows | {"no such table": 0}), "is damaged"),
        (retold(migrations=lambda names: names[1:]), "is damaged"),
        (retold(sha256=lambda sums: sums | {"mail/../../etc/passwd": "0"}), "is damaged"),
        (retold(sha256=lambda sums: sums | {"mail/lost.log": "0"}), "is damaged"),
        (retold(made_at="yesterday"), "is damaged"),
        (retold(format=2, version="9.9"), r"newer version of Panelist \(9.9\)"),
        (retold(migrations=lambda names: [*names, "scheduling.9999_future"], version="9.9"), r"\(9.9; this is"),
        (retold(engine="postgresql" if connection.vendor == "sqlite" else "sqlite"), "DATABASE_URL names"),
    ],
)
def test_a_backup_that_does_not_fit_changes_nothing(
    team: Team, backup: Path, harm: Callable[[Path], None], sentence: str
) -> None:
    services.back_up(backup)
    harm(backup)
    before = stored()
    with pytest.raises(CommandError, match=sentence):
        call_command("restore", str(backup), "--replace")
    assert stored() == before


def test_a_restore_that_dies_in_the_middle_loses_nothing(
    team: Team, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.back_up(backup)
    add_candidate(team.organization, "later")

    def die(_moment: Any) -> Iterator[str]:
        raise KeyboardInterrupt

    monkeypatch.setattr(restores, "STEPS", [*restores.STEPS, die])
    before = stored()
    with pytest.raises(KeyboardInterrupt):
        services.restore(backup, replace=True)
    assert stored() == before


def test_a_database_with_accounts_is_replaced_only_when_asked(team: Team, backup: Path) -> None:
    call_command("backup", str(backup))
    add_candidate(team.organization, "later")
    with pytest.raises(CommandError, match=r"has accounts already.* with --replace"):
        call_command("restore", str(backup))
    assert Candidate.objects.filter(name="later").exists()
    call_command("flush", interactive=False, verbosity=0)
    call_command("restore", str(backup))
    assert Organization.objects.get(slug="acme").memberships.count() == 3
    assert not Candidate.objects.exists()


def test_nothing_is_restored_while_panelist_runs(team: Team, backup: Path) -> None:
    services.back_up(backup)
    lock = running.lock(Path(django_settings.DATA_DIR))
    assert lock is not None
    try:
        with pytest.raises(BackupProblem, match="is running with the data in"):
            services.restore(backup, replace=True)
    finally:
        os.close(lock)
    services.restore(backup, replace=True)


def test_nothing_is_restored_while_others_use_the_database(team: Team, backup: Path) -> None:
    services.back_up(backup)
    used, over = threading.Event(), threading.Event()

    def use_it() -> None:
        with transaction.atomic():
            assert User.objects.exists()
            used.set()
            over.wait(60)
        connections.close_all()

    other = threading.Thread(target=use_it)
    other.start()
    try:
        assert used.wait(60)
        with pytest.raises(BackupProblem, match=r"Stop the web servers?, the workers and beat"):
            services.restore(backup, replace=True)
    finally:
        over.set()
        other.join()
    services.restore(backup, replace=True)


def test_a_wrong_key_is_named_before_anything_changes(team: Team, backup: Path, settings: Settings) -> None:
    one_of_each(team)
    services.back_up(backup)
    before = stored()
    settings.FERNET_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(CommandError, match=r"FERNET_KEYS can't read .* Copy the keys .*--without-keys"):
        call_command("restore", str(backup), "--replace")
    assert stored() == before
    done = services.restore(backup, replace=True, without_keys=True)
    assert any("FERNET_KEYS can't read" in note for note in done.notes)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has no file that could be damaged here")
def test_a_damaged_database_is_replaced(team: Team, backup: Path) -> None:
    services.back_up(backup)
    connection.close()
    database = services.database_file()
    database.write_bytes(b"SQLite format 3\0" + b"damage" * 1000)
    with pytest.raises(BackupProblem, match="has accounts already"):
        services.restore(backup)
    services.restore(backup, replace=True)
    assert Organization.objects.filter(slug="acme").exists()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite needs no other programs")
def test_missing_programs_of_postgresql_are_named(team: Team, backup: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(BackupProblem, match=r"pg_dump was not found\. Install PostgreSQL's client programs"):
        services.back_up(backup)
    assert not backup.exists()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server of another version")
@pytest.mark.parametrize("version", [13, 12])
def test_programs_of_another_version_are_named(
    team: Team, backup: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: int
) -> None:
    old = tmp_path / "pg_dump"
    old.write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) {version}.4'\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(BackupProblem, match=rf"pg_dump is of version {version}, and PostgreSQL of version \d+"):
        services.back_up(backup)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's file holds what Panelist made in it")
def test_a_database_with_tables_of_others_is_never_replaced(team: Team, backup: Path) -> None:
    services.back_up(backup)
    with closing(postgres.connect()) as database:
        database.execute("CREATE TABLE letters (id int)")
        try:
            with pytest.raises(BackupProblem, match=r"tables that are not Panelist's \(letters\)"):
                services.restore(backup, replace=True)
        finally:
            database.execute("DROP TABLE letters")

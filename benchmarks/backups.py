"""Back up, restore and move, by the commands an admin types: `python -m benchmarks.backups [--interviews 100000]`.

A SQLite installation is filled, backed up and restored, moved to PostgreSQL, and backed up and restored there. That
database is called `postgres`, as with many hosts, so that a restore has to find another one to connect to. `--dry`:
print only.
"""

from __future__ import annotations

import argparse
import os
import resource
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cryptography.fernet import Fernet

from benchmarks.results import put_section, table
from benchmarks.stage import ROOT
from tests import services


def cpu() -> float:
    """Seconds of CPU of all commands that ended, with the programs that they started."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Installation:
    """The settings of an installation, and what its commands took."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows: list[list[str]] = []
        self.said: list[str] = []
        self.values = {
            "PANELIST_IGNORE_DOTENV": "1",
            "DATA_DIR": str(folder),
            "SECRET_KEY": secrets.token_urlsafe(),
            "FERNET_KEYS": Fernet.generate_key().decode(),
            "BASE_URL": "http://localhost",
        }

    def run(self, *arguments: str) -> str:
        shell = {name: value for name, value in os.environ.items() if not name.endswith("_URL")} | self.values
        done = subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=shell, stdout=subprocess.PIPE, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"{' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}")
        return done.stdout

    def measure(self, what: str, *arguments: str, file: Path | None = None) -> None:
        began, used = time.monotonic(), cpu()
        said = self.run("manage.py", *arguments)
        took, used = time.monotonic() - began, cpu() - used
        size = f"{file.stat().st_size / 1e6:.1f} MB" if file is not None else ""
        self.rows.append([what, f"{took:.0f} s", f"{used:.0f} s", size])
        self.said += [
            line.replace(f"{self.folder.parent}/", "") for line in said.splitlines() if not line.endswith(" rows")
        ]
        print(f"{what}: {took:.0f} s, {used:.0f} s of CPU {size}", flush=True)


def measure(interviews: int) -> str:
    with tempfile.TemporaryDirectory(prefix="panelist-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)  # the user postgres has to get through
        (folder / "data").mkdir()
        one = Installation(folder / "data")
        one.run("manage.py", "migrate", "--verbosity", "0")
        one.run("-m", "tests.organizations.backup.filled", "fill", str(interviews))
        size = (one.folder / "panelist.sqlite3").stat().st_size / 1e6
        first, second = folder / "sqlite.backup", folder / "postgres.backup"
        one.measure("backup, SQLite", "backup", str(first), file=first)
        one.measure("restore, SQLite", "restore", str(first), "--replace")
        with services.postgres(folder / "postgres", services.MANY) as server:
            one.measure("move to PostgreSQL, with all migrations", "move_to_postgres", server.address)
            here = one.run("-m", "tests.organizations.backup.filled", "tell")
            one.values["DATABASE_URL"] = server.address
            same = one.run("-m", "tests.organizations.backup.filled", "tell") == here
            one.measure("backup, PostgreSQL", "backup", str(second), file=second)
            one.measure("restore, PostgreSQL", "restore", str(second), "--replace")
    verdict = "the same rows, secrets and next number" if same else "NOT the same rows"
    return (
        f"{interviews:,} interviews, {size:,.0f} MB as a SQLite file. The database of PostgreSQL is called `postgres`. "
        f"After the move both had {verdict}. CPU is that of the command and of PostgreSQL's programs, without its "
        f"server.\n\n{table(['what', 'took', 'CPU', 'file'], one.rows)}\n\nWhat the commands said:\n\n"
        + "\n".join(f"    {line}" for line in one.said)
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--interviews", type=int, default=100_000)
    parser.add_argument("--dry", action="store_true", help="print only, leave RESULTS.md as it is")
    chosen = parser.parse_args()
    text = measure(chosen.interviews).replace("NOT", "**NOT**")
    print(text)
    if not chosen.dry:
        put_section("Backup, restore and move", text)
    return int("NOT" in text)


if __name__ == "__main__":
    sys.exit(main())

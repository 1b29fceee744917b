"""The cost of what beat starts, of exports and of the Django admin's lists beside a million interviews, and its growth.

`python -m benchmarks.sweeps [--only sqlite] [--dry]`. Each of beat's tasks runs in this process, in a transaction that
is rolled back; the Django admin's lists and searches are asked of the test client. Exports grow with what they export,
so theirs is the cost of a thousand rows.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from importlib import import_module
from typing import Any

from benchmarks.page_table import FLOOR, GROWTH
from benchmarks.pages import KINDS
from benchmarks.results import put_section, table

NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
#: Tasks that ask somebody else, or a program of the machine: what they cost here would be that one's.
NOT_HERE = {"organizations.tasks.back_up", "organizations.tasks.heartbeat"}
#: Runs of each; the cheapest one counts.
TIMES = 3
#: Rows of an export that are read.
EXPORTED = 20_000


@dataclass(frozen=True)
class Spent:
    """Statements, milliseconds, and milliseconds of CPU: of this process, and of the database's."""

    statements: int
    median_ms: float
    web_ms: float
    database_ms: float


def sweeps(database: int | None) -> dict[str, Spent]:
    """The cost of each of beat's tasks. `database`: the process id of PostgreSQL's postmaster, or None."""
    from django.conf import settings

    names = sorted({str(entry["task"]) for entry in settings.CELERY_BEAT_SCHEDULE.values()} - NOT_HERE)
    return {f"Task {name.rpartition('.')[2]}": spent(_task(name), database) for name in names}


def _task(name: str) -> Callable[[], object]:
    module, _dot, function = name.rpartition(".")
    found: Callable[[], object] = getattr(import_module(module), function)
    return found


def admin_lists(database: int | None) -> dict[str, Spent]:
    """The cost of each list of the Django admin, and of a search where it has one."""
    from django.contrib import admin
    from django.test import Client
    from django.urls import reverse

    from organizations.models import User

    user, _made = User.objects.get_or_create(
        email="staff@bench.example", defaults={"name": "Staff", "is_staff": True, "is_superuser": True}
    )
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(user)
    found = {}
    for model, shown in sorted(admin.site._registry.items(), key=lambda item: item[0]._meta.label):
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        asked = {"": ""} | ({", searched": "?q=garcia"} if shown.search_fields or shown.search_help_text else {})
        for words, query in asked.items():
            found[f"Admin, {model._meta.verbose_name_plural}{words}"] = spent(_page(client, address + query), database)
    return found


def _page(client: Any, address: str) -> Callable[[], object]:
    def ask() -> None:
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)

    return ask


def exports(organization: Any, database: int | None) -> dict[str, Spent]:
    """The cost of a thousand rows of each export of an organization, and of counting a thousand for the trail.

    The trail says exactly how many rows left the house, so that count grows with the file, as what is in it does.
    """
    from organizations.models import AuditEvent
    from organizations.trail_export import as_csv
    from scheduling.models import Candidate
    from scheduling.views.candidates_csv import export_rows

    people = Candidate.objects.filter(organization=organization).order_by("search_key", "id")
    trail = AuditEvent.objects.filter(organization=organization).order_by("-created_at", "-id")
    ways: dict[str, tuple[Any, Callable[[Any], Iterator[Any]]]] = {
        "Export of candidates": (people, export_rows),
        "Export of the audit log": (trail, as_csv),
    }
    found = {}
    for name, (rows, write) in ways.items():
        number = rows.count()
        many = min(number, EXPORTED)
        found[f"{name}, a thousand counted"] = _of_a_thousand(spent(rows.count, database), number)
        whole = spent(partial(_read, write, rows, many), database)
        found[f"{name}, a thousand rows"] = _of_a_thousand(whole, many)
    return found


def _of_a_thousand(whole: Spent, rows: int) -> Spent:
    thousands = max(rows, 1) / 1000
    return Spent(whole.statements, *(one / thousands for one in (whole.median_ms, whole.web_ms, whole.database_ms)))


def _read(write: Callable[[Any], Iterator[Any]], found: Any, rows: int) -> None:
    """Read so many rows, or the pieces of so many lines."""
    seen = 0
    for piece in write(found):
        seen += piece.count("\r\n") if isinstance(piece, str) else 1
        if seen >= rows:
            return


def spent(work: Callable[[], object], database: int | None) -> Spent:
    """Do it some times, each in a transaction that is rolled back, and return what the cheapest one cost."""
    from django.db import connection, transaction

    from benchmarks.served import _seconds_of

    tries = []
    for _again in range(TIMES):
        asked: list[str] = []

        def note(execute: Any, sql: str, params: Any, many: bool, context: Any, asked: list[str] = asked) -> Any:
            asked.append(sql)
            return execute(sql, params, many, context)

        before, began = (_seconds_of(os.getpid()), _seconds_of(database)), time.perf_counter()
        with transaction.atomic(), connection.execute_wrapper(note):
            work()
            transaction.set_rollback(True)
        taken = time.perf_counter() - began
        after = _seconds_of(os.getpid()), _seconds_of(database)
        tries.append(Spent(len(asked), *(1000 * one for one in (taken, after[0] - before[0], after[1] - before[1]))))
    return min(tries, key=lambda one: one.web_ms + one.database_ms)


def one_database(kind: str, sizes: list[int]) -> dict[str, Any]:
    """Measure one database, and of its organizations the largest one. Once per process."""
    from benchmarks.kept import database, slug

    os.environ["ADMIN_SECOND_STEP"] = "false"
    with database(kind, sizes) as server:
        from django.core.management import call_command

        from organizations.models import Organization

        call_command("collectstatic", interactive=False, verbosity=0)  # the admin's pages name them

        organization = Organization.objects.get(slug=slug(max(sizes)))
        found = sweeps(server) | admin_lists(server) | exports(organization, server)
    return {name: asdict(one) for name, one in found.items()}


def section(few: dict[str, Any], many: dict[str, Any], least: int, most: int) -> str:
    rows, beyond = [], 0
    for name, large in many.items():
        small = few[name]
        growth = max(_total(large), FLOOR) / max(_total(small), FLOOR)
        beyond += growth > GROWTH
        rows.append([
            name, f"{small['median_ms']:.0f}", f"{large['median_ms']:.0f}", f"{_total(small):.0f}",
            f"{large['web_ms']:.0f} ({large['database_ms']:.0f})", f"{small['statements']}", f"{large['statements']}",
            f"{growth:.2f}", "" if growth <= GROWTH else f"grows {growth:.2f} x",
        ])  # fmt: skip
    names = f"{least:,}", f"{most:,}"
    head = ["what", *(f"ms {one}" for one in names), *(f"CPU {one}" for one in names)]
    head += [*(f"statements {one}" for one in names), "growth", "beyond its bound"]
    how = (
        f"The cheapest of {TIMES} runs in a database of {least:,} and one of {most:,} interviews: milliseconds, those "
        f"of CPU (of PostgreSQL), statements. Each run is rolled back. Under {FLOOR:.0f} ms of CPU, {FLOOR:.0f} is "
        f"compared; bound: growth {GROWTH} x."
    )
    return f"{how}\n\n{beyond} of {len(rows)} are beyond it.\n\n{table(head, rows)}"


def _total(one: dict[str, Any]) -> float:
    return float(one["web_ms"] + one["database_ms"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs=3, default=[100, 1000, 1_000_000])
    parser.add_argument("--only", choices=KINDS)
    parser.add_argument("--dry", action="store_true", help="print, and leave RESULTS.md as it is")
    parser.add_argument("--database", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.database:
        kind, *sizes = options.database
        print(json.dumps(one_database(kind, [int(size) for size in sizes])))
        return
    least, middle, most = options.sizes
    for kind in KINDS:
        if options.only not in {None, kind}:
            continue
        few, many = (_elsewhere(kind, sizes) for sizes in ((least, middle), (most, least)))
        body = section(few, many, middle, most)
        print(body)
        if not options.dry:
            put_section(f"Tasks, exports and the Django admin on {NAMES[kind]}", body)


def _elsewhere(kind: str, sizes: tuple[int, int]) -> dict[str, Any]:
    """Measure one database in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.sweeps", "--database", kind, *map(str, sizes)]
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(ended.stdout.strip().splitlines()[-1])
    return found


if __name__ == "__main__":
    main()

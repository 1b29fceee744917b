"""Every page with 100, 1,000 and 1,000,000 interviews, and with 100 beside 1,000,000, on SQLite and on PostgreSQL.

`python -m benchmarks.pages [--sizes 100 1000 1000000] [--only sqlite] [--times 15] [--pages Home,Schedules] [--dry]`

Asked over HTTP, one page after the other, of the web server that `make run` starts: each size in turn. Queries are
counted in the first view, with nothing in any cache. Each database has its own section of RESULTS.md, so that runs can
be made in parts; the large one is filled once and kept (`benchmarks.kept`).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.served import Asked
    from organizations.models import Organization

KINDS = ("sqlite", "postgresql")


def serve(kind: str, sizes: Sequence[int], only: set[str]) -> None:
    """Serve the organizations of one database until stdin ends. Once per process.

    Prints a line of JSON before: the database's process id, and by size what to ask (`Asked`).
    """
    from benchmarks.kept import database

    with database(kind, sizes) as server, tempfile.TemporaryDirectory(prefix="panelist-bench-") as logs:
        from django.core.management import call_command

        from benchmarks.served import web

        call_command("collectstatic", interactive=False, verbosity=0)
        product = web(Path(logs, "web.log"), server)
        naive = web(Path(logs, "naive.log"), server, "benchmarks.naive_settings")
        with product as ours, naive as plain:
            found = {
                str(size): _pages(size, (ours.port, ours.process.pid), only)
                | _naive(size, (plain.port, plain.process.pid))
                for size in sizes
            }
            print(json.dumps({"database": server, "pages": found}), flush=True)
            sys.stdin.read()


def _pages(size: int, product: tuple[int, int], only: set[str]) -> dict[str, Asked]:
    from django.conf import settings
    from django.test import Client

    from benchmarks.addresses import PARTS, member_pages
    from benchmarks.kept import slug
    from organizations.models import Membership, Organization

    organization = Organization.objects.get(slug=slug(size))
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(Membership.objects.get(organization=organization, role="admin").user)
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    return {
        name: {
            "server": product,
            "address": address,
            "cookie": cookie,
            "part": name in PARTS,
            "queries": first_queries(client, address, part=name in PARTS),
        }
        for name, address in pages_of(organization, member_pages(organization)).items()
        if not only or name in only
    }


def pages_of(organization: Organization, pages: dict[str, str]) -> dict[str, str]:
    """The pages of `benchmarks.addresses`, and those that only a large organization makes slow."""
    from django.urls import reverse
    from django.utils import timezone

    from jobs.models import Job

    here = {"organization": organization.slug}
    schedules, candidates = reverse("schedules", kwargs=here), reverse("candidates", kwargs=here)
    trail = reverse("settings-security", kwargs=here)
    job = Job.objects.filter(organization=organization).order_by("id")[0].pk
    person = organization.memberships.order_by("id")[0].pk
    day = timezone.localdate() - timedelta(days=200)
    return pages | {
        "Schedules, last page": f"{schedules}?show=past&page=40",
        "Schedules, by candidate": f"{schedules}?order=candidate",
        "Schedules, by job": f"{schedules}?show=past&order=job",
        "Schedules, past, oldest first": f"{schedules}?show=past&order=at",
        "Schedules, of a job": f"{schedules}?show=past&job={job}",
        "Schedules, until a day": f"{schedules}?show=past&day_until={day}",
        "Schedules, found many": f"{schedules}?show=past&order=candidate&q=garcia",
        "Schedules, found one": f"{schedules}?q=.8%40mail.example",
        "Schedules, found none": f"{schedules}?q=zzzz",
        "Candidates, last page": f"{candidates}?page=40",
        "Candidates, by job": f"{candidates}?order=job",
        "Candidates, of a job": f"{candidates}?job={job}",
        "Audit log, last page": f"{trail}?page=40",
        "Audit log, of a person": f"{trail}?person={person}",
        "Audit log, until a day": f"{trail}?day_until={day}",
        "Audit log, found many": f"{trail}?q=scheduled",
        "Audit log, found none": f"{trail}?q=zzzz",
    }


def first_queries(client: Any, address: str, *, part: bool) -> int:
    """The queries of the first view of a page, with nothing in any cache."""
    from django.contrib.contenttypes.models import ContentType
    from django.core.cache import cache
    from django.db import connection

    asked: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        asked.append(sql)
        return execute(sql, params, many, context)

    cache.clear()
    ContentType.objects.clear_cache()
    with connection.execute_wrapper(note):
        client.get(address, headers={"HX-Request": "true"} if part else {}).getvalue()  # also what is streamed
    return len(asked)


def _naive(size: int, server: tuple[int, int]) -> dict[str, Asked]:
    from benchmarks.kept import slug

    address = f"/naive/{slug(size)}/"
    pages = {"Baseline: Schedules": address, "Baseline: Schedules, searched": f"{address}?q=Garc%C3%ADa"}
    return {
        name: {"server": server, "address": one, "cookie": "", "part": False, "queries": ""}
        for name, one in pages.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1000, 1_000_000])
    parser.add_argument("--only", choices=KINDS)
    parser.add_argument("--pages", default="", help="names of pages, separated by semicolons")
    parser.add_argument("--times", type=int, default=15)
    parser.add_argument("--dry", action="store_true", help="print, and leave RESULTS.md as it is")
    parser.add_argument("--database", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    only = set(filter(None, options.pages.split(";")))
    if options.database:
        kind, *sizes = options.database
        serve(kind, [int(size) for size in sizes], only)
        return
    from benchmarks.page_table import report

    *small, most = sorted(options.sizes)
    found = {kind: measure(kind, (small, [most, small[0]]), options) for kind in KINDS if options.only in {None, kind}}
    report(found, small, most, options.times, dry=options.dry)


def measure(kind: str, databases: Sequence[Sequence[int]], options: argparse.Namespace) -> list[dict[str, Any]]:
    """Measure each page of all databases before the next page, one answer of each in turn.

    What slows this machine for a while then slows all sizes alike.
    """
    from benchmarks.served import in_turn

    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(served(kind, sizes, options.pages)) for sizes in databases]
        places = [(at, size) for at, one in enumerate(servers) for size in one["pages"]]
        found: list[dict[str, Any]] = [{size: {} for size in one["pages"]} for one in servers]
        names = dict.fromkeys(name for at, size in places for name in servers[at]["pages"][size])
        for name in names:
            asked = [servers[at]["pages"][size][name] for at, size in places]
            times = max(3, options.times // 3) if name.startswith("Baseline") else options.times
            costs = in_turn([(one, servers[at]["database"]) for one, (at, _) in zip(asked, places, strict=True)], times)
            for (at, size), one, cost in zip(places, asked, costs, strict=True):
                found[at][size][name] = asdict(cost) | {"queries": one["queries"]}
    return found


@contextlib.contextmanager
def served(kind: str, sizes: Sequence[int], pages: str = "") -> Iterator[dict[str, Any]]:
    """Serve one database from a process of its own; yield what `serve` prints. `pages`: as in the option, or all."""
    print(f"{kind}: {', '.join(f'{size:,}' for size in sizes)} ...", flush=True)
    command = [sys.executable, "-m", "benchmarks.pages", "--database", kind, *map(str, sizes)]
    command += ["--pages", pages]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        line = ""
        for line in process.stdout:
            if line.startswith("{"):
                break
            print(line, end="", flush=True)
        if not line.startswith("{"):
            raise SystemExit(f"{kind} of {sizes} was not served")
        yield json.loads(line)
        process.stdin.close()


if __name__ == "__main__":
    main()

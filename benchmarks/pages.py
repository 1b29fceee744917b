"""Queries and server time of every page, with 100 and with 100,000 interviews. Makes its own SQLite database.

`python -m benchmarks.pages [--most 100000] [--times 15]`
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.test import Client


def prepare(folder: str) -> None:
    """Point Django at a new database in `folder` and make its tables."""
    from cryptography.fernet import Fernet

    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PANELIST_IGNORE_DOTENV": "1",
        "SECRET_KEY": "only-for-a-benchmark",
        "FERNET_KEYS": Fernet.generate_key().decode(),
        "DATA_DIR": folder,
        "BASE_URL": "http://testserver",
        "ALLOWED_HOSTS": "testserver",
        "DEBUG": "true",
    }
    for name in ("DATABASE_URL", "REDIS_URL", "CODESIGNAL_API_URL"):
        os.environ.pop(name, None)
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    settings.DEBUG = False
    call_command("migrate", verbosity=0)


def measure(client: Client, address: str, *, part: bool, times: int) -> tuple[int, float]:
    """Queries of one page, and the median of its server times in milliseconds."""
    from django.db import connection

    asked: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        asked.append(sql)
        return execute(sql, params, many, context)

    headers = {"HX-Request": "true"} if part else {}
    client.get(address, headers=headers)
    with connection.execute_wrapper(note):
        response = client.get(address, headers=headers)
        response.getvalue()  # what is streamed asks while it is read
    if response.status_code not in {200, 204, 302}:
        raise SystemExit(f"{address} answered {response.status_code}")
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        client.get(address, headers=headers).getvalue()
        taken.append((time.perf_counter() - began) * 1000)
    return len(asked), statistics.median(taken)


def run(most: int, times: int) -> str:
    from django.test import Client

    from benchmarks.addresses import PARTS, member_pages
    from benchmarks.organization import fill
    from benchmarks.results import table
    from organizations.models import Membership

    found: dict[str, list[tuple[int, float]]] = {}
    for size in (100, most):
        organization = fill(f"size-{size}", interviews=size)
        client = Client()
        client.force_login(Membership.objects.filter(organization=organization, role="admin").get().user)
        for name, address in member_pages(organization).items():
            found.setdefault(name, []).append(measure(client, address, part=name in PARTS, times=times))
    rows = [
        [name, str(small[0]), str(large[0]), f"{small[1]:.0f}", f"{large[1]:.0f}"]
        for name, (small, large) in found.items()
    ]
    head = ["page", "queries at 100", f"queries at {most:,}", "median ms at 100", f"median ms at {most:,}"]
    worst = max(large[0] for _small, large in found.values())
    same = all(small[0] == large[0] for small, large in found.values())
    verdict = f"Most queries: {worst} (bound 12). The same number at both sizes: {'yes' if same else 'no'}."
    return f"{verdict} SQLite, Django's test client, median of {times} answers.\n\n{table(head, rows)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=15)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="panelist-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder, "static").mkdir()
        prepare(folder)
        body = run(options.most, options.times)
    from benchmarks.results import put_section

    put_section("Pages", body)
    print(body)


if __name__ == "__main__":
    main()

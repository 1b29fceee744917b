"""An upgrade of a big PostgreSQL while an older version writes: `python -m benchmarks.upgrade [--interviews 333000]`.

333,000 interviews and their links, events and messages are some four million rows. The database is filled, migrated
back to the version that `tests/upgrade` begins with, and migrated forward while five writers insert without a pause.
What they meet without an upgrade stands beside it. `--dry`: print only.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time

from benchmarks.bounds import Row, as_table, held
from benchmarks.results import put_section, table
from benchmarks.stage import stage

#: Seconds for which the writers are alone, first.
ALONE = 20


def sizes() -> tuple[int, int]:
    """Rows of all tables, as PostgreSQL counts them for its planner, and bytes of the database."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute(
            "SELECT sum(greatest(reltuples, 0))::bigint, pg_database_size(current_database()) FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        rows, size = cursor.fetchone()
    return rows, size


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def shares(taken: list[float]) -> list[str]:
    """The number of statements, and the median, 99th of 100 and longest one in milliseconds."""
    ranked = sorted(taken)
    places = (len(ranked) // 2, len(ranked) * 99 // 100, len(ranked) - 1)
    return [f"{len(ranked):,}", *(f"{1000 * ranked[place]:.1f}" for place in places)]


def measure(interviews: int) -> tuple[list[Row], str]:
    """Fill, go back, upgrade. Return the bounds, and the section of RESULTS.md."""
    from benchmarks.organization import fill
    from tests.upgrade.before import leaves, migrate
    from tests.upgrade.writers import BASE, LONGEST_WAIT, WRITTEN, files, upgrade, written_while

    fill("many", interviews=interviews)
    migrate(BASE)
    rows, size = sizes()
    print(f"{rows:,} rows, {size / 1e6:,.0f} MB; now the upgrade", flush=True)
    alone = written_while(lambda: time.sleep(ALONE))
    before, began, used = files(), time.monotonic(), cpu()
    writers = written_while(upgrade)
    took, used = time.monotonic() - began, cpu() - used
    longest = max(max(taken) for taken in writers.taken.values())
    anew = sum(files()[name] != before[name] for name in before)
    problems = alone.problems + writers.problems
    judged = [
        Row("errors of the writers", "0", str(len(problems)) + "".join(f" {one}" for one in problems), not problems),
        Row("their longest statement", f"<= {LONGEST_WAIT:g} s", f"{longest * 1000:.0f} ms", longest <= LONGEST_WAIT),
        Row("tables written anew", "0 of 5", str(anew), not anew),
        Row("all migrations", "", f"{took:.0f} s, {used:.0f} s of CPU with the writers, without PostgreSQL", None),
    ]
    head = ["table", "statements alone", "median ms", "p99", "longest", "in the upgrade", "median ms", "p99", "longest"]
    found = [[name, *shares(alone.taken[name]), *shares(writers.taken[name])] for name in WRITTEN]
    first = ", ".join(f"`{app}.{name}`" for app, name in BASE)
    last = ", ".join(f"`{app}.{name}`" for app, name in sorted(leaves()) if app in dict(BASE))
    said = (
        f"{interviews:,} interviews: {rows:,} rows, {size / 1e6:,.0f} MB. From {first} to {last}, while five threads "
        "insert as the older version does, one statement after the other."
    )
    return judged, "\n\n".join([said, as_table(judged), table(head, found)])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--interviews", type=int, default=333_000)
    parser.add_argument("--dry", action="store_true", help="print only, leave RESULTS.md as it is")
    chosen = parser.parse_args()
    with stage("redis", lasting=True):
        judged, text = measure(chosen.interviews)
    print(text)
    if not chosen.dry:
        put_section("Upgrade while an older version writes", text)
    return 0 if held(judged) else 1


if __name__ == "__main__":
    sys.exit(main())

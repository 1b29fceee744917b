"""Links for many keys at once: links a second by worker processes, what a link costs, and whether the keys share alike.

`python -m benchmarks.many_keys [--keys 50] [--links 80] [--workers 1 2 4] [--threads 16] [--dry]`; a short look:
`--keys 20 --links 15 --workers 1 2 --dry`. Redis and PostgreSQL; writes its section of RESULTS.md.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import bounds
from benchmarks.bounds import Row
from benchmarks.results import put_section
from benchmarks.stage import ROOT, Stage, stage

if TYPE_CHECKING:
    from benchmarks.scene import Company

LATENCY = 0.3
LIMIT = 10
KIND = "redis"
#: Seconds in which all keys wait, from which on their shares say something: links come five at a time.
LEAST_SECONDS = 10
CPU_BOUND, STATEMENTS_BOUND, PER_SECOND_BOUND = 12.0, 8.0, 100.0


def cpu_seconds(pid: int) -> float:
    """The CPU time that a process and its threads have used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def made(at: Stage, company: Company) -> list[float]:
    """When each create of the company arrived at the vendor, in seconds."""
    mine = [one for one in at.sandbox.requests if one.key_id == company.key_id]
    return sorted(one.arrived for one in mine if one.operation == "createLiveInterview")


def measure(workers: int, threads: int, keys: int, links: int) -> dict[str, Any]:
    """Have workers make `links` links for each of `keys` keys."""
    with stage(KIND, latency=LATENCY, limit=LIMIT) as at:
        from django.db import transaction

        from benchmarks.scene import company
        from scheduling.models import CodingLink, LinkState

        companies = [company(at, f"Key-{number}", rate=LIMIT) for number in range(keys)]
        for one in companies:
            one.paused(True)
            one.queue_many(links)
        started = [at.worker(threads) for _ in range(workers)]
        at.beat()
        time.sleep(10 + 2 * workers)  # they have come up, and their own CPU time for that is over
        at.sandbox.forget_requests()  # those of the keys' checks
        before = [cpu_seconds(process.pid) for process in started]
        began = time.monotonic()
        # All at the same moment: one after the other takes seconds while the workers have the cores already, and the
        # first key would be done before the last one began.
        with transaction.atomic():
            for one in companies:
                one.paused(False)
        ready = CodingLink.objects.filter(state=LinkState.READY)
        while ready.count() < keys * links and time.monotonic() < began + 30 + keys * links / 5:
            time.sleep(0.5)
        used = sum(cpu_seconds(process.pid) for process in started) - sum(before)
        arrivals = {one.name: made(at, one) for one in companies}
        return {
            "workers": workers,
            "links": ready.count(),
            "asked": keys * links,
            "at_the_vendor": len(at.sandbox.interviews()),
            "cpu_ms": used / max(1, ready.count()) * 1000,
            "requests_per_link": len(at.sandbox.requests) / (keys * links),
            "refused": at.sandbox.refused_by_rate_limit,
            "most_in_a_second": max(at.sandbox.max_in_any_second("mutation", one.key_id) for one in companies),
            **shares(list(arrivals.values())),
        }


def shares(arrivals: list[list[float]]) -> dict[str, Any]:
    """Links a second, and of each key, while all keys were worked on: from when the last of them had its first link
    until the first of them had its last one."""
    start = max(times[0] for times in arrivals if times)
    end = max(start, min(times[-1] for times in arrivals if times))
    each = [sum(start <= at <= end for at in times) for times in arrivals]
    speed = sum(each) / max(0.001, end - start)
    return {"links_per_second": speed, "least": min(each), "most": max(each), "seconds": end - start}


def statements(links: int) -> dict[str, Any]:
    """Make links for one key in this process, its messages in turn: the statements of each."""
    with stage(KIND, latency=LATENCY, limit=LIMIT) as at:
        from django.db import connection

        from benchmarks.scene import company
        from scheduling import coding_links, tasks
        from scheduling.models import CodingLink, LinkState

        messages: deque[tuple[Any, ...]] = deque()

        def keep(arguments: tuple[Any, ...], **_options: Any) -> None:
            messages.append(arguments)

        tasks.work_on_link.apply_async = keep  # type: ignore[assignment, method-assign]
        one = company(at, "Counted", rate=LIMIT)
        one.queue_many(links)
        counted: Counter[bool] = Counter()

        def count(execute: Callable[..., Any], *arguments: Any) -> Any:
            counted[True] += 1
            return execute(*arguments)

        cpu = time.process_time()
        with connection.execute_wrapper(count):
            coding_links.sweep()
            while messages:
                coding_links.work_on_link(*messages.popleft())
        ready = CodingLink.objects.filter(state=LinkState.READY).count()
        return {"statements": counted[True] / ready, "cpu_ms": (time.process_time() - cpu) / ready * 1000}


def in_a_process(*arguments: str) -> dict[str, Any]:
    with tempfile.NamedTemporaryFile(suffix=".json") as answer:
        command = [sys.executable, "-m", "benchmarks.many_keys", "--answer", answer.name, *arguments]
        subprocess.run(command, cwd=ROOT, check=True)
        return dict(json.loads(Path(answer.name).read_text()))


def rows(counted: dict[str, Any], found: list[dict[str, Any]]) -> list[Row]:
    """The bounds. Those of speed are for as many workers as this machine has cores."""
    cores = os.cpu_count() or 1
    result = [
        Row(
            "database statements a link, one key",
            f"<= {STATEMENTS_BOUND:g}",
            f"{counted['statements']:.1f}",
            counted["statements"] <= STATEMENTS_BOUND,
        )
    ]
    for one in found:
        bound = one["workers"] == cores
        speed, cpu = one["links_per_second"], one["cpu_ms"]
        name = f"{one['workers']} worker{'s' if one['workers'] > 1 else ''}"
        fair = one["least"] / max(1, one["most"])
        result += [
            Row(
                f"**{name}**: links a second",
                f">= {PER_SECOND_BOUND:g}" if bound else "",
                f"{speed:.0f}",
                speed >= PER_SECOND_BOUND if bound else None,
            ),
            Row("CPU of the workers a link", f"<= {CPU_BOUND:g} ms", f"{cpu:.1f} ms", cpu <= CPU_BOUND),
            Row("requests a link", "<= 1.15", f"{one['requests_per_link']:.3f}", one["requests_per_link"] <= 1.15),
            Row("refused by the vendor", "0", str(one["refused"]), one["refused"] == 0),
            Row(
                "most creates for any key in any second",
                f"<= {LIMIT}",
                str(one["most_in_a_second"]),
                one["most_in_a_second"] <= LIMIT,
            ),
            Row(
                f"links of the key that got fewest, and most, in {one['seconds']:.1f} s in which all waited",
                ">= 0.5 of each other",
                f"{one['least']} and {one['most']} ({fair:.2f})",
                fair >= 0.5 if one["seconds"] >= LEAST_SECONDS else None,
            ),
            Row(
                "links at the vendor when done",
                f"as asked: {one['asked']:,}",
                f"{one['at_the_vendor']:,}",
                one["at_the_vendor"] == one["asked"],
            ),
        ]
    return result


def main() -> int:
    """Measure each number of workers, and write RESULTS.md. Exit status 1 when a bound was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.many_keys")
    parser.add_argument("--keys", type=int, default=50)
    parser.add_argument("--links", type=int, default=80, help="of each key")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4], help="processes")
    parser.add_argument("--threads", type=int, default=16, help="of each process")
    parser.add_argument("--answer", help=argparse.SUPPRESS)
    parser.add_argument("--statements", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--dry", action="store_true", help="print only, leave RESULTS.md as it is")
    chosen = parser.parse_args()
    if chosen.answer:
        size = (chosen.threads, chosen.keys, chosen.links)
        answer = statements(chosen.links) if chosen.statements else measure(chosen.workers[0], *size)
        Path(chosen.answer).write_text(json.dumps(answer))
        return 0
    counted = in_a_process("--statements", "--links", str(chosen.links))
    sizes = ("--keys", str(chosen.keys), "--links", str(chosen.links), "--threads", str(chosen.threads))
    found = []
    for workers in chosen.workers:
        found.append(in_a_process("--workers", str(workers), *sizes))
        print(json.dumps(found[-1]), flush=True)
    judged = rows(counted, found)
    text = "\n\n".join(
        [
            f"{chosen.keys} keys with {chosen.links} links waiting each, all at once. The sandbox answers after "
            f"{LATENCY * 1000:g} ms and allows {LIMIT} requests/s per key and kind. Each worker has {chosen.threads} "
            "threads. Sandbox, PostgreSQL and Redis share the machine.",
            f"{bounds.versions()}.",
            bounds.as_table(judged),
        ]
    )
    print(text)
    if not chosen.dry:
        put_section("Links for many keys", text)
    return 0 if bounds.held(judged) else 1


if __name__ == "__main__":
    sys.exit(main())

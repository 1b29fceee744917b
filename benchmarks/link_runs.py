"""A run that adds the links of a whole job: `python -m benchmarks.link_runs [--interviews 10000] [--workers 2]`.

Redis and PostgreSQL, one key, workers and beat as `make run` starts them. Looked at are the preview, the run from its
start to its end (CPU and memory of the workers, transactions, requests at the stand-in), and the statements of a
smaller run in one process. `--dry`: print only.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.bounds import Row, as_table, held, versions
from benchmarks.many_keys import cpu_seconds
from benchmarks.results import put_section
from benchmarks.stage import ROOT, Stage, stage

if TYPE_CHECKING:
    from benchmarks.scene import Company

LATENCY, LIMIT = 0.3, 20
#: Interviews of the run whose statements are counted.
COUNTED = 1000
STATEMENTS_BOUND, CPU_BOUND, MEMORY_BOUND, REQUESTS_BOUND = 25.0, 20.0, 60.0, 1.15


def fill(company: Company, count: int) -> None:
    """Give the company's job as many interviews, each of a candidate, whose plan asks for a link that is not there."""
    from django.utils import timezone

    from scheduling.models import Candidate, Interview, Schedule

    own: dict[str, Any] = {"organization": company.organization}
    hour = timedelta(hours=1)
    people = Candidate.objects.bulk_create(
        Candidate(name=f"Waiting {number}", email=f"waiting-{number}@run.example", **own) for number in range(count)
    )
    begins = [timezone.now() + timedelta(days=2, minutes=number % 5000) for number in range(count)]
    job = company.plan.plan.stage.job
    schedules = Schedule.objects.bulk_create(
        Schedule(candidate=person, job=job, first_starts_at=at, last_ends_at=at + hour, **own)
        for person, at in zip(people, begins, strict=True)
    )
    Interview.objects.bulk_create(
        Interview(schedule=schedule, plan_interview=company.plan, name="Coding", starts_at=at, ends_at=at + hour, **own)
        for schedule, at in zip(schedules, begins, strict=True)
    )


def peak_mb(pid: int) -> float:
    """The most memory that a process has had at once."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def transactions() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def counting(counted: Counter[str], what: Callable[[], str]) -> Callable[..., Any]:
    """A wrapper for `execute_wrapper` that counts statements by what is being done."""

    def count(execute: Callable[..., Any], *arguments: Any) -> Any:
        counted[what()] += 1
        return execute(*arguments)

    return count


def measure(workers: int, threads: int, interviews: int) -> dict[str, Any]:
    with stage("redis", latency=LATENCY, limit=LIMIT) as at:
        from django.db import connection

        from benchmarks.scene import company
        from scheduling.coding_links import run_plan, runs

        one = company(at, "Whole-Job", rate=LIMIT)
        fill(one, interviews)
        job = one.plan.plan.stage.job
        counted: Counter[str] = Counter()
        cpu = time.process_time()
        with connection.execute_wrapper(counting(counted, lambda: "preview")):
            plan = run_plan.preview(job)
        preview_ms = (time.process_time() - cpu) * 1000
        started = [at.worker(threads) for _ in range(workers)]
        at.beat()
        time.sleep(10 + 2 * workers)  # they have come up, and their own CPU time for that is over
        at.sandbox.forget_requests()
        idle = [peak_mb(process.pid) for process in started]
        before, committed = [cpu_seconds(process.pid) for process in started], transactions()
        began = time.monotonic()
        run, _is_new = runs.start(job=job, actor=one.recruiter)
        waiting = _until_over(run.pk, began + 120 + 3 * interviews / LIMIT)
        return {
            **_came_out(at, one, run.pk),
            "asked": plan.number,
            "preview_statements": counted["preview"],
            "preview_cpu_ms": preview_ms,
            "seconds": time.monotonic() - began,
            "longest_queue": waiting,
            "cpu_ms": (sum(cpu_seconds(process.pid) for process in started) - sum(before)) * 1000 / interviews,
            "transactions": (transactions() - committed) / interviews,
            "memory_mb": max(peak_mb(process.pid) for process in started),
            "grown_mb": max(peak_mb(process.pid) - mb for process, mb in zip(started, idle, strict=True)),
        }


def _until_over(run: int, until: float) -> int:
    """Wait until the run is over. Returns the most links that waited for their create at any look."""
    from scheduling.models import CodingLink, LinkRun, LinkState

    most = 0
    while time.monotonic() < until and LinkRun.objects.filter(pk=run, state="running").exists():
        most = max(most, CodingLink.objects.filter(state=LinkState.PENDING).count())
        time.sleep(1)
    return most


def _came_out(at: Stage, one: Company, run: int) -> dict[str, Any]:
    from scheduling.coding_links.run_results import progress
    from scheduling.models import LinkRun

    creates = [record for record in at.sandbox.requests if record.operation == "createLiveInterview"]
    return {
        "state": LinkRun.objects.get(pk=run).state,
        "ready": progress(LinkRun.objects.get(pk=run)).numbers,
        "at_the_vendor": len(at.sandbox.interviews()),
        "creates": len(creates),
        "requests": len(at.sandbox.requests),
        "refused": at.sandbox.refused_by_rate_limit,
        "most_creates": at.sandbox.max_in_any_second("mutation", one.key_id),
        "most_look_ups": at.sandbox.max_in_any_second("query", one.key_id),
    }


def statements(interviews: int) -> dict[str, Any]:
    """Do a run in this process, its messages in turn: statements a link, of the run and of the links' own work."""
    with stage("redis", latency=0, limit=1000) as at:
        from django.db import connection

        from benchmarks.scene import company
        from scheduling import coding_links, tasks
        from scheduling.coding_links import runs
        from scheduling.models import LinkRun

        waiting: list[tuple[float, str, tuple[Any, ...]]] = []

        def keep(name: str) -> Callable[..., None]:
            def put(arguments: tuple[Any, ...], countdown: float | None = None, **_options: Any) -> None:
                waiting.append((time.monotonic() + (countdown or 0), name, tuple(arguments)))

            return put

        tasks.work_on_link.apply_async = keep("work_on_link")  # type: ignore[assignment, method-assign]
        tasks.advance_link_run.apply_async = keep("advance_link_run")  # type: ignore[assignment, method-assign]
        one = company(at, "Counted", rate=1000)
        fill(one, interviews)
        counted: Counter[str] = Counter()
        now = {"doing": "start"}
        with connection.execute_wrapper(counting(counted, lambda: now["doing"])):
            run, _is_new = runs.start(job=one.plan.plan.stage.job, actor=one.recruiter)
            while waiting:
                due, now["doing"], arguments = waiting.pop(waiting.index(min(waiting)))
                time.sleep(max(0.0, due - time.monotonic()))
                getattr(coding_links, now["doing"])(*arguments)
        assert LinkRun.objects.get(pk=run.pk).state == "done"
        return {name: counted[name] / interviews for name in ("advance_link_run", "work_on_link")}


def rows(counted: dict[str, float], found: dict[str, Any]) -> list[Row]:
    asked, total = found["asked"], sum(counted.values())
    per_link = found["requests"] / asked
    most = max(found["most_creates"], found["most_look_ups"])
    made = (found["at_the_vendor"], found["creates"], found["ready"].get("ready", 0))
    slowest = asked / LIMIT
    memory, cpu = found["grown_mb"], found["cpu_ms"]
    return [
        Row("preview: statements", "<= 4", str(found["preview_statements"]), found["preview_statements"] <= 4),
        Row("preview: CPU, without the database", "", f"{found['preview_cpu_ms']:.0f} ms", None),
        Row("links at the vendor, creates, READY", f"{asked:,} each",
            " ".join(f"{number:,}" for number in made), set(made) == {asked}),
        Row("the run", "done", found["state"], found["state"] == "done"),
        Row("time, at the limit it would be", f"{slowest:.0f} s", f"{found['seconds']:.0f} s", None),
        Row("statements a link", f"<= {STATEMENTS_BOUND:g}",
            f"{total:.1f} ({counted['advance_link_run']:.1f} of the run)", total <= STATEMENTS_BOUND),
        Row("transactions a link, all processes", "", f"{found['transactions']:.1f}", None),
        Row("CPU of the workers a link", f"<= {CPU_BOUND:g} ms", f"{cpu:.1f} ms", cpu <= CPU_BOUND),
        Row("memory of a worker at most, grown by", f"<= {MEMORY_BOUND:g} MB",
            f"{found['memory_mb']:.0f} MB, {memory:.0f} MB", memory <= MEMORY_BOUND),
        Row("requests a link", f"<= {REQUESTS_BOUND}", f"{per_link:.3f}", per_link <= REQUESTS_BOUND),
        Row("refused by the vendor", "0", str(found["refused"]), found["refused"] == 0),
        Row("most requests of a kind in any second", f"<= {LIMIT}", str(most), most <= LIMIT),
        Row("links that waited at once, at most", "4 s of the limit", str(found["longest_queue"]),
            found["longest_queue"] <= LIMIT * 4),
    ]  # fmt: skip


def in_a_process(*arguments: str) -> dict[str, Any]:
    with tempfile.NamedTemporaryFile(suffix=".json") as answer:
        command = [sys.executable, "-m", "benchmarks.link_runs", "--answer", answer.name, *arguments]
        subprocess.run(command, cwd=ROOT, check=True)
        return dict(json.loads(Path(answer.name).read_text()))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--interviews", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--threads", type=int, default=8, help="of each process")
    parser.add_argument("--answer", help=argparse.SUPPRESS)
    parser.add_argument("--statements", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--dry", action="store_true", help="print only, leave RESULTS.md as it is")
    chosen = parser.parse_args()
    if chosen.answer:
        size = chosen.interviews
        answer = statements(size) if chosen.statements else measure(chosen.workers, chosen.threads, size)
        Path(chosen.answer).write_text(json.dumps(answer))
        return 0
    counted = in_a_process("--statements", "--interviews", str(min(COUNTED, chosen.interviews)))
    sizes = ("--interviews", str(chosen.interviews), "--workers", str(chosen.workers), "--threads", str(chosen.threads))
    judged = rows(counted, in_a_process(*sizes))
    text = "\n\n".join(
        [
            f"One job with {chosen.interviews:,} interviews without links, one key, {chosen.workers} workers of "
            f"{chosen.threads} threads on {os.cpu_count()} cores, Redis and PostgreSQL. The sandbox answers after "
            f"{LATENCY * 1000:g} ms and allows {LIMIT} requests/s of a kind. Statements are those of a run of "
            f"{min(COUNTED, chosen.interviews):,} in one process.",
            f"{versions()}.",
            as_table(judged),
        ]
    )
    print(text)
    if not chosen.dry:
        put_section("A run of links", text)
    return 0 if held(judged) else 1


if __name__ == "__main__":
    sys.exit(main())

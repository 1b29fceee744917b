"""`make bench`: how fast links are made, beside a naive loop, and how long a click takes. Writes RESULTS.md.

`python -m benchmarks.bench [--only redis|embedded] [--links 300] [--clicks 120] [--waiting 10000] [--dry]`
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

from benchmarks import bounds
from benchmarks.results import put_section
from benchmarks.stage import ROOT, Stage, stage

if TYPE_CHECKING:
    from benchmarks.scene import Company

LATENCY = 0.3
LIMIT = 10
NAIVE_LINKS = 60
NAIVE_PAUSE = 0.1
KINDS = ["redis", "embedded"]


@dataclass(frozen=True)
class Size:
    links: int
    clicks: int
    waiting: int


def rate_of(arrivals: list[float]) -> float:
    """Requests per second from the first arrival to the last."""
    return (len(arrivals) - 1) / (arrivals[-1] - arrivals[0])


def naive(at: Stage) -> dict[str, Any]:
    """Make links as a naive script would: create, wait for the answer, pause, next. No look-ups, no recovery."""
    import requests

    key = at.sandbox.make_key(company="Naive")
    key_id = at.sandbox.key_id(key)
    query = "mutation ($f: LiveInterviewInput) { createLiveInterview(interviewFields: $f) { id url } }"
    with requests.Session() as session:
        for number in range(NAIVE_LINKS):
            fields = {"candidateEmail": f"naive-{number}@example.com", "candidateName": f"Naive {number}"}
            session.post(
                at.sandbox.graphql_url,
                json={"query": query, "variables": {"f": fields}},
                headers={"Authorization": f"Bearer {key}"},
                timeout=20,
            ).raise_for_status()
            time.sleep(NAIVE_PAUSE)
    mine = [record.arrived for record in at.sandbox.requests if record.key_id == key_id]
    return {"links_per_second": rate_of(mine), "requests_per_link": len(mine) / NAIVE_LINKS}


def throughput(at: Stage, size: Size) -> dict[str, Any]:
    """Measure many links for one key that are asked for at once."""
    from benchmarks.scene import company

    at.sandbox.forget_requests()
    crowd = company(at, "Crowd", rate=LIMIT)
    began = time.monotonic()
    crowd.ask_for_many(size.links)
    done = crowd.await_ready(size.links, timeout=60 + 3 * size.links / LIMIT)
    mine = [record for record in at.sandbox.requests if record.key_id == crowd.key_id]
    creates = sorted(record.arrived for record in mine if record.operation == "createLiveInterview")
    return {
        "finished": done,
        "seconds": time.monotonic() - began,
        "links_per_second": rate_of(creates),
        "requests_per_link": len(mine) / size.links,
        "refused": sum(record.answered == "rate_limited" for record in mine),
        "most_creates_in_a_second": at.sandbox.max_in_any_second("mutation", crowd.key_id),
        "most_look_ups_in_a_second": at.sandbox.max_in_any_second("query", crowd.key_id),
        "at_the_vendor": len(at.sandbox.interviews(company="Crowd")),
        "arrivals": [round(at - creates[0], 4) for at in creates],
    }


def clicks(at: Stage, clicker: Company, count: int, *, start: int) -> list[float]:
    """Seconds from each click to its link in the row that pages show, without the vendor's own time."""
    from scheduling.models import CodingLink, LinkState

    took = []
    dice = random.Random(start)
    for number in range(start, start + count):
        interview = clicker.interview(number)
        before = len([one for one in at.sandbox.requests if one.key_id == clicker.key_id])
        began = time.monotonic()
        link = clicker.click(interview)
        while not CodingLink.objects.filter(pk=link.pk, state=LinkState.READY).exists():
            time.sleep(0.003)
            if time.monotonic() - began > 60:
                raise SystemExit("A click did not come to a link within a minute.")
        seconds = time.monotonic() - began
        asked = len([one for one in at.sandbox.requests if one.key_id == clicker.key_id]) - before
        took.append(seconds - asked * LATENCY)
        time.sleep(dice.uniform(0.3, 0.6))
    return took


def spread(took: list[float]) -> dict[str, Any]:
    cut = quantiles(took, n=100)
    return {"median_ms": median(took) * 1000, "p99_ms": cut[98] * 1000, "all_ms": [round(one * 1000) for one in took]}


def measure(kind: str, size: Size) -> dict[str, Any]:
    """Measure everything on one kind of services: "redis" or "embedded"."""
    found: dict[str, Any] = {"kind": kind, "load_before": os.getloadavg()[0]}
    with stage(kind, latency=LATENCY, limit=LIMIT) as at:
        from benchmarks.scene import company
        from scheduling.models import LinkState

        at.worker()
        at.beat()
        clicker = company(at, "Clicker", rate=LIMIT)
        clicks(at, clicker, 3, start=1_000_000)  # the worker has come up and its connections are open
        found["idle"] = spread(clicks(at, clicker, size.clicks, start=0))
        say(kind, "idle", found["idle"])
        found["naive"] = naive(at)
        found["throughput"] = throughput(at, size)
        say(kind, "throughput", found["throughput"])
        at.sandbox.forget_requests()
        backlog = company(at, "Backlog", rate=LIMIT)
        backlog.paused(True)
        # Some are made while the clicks are measured: so many still wait at the end.
        backlog.queue_many(size.waiting + round(size.clicks * 1.5 * LIMIT))
        backlog.paused(False)
        time.sleep(5)
        found["busy"] = spread(clicks(at, clicker, size.clicks, start=size.clicks))
        say(kind, "busy", found["busy"])
        found["still_waiting"] = backlog.count(LinkState.PENDING)
        found["made_in_that_time"] = backlog.count(LinkState.READY)
        found["busy_refused"] = at.sandbox.refused_by_rate_limit
    found["load_after"] = os.getloadavg()[0]
    return found


def say(kind: str, what: str, found: dict[str, Any]) -> None:
    print(kind, what, json.dumps(found), flush=True)


def in_a_process(kind: str, arguments: list[str]) -> dict[str, Any]:
    """Measure one kind in a process of its own: Django is set up once per process."""
    with tempfile.NamedTemporaryFile(suffix=".json") as answer:
        command = [sys.executable, "-m", "benchmarks.bench", "--measure", kind, "--answer", answer.name, *arguments]
        subprocess.run(command, cwd=ROOT, check=True)
        return dict(json.loads(Path(answer.name).read_text()))


def main() -> int:
    """Measure each kind, and write RESULTS.md. Exit status 1 when a bound was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bench")
    parser.add_argument("--only", choices=KINDS)
    parser.add_argument("--measure", choices=KINDS, help=argparse.SUPPRESS)
    parser.add_argument("--answer", help=argparse.SUPPRESS)
    parser.add_argument("--links", type=int, default=300)
    parser.add_argument("--clicks", type=int, default=120)
    parser.add_argument("--waiting", type=int, default=10_000)
    parser.add_argument("--dry", action="store_true", help="print only, leave RESULTS.md as it is")
    chosen = parser.parse_args()
    size = Size(chosen.links, chosen.clicks, chosen.waiting)
    if chosen.measure:
        Path(chosen.answer).write_text(json.dumps(measure(chosen.measure, size)))
        return 0
    arguments = ["--links", str(size.links), "--clicks", str(size.clicks), "--waiting", str(size.waiting)]
    found = {kind: in_a_process(kind, arguments) for kind in ([chosen.only] if chosen.only else KINDS)}
    rows = bounds.bench_rows(found, limit=LIMIT)
    text = bounds.bench_section(found, rows, latency=LATENCY, limit=LIMIT)
    print(text)
    if not chosen.dry:
        put_section("Links", text)
    return 0 if bounds.held(rows) else 1


if __name__ == "__main__":
    sys.exit(main())

"""The bounds that links are held to, each beside what was measured."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.results import table

BOUNDS = {"redis": (60.0, 250.0), "embedded": (250.0, None)}
# A click behind another organization's backlog takes at most so many times as long as one on an idle installation.
BEHIND_OTHERS = 1.2
NAMES = {"redis": "Redis and PostgreSQL", "embedded": "embedded: SQLite and files"}


@dataclass(frozen=True)
class Row:
    """One bound and what was measured. `ok` is None where there is no bound."""

    what: str
    bound: str
    measured: str
    ok: bool | None

    @property
    def cells(self) -> list[str]:
        return [self.what, self.bound, self.measured, {True: "yes", False: "NO", None: ""}[self.ok]]


def held(rows: list[Row]) -> bool:
    return all(row.ok is not False for row in rows)


def as_table(rows: list[Row]) -> str:
    return table(["what", "bound", "measured", "held"], [row.cells for row in rows])


def versions() -> str:
    """The versions of the software on a link's way, and the machine."""
    model = platform.processor()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        names = [line.split(":")[1].strip() for line in info.read_text().splitlines() if "model name" in line]
        model = names[0] if names else model
    packages = ", ".join(f"{name} {version(name)}" for name in ("celery", "psycopg", "redis", "requests"))
    return f"{model}; {packages}; {scheduling()}"


def scheduling() -> str:
    """How the run shared the machine with other programs: at the usual priority, or before them."""
    shared = not hasattr(os, "sched_getscheduler") or os.sched_getscheduler(0) == os.SCHED_OTHER
    return "ordinary priority" if shared else "real-time priority (others used the machine too)"


def bench_rows(found: dict[str, dict[str, Any]], *, limit: int) -> list[Row]:
    rows = []
    for kind, one in found.items():
        rows += _throughput_rows(NAMES[kind], one, limit)
        rows += _click_rows(kind, one)
    return rows


def _throughput_rows(name: str, one: dict[str, Any], limit: int) -> list[Row]:
    made, naive = one["throughput"], one["naive"]
    share = made["links_per_second"] / limit * 100
    most = max(made["most_creates_in_a_second"], made["most_look_ups_in_a_second"])
    return [
        Row(
            f"**{name}**: links per second for one key, over {len(made['arrivals'])} links",
            f">= 97 % of {limit}",
            f"{made['links_per_second']:.2f} ({share:.1f} %)",
            share >= 97,
        ),
        Row("a naive loop in the same run", "", f"{naive['links_per_second']:.2f}", None),
        Row("requests per link", "<= 1.1", f"{made['requests_per_link']:.3f}", made["requests_per_link"] <= 1.1),
        Row("refused by the vendor", "0", str(made["refused"]), made["refused"] == 0),
        Row(
            "most in any one second (creates / look-ups)",
            f"<= {limit}",
            f"{made['most_creates_in_a_second']} / {made['most_look_ups_in_a_second']}",
            most <= limit,
        ),
        Row("links at the vendor when done", "as asked", str(made["at_the_vendor"]), made["finished"]),
    ]


def _click_rows(kind: str, one: dict[str, Any]) -> list[Row]:
    middle, tail = BOUNDS[kind]
    idle, busy = one["idle"], one["busy"]
    ratio = busy["median_ms"] / idle["median_ms"]
    return [
        Row(
            f"click to link, minus the vendor's own time: median of {len(idle['all_ms'])}",
            f"<= {middle:g} ms",
            f"{idle['median_ms']:.0f} ms",
            idle["median_ms"] <= middle,
        ),
        Row(
            "its p99",
            f"<= {tail:g} ms" if tail else "",
            f"{idle['p99_ms']:.0f} ms",
            idle["p99_ms"] <= tail if tail else None,
        ),
        Row(
            f"the same while another organization has {one['still_waiting']:,} or more waiting "
            f"({one['made_in_that_time']:,} of its links were made at the same time)",
            f"<= {BEHIND_OTHERS:g} x idle",
            f"{busy['median_ms']:.0f} ms ({ratio:.2f} x), p99 {busy['p99_ms']:.0f} ms",
            ratio <= BEHIND_OTHERS,
        ),
    ]


def bench_section(found: dict[str, dict[str, Any]], rows: list[Row], *, latency: float, limit: int) -> str:
    loads = ", ".join(f"{kind} {one['load_before']:.1f} to {one['load_after']:.1f}" for kind, one in found.items())
    return "\n\n".join(
        [
            f"The sandbox answers after {latency * 1000:g} ms and allows {limit} requests/s per key and kind. "
            "One worker process with 8 threads, and beat: with Redis `make run` has more. The naive loop makes one "
            "link after the other with a pause of 100 ms, without look-ups and without a second try.",
            f"{versions()}. The machine's load average from start to end: {loads}.",
            as_table(rows),
        ]
    )

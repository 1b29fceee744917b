"""`make soak`: a thousand links, a tenth of all requests in trouble, and a worker killed every five seconds.

It ends when exactly so many are at the vendor and READY here, or when its time is up, and says which. Some minutes.
`python -m benchmarks.soak [--kind redis|embedded] [--links 1000] [--minutes 30] [--dry]`
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from benchmarks import bounds
from benchmarks.results import put_section
from benchmarks.stage import Stage, end, stage
from integrations.sandbox import Fault

KILL_EVERY = 5.0
TROUBLE = 0.10
# Silence is longer than a call may take. What the vendor does late, it does within SETTLE seconds.
TIMEOUT, HOLD, SETTLE = 2.0, 4.0, 8.0
LIMIT = 40
# A refused key is not trouble of the network: it stops everything until a person acts, and has tests of its own.
FAULTS = [fault for fault in Fault if fault not in (Fault.UNAUTHORIZED, Fault.FORBIDDEN)]


@dataclass
class Figures:
    """The figures of one run at its end."""

    links: int
    seconds: float = 0.0
    kills: int = 0
    states: Counter[str] = field(default_factory=Counter)
    at_vendor: int = 0
    wrong: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    requests: int = 0
    moves: Counter[str] = field(default_factory=Counter)

    @property
    def good(self) -> bool:
        """Whether each request has exactly one working link, and nothing else is at the vendor."""
        return self.states == Counter({"ready": self.links}) and self.at_vendor == self.links and not self.wrong


class Workers:
    """Two workers, of which one dies without warning every few seconds and is started again, as a supervisor does."""

    def __init__(self, at: Stage) -> None:
        self._at = at
        self._running = [at.worker(), at.worker()]
        self._next = time.monotonic() + KILL_EVERY
        self._dice = random.Random(1)
        self.kills = 0

    def tick(self) -> None:
        """Kill a worker when it is time, and start what has ended."""
        if time.monotonic() >= self._next:
            self._next += KILL_EVERY
            victim = self._dice.choice(self._running)
            os.killpg(victim.pid, signal.SIGKILL)
            victim.wait()
            self.kills += 1
        self._running = [one if one.poll() is None else self._at.worker() for one in self._running]

    def stop(self) -> None:
        for one in self._running:
            end(one)


def trouble(at: Stage, *, hold: float = HOLD) -> None:
    """Set faults of each kind, together for a tenth of all requests. `hold`: the silence of silent ones, in seconds."""
    left = 1.0
    for number, fault in enumerate(FAULTS):
        # A rule only sees what the rules before it let pass.
        share = TROUBLE / len(FAULTS)
        at.sandbox.fault(fault, probability=share / left, seed=number, hold=hold if fault.silent else None)
        left -= share


def work(at: Stage, links: int, minutes: float) -> Figures:
    """Run workers, and kill them, until every link is settled or the time is up."""
    from scheduling.models import CodingLink, LinkState

    figures, began = Figures(links), time.monotonic()
    workers: Workers = Workers(at)
    beat: subprocess.Popen[bytes] = at.beat()
    reported = 0.0
    while time.monotonic() - began < minutes * 60:
        workers.tick()
        time.sleep(0.2)
        if time.monotonic() - reported > 15:
            reported = time.monotonic()
            states = Counter(CodingLink.objects.values_list("state", flat=True))
            print(f"{reported - began:5.0f} s, {workers.kills} kills: {dict(states)}", flush=True)
            busy = CodingLink.objects.exclude(state__in=[LinkState.READY, LinkState.CANCELLED, LinkState.FAILED])
            if not busy.exclude(problem_code="ambiguous").exists():
                break
    figures.seconds, figures.kills = time.monotonic() - began, workers.kills
    workers.stop()
    end(beat)
    time.sleep(HOLD)  # what the vendor still does late is counted too
    count(at, figures)
    return figures


def count(at: Stage, figures: Figures) -> None:
    from scheduling.models import CodingLink, LinkEvent

    there = {one.id: one for one in at.sandbox.interviews(company="Crowd", live_only=True)}
    figures.at_vendor = len(there)
    figures.states = Counter(CodingLink.objects.exclude(state="cancelled").values_list("state", flat=True))
    for link in CodingLink.objects.filter(state="ready"):
        one = there.get(link.external_id)
        figures.wrong += one is None or one.url != link.url or one.candidate_email != link.candidate_key
    figures.faults, figures.requests = at.sandbox.faults_fired, len(at.sandbox.requests)
    figures.moves = Counter(LinkEvent.objects.values_list("code", flat=True))


def report(kind: str, figures: Figures) -> str:
    in_trouble = sum(figures.faults.values())
    lost = figures.moves["answer_lost"]
    rows = [
        bounds.Row("links asked for", "", f"{figures.links:,}", None),
        bounds.Row(
            "live at the vendor at the end",
            f"exactly {figures.links:,}",
            f"{figures.at_vendor:,}",
            figures.at_vendor == figures.links,
        ),
        bounds.Row(
            "READY here at the end",
            f"exactly {figures.links:,}",
            f"{figures.states['ready']:,}",
            figures.states["ready"] == figures.links,
        ),
        bounds.Row(
            "in any other state",
            "0",
            f"{sum(figures.states.values()) - figures.states['ready']}",
            figures.states.keys() <= {"ready"},
        ),
        bounds.Row("links whose URL or candidate is not the vendor's", "0", str(figures.wrong), figures.wrong == 0),
        bounds.Row("workers killed with SIGKILL", "one every 5 s", f"{figures.kills} in {figures.seconds:.0f} s", None),
        bounds.Row(
            "requests, and those in trouble",
            "10 %",
            f"{figures.requests:,}, {in_trouble:,} ({in_trouble / max(1, figures.requests):.1%}), of "
            f"{len(figures.faults)} kinds",
            None,
        ),
        bounds.Row(
            "creates whose answer was lost; whose worker died", "", f"{lost}; {figures.moves['interrupted']}", None
        ),
        bounds.Row(
            "found at the vendor and adopted; certainly not there",
            "",
            f"{figures.moves['found']}; {figures.moves['not_there']}",
            None,
        ),
    ]
    verdict = "Every request has exactly one working link." if figures.good else "**It did not hold.**"
    how = f"{bounds.NAMES[kind]}; LINK_SETTLE_SECONDS={SETTLE:g}, CODESIGNAL_TIMEOUT={TIMEOUT:g}."
    return f"{verdict} {how}\n\n{bounds.versions()}.\n\n{bounds.as_table(rows)}"


def run(kind: str, links: int, minutes: float) -> tuple[Figures, str]:
    options: dict[str, Any] = {"CODESIGNAL_TIMEOUT": str(TIMEOUT), "LINK_SETTLE_SECONDS": str(SETTLE)}
    with stage(kind, latency=0.1, limit=LIMIT, **options) as at:
        from benchmarks.scene import company

        crowd = company(at, "Crowd", rate=LIMIT * 0.9)
        trouble(at)
        print(f"Asking for {links} links ...", flush=True)
        crowd.ask_for_many(links)
        figures = work(at, links, minutes)
    return figures, report(kind, figures)


def main() -> int:
    """Run the soak, and write RESULTS.md. Exit status 0 when every request ended with exactly one working link."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak")
    parser.add_argument("--kind", choices=bounds.NAMES, default="redis")
    parser.add_argument("--links", type=int, default=1000)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--dry", action="store_true", help="print only, leave RESULTS.md as it is")
    chosen = parser.parse_args()
    figures, text = run(chosen.kind, chosen.links, chosen.minutes)
    print(text)
    if not chosen.dry:
        put_section(f"Soak, {bounds.NAMES[chosen.kind]}", text)
    return 0 if figures.good else 1


if __name__ == "__main__":
    sys.exit(main())

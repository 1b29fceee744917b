"""`make crash`: links are asked for while everything that Panelist stands on is killed in turn with SIGKILL.

Half of the links is clicked by recruiters over HTTP, who click again when a page does not come; half is asked for by
schedules whose plan has a link. Panelist runs as `make run` starts it, with its own settings; a tenth of the vendor's
answers is in trouble. Both set-ups, or one: `python -m benchmarks.crash [--kind redis|embedded] [--links 300] [--dry]`
"""

from __future__ import annotations

import argparse
import logging
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks import bounds
from benchmarks.results import put_section
from benchmarks.soak import Figures, count, trouble
from benchmarks.stage import Stage, stage
from tests.services import free_port

if TYPE_CHECKING:  # their models can be imported only after Django was set up
    from benchmarks.damage import Damage
    from benchmarks.people import Recruiter, Schedules
    from benchmarks.scene import Company

LIMIT = 40
# Longer than the product waits for an answer, which it does for 20 s.
HOLD = 25.0
EVERY = 8.0
CLAIMED_WITHIN = 60.0


@dataclass
class Run:
    """One run: those who ask for links, the damage, and the figures at the end."""

    damage: Damage
    recruiters: list[Recruiter]
    schedules: Schedules
    figures: Figures
    finished: bool = False

    @property
    def asking(self) -> bool:
        return any(one.is_alive() for one in [*self.recruiters, self.schedules])

    @property
    def stale(self) -> list[float]:
        return self.damage.watch.stale + self.damage.watch.still_standing

    @property
    def forgotten(self) -> int:
        """Interviews whose click was answered and whose link is not there."""
        from scheduling.models import CodingLink

        taken = {interview for one in self.recruiters for interview in one.clicks.taken}
        return len(taken - set(CodingLink.objects.filter(state="ready").values_list("interview_id", flat=True)))


def work(at: Stage, crowd: Company, links: int, rate: float, minutes: float) -> Run:
    """Do damage until all links have been asked for, then wait until everything is settled or the time is up."""
    from benchmarks.damage import Damage
    from benchmarks.people import Recruiter, Schedules, let_in, to_click

    let_in(crowd)
    todo = to_click(crowd, range(links // 2))
    address = f"http://127.0.0.1:{os.environ['PORT']}"
    pause = 2 / rate
    recruiters = [Recruiter(address, crowd, todo, pause=pause * 3) for _ in range(3)]
    schedules = Schedules(crowd, range(links // 2, links), pause=pause)
    damage = Damage(at, address, recruiters)
    run, began = Run(damage, recruiters, schedules, Figures(links)), time.monotonic()
    if not damage.watch.rest(90, until=damage.ready):
        raise RuntimeError("It did not start.")
    for one in recruiters:
        one.sign_in()
    for thread in [*recruiters, schedules]:
        thread.start()
    while run.asking and time.monotonic() - began < minutes * 60:
        damage.watch.rest(EVERY)
        print(f"{time.monotonic() - began:5.0f} s: {damage.next()}", flush=True)
    damage.watch.rest(90, until=damage.ready)
    run.finished = damage.watch.rest(minutes * 60 - (time.monotonic() - began), until=lambda: settled(links))
    run.figures.seconds = time.monotonic() - began
    damage.watch.rest(HOLD)  # what the vendor still does late is counted too
    count(at, run.figures)
    return run


def settled(links: int) -> bool:
    from django.db import DatabaseError

    from scheduling.models import CodingLink

    try:
        states = list(CodingLink.objects.values_list("state", flat=True))
    except DatabaseError:
        return False
    return len(states) >= links and all(state in {"ready", "failed", "cancelled"} for state in states)


def rows(run: Run) -> list[bounds.Row]:
    figures, watch = run.figures, run.damage.watch
    exactly = f"exactly {figures.links:,}"
    clicks = [one.clicks for one in run.recruiters]
    answers = sorted(answer for one in clicks for answer in one.answers)
    killed = ", ".join(f"{name} {times}" for name, times in sorted(run.damage.done.items()))
    in_trouble = sum(figures.faults.values())
    stale, lost = run.stale, len(watch.lost())
    return [
        bounds.Row("links asked for", "", f"{figures.links:,}, in {figures.seconds:.0f} s", None),
        bounds.Row("killed with SIGKILL; frozen, lost or full", "", killed, None),
        bounds.Row("messages that lay in the broker and were lost", "", str(run.damage.lost), None),
        bounds.Row(
            "live at the vendor at the end", exactly, f"{figures.at_vendor:,}", figures.at_vendor == figures.links
        ),
        bounds.Row(
            "READY here at the end",
            exactly,
            f"{figures.states['ready']:,}",
            figures.states["ready"] == figures.links,
        ),
        bounds.Row("links whose URL or candidate is not the vendor's", "0", str(figures.wrong), figures.wrong == 0),
        bounds.Row("committed lines of history that are gone", "0", str(lost), lost == 0),
        bounds.Row("answered clicks without a link", "0", str(run.forgotten), run.forgotten == 0),
        bounds.Row(
            f"rows left behind by a death: how long until claimed (median; longest of {len(stale):,})",
            f"<= {CLAIMED_WITHIN:g} s",
            f"{statistics.median(stale or [0]):.1f} s; {max(stale, default=0):.1f} s",
            max(stale, default=0) <= CLAIMED_WITHIN,
        ),
        bounds.Row(
            "longest that any row stood still with a worker there",
            f"<= {CLAIMED_WITHIN:g} s",
            f"{watch.longest:.1f} s",
            watch.longest <= CLAIMED_WITHIN,
        ),
        bounds.Row(
            "clicks: tries; answers lost after sending; error pages",
            "",
            f"{sum(one.tries for one in clicks)}; {sum(one.lost for one in clicks)}; "
            f"{sum(one.refused for one in clicks)}",
            None,
        ),
        bounds.Row(
            "time to the answer of a click that was taken: median; longest",
            "",
            f"{statistics.median(answers or [0]) * 1000:.0f} ms; {max(answers, default=0) * 1000:.0f} ms",
            None,
        ),
        bounds.Row(
            "requests to the vendor, and those in trouble",
            "10 %",
            f"{figures.requests:,}, {in_trouble:,} ({in_trouble / max(1, figures.requests):.1%})",
            None,
        ),
        bounds.Row(
            "creates whose answer was lost; whose worker died",
            "",
            f"{figures.moves['answer_lost']}; {figures.moves['interrupted']}",
            None,
        ),
        bounds.Row(
            "found at the vendor and adopted; certainly not there",
            "",
            f"{figures.moves['found']}; {figures.moves['not_there']}",
            None,
        ),
    ]


def one_kind(kind: str, links: int, rate: float, minutes: float) -> tuple[bool, str]:
    """Run one set-up. Return whether everything held, and the section for RESULTS.md."""
    with stage(kind, latency=0.1, limit=LIMIT, lasting=True, PORT=str(free_port())) as at:
        from benchmarks.scene import company

        logging.disable(logging.WARNING)  # of this process: that a message was lost is what is wanted
        crowd = company(at, "Crowd", rate=LIMIT * 0.9)
        trouble(at, hold=HOLD)
        run = work(at, crowd, links, rate, minutes)
        found = rows(run)
        problems = sorted({problem for one in run.recruiters for problem in one.clicks.problems})
    good = run.figures.good and run.finished and not problems and bounds.held(found)
    verdict = "Every request has exactly one working link." if good else "**It did not hold.**"
    note = f" Refused clicks: {', '.join(problems)}." if problems else ""
    text = f"{verdict}{note} {bounds.NAMES[kind]}, as `make run` starts it.\n\n{bounds.versions()}.\n\n"
    return good, text + bounds.as_table(found)


def main() -> int:
    """Run the set-ups, without --kind each in a process of its own. Exit status 0 when everything held."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crash")
    parser.add_argument("--kind", choices=bounds.NAMES)
    parser.add_argument("--links", type=int, default=300)
    parser.add_argument("--rate", type=float, default=1.0, help="links asked for per second")
    parser.add_argument("--minutes", type=float, default=20, help="after so long it is given up")
    parser.add_argument("--dry", action="store_true", help="print only, leave RESULTS.md as it is")
    chosen = parser.parse_args()
    if chosen.kind is None:
        command = [sys.executable, "-m", "benchmarks.crash", *sys.argv[1:]]
        return max([subprocess.call([*command, "--kind", kind]) for kind in bounds.NAMES])
    good, text = one_kind(chosen.kind, chosen.links, chosen.rate, chosen.minutes)
    print(text)
    if not chosen.dry:
        put_section(f"Crash, {bounds.NAMES[chosen.kind]}", text)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())

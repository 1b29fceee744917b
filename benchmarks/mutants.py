"""`make mutants`: would the tests notice? 200 small faults, one at a time.

The tests are collected and the database is made once; each mutant then gets a forked process, in which its function's
code is exchanged and the tests that reach its line run until one fails. No file is changed. mutmut's own runner forks
likewise, but from a process without a database: each mutant would migrate one first.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.judged import EQUIVALENT
from benchmarks.mutations import ROOT, SUBJECTS, Mutant, sample, subject_of
from benchmarks.trials import KILLED, SURVIVED, TIMEOUT, UNREACHED, Outcomes, Trial

TESTS = "tests/scheduling"
UNMARKED = "not browser and not services and not thorough"


def main() -> int:
    options = arguments()
    folder = Path(options.keep or tempfile.mkdtemp(prefix="panelist-mutants-"))
    folder.mkdir(parents=True, exist_ok=True)
    # What hypothesis remembers of a mutant's failure must not wait for the next, nor for people's own runs.
    os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = str(folder / "hypothesis")
    mutants, many = sample(options.seed, options.size)
    outcomes = Outcomes(folder)
    if options.again:
        outcomes.forget([SURVIVED, UNREACHED])
    trial = Trial(mutants, outcomes, folder, time.time() + 60 * options.minutes, options.tests)
    started = time.monotonic()
    chosen = ["-m", UNMARKED, "-q", "--no-summary", "-p", "no:cacheprovider", "--hypothesis-seed=0"]
    pytest.main([*(options.of or [TESTS]), *chosen], plugins=[trial])
    print(f"{time.monotonic() - started:.0f} s; kept in {folder}")
    report(mutants, many, outcomes, options)
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--size", type=int, default=200, help="how many mutants")
    parser.add_argument("--tests", type=int, default=0, help="at most so many tests for a mutant; 0: all that reach it")
    parser.add_argument("--minutes", type=float, default=600, help="begin no mutant after that")
    parser.add_argument("--keep", help="a folder that keeps what is known; the next run with it goes on from there")
    parser.add_argument("--again", action="store_true", help="with --keep: try once more what has survived")
    parser.add_argument("--dry", action="store_true", help="leave RESULTS.md as it is")
    parser.add_argument("of", nargs="*", help=f"tests to choose from instead of {TESTS}")
    return parser.parse_args()


def report(mutants: list[Mutant], many: int, outcomes: Outcomes, options: argparse.Namespace) -> None:
    from benchmarks.results import put_section, table

    tried = [(mutant, *outcomes.known[mutant.key]) for mutant in mutants if mutant.key in outcomes.known]
    counts = Counter((subject_of(mutant), verdict(mutant, outcome)) for mutant, outcome, _ in tried)
    columns = [KILLED, TIMEOUT, "equivalent", SURVIVED, UNREACHED]
    rows = [
        [subject, str(sum(counts[subject, column] for column in columns)), *(str(counts[subject, c]) for c in columns)]
        for subject in SUBJECTS
    ]
    total = [str(sum(int(row[number]) for row in rows)) for number in range(1, len(columns) + 2)]
    body = [
        f"{len(tried)} of {len(mutants)} mutants with seed {options.seed}, of {many:,} at commit {commit()}.",
        "",
        table(["subject", "tried", *columns], [*rows, ["**all**", *total]]),
    ]
    for head, wanted in (
        ("Survived", (SURVIVED, UNREACHED)),
        ("Equivalent: no test can tell them apart", ("equivalent",)),
    ):
        found = [(mutant, how) for mutant, outcome, how in tried if verdict(mutant, outcome) in wanted]
        if found:
            body += ["", f"{head}:", ""]
            body += [f"- {in_one_line(mutant)}: {EQUIVALENT.get(mutant.key) or how}" for mutant, how in found]
    print("\n".join(body))
    if not options.dry:
        put_section("Mutants", "\n".join(body))


def verdict(mutant: Mutant, outcome: str) -> str:
    return "equivalent" if outcome == SURVIVED and mutant.key in EQUIVALENT else outcome


def in_one_line(mutant: Mutant) -> str:
    removed, added = (" ".join(lines) or "nothing" for lines in (mutant.removed, mutant.added))
    return f"`{mutant.path}:{mutant.line}` {mutant.function}: `{removed}` became `{added}`"


def commit() -> str:
    found = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return found.stdout.strip() or "(none)"


if __name__ == "__main__":
    sys.exit(main())

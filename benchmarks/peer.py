"""Panelist's lists beside the list of another Django product, asked in turn: the machine is the same for both.

`python -m benchmarks.peer [--source FOLDER] [--times 30] [--dry]`. The peer is healthchecks, whose code is known as a
model of its kind: its list of fifty checks, SQLite, one process of granian, DEBUG off, as its own README asks. It is
downloaded (or taken from FOLDER, a copy of that version) into an environment of its own, and kept in `BENCH_DATA`.

A bound in milliseconds says as much about the machine as about the page. When the bounds were set, the peer's list took
47 ms there and 46 ms of CPU, so a list's 30 ms and 25 ms of CPU are 0.64 and 0.54 of the peer's: that is asked here.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import io
import json
import os
import subprocess
import tarfile
import time
import urllib.request
import venv
from collections.abc import Iterator
from pathlib import Path

from benchmarks.kept import FOLDER
from benchmarks.pages import served
from benchmarks.results import put_section, table
from benchmarks.served import Asked, Cost, in_turn
from benchmarks.stage import ROOT, end
from tests.services import free_port

VERSION = "v3.13"  # the last one for Django 5.2
SOURCE = f"https://github.com/healthchecks/healthchecks/archive/refs/tags/{VERSION}.tar.gz"
PLACE = FOLDER / f"healthchecks-{VERSION}"
#: The peer's milliseconds, over HTTP and of CPU, when and where the bounds were set (PERFORMANCE_FINDINGS.md).
THEN = (47, 46)
#: The same of a list of fifty, and of Home.
BOUNDS = {"Schedules": (30, 25), "Candidates": (30, 25), "Jobs": (30, 25), "Home": (40, None)}
SIZE = 1000


def install(source: Path | None) -> None:
    """Unpack the peer and make its environment, once."""
    if (PLACE / "whole").exists():
        return
    PLACE.mkdir(parents=True, exist_ok=True)
    if source is None:
        with urllib.request.urlopen(SOURCE, timeout=60) as answer:
            packed = io.BytesIO(answer.read())
        with tarfile.open(fileobj=packed) as archive:
            archive.extractall(PLACE, filter="data")
    else:
        (PLACE / source.name).symlink_to(source.resolve())
    venv.create(PLACE / "env", with_pip=True)
    _run("-m", "pip", "install", "--quiet", "-r", "requirements.txt", "granian")
    (PLACE / "whole").touch()


def _home() -> Path:
    return next(path.parent for path in sorted(PLACE.glob("*/manage.py")))


def _environment() -> dict[str, str]:
    own = {
        "DEBUG": "False",
        "SECRET_KEY": "peer",
        "DB_NAME": str(PLACE / "peer.sqlite"),
        "SITE_ROOT": "http://127.0.0.1",
    }
    return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | own


def _run(*arguments: str, typed: str = "") -> str:
    command = [str(PLACE / "env" / "bin" / "python"), *arguments]
    done = subprocess.run(command, cwd=_home(), env=_environment(), input=typed, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)} failed:\n{done.stderr[-2000:]}")
    return done.stdout


@contextlib.contextmanager
def peer() -> Iterator[Asked]:
    """Run the peer with fifty checks; yield its list, to be asked for."""
    (PLACE / "peer.sqlite").unlink(missing_ok=True)
    _run("manage.py", "migrate", "--verbosity", "0")
    _run("manage.py", "collectstatic", "--noinput", "--verbosity", "0")
    _run("manage.py", "compress", "--verbosity", "0")
    rows = (ROOT / "benchmarks" / "peer_rows.py").read_text()
    said = json.loads(_run("manage.py", "shell", "--command", rows).splitlines()[-1])
    port = free_port()
    command = [str(PLACE / "env" / "bin" / "granian"), "--interface", "wsgi", "--workers", "1"]
    command += ["--host", "127.0.0.1", "--port", str(port), "hc.wsgi:application"]
    with (PLACE / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=_home(), env=_environment(), stdout=log, stderr=log)
    try:
        _await(port)
        yield {
            "server": (port, process.pid),
            "address": said["address"],
            "cookie": said["cookie"],
            "part": False,
            "queries": "",
        }
    finally:
        end(process)


def _await(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            with contextlib.closing(connection):
                connection.request("GET", "/accounts/login/")
                connection.getresponse()
                return
        time.sleep(0.1)
    raise SystemExit(f"The peer did not start:\n{(PLACE / 'log').read_text(errors='replace')[-2000:]}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=Path)
    parser.add_argument("--times", type=int, default=30)
    parser.add_argument("--dry", action="store_true")
    options = parser.parse_args()
    install(options.source)
    with peer() as theirs, served("sqlite", (100, SIZE), ";".join(BOUNDS)) as ours:
        pages: dict[str, Asked] = ours["pages"][str(SIZE)]
        names = [name for name in BOUNDS if name in pages]
        costs = in_turn([(theirs, None), *((pages[name], None) for name in names)], options.times)
    report(costs[0], dict(zip(names, costs[1:], strict=True)), options.times, dry=options.dry)


def report(theirs: Cost, ours: dict[str, Cost], times: int, *, dry: bool) -> None:
    """Print the section, and write it."""
    rows = [["healthchecks, 50 checks", f"{theirs.median_ms:.0f}", f"{theirs.cpu_ms:.0f}", "1", "", "1", ""]]
    for name, cost in ours.items():
        rows.append([name, f"{cost.median_ms:.0f}", f"{cost.cpu_ms:.0f}", *_ratios(name, cost, theirs)])
    head = ["page", "ms", "ms of CPU", "of the peer's ms", "bound", "of the peer's CPU", "bound"]
    body = (
        f"Median of {times} answers over HTTP, one of each page in turn, SQLite, {SIZE:,} interviews. The peer is\n"
        f"healthchecks {VERSION} with granian in one process. Bounds: the milliseconds asked for, in those that the\n"
        f"peer took when they were set ({THEN[0]} ms, {THEN[1]} ms of CPU).\n\n{table(head, rows)}"
    )
    print(body)
    if not dry:
        put_section("A list beside another product's", body)


def _ratios(name: str, cost: Cost, theirs: Cost) -> Iterator[str]:
    for own, other, bound, then in zip(
        (cost.median_ms, cost.cpu_ms), (theirs.median_ms, theirs.cpu_ms), BOUNDS[name], THEN, strict=True
    ):
        yield f"{own / other:.2f}"
        yield f"{bound / then:.2f}" if bound is not None else ""


if __name__ == "__main__":
    main()

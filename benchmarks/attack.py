"""How long people wait while a crowd attacks the web server without signing in: `python -m benchmarks.attack`.

Starts Panelist as `make run` does and attacks it, directly and behind nginx as README.md sets it up. Writes RESULTS.md.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import multiprocessing
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

import requests

from benchmarks import results
from benchmarks.crowd import Attack, Crowd, attack
from tests import services
from tests.config.running import ROOT, below, command_line, running, wait_until

NGINX_FOLDERS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
BOUND = 1.0  # seconds for any page
LONGEST = 30.0  # a page that has not come by then does not come
PASSWORD = "tall-ships-sail-9"
FIRST_ADMIN = {
    "FIRST_ADMIN_NAME": "Vera Lang",
    "FIRST_ADMIN_EMAIL": "vera@example.net",
    "FIRST_ADMIN_PASSWORD": PASSWORD,
    "FIRST_ADMIN_ORGANIZATION": "Harbour Works",
}


@dataclass
class Place:
    """A running server: its address, the process above all of its own, and where its temporary files are."""

    address: str
    pid: int
    scratch: Path
    cookies: str = ""
    csrf: str = ""
    member_page: str = ""
    large: str = ""

    @property
    def pages(self) -> list[str]:
        return ["/healthz", "/sign-in/", self.member_page]

    def sign_in(self) -> None:
        """Sign in as the first admin; remember the cookies, a member page and the largest static file of it."""
        with requests.Session() as session:
            page = session.get(f"{self.address}/sign-in/", timeout=LONGEST)
            token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
            field = re.search(r'<input type="(?:email|text)" name="(\w+)"', page.text)
            assert token and field, "the sign-in page has changed"
            self.csrf = "; ".join(f"{name}={value}" for name, value in session.cookies.items())
            form = {
                "csrfmiddlewaretoken": token[1],
                field[1]: FIRST_ADMIN["FIRST_ADMIN_EMAIL"],
                "password": PASSWORD,
            }
            member = session.post(f"{self.address}/sign-in/", form, timeout=LONGEST)
            assert "/o/" in member.url, f"the sign-in was refused: {member.url}"
            self.member_page = urlsplit(member.url).path
            self.cookies = "; ".join(f"{name}={value}" for name, value in session.cookies.items())
            found = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', member.text))
            sizes = {path: len(session.get(self.address + path, timeout=LONGEST).content) for path in found}
            self.large = max(sizes, key=lambda path: sizes[path])


@dataclass
class Probe(threading.Thread):
    """Asks for one page again and again, each time with a connection of its own. `times` in seconds."""

    place: Place
    path: str
    times: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self.done = threading.Event()

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        while not self.done.wait(0.2):
            began = time.monotonic()
            if problem := fetch(self.place, self.path):
                self.failures.append(problem)
            self.times.append(time.monotonic() - began)


def fetch(place: Place, path: str, connection: http.client.HTTPConnection | None = None) -> str:
    """Ask for a page. Return the problem; empty when it came, with status 200."""
    own = connection or http.client.HTTPConnection(urlsplit(place.address).netloc, timeout=LONGEST)
    try:
        own.request("GET", path, headers={"Cookie": place.cookies if path == place.member_page else ""})
        answer = own.getresponse()
        answer.read()
        return "" if answer.status == 200 else f"status {answer.status}"
    except (OSError, http.client.HTTPException) as problem:
        own.close()
        return type(problem).__name__
    finally:
        if connection is None:
            own.close()


@dataclass
class Watch(threading.Thread):
    """Looks twice a second at what the server's processes occupy, and keeps the most: bytes, threads, files."""

    place: Place
    memory: int = 0
    disk: int = 0
    threads: int = 0

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self.done = threading.Event()

    def __hash__(self) -> int:
        return id(self)

    def look(self) -> tuple[int, int, int]:
        memory = threads = 0
        files: dict[tuple[int, int], int] = {}
        for pid in below(self.place.pid) | {self.place.pid}:
            with contextlib.suppress(OSError):
                status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
                memory += int(status["VmRSS"].split()[0]) * 1024
                threads += int(status["Threads"])
                for entry in Path(f"/proc/{pid}/fd").iterdir():
                    with contextlib.suppress(OSError):
                        if str(entry.readlink()).startswith(str(self.place.scratch)):  # deleted ones too
                            state = entry.stat()
                            files[state.st_dev, state.st_ino] = state.st_blocks * 512
        for path in self.place.scratch.rglob("*"):
            with contextlib.suppress(OSError):
                state = path.stat()
                files[state.st_dev, state.st_ino] = state.st_blocks * 512
        return memory, sum(files.values()), threads

    def run(self) -> None:
        while not self.done.wait(0.5):
            memory, disk, threads = self.look()
            self.memory, self.disk = max(self.memory, memory), max(self.disk, disk)
            self.threads = max(self.threads, threads)


def rate(place: Place, path: str, seconds: float = 5.0, visitors: int = 4) -> float:
    """Pages a second that a few visitors get who ask one after the other."""
    counts = [0] * visitors
    until = time.monotonic() + seconds

    def visit(number: int) -> None:
        connection = http.client.HTTPConnection(urlsplit(place.address).netloc, timeout=LONGEST)
        while time.monotonic() < until:
            counts[number] += not fetch(place, path, connection)
        connection.close()

    threads = [threading.Thread(target=visit, args=(number,)) for number in range(visitors)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


@dataclass
class Outcome:
    probes: list[Probe]
    before: tuple[int, int, int]
    watch: Watch
    happened: dict[str, int]

    @property
    def held(self) -> bool:
        return all(not probe.failures and max(probe.times) < BOUND for probe in self.probes)


def under_attack(place: Place, crowd: Crowd, seconds: float) -> Outcome:
    """Attack for `seconds`, from a process of its own, and measure."""
    ours, theirs = multiprocessing.Pipe()
    hostile = Attack(place.address, crowd, place.csrf, place.large)
    attacker = multiprocessing.Process(target=attack, args=(hostile, seconds, theirs), daemon=True)
    probes = [Probe(place, path) for path in place.pages]
    watch = Watch(place)
    before = watch.look()
    attacker.start()
    watchers: list[Probe | Watch] = [*probes, watch]
    for watcher in watchers:
        watcher.start()
    happened = ours.recv()
    for watcher in watchers:
        watcher.done.set()
        watcher.join()
    attacker.join()
    return Outcome(probes, before, watch, happened)


def lines(outcome: Outcome) -> list[list[str]]:
    rows = []
    for probe in outcome.probes:
        times = sorted(probe.times)
        rows.append(
            [
                f"`{probe.path}`",
                f"{len(times)}, {len(probe.failures)} failed {' '.join(probe.failures)}".strip(),
                f"{statistics.median(times) * 1000:.0f} ms; {times[int(len(times) * 0.95)] * 1000:.0f} ms; "
                f"{times[-1] * 1000:.0f} ms",
            ]
        )
    return rows


def megabytes(number: int) -> str:
    return f"{number / 1_000_000:.1f} MB"


@contextlib.contextmanager
def panelist(folder: Path) -> Iterator[Place]:
    """Panelist as `make run` starts it, with a first admin, and a folder of its own for temporary files."""
    (folder / "tmp").mkdir()
    port = services.free_port()
    values = {"PORT": str(port), "DATA_DIR": str(folder / "data"), "TMPDIR": str(folder / "tmp"), **FIRST_ADMIN}
    with running("config.supervisor", "run", **values) as command:
        command.until("Ctrl-C stops everything", 120)
        web = next(pid for pid in below(command.pid) if " config.web " in command_line(pid))
        place = Place(f"http://localhost:{port}", web, folder / "tmp")
        place.sign_in()
        yield place


@contextlib.contextmanager
def nginx(folder: Path, behind: Place) -> Iterator[Place]:
    """nginx with the block that README.md shows, before a running server."""
    found = re.search(r"(?m)^    location / \{\n(?:     .*\n)+    \}\n", (ROOT / "README.md").read_text())
    assert found, "README.md shows no block for nginx"
    port = urlsplit(behind.address).port
    block = found[0].replace("127.0.0.1:8000", f"127.0.0.1:{port}").replace("$host", f"localhost:{port}")
    listen = services.free_port()
    own = folder / "tmp/nginx"
    own.mkdir()
    temporary = "".join(f"{name}_temp_path {own}/{name};" for name in NGINX_FOLDERS)
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {own}/pid; error_log {own}/log; events {{ worker_connections 1024; }} "
        f"http {{ access_log off; {temporary} server {{ listen 127.0.0.1:{listen};\n{block}}} }}"
    )
    command = ["nginx", "-c", str(folder / "nginx.conf"), "-e", str(own / "log")]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    place = replace(behind, address=f"http://localhost:{listen}", scratch=folder / "tmp")
    try:
        wait_until(lambda: not fetch(place, "/healthz"), 20, "an answer of nginx")
        yield place
    finally:
        process.terminate()
        process.wait()


def section(title: str, place: Place, crowd: Crowd, seconds: float) -> tuple[str, bool]:
    """Attack one place, and describe it."""
    rates = ", ".join(f"`{path}` {rate(place, path):.0f}" for path in place.pages)
    outcome = under_attack(place, crowd, seconds)
    head = ["page", "asked", "median; 95 of 100; longest"]
    (memory, disk, threads), watch = outcome.before, outcome.watch
    happened = ", ".join(f"{name} {number:,}" for name, number in sorted(outcome.happened.items()))
    return (
        f"**{title}**: {'held' if outcome.held else 'NOT held'}.\n\n{results.table(head, lines(outcome))}\n\n"
        f"Web server, before and at most: memory {megabytes(memory)}, {megabytes(watch.memory)}; temporary files "
        f"{megabytes(disk)}, {megabytes(watch.disk)}; threads {threads}, {watch.threads}. Pages a second before, to "
        f"four visitors: {rates}. What the crowd met: {happened}.\n",
        outcome.held,
    )


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.attack", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long each attack lasts")
    parser.add_argument("--times", type=int, default=1, help="how many such crowds at once")
    parser.add_argument("--dry", action="store_true", help="print only")
    chosen = parser.parse_args(arguments)
    one = Crowd()
    crowd = Crowd(*(chosen.times * number for number in (one.slow_bodies, one.slow_headers, one.slow_readers, 10)))
    parts = []
    with tempfile.TemporaryDirectory(prefix="panelist-attack-") as name, panelist(Path(name)) as place:
        parts.append(section("Panelist alone, as `make run` starts it", place, crowd, chosen.seconds))
        if shutil.which("nginx"):
            with nginx(Path(name), place) as behind:
                parts.append(section("Behind nginx, as README.md sets it up", behind, crowd, chosen.seconds))
    text = "\n".join(
        [f"At once, without a sign-in, for {chosen.seconds:g} s: {crowd}.\n", *(part for part, _ in parts)]
    )
    print(text)
    if not chosen.dry:
        results.put_section("Attack", text)
    return 0 if all(held for _, held in parts) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

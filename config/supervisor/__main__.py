"""Run all of Panelist under one process: `python -m config.supervisor demo|run` (`make demo`, `make run`).

Checks the settings, prepares the data (`config.supervisor.prepare`), then runs web server, worker, beat and, in the
demo, the sandbox. `prepare` in place of `run` ends before these: where each of them has a container. Exit status: 0
after a requested stop, 1 after a failure, which is named on standard error.
"""

from __future__ import annotations

import argparse
import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from itertools import chain
from pathlib import Path
from secrets import token_urlsafe
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from config import cores, environment
from config.supervisor import secrets
from config.supervisor.child import die_with_parent
from config.supervisor.processes import ROOT, Child, Program, Supervisor
from organizations.backup import running

START_DEADLINE = 90.0
# Each waits for one vendor at a time, and has a connection to the database. With SQLite more would wait for each other.
WORKER_THREADS = 8
# Of all workers: two with sixteen each make twice the links of two with eight (benchmarks/RESULTS.md).
ALL_WORKER_THREADS = 32
DEMO_PEOPLE = ("admin@example.com", "recruiter@example.com", "interviewer@example.com")


class CannotStart(Exception):
    """Nothing can be started; the text says why and what to do."""


def say(line: str = "") -> None:
    print(line, flush=True)


def answers(host: str, port: int, path: str, *, below: int = 300, name: str = "", scheme: str = "http") -> bool:
    """Whether a web server answers there with a status under `below`. `name` is the Host header."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    headers = {"Host": name or f"{host}:{port}", "X-Forwarded-Proto": scheme}
    with closing(connection), suppress(OSError, http.client.HTTPException):
        connection.request("GET", path, headers=headers)
        return connection.getresponse().status < below
    return False


def is_free(host: str, port: int) -> bool:
    """Whether a server may listen there, and no other one answers at `localhost`."""
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with suppress(OSError), socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.settimeout(1)
            if probe.connect_ex((address, port)) == 0:
                return False
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def checked_port(host: str) -> int:
    port = environment.integer("PORT", 8000, least=1, most=65535)
    if not is_free(host, port):
        raise CannotStart(
            f"Port {port} is in use, or this user may not use it. Stop the other program, or choose another port: "
            f"make demo PORT={port + 10 if port < 65000 else 8010}"
        )
    return port


def choose_sandbox_port(port: int, data_dir: Path) -> int:
    """Return the port of the last run, so that links created then still open, or the next free one."""
    remembered = data_dir / "sandbox.port"
    known = remembered.read_text().strip() if remembered.is_file() else ""
    wanted = [int(known)] if known.isdecimal() else []
    for candidate in chain(wanted, range(port + 1, min(port + 51, 65536))):
        if candidate != port and is_free("127.0.0.1", candidate):
            remembered.write_text(f"{candidate}\n")
            return candidate
    raise CannotStart(f"No port from {port + 1} to {port + 50} is free for the sandbox. Choose another PORT.")


def sandbox_key(data_dir: Path) -> str:
    """Return the key that the sandbox knows from the start, the same in each run: an integration keeps it."""
    remembered = data_dir / "sandbox.key"
    if not remembered.is_file():
        with os.fdopen(os.open(remembered, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            file.write(token_urlsafe(32))
    return remembered.read_text().strip()


def use_calendar_stand_ins(address: str) -> None:
    """Let the sandbox at `address` stand in for the calendar vendors of which nothing is set."""
    if not any(environment.is_set(name) for name in ("GOOGLE_STAND_IN_URL", "GOOGLE_CLIENT_ID")):
        os.environ["GOOGLE_STAND_IN_URL"] = f"{address}/google"
        os.environ["GOOGLE_CLIENT_ID"], os.environ["GOOGLE_CLIENT_SECRET"] = "demo", token_urlsafe(24)
    secret = os.environ.get("SANDBOX_SEED_KEY")  # the sandbox knows it from the start, the same in each run
    if secret and not any(environment.is_set(name) for name in ("MICROSOFT_GRAPH_URL", "MICROSOFT_CLIENT_ID")):
        os.environ["MICROSOFT_GRAPH_URL"] = f"{address}/microsoft/v1.0"
        os.environ["MICROSOFT_LOGIN_URL"] = f"{address}/microsoft/login"
        os.environ["MICROSOFT_CLIENT_ID"] = "5a4d0000-0000-4000-8000-000000000002"
        os.environ["MICROSOFT_CLIENT_SECRET"] = os.environ["MICROSOFT_TRIAL_SECRET"] = secret


def acquire_lock(data_dir: Path) -> int:
    """Take a lock that ends with this process: two supervisors on one folder would do all work twice."""
    lock = running.lock(data_dir)
    if lock is None:
        raise CannotStart(
            f"Panelist is already running with the data in {data_dir}. Stop it first, or set another DATA_DIR."
        )
    return lock


def prepare_environment(kind: str, data_dir: Path) -> list[str]:
    """Set the environment of all child processes. Returns the names of secrets that were created."""
    os.environ["DATA_DIR"] = str(data_dir)
    os.environ["DEMO"] = "true" if kind == "demo" else "false"
    if kind == "run":
        os.environ["DEBUG"] = "false"
    environment.read_secrets(data_dir)
    made = secrets.make_missing(data_dir)
    environment.read_secrets(data_dir)
    return made


def prepare(kind: str, made: list[str]) -> None:
    """Run `config.supervisor.prepare`, which may ask questions at the terminal. Raises CannotStart."""
    command = [sys.executable, "-m", "config.supervisor.prepare", kind, *made]
    status = subprocess.call(command, cwd=ROOT)  # noqa: S603
    if status:
        raise CannotStart("Nothing was started." if status > 0 else "Interrupted. Nothing was started.")


def web(host: str, port: int) -> Program:
    base = urlsplit(os.environ.get("BASE_URL", "").strip() or f"http://localhost:{port}")
    asked = "127.0.0.1" if host in {"0.0.0.0", "localhost"} else "::1" if host == "::" else host  # noqa: S104
    return Program(
        "web server",
        "config.web",
        ("--host", host, "--port", str(port)),
        answers=lambda: answers(asked, port, "/healthz", name=base.netloc, scheme=base.scheme),
    )


def worker_processes() -> int:
    """How many workers to start. Without Redis, and so with SQLite, one: a second would wait for the first to write."""
    default = cores.one_for_each() if environment.is_set("REDIS_URL") else 1
    return environment.integer("WORKER_PROCESSES", default, least=1, most=64)


def worker_threads() -> int:
    """How many threads each worker has."""
    default = WORKER_THREADS
    if environment.is_set("REDIS_URL"):
        default = max(default, ALL_WORKER_THREADS // worker_processes())
    return environment.integer("WORKER_THREADS", default, least=1, most=64)


def background() -> list[Program]:
    """Workers with threads, because their work is waiting for others, and beat. Calls to vendors have timeouts."""
    celery = ("-A", "config.celery:app", "--quiet")
    threads = worker_threads()
    worker = ("worker", "--pool", "threads", "--concurrency", str(threads), "--loglevel", "INFO")
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    count = worker_processes()
    names = [f"worker {number}" for number in range(1, count + 1)] if count > 1 else ["worker"]
    return [
        *(
            Program(name, "celery", (*celery, *worker, *quiet, "-n", f"{name.replace(' ', '-')}@%h"), grace=25)
            for name in names
        ),
        Program("beat", "celery", (*celery, "beat", "--loglevel", "WARNING", "--pidfile", "")),
    ]


def sandbox(port: int, data_dir: Path) -> Program:
    """The CodeSignal stand-in. Stopped last, because the worker may have to finish a call to it."""
    return Program(
        "sandbox",
        "integrations.sandbox",
        ("--host", "127.0.0.1", "--port", str(port), "--state", str(data_dir / "sandbox.sqlite3"), "--seed-key"),
        answers=lambda: answers("127.0.0.1", port, "/", below=500),
        stop_phase=1,
        grace=5,
        trusted=False,
    )


def announce(kind: str, port: int, sandbox_port: int | None, data_dir: Path) -> None:
    address = os.environ.get("BASE_URL", "").strip() or f"http://localhost:{port}"
    say(f"\nPanelist is ready: {address}\n")
    if kind == "demo":
        for email in DEMO_PEOPLE:
            say(f"  {email:<25} password: demo")
        if sandbox_port is not None:
            say(f"\nCodeSignal stand-in: http://127.0.0.1:{sandbox_port}  (“Connect the stand-in” on Home connects it)")
            say(f"Calendars’ stand-in: http://127.0.0.1:{sandbox_port}/calendars")
        else:
            say("\nCoding links come from CODESIGNAL_API_URL.")
        say(f"Logs: {data_dir / 'logs'}")
    if not environment.is_set("EMAIL_URL"):
        say(f"EMAIL_URL is not set: e-mails are not sent, only saved as files in {data_dir / 'mail'}.")
    elif warning := environment.sender_warning(
        "EMAIL_FROM", os.environ.get("EMAIL_FROM", "").strip() or f"panelist@{environment.host_of(address)}"
    ):
        say(warning)
    say("Ctrl-C stops everything.")


def refuse_root(kind: str) -> None:
    """Raise CannotStart for real use as root, unless that is wanted."""
    if kind != "demo" and os.geteuid() == 0 and not environment.boolean("ALLOW_ROOT", False):
        raise CannotStart(
            "This user is root, and Panelist needs no such rights. Start it as another user, who owns DATA_DIR. "
            "ALLOW_ROOT=true allows root, for example in a container."
        )


def supervise(kind: str) -> None:
    """Run Panelist from the first check to the end of the last process."""
    os.umask(0o077)
    # The first process of a container is not ended by a signal that nobody handles.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    environment.read_dotenv()
    refuse_root(kind)
    data_dir = environment.folder("DATA_DIR", ROOT / "var")
    if kind == "prepare":
        prepare_only(data_dir)
        return
    host = environment.host("HOST", "127.0.0.1")
    lock = acquire_lock(data_dir)
    port = checked_port(host)
    made = prepare_environment(kind, data_dir)
    programs = [web(host, port), *background()]
    sandbox_port = None
    if kind == "demo" and not environment.is_set("CODESIGNAL_API_URL"):
        sandbox_port = choose_sandbox_port(port, data_dir)
        os.environ["CODESIGNAL_API_URL"] = f"http://127.0.0.1:{sandbox_port}/graphql"
        if not environment.is_set("CODESIGNAL_TRIAL_KEY"):
            os.environ["CODESIGNAL_TRIAL_KEY"] = os.environ["SANDBOX_SEED_KEY"] = sandbox_key(data_dir)
        use_calendar_stand_ins(f"http://127.0.0.1:{sandbox_port}")
        programs.append(sandbox(sandbox_port, data_dir))
    prepare(kind, made)
    if kind == "run":
        announce_secrets(made, data_dir)
    run(kind, programs, data_dir, lambda: announce(kind, port, sandbox_port, data_dir))
    os.close(lock)


def prepare_only(data_dir: Path) -> None:
    """Prepare real use, and start nothing."""
    lock = acquire_lock(data_dir)
    made = prepare_environment("run", data_dir)
    prepare("run", made)
    announce_secrets(made, data_dir)
    say("Everything is prepared.")
    os.close(lock)


def announce_secrets(made: list[str], data_dir: Path) -> None:
    """Say which secrets were created, if any, and what they are worth."""
    if made:
        say(
            f"Created {' and '.join(made)} in {data_dir / environment.SECRETS}. Back up this file, apart from the data."
        )
        say("Without it, stored API keys can't be read. With it and the database, anyone can read them.")


def run(kind: str, programs: list[Program], data_dir: Path, ready: Callable[[], None]) -> None:
    """Start the programs, call `ready`, and run until a signal asks to stop."""
    say("Starting ...")
    children = [Child(program, visible_to(program), log_of(program, kind, data_dir)) for program in programs]
    supervisor = Supervisor(children, say)
    supervisor.listen()
    try:
        problem = supervisor.start(START_DEADLINE)
        if problem:
            raise CannotStart(problem + log_tails(children))
        if not supervisor.asked:
            ready()
        supervisor.run()
        say("\nStopping: work in progress is finished first. Press Ctrl-C again to stop at once.")
        supervisor.stop()
        say("Stopped.")
    finally:
        supervisor.close()


def visible_to(program: Program) -> dict[str, str]:
    """The environment of a program."""
    hidden = () if program.trusted else environment.SECRET_NAMES
    return {name: value for name, value in os.environ.items() if name.removesuffix(environment.FILE) not in hidden}


def log_of(program: Program, kind: str, data_dir: Path) -> Path | None:
    """A file in the demo, so that the sign-ins stay in sight; None for real use: logs go to standard output."""
    return data_dir / "logs" / f"{program.name.replace(' ', '-')}.log" if kind == "demo" else None


def log_tails(children: list[Child]) -> str:
    """The last lines of the log of each process that did not become ready."""
    texts = []
    for child in children:
        if child.log is not None and child.log.is_file() and not child.ready:
            tail = child.log.read_text(errors="replace").splitlines()[-15:]
            texts.append("\n".join(["", f"Last lines of {child.log}:", *tail]))
    return "".join(texts)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m config.supervisor", description="Runs all of Panelist.")
    parser.add_argument("kind", choices=["demo", "run", "prepare"])
    parser.add_argument("--with-parent", action="store_true", help="stop when the process that started this one ends")
    chosen = parser.parse_args(arguments)
    if chosen.with_parent:
        die_with_parent(signal.SIGTERM)
    try:
        supervise(chosen.kind)
    except (CannotStart, ImproperlyConfigured) as problem:
        print(problem, file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

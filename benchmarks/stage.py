"""Throw-away services for one measurement: sandbox, database, broker, workers and beat, each a process of its own."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.fernet import Fernet

from integrations.sandbox import SandboxProcess
from tests import services

ROOT = Path(__file__).resolve().parent.parent
# As the product starts them: see config/supervisor/__main__.py.
CELERY = (sys.executable, "-m", "celery", "-A", "config.celery:app", "--quiet")
WORKER = ("worker", "--pool", "threads", "--loglevel", "WARNING", "--concurrency")
QUIET = ("--without-gossip", "--without-mingle", "--without-heartbeat")
BEAT = ("beat", "--loglevel", "WARNING", "--pidfile", "")


@dataclass
class Stage:
    """The running services. `kind`: "redis" (with PostgreSQL) or "embedded" (SQLite and files, nothing to install)."""

    kind: str
    folder: Path
    sandbox: SandboxProcess
    database: services.Server | None = None
    broker: services.Server | None = None
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def worker(self, threads: int = 8) -> subprocess.Popen[bytes]:
        return self._start("worker", [*CELERY, *WORKER, str(threads), *QUIET])

    def beat(self) -> subprocess.Popen[bytes]:
        return self._start("beat", [*CELERY, *BEAT])

    def supervisor(self) -> subprocess.Popen[bytes]:
        """Start web server, worker and beat as `make run` does, on the PORT of this process' environment."""
        return self._start("supervisor", [sys.executable, "-m", "config.supervisor", "run"])

    def _start(self, name: str, command: list[str]) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self.processes.append(process)
        return process

    def stop(self) -> None:
        for process in reversed(self.processes):
            end(process)


def end(process: subprocess.Popen[bytes], number: int = signal.SIGTERM) -> None:
    """End a process that `Stage` started, and wait for it."""
    if process.poll() is not None:
        return
    process.send_signal(number)
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextlib.contextmanager
def stage(
    kind: str, *, latency: float = 0.3, limit: int = 10, lasting: bool = False, **environment: str
) -> Iterator[Stage]:
    """Start the services, set this process' environment, set Django up and migrate. Once per process.

    `latency` in seconds, `limit` in requests per second, key and kind. `lasting`: what PostgreSQL has committed is to
    survive its death, as in real use. With BENCH_LOGS the logs are kept there.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # ends what was started, as Ctrl-C does
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="panelist-bench-")))
        folder.chmod(0o755)  # the user postgres has to get through
        database = broker = None
        if kind == "redis":
            settings = services.MANY if lasting else services.FAST
            database = stack.enter_context(services.postgres(folder / "postgres", settings))
            broker = stack.enter_context(services.redis(folder / "redis"))
            environment |= {"DATABASE_URL": database.address, "REDIS_URL": broker.address}
        sandbox = stack.enter_context(SandboxProcess(options=("--latency-ms", f"{latency * 1000:g}")))
        sandbox.configure(queries_per_second=limit, mutations_per_second=limit)
        set_up(sandbox.graphql_url, folder / "data", environment)
        made = Stage(kind, folder, sandbox, database, broker)
        try:
            yield made
        finally:
            made.stop()
            if keep := os.environ.get("BENCH_LOGS"):
                for log in folder.glob("*.log"):
                    shutil.copy(log, Path(keep) / f"{kind}-{log.name}")


def set_up(graphql_url: str, data: Path, environment: dict[str, str]) -> None:
    os.environ.update(
        {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PANELIST_IGNORE_DOTENV": "1",
            "ALLOW_ROOT": "true",
            "SECRET_KEY": secrets.token_urlsafe(),
            "FERNET_KEYS": Fernet.generate_key().decode(),
            "DATA_DIR": str(data),
            "DEBUG": "false",
            "EMAIL_URL": "memorymail://",
            "CODESIGNAL_API_URL": graphql_url,
            **environment,
        }
    )
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", interactive=False, verbosity=0)

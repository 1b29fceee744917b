"""`python -m integrations.sandbox`: the sandbox as a process, for the demo and for tests.

Options: --host, --port (0 picks a free one), --state PATH, --latency-ms N, --base-url URL, --demo (allows a
host that is not loopback), --seed-key (on first start also makes a key: the one in the environment's
SANDBOX_SEED_KEY, else a random one that is written to PATH.key, readable by its owner only). The first line
on standard output is `Sandbox listening on <url>`. SIGTERM and SIGINT end it with code 0; a taken port or bad
option with code 2.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sqlite3
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from integrations.sandbox.calendars.weeks import add_demo_people
from integrations.sandbox.directory import digest_of
from integrations.sandbox.model import Settings
from integrations.sandbox.sandbox import NotLoopback, Sandbox


def options(arguments: Sequence[str]) -> argparse.Namespace:
    """The command's options."""
    parser = argparse.ArgumentParser(prog="python -m integrations.sandbox", description="A local stand-in for vendors.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
    parser.add_argument("--state", type=Path, help="a file that keeps interviews over restarts")
    parser.add_argument("--latency-ms", type=float, default=0, help="how long each answer takes")
    parser.add_argument("--base-url", default="", help="what interview links start with")
    parser.add_argument("--webhook-speed", type=float, default=1, help="divides the waits between webhook attempts")
    parser.add_argument("--demo", action="store_true", help="allow a host that is not loopback")
    parser.add_argument("--seed-key", action="store_true", help="on first start, also make a key")
    chosen = parser.parse_args(arguments)
    if chosen.latency_ms < 0 or chosen.webhook_speed <= 0:
        parser.error("--latency-ms must not be negative, --webhook-speed must be above 0")
    if chosen.seed_key and chosen.state is None and not os.environ.get("SANDBOX_SEED_KEY"):
        parser.error("--seed-key needs --state or SANDBOX_SEED_KEY, else nobody would know the key")
    return chosen


def seed(sandbox: Sandbox, chosen: argparse.Namespace) -> None:
    """Make, on first start, a company with its templates, and a key where one is asked for; a given one also later.

    With a key, the demo's people have calendars; a given one is a secret of their vendors too. Each start adds weeks
    that have come nearer. Before the sandbox listens: whoever gets an answer finds everybody.
    """
    if chosen.seed_key:
        add_demo_people(sandbox.calendars)
    given = os.environ.get("SANDBOX_SEED_KEY", "") if chosen.seed_key else ""
    if given:
        sandbox.microsoft.make_secret(given)
    if sandbox.vendor.companies:
        if given and digest_of(given) not in sandbox.vendor.keys:
            sandbox.make_key(description="Demo key", key=given)
        return
    sandbox.templates()
    if chosen.seed_key:
        key = sandbox.make_key(description="Demo key", key=given)
        if not given:
            path = Path(f"{chosen.state}.key")
            path.unlink(missing_ok=True)
            with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
                file.write(key + "\n")


def main(arguments: Sequence[str]) -> int:
    """Run until it is told to stop."""
    chosen = options(arguments)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s sandbox %(levelname)s %(message)s")
    finished = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: finished.set())
    try:
        sandbox = Sandbox(
            chosen.state,
            Settings(latency=chosen.latency_ms / 1000, webhook_speed=chosen.webhook_speed),
            host=chosen.host,
            port=chosen.port,
            base_url=chosen.base_url,
            demo=chosen.demo,
        )
        seed(sandbox, chosen)
        sandbox.start()
    except NotLoopback as error:
        return complain(f"{error} Add --demo if that is what you want.")
    except sqlite3.Error as error:
        return complain(f"The state file cannot be used: {error}")
    except (OSError, OverflowError) as error:
        return complain(f"Cannot listen on {chosen.host} port {chosen.port}: {error}")
    sys.stdout.write(f"Sandbox listening on {sandbox.url}\n")
    sys.stdout.flush()
    finished.wait()
    sandbox.stop()
    return 0


def complain(sentence: str) -> int:
    """Say what is wrong and return the exit code for it."""
    sys.stderr.write(sentence + "\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

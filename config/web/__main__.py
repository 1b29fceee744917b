"""Run the web server: `python -m config.web [--host ADDRESS] [--port NUMBER]`."""

from __future__ import annotations

import argparse
import contextlib
import gc
import resource
import signal
import socket
import sys
from collections.abc import Callable

from django.core.exceptions import ImproperlyConfigured

from config import assets, cores, environment
from config.web.bounds import Bounds
from config.web.processes import Processes
from config.web.server import REASONS, THREADS, BoundedServer, listen

#: A connection may have a file for its request and one for its answer.
FILES_PER_CONNECTION = 3
FILES = 4096


def connections(most: int) -> int:
    """As many connections as the system's limit of open files allows; raises the soft limit as far as needed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    return most if soft == resource.RLIM_INFINITY else min(most, soft // FILES_PER_CONNECTION)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m config.web", description="Serves Panelist.")
    parser.add_argument("--host", help="address of this machine to listen on (HOST)")
    parser.add_argument("--port", type=int, help="port to listen on (PORT)")
    chosen = parser.parse_args(arguments)
    environment.read_dotenv()
    try:
        processes = environment.integer("WEB_PROCESSES", cores.one_for_each(), least=1, most=64)
        threads = environment.integer("WEB_THREADS", THREADS, least=1, most=64)
        host = chosen.host or environment.host("HOST", "127.0.0.1")
        port = chosen.port or environment.integer("PORT", 8000, least=1, most=65535)
        listener = listen(host, port)
        serve = prepare(host, port, listener, processes=processes, threads=threads)
    except (ImproperlyConfigured, OSError) as problem:
        print(problem, file=sys.stderr)
        return 1
    if processes == 1:
        serve()
    else:
        Processes(processes, serve).run()
    return 0


def collect_less() -> None:
    """Leave what is imported by now out of garbage collections, and let more objects be made between two of them.

    It lives as long as the process. To look through all of it stopped every request for 150 ms, again and again;
    collections took a tenth of the CPU of pages. Processes that are forked later go on sharing the memory.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def prepare(host: str, port: int, listener: socket.socket, *, processes: int, threads: int) -> Callable[[], None]:
    """Import the application, and return what serves it until a signal asks to stop."""
    from django.template.loader import render_to_string

    from config.wsgi import application

    assets.refuse_missing()
    pages = {code: render_to_string(f"{code}.html").encode() for code in REASONS}
    bounds = Bounds(connections=connections(Bounds.connections), held=Bounds.held // processes)
    collect_less()

    def serve() -> None:
        server = BoundedServer(
            application, host=host, port=port, pages=pages, bounds=bounds, threads=threads, listener=listener
        )
        server.shares = processes > 1
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: server.stop())
        server.run()

    return serve


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Counters and histograms of a process for `/metrics`, kept where every process of this machine can read it.

A web server that is scraped answers for all web servers and workers that share its DATA_DIR. Each process writes to
files of its own, which the kernel keeps whatever becomes of the process, and its values have its name as a label: when
it ends, its values end, and no sum falls back. Labels are words of the code: no organization, person or key.
"""

from __future__ import annotations

import fcntl
import os
import platform
import re
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from prometheus_client import CollectorRegistry, Metric, values
from prometheus_client.multiprocess import MultiProcessCollector

#: Seconds for which the values of an ended process can still be scraped.
KEPT = 600
#: Where prometheus-client looks for the folder of the files.
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
PROCESS = "process"
#: Upper bounds in seconds: of pages, which should take some hundredths, and of calls of vendors, which may take 20.
PAGE_SECONDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
CALL_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60)

#: What this process counts.
registry = CollectorRegistry(auto_describe=False)


class _Process:
    """This process's name, such as `web1-4711`. Holds a lock as long as it lives, also after a fork."""

    def __init__(self) -> None:
        self._number, self._name, self._lock = 0, "", -1

    def __call__(self) -> str:
        if self._number != os.getpid():
            self._number = os.getpid()
            self._name = f"{re.sub('[^A-Za-z0-9.-]', '-', platform.node())}-{self._number}"
            if folder := os.environ.get(FOLDER):
                self._lock = _lock(Path(folder) / f"{self._name}.alive")
        return self._name


process_name = _Process()


def share(folder: Path) -> None:
    """Keep what this process counts in `folder`, and remove there what ended processes have left."""
    folder.mkdir(parents=True, exist_ok=True)
    _remove_ended(folder)
    os.environ[FOLDER] = str(folder)
    values.ValueClass = values.MultiProcessValue(process_name)  # type: ignore[no-untyped-call]


def of_processes() -> Iterator[Metric]:
    """Yield what each process of this machine has counted; without a shared folder, this one."""
    folder = os.environ.get(FOLDER)
    if not folder:
        yield from _together([(process_name(), registry.collect())])
        return
    files: dict[str, list[str]] = defaultdict(list)
    for path in sorted(Path(folder).glob("*.db")):
        files[path.stem.partition("_")[2]].append(str(path))
    yield from _together((name, _read(paths)) for name, paths in files.items())


def _read(paths: list[str]) -> Iterable[Metric]:
    with suppress(FileNotFoundError):  # another process that begins has removed them
        return list(MultiProcessCollector.merge(paths))  # type: ignore[no-untyped-call]
    return []


def _together(processes: Iterable[tuple[str, Iterable[Metric]]]) -> Iterator[Metric]:
    """The metrics of all processes, each one once, with the name of the process at each value."""
    found: dict[str, Metric] = {}
    for name, metrics in processes:
        for metric in metrics:
            one = found.setdefault(metric.name, Metric(metric.name, metric.documentation, metric.type))
            one.samples += [
                sample._replace(labels={**sample.labels, PROCESS: name})
                for sample in metric.samples
                if not sample.name.endswith("_created")
            ]
    yield from found.values()


def _lock(path: Path) -> int:
    """Lock a file for as long as this process lives; -1 where another one has it."""
    file = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(file)
        return -1
    return file


def _remove_ended(folder: Path) -> None:
    for alive in folder.glob("*.alive"):
        files = [alive, *folder.glob(f"*_{alive.stem}.db")]
        lock = _lock(alive)
        if lock == -1:
            continue
        with suppress(FileNotFoundError):
            if time.time() - max(path.stat().st_mtime for path in files) > KEPT:
                for path in files:
                    path.unlink()
        os.close(lock)

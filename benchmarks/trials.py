"""Run the tests against mutants: a pytest plugin that forks a process for each, with a database of its own."""

from __future__ import annotations

import gc
import importlib
import json
import os
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable, Container, Iterable
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

from benchmarks.mutations import ROOT, Mutant, all_modules

KILLED, SURVIVED, TIMEOUT, UNREACHED = "killed", "survived", "timeout", "not reached"


def functions_loaded() -> dict[tuple[str, str], list[FunctionType]]:
    """The function objects of this process, behind whatever decorators, by their file and qualified name."""
    found: dict[tuple[str, str], list[FunctionType]] = {}
    for each in gc.get_objects():
        if isinstance(each, FunctionType):
            found.setdefault((each.__code__.co_filename, each.__code__.co_qualname), []).append(each)
    return found


class Reach:
    """The tests that run each line (by path and line), and the seconds that each of them takes."""

    def __init__(self, tests: dict[str, dict[str, list[str]]], seconds: dict[str, float]) -> None:
        self.tests = tests
        self.seconds = seconds
        self._all = self._counts(*tests)

    def of(self, mutant: Mutant, collected: Iterable[str]) -> list[str]:
        """The tests that reach a mutant; short ones and those closer to its module first.

        Before them come those that nothing is known of, because they are newer.
        """
        lines = self.tests.get(mutant.path, {})
        first, last = mutant.statement
        reaching = {test for line in range(first, last + 1) for test in lines.get(str(line), ())}
        here = self._counts(mutant.path)
        cost = {test: self.seconds[test] * self._all[test] / here[test] for test in reaching & set(collected)}
        known = sorted(cost, key=lambda test: (cost[test], test))
        return [test for test in collected if test not in self.seconds] + known

    def _counts(self, *paths: str) -> Counter[str]:
        return Counter(test for path in paths for tests in self.tests.get(path, {}).values() for test in tests)


class Trial:
    """A pytest plugin that runs, instead of the collected tests, each mutant against those that reach it."""

    def __init__(self, mutants: list[Mutant], outcomes: Outcomes, folder: Path, until: float, most: int) -> None:
        self.mutants = mutants
        self.outcomes = outcomes
        self.folder = folder
        self.until = until
        self.most_tests = most
        self.functions: dict[tuple[str, str], list[FunctionType]] = {}
        self.failed: list[str] = []
        self.seconds: dict[str, float] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0) + report.duration
        if report.failed:
            self.failed.append(report.nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {item.nodeid: item for item in session.items}
        make_database(session)
        warm_up()
        self.functions = functions_loaded()
        gc.freeze()  # what was there before a fork stays shared; gc.get_objects() names none of it any more
        reach = self.reach(session, items)
        for number, mutant in enumerate(self.mutants, 1):
            if time.time() > self.until:
                break
            if mutant.key in self.outcomes.known:
                continue
            tests = reach.of(mutant, items)[: self.most_tests or None]
            outcome = self.try_one(session, mutant, [items[test] for test in tests], reach)
            self.outcomes.add(mutant, outcome)
            print(f"{number:4} {outcome[0]:11} {outcome[1]} {mutant}", flush=True)
        remove_databases()
        return True

    def try_one(
        self, session: pytest.Session, mutant: Mutant, items: list[pytest.Item], reach: Reach
    ) -> tuple[str, str]:
        """Try one mutant. Return its outcome, and the test that killed it or the number of tests that did not."""
        targets = self.functions.get((mutant.code.co_filename, mutant.code.co_qualname), [])
        if not items or not targets:
            return UNREACHED, "by no test"
        answer = self.folder / "failed"
        answer.unlink(missing_ok=True)

        def run() -> None:
            for target in targets:
                target.__code__ = mutant.code
            self.run(session, items)
            answer.write_text(self.failed[0] if self.failed else "")

        max_wait = 60 + 10 * sum(reach.seconds.get(item.nodeid, 1) for item in items)
        if not forked(run, max_wait):
            return TIMEOUT, f"after {max_wait:.0f} s"
        failed = answer.read_text() if answer.exists() else "the process"
        return (KILLED, failed) if failed else (SURVIVED, f"{len(items)} tests")

    def reach(self, session: pytest.Session, items: dict[str, pytest.Item]) -> Reach:
        """The lines that tests reach: read from the folder, or found by running every test once."""
        known = self.folder / "reach.json"

        def run() -> None:
            import coverage

            paths = [str(path) for path in all_modules()]
            measure = coverage.Coverage(data_file=None, include=paths, config_file=False)
            measure.start()
            self.run(session, list(items.values()), measure.switch_context, most_failures=len(items))
            measure.stop()
            known.write_text(json.dumps([self.lines_of(measure.get_data(), paths), self.seconds, self.failed]))

        if not known.exists():
            forked(run, 24 * 3600)
        tests, seconds, failed = json.loads(known.read_text())
        for test in failed:
            print(f"Left out, because it fails without a mutant: {test}", flush=True)
            items.pop(test, None)
        return Reach(tests, seconds)

    def lines_of(self, data: Any, paths: list[str]) -> dict[str, dict[str, list[str]]]:
        return {
            str(Path(path).relative_to(ROOT)): {
                str(line): [test for test in tests if test and test not in self.failed]
                for line, tests in data.contexts_by_lineno(path).items()
            }
            for path in paths
        }

    def run(
        self,
        session: pytest.Session,
        items: list[pytest.Item],
        announce: Callable[[str], object] = lambda _: None,
        most_failures: int = 1,
    ) -> None:
        """Run tests until so many have failed; `announce` is called with each before it begins."""
        if reporter := session.config.pluginmanager.get_plugin("terminalreporter"):
            session.config.pluginmanager.unregister(reporter)
        for number, item in enumerate(items):
            announce(item.nodeid)
            following = items[number + 1] if number + 1 < len(items) else None
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if len(self.failed) >= most_failures:
                break


class Outcomes:
    """The outcome of each mutant that was tried, kept in the folder so that a run can go on where it stopped."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "outcomes.json"
        self.known: dict[str, tuple[str, str]] = json.loads(self._file.read_text()) if self._file.exists() else {}

    def add(self, mutant: Mutant, outcome: tuple[str, str]) -> None:
        self.known[mutant.key] = outcome
        self._file.write_text(json.dumps(self.known, indent=1))

    def forget(self, kinds: Container[str]) -> None:
        self.known = {key: outcome for key, outcome in self.known.items() if outcome[0] not in kinds}


def make_database(session: pytest.Session) -> None:
    """Migrate once. The fixture that would do it again in each process finds nothing to do."""
    import django.test.utils
    from django.db import connections
    from pytest_django.plugin import blocking_manager_key

    with session.config.stash[blocking_manager_key].unblock():
        django.test.utils.setup_databases(verbosity=0, interactive=False)
        connections.close_all()
    django.test.utils.setup_databases = lambda *_, **__: []


def warm_up() -> None:
    """Load what each forked process would load again: the modules, all views, all templates."""
    from django.template.loader import get_template
    from django.urls import get_resolver

    for path in all_modules():
        importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    assert get_resolver().url_patterns
    folder = ROOT / "templates"
    for path in folder.rglob("*.html"):
        get_template(str(path.relative_to(folder)))


def own_database() -> None:
    """Give this process a copy of the database."""
    from django.conf import settings
    from django.db import connections

    made = Path(str(settings.DATABASES["default"]["NAME"]))
    own = made.with_name(f"{made.stem}-{os.getpid()}.sqlite3")
    shutil.copy(made, own)
    settings.DATABASES["default"]["NAME"] = connections["default"].settings_dict["NAME"] = str(own)


def remove_databases(process: int | None = None) -> None:
    """Remove the databases that a process left behind; without one, those of this process and all of its children."""
    from django.conf import settings

    made = Path(str(settings.DATABASES["default"]["NAME"]))
    for left in made.parent.glob(f"{made.stem}-{process}.*" if process else f"{made.stem}*"):
        left.unlink(missing_ok=True)


def forked(run: Callable[[], None], max_wait: float) -> bool:
    """Call `run` in a process of its own, with its own database. Return whether it ended within so many seconds."""
    child = os.fork()
    if child == 0:
        try:
            os.setsid()
            silence = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silence, 1)
            os.dup2(silence, 2)
            own_database()
            run()
        finally:
            os._exit(0)
    deadline = time.monotonic() + max_wait
    while time.monotonic() < deadline and os.waitpid(child, os.WNOHANG) == (0, 0):
        time.sleep(0.05)
    ended = time.monotonic() < deadline
    if not ended:
        os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
    remove_databases(child)
    return ended

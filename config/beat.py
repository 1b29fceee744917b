"""Celery's beat, with times that may be lost: it starts anew where their file can't be read, and goes on without one.

Beat keeps in a file when it has sent what, and ends when that file is damaged, which a death in the middle of a write
or a full disk does to it. Then it would end at every start. It is the one that nobody can do without: what was lost
elsewhere is found because beat sends the sweepers.
"""

from __future__ import annotations

import contextlib
import shelve
from typing import Any

import structlog
from celery.beat import PersistentScheduler

log = structlog.get_logger(__name__)


class Scheduler(PersistentScheduler):
    """An entry whose time is lost counts as sent just now."""

    _store: shelve.Shelf[Any] | None

    def _open_schedule(self) -> shelve.Shelf[Any]:
        for _attempt in range(2):
            try:
                store: shelve.Shelf[Any] = super()._open_schedule()  # type: ignore[misc]
                dict(store)  # what can't be read must show now
                return store
            except Exception as problem:  # each kind of dbm has errors of its own, and pickle has more
                log.warning("beat_times_lost", problem=type(problem).__name__)
                with contextlib.suppress(OSError):
                    self._remove_db()  # type: ignore[attr-defined]
        return in_memory()

    def sync(self) -> None:
        """Where it can't be written, the times are kept in memory from here on."""
        if self._store is None:
            return
        entries = self.schedule
        try:
            super().sync()
        except Exception as problem:  # a full disk; of some kinds of dbm not as an OSError
            log.warning("beat_times_not_kept", problem=type(problem).__name__)
            with contextlib.suppress(Exception):
                self._store.dict.close()  # type: ignore[attr-defined]
            self._store = in_memory(entries=entries)

    def close(self) -> None:
        """Beat closes it twice at its end: when the signal comes, and after its loop."""
        super().close()
        self._store = None


def in_memory(**content: Any) -> shelve.Shelf[Any]:
    """What a file would hold."""
    store: shelve.Shelf[Any] = shelve.Shelf({}, writeback=True)
    store.update(content)
    return store

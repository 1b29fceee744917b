"""The order in which waiting requests get a thread: a click and its progress do not stand behind whole pages.

A page takes ten times as long as what an open page asks for, and people wait for a click's answer with their eyes on
it. So clicks, parts of pages and static files come first; after a few of them in a row one page does.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Final, Generic, Protocol, TypeVar

#: Urgent ones in a row while a page waits: pages get a share of the threads whatever else is asked for.
IN_A_ROW: Final = 4
#: Beginnings of addresses whose answers take no time.
QUICK: Final = ("/static/", "/healthz", "/readyz")


class Asked(Protocol):
    """A request of waitress' parser."""

    command: str
    path: str
    headers: Mapping[str, str]
    error: object


class Waiting(Protocol):
    """A connection with a request to answer."""

    requests: list[Asked]


WaitingT = TypeVar("WaitingT", bound=Waiting)


def is_urgent(request: Asked) -> bool:
    """Whether a request is no whole page: something is sent, an open page asks (htmx), or it is refused already."""
    if request.error or request.command not in {"GET", "HEAD"}:
        return True
    return "HX_REQUEST" in request.headers or request.path.startswith(QUICK)


class Queue(Generic[WaitingT]):
    """The waiting connections, with those methods of a `deque` that waitress uses. Of two alike, the first comes first.

    Called under the dispatcher's lock.
    """

    def __init__(self) -> None:
        self.urgent: deque[WaitingT] = deque()
        self.pages: deque[WaitingT] = deque()
        self.in_a_row = 0

    def __len__(self) -> int:
        return len(self.urgent) + len(self.pages)

    def append(self, channel: WaitingT) -> None:
        urgent = bool(channel.requests) and is_urgent(channel.requests[0])
        (self.urgent if urgent else self.pages).append(channel)

    def popleft(self) -> WaitingT:
        """Take the next one. Raises IndexError where none waits."""
        if self.urgent and (not self.pages or self.in_a_row < IN_A_ROW):
            self.in_a_row = self.in_a_row + 1 if self.pages else 0
            return self.urgent.popleft()
        self.in_a_row = 0
        return self.pages.popleft()

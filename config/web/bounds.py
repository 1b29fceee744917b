"""How much of the web server one visitor may occupy, before Django sees the request and without a sign-in."""

from __future__ import annotations

import re
from dataclasses import dataclass

MEGABYTE = 1_000_000
#: Bytes of a request's body; as much as Django reads of a form.
LARGEST_BODY = 2_621_440
#: The exceptions, by path: uploads of 5 MB with what a form adds, and the calls of vendors, which are small.
LARGEST_BODIES = [
    (re.compile(r"/o/[^/]+/candidates/import/"), 6 * MEGABYTE),
    (re.compile(r"/hooks/.*"), 262_144),
]


@dataclass(frozen=True)
class Bounds:
    """Seconds, bytes and connections. A request has `start` seconds, and one more for each `slowest` bytes it sends."""

    start: float = 30.0
    slowest: int = 20_000
    #: Until the last byte of an answer is taken.
    answer: float = 300.0
    #: Between two requests. Longer than the 60 s after which load balancers drop a connection that they keep.
    idle: float = 75.0
    connections: int = 1000
    #: Bodies and answers of all connections together, in memory or in temporary files.
    held: int = 200 * MEGABYTE
    #: A body that is too large is read and thrown away up to here: a browser shows an answer only after sending all.
    unread: int = 25 * MEGABYTE


def largest_body(path: str) -> int:
    """The most bytes that the body of a request to this path may have."""
    return next((most for pattern, most in LARGEST_BODIES if pattern.fullmatch(path)), LARGEST_BODY)

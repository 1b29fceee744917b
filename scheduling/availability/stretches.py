"""Stretches of time: clipped, joined, and cut out of each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple


class Stretch(NamedTuple):
    """From a moment until another, which is not part of it. Both are aware."""

    starts_at: datetime
    ends_at: datetime

    def meets(self, other: Stretch) -> bool:
        """Return whether both have a moment in common: not when one ends as the other begins."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


def clipped(stretches: Iterable[Stretch], whole: Stretch) -> list[Stretch]:
    """Return the parts that lie in `whole`, in order, with those joined that touch."""
    parts = sorted(Stretch(max(one.starts_at, whole.starts_at), min(one.ends_at, whole.ends_at)) for one in stretches)
    joined: list[Stretch] = []
    for part in parts:
        if part.starts_at >= part.ends_at:
            continue
        if joined and part.starts_at <= joined[-1].ends_at:
            joined[-1] = Stretch(joined[-1].starts_at, max(joined[-1].ends_at, part.ends_at))
        else:
            joined.append(part)
    return joined


def gaps(stretches: Sequence[Stretch], whole: Stretch) -> list[Stretch]:
    """Return the parts of `whole` between the stretches, which are in order and do not overlap."""
    edges = [whole.starts_at, *(edge for stretch in stretches for edge in stretch), whole.ends_at]
    return [Stretch(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end]


def without(stretches: Iterable[Stretch], taken: Iterable[Stretch]) -> list[Stretch]:
    """Return the parts of the stretches that are not taken."""
    left = list(stretches)
    for other in taken:
        left = [part for one in left for part in _cut(one, other)]
    return left


def _cut(stretch: Stretch, other: Stretch) -> Iterator[Stretch]:
    before = Stretch(stretch.starts_at, min(stretch.ends_at, other.starts_at))
    after = Stretch(max(stretch.starts_at, other.ends_at), stretch.ends_at)
    return (part for part in (before, after) if part.starts_at < part.ends_at)

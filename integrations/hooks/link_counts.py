"""Link counts: how many links depend on an integration, as the apps know that keep links."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass

from integrations.models import Integration


@dataclass(frozen=True, slots=True)
class LinkCounts:
    """How many links of an integration are alive; of those, how many work, how many of these nobody has used, and how
    many are still to be made; and how many are being removed at the vendor, or will be once it has answered.

    Of links that failed at most one is counted, among those that are alive."""

    live: int = 0
    working: int = 0
    unused: int = 0
    planned: int = 0
    removing: int = 0


SOURCES: list[Callable[[Integration], LinkCounts]] = []


def link_counts(integration: Integration) -> LinkCounts:
    """The sums over all sources."""
    counts = [astuple(LinkCounts()), *(astuple(source(integration)) for source in SOURCES)]
    return LinkCounts(*map(sum, zip(*counts, strict=True)))

"""Risks: what will fail while an integration is paused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from integrations.models import Integration


@dataclass(frozen=True, slots=True)
class Risk:
    """An upcoming interview that has no working link while the integration is paused.

    `text` names it with its time and zone; `address` is the path of its page.
    """

    text: str
    address: str


#: Each returns its risks with the soonest first, times in the active zone.
SOURCES: list[Callable[[Integration], list[Risk]]] = []


def risks(integration: Integration) -> list[Risk]:
    return [risk for source in SOURCES for risk in source(integration)]

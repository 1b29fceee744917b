"""Planned interviews: how many interviews of plans get a link of an integration by default."""

from __future__ import annotations

from collections.abc import Callable

from integrations.models import Integration

SOURCES: list[Callable[[Integration], int]] = []


def planned_interviews(integration: Integration) -> int:
    """The sum over all sources; 0 before anything is connected."""
    return sum(source(integration) for source in SOURCES) if integration.is_connected else 0

"""Days of an integration, as `integrations.call_counts` would have written them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from datetime import date

from integrations.call_counts import BOUNDS
from integrations.models import Integration, IntegrationDay

__all__ = ["BOUNDS", "fill"]


def fill(
    integration: Integration,
    day: date,
    *,
    made: int = 0,
    failures: Mapping[str, int] | None = None,
    seconds: float = 0.3,
) -> IntegrationDay:
    """Make a day on which each link took so many seconds."""
    times = [0] * (len(BOUNDS) + 1)
    times[bisect_left(BOUNDS, seconds)] = made
    return IntegrationDay.objects.create(
        organization=integration.organization,
        integration=integration,
        day=day,
        made=made,
        failures=dict(failures or {}),
        times=times,
    )

"""Time zones to choose from."""

from __future__ import annotations

import functools
import zoneinfo

REGIONS = ["Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"]


@functools.cache
def zone_choices() -> list[tuple[str, str]]:
    """(IANA name, words) of each zone that people know by a place, and UTC first."""
    regions = tuple(f"{region}/" for region in REGIONS)
    names = sorted(name for name in zoneinfo.available_timezones() if name.startswith(regions))
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in names)]

"""The list of time zones for forms and files: each place once, by its city, with its offset.

Places come from `zone.tab` of the `tzdata` package. A zone that is stored under an older name, such as Asia/Calcutta,
stays as it is, and is offered where it is in use.
"""

from __future__ import annotations

import functools
import zoneinfo
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

_DATABASE = files("tzdata") / "zoneinfo"
#: Names that differ from machine to machine, or mean nothing.
_NO_PLACE = {"localtime", "Factory", "posixrules"}
#: Abbreviations that the database links to an arbitrary city.
_ABBREVIATIONS = {"EST", "MST", "HST", "CET", "MET", "EET", "WET"}
_UTC = {"UTC", "Etc/UTC", "Etc/GMT"}


@functools.cache
def names() -> tuple[str, ...]:
    """IANA names of the offered zones: UTC, then by city."""
    places = {columns[2] for columns in _table("zone.tab")}
    return ("UTC", *sorted(places & _valid(), key=city))


@functools.cache
def countries() -> dict[str, tuple[str, str]]:
    """Offered zone -> its country's code and English name, in the database's order; both "" for UTC."""
    english = dict(_table("iso3166.tab"))
    rows = [(columns[2], columns[0]) for columns in _table("zone.tab")]
    return {"UTC": ("", "")} | {zone: (code, english.get(code, "")) for zone, code in rows if zone in names()}


def _table(name: str) -> list[list[str]]:
    lines = (_DATABASE / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def known(name: str) -> str | None:
    """The offered zone that a name means: Asia/Kolkata for asia/calcutta, America/New_York for US/Eastern.

    None for names that are no place: EST, which New York keeps only in winter, Etc/GMT+5, whose sign is reversed,
    Factory and localtime.
    """
    return _spellings().get("_".join(name.split()).casefold())


def is_valid(name: str) -> bool:
    """Whether a name is in the time zone database, older names included."""
    return name in _valid()


def city(name: str) -> str:
    """A zone's city: `New York` for America/New_York."""
    return name.rpartition("/")[2].replace("_", " ")


def label(name: str, at: datetime | None = None) -> str:
    """A zone's city with its offset at a moment, by default now: `Berlin (GMT+1)`."""
    if name == "UTC":
        return name
    return f"{city(name)} ({offset(name, at or datetime.now(UTC))})"


def offset(name: str, at: datetime) -> str:
    """A zone's offset at a moment: `GMT+5:30`, `GMT-3` or `GMT`."""
    ahead = at.astimezone(_zone(name)).utcoffset() or timedelta(0)
    hours, minutes = divmod(abs(ahead) // timedelta(minutes=1), 60)
    if not (hours or minutes):
        return "GMT"
    return f"GMT{'-' if ahead < timedelta(0) else '+'}{hours}" + (f":{minutes:02}" if minutes else "")


# ZoneInfo caches only eight, and reading four hundred files is slow.
@functools.cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@functools.cache
def _valid() -> frozenset[str]:
    """Names in the database, read once per process because it is slow."""
    return frozenset(zoneinfo.available_timezones() - _NO_PLACE)


@functools.cache
def older() -> dict[str, str]:
    """Older names -> the offered zones that they mean."""
    found = {}
    for line in (_DATABASE / "tzdata.zi").read_text(encoding="ascii").splitlines():
        if not line.startswith("L "):
            continue
        target, name = line.split()[1:3]
        meant = "UTC" if target in _UTC else target
        if meant in names() and name not in names() and name not in _ABBREVIATIONS:
            found[name] = meant
    return found


@functools.cache
def _spellings() -> dict[str, str]:
    """Names in lower case -> the offered zones that they mean."""
    meant = dict.fromkeys(_UTC, "UTC") | older() | {name: name for name in names()}
    return {spelling.casefold(): name for spelling, name in meant.items()}

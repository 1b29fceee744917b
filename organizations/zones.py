"""The one list of time zones, for forms and for files: each place once, by its city, with its offset.

Places come from the time zone database (`zone.tab` of the `tzdata` package). A zone that is stored under an older
spelling, such as Asia/Calcutta, stays as it is, and is offered where it is in use.
"""

from __future__ import annotations

import functools
import zoneinfo
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

_DATABASE = files("tzdata") / "zoneinfo"
#: Names that say something else on each machine, or nothing at all.
_NO_PLACE = {"localtime", "Factory", "posixrules"}
#: Abbreviations that the database keeps as links to a city which no reader of them has in mind.
_ABBREVIATIONS = {"EST", "MST", "HST", "CET", "MET", "EET", "WET"}
_UTC = {"UTC", "Etc/UTC", "Etc/GMT"}


@functools.cache
def names() -> tuple[str, ...]:
    """IANA names of the places on offer, by city, and UTC first."""
    lines = (_DATABASE / "zone.tab").read_text(encoding="ascii").splitlines()
    places = {line.split("\t")[2] for line in lines if line and not line.startswith("#")}
    return ("UTC", *sorted(places & _valid(), key=city))


def known(name: str) -> str | None:
    """The name on offer that is meant: Asia/Kolkata for asia/calcutta, America/New_York for US/Eastern.

    None for what is no place: for EST, which New York keeps in winter only, for Etc/GMT+5, whose sign is the other way
    round, for Factory and for localtime.
    """
    return _spellings().get("_".join(name.split()).casefold())


def is_valid(name: str) -> bool:
    """Whether clocks can be read in it: every name of the database, older spellings too."""
    return name in _valid()


def city(name: str) -> str:
    """`New York` for America/New_York."""
    return name.rpartition("/")[2].replace("_", " ")


def label(name: str, at: datetime | None = None) -> str:
    """`Berlin (GMT+1)`: the city, and how far its clocks are ahead at a moment (now)."""
    if name == "UTC":
        return name
    return f"{city(name)} ({offset(name, at or datetime.now(UTC))})"


def offset(name: str, at: datetime) -> str:
    """`GMT+5:30`, `GMT-3` or `GMT`: how far clocks in a zone are ahead at a moment."""
    ahead = at.astimezone(_zone(name)).utcoffset() or timedelta(0)
    hours, minutes = divmod(abs(ahead) // timedelta(minutes=1), 60)
    if not (hours or minutes):
        return "GMT"
    return f"GMT{'-' if ahead < timedelta(0) else '+'}{hours}" + (f":{minutes:02}" if minutes else "")


def zone_choices(*kept: str) -> list[tuple[str, str]]:
    """Options of a time zone field: (name, words). Names in `kept` are there even when they are older spellings."""
    offered = _choices(datetime.now(UTC).replace(minute=0, second=0, microsecond=0))
    extra = [name for name in dict.fromkeys(kept) if name not in names() and is_valid(name)]
    return [*((name, label(name)) for name in extra), *offered]


# Offsets change on the hour at most. Two hours, for those who ask while it strikes.
@functools.lru_cache(maxsize=2)
def _choices(hour: datetime) -> tuple[tuple[str, str], ...]:
    return tuple((name, label(name, hour)) for name in names())


# ZoneInfo keeps but eight of them, and reading four hundred files takes long.
@functools.cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@functools.cache
def _valid() -> frozenset[str]:
    """Asking the system takes long: once for each process."""
    return frozenset(zoneinfo.available_timezones() - _NO_PLACE)


@functools.cache
def older() -> dict[str, str]:
    """The place on offer that each older spelling means."""
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
    """What each spelling means, by its small letters."""
    meant = dict.fromkeys(_UTC, "UTC") | older() | {name: name for name in names()}
    return {spelling.casefold(): name for spelling, name in meant.items()}

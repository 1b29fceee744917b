"""Find time zones by a city, a country, an older name or an abbreviation, as somebody types it."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches

from organizations.search import fold
from organizations.zone_parsing import abbreviated, other_names, parse_zone
from organizations.zones import city, countries, known, label, offset, older

MOST = 20
#: Offered before anything is typed: a place of each part of the world where many people work.
_USUAL = (
    *("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Sao_Paulo"),
    *("UTC", "Europe/London", "Europe/Berlin", "Asia/Kolkata", "Asia/Tokyo", "Australia/Sydney"),
)
_OFFSET = re.compile(r"(?:gmt|utc)?\s*([+\-−])\s*(\d{1,2}):?(\d{2})?", re.IGNORECASE)
#: Names of countries that the database calls otherwise.
OTHER_NAMES = {
    "GB": ("United Kingdom", "UK", "England", "Great Britain"),
    "US": ("United States of America", "USA"),
    "KR": ("South Korea", "Republic of Korea"),
    "KP": ("North Korea",),
    "CZ": ("Czechia",),
    "TR": ("Türkiye",),
    "NL": ("Holland",),
    "CI": ("Ivory Coast",),
    "CV": ("Cape Verde",),
    "MM": ("Burma",),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A zone as a list offers it: `label` is its city with the offset of now, `country` a code such as DE, or ""."""

    zone: str
    label: str
    country: str
    country_name: str


@dataclass(frozen=True, slots=True)
class _Names:
    zone: str
    city: str
    others: tuple[str, ...]
    countries: tuple[str, ...]
    code: str


def search(words: str, here: str = "") -> list[Place]:
    """The zones that the words mean, likeliest first. Without words: the browser's zone `here`, then usual ones."""
    asked = fold(words.replace("/", " ").replace("_", " "))
    if not asked:
        return [_place(zone) for zone in dict.fromkeys([*_of_browser(here), *_USUAL])]
    exact = [*abbreviated(words), *filter(None, [parse_zone(words)]), *_with_offset(words)]
    ranked = sorted((rank, at, each.zone) for at, each in enumerate(_all()) if (rank := _rank(each, asked)) is not None)
    return [_place(zone) for zone in list(dict.fromkeys([*exact, *(zone for _rank, _at, zone in ranked)]))[:MOST]]


def nearest(words: str) -> list[Place]:
    """Three zones at most that somebody may have meant who wrote something else."""
    found = search(words)[:3]
    if found:
        return found
    spellings: dict[str, str] = {}
    for each in _all():
        for name in (each.city, *each.others, *each.countries):
            spellings.setdefault(name, each.zone)
    close = get_close_matches(fold(words)[:60], spellings, n=3, cutoff=0.7)
    return [_place(zone) for zone in dict.fromkeys(spellings[name] for name in close)]


def _of_browser(here: str) -> Iterable[str]:
    zone = known(here)
    return [zone] if zone else []


def _with_offset(words: str) -> list[str]:
    """The zones that have an offset now: for GMT+1, UTC+01:00 or +1."""
    found = _OFFSET.fullmatch(words.strip())
    if found is None:
        return []
    minutes = f":{found[3]}" if found[3] and found[3] != "00" else ""
    asked, now = f"GMT{found[1].replace('−', '-')}{int(found[2])}{minutes}", datetime.now(UTC)
    return [each.zone for each in _all() if offset(each.zone, now) == asked]


def _rank(each: _Names, asked: str) -> int | None:
    """How well a zone fits, 0 best; None: not at all."""
    if asked in {each.city, *each.others, *each.countries, each.code}:
        return 0
    if each.city.startswith(asked):
        return 1
    if any(name.startswith(asked) for name in each.others):
        return 2
    if any(name.startswith(asked) for name in each.countries):
        return 3
    starts = f" {' '.join([each.city, *each.others, *each.countries, fold(each.zone.replace('/', ' '))])}"
    return 4 if all(f" {word}" in starts for word in asked.split()) else None


@functools.cache
def _all() -> tuple[_Names, ...]:
    """Each offered zone with its folded names: usual ones first, then those of a country in the database's order."""
    others: dict[str, list[str]] = {}
    for name, zone in (other_names() | {city(name): zone for name, zone in older().items()}).items():
        others.setdefault(zone, []).append(fold(name))
    known_countries = countries()
    found = []
    for zone in dict.fromkeys([*_USUAL, *known_countries]):
        code, country = known_countries[zone]
        spellings = tuple(fold(name) for name in (country, *OTHER_NAMES.get(code, ())) if name)
        found.append(_Names(zone, fold(city(zone)), tuple(others.get(zone, ())), spellings, code.lower()))
    return tuple(found)


def _place(zone: str) -> Place:
    code, country = countries()[zone]
    return Place(zone, label(zone), code, country)

"""Parse time zones as people and other programs write them, or advise what to write instead."""

from __future__ import annotations

import functools
import re

from django.utils.translation import gettext as _
from tzlocal.windows_tz import win_tz

from organizations.zones import city, known, names

#: Names that Windows, Outlook and people use instead of an IANA name.
_SHOWN = {
    "eastern time": "America/New_York",
    "central time": "America/Chicago",
    "mountain time": "America/Denver",
    "pacific time": "America/Los_Angeles",
    "atlantic time": "America/Halifax",
    "alaska": "America/Anchorage",
    "hawaii": "Pacific/Honolulu",
    "arizona": "America/Phoenix",
    "greenwich mean time": "Europe/London",
    "coordinated universal time": "UTC",
    "mumbai": "Asia/Kolkata",
    "new delhi": "Asia/Kolkata",
    "bern": "Europe/Zurich",
    "beijing": "Asia/Shanghai",
    "osaka": "Asia/Tokyo",
    "edinburgh": "Europe/London",
    "manchester": "Europe/London",
    "frankfurt": "Europe/Berlin",
    "munich": "Europe/Berlin",
    "münchen": "Europe/Berlin",
    "hamburg": "Europe/Berlin",
    "cologne": "Europe/Berlin",
    "köln": "Europe/Berlin",
    "wien": "Europe/Vienna",
    "zürich": "Europe/Zurich",
    "geneva": "Europe/Zurich",
    "milan": "Europe/Rome",
    "barcelona": "Europe/Madrid",
    "lyon": "Europe/Paris",
    "kraków": "Europe/Warsaw",
    "saint petersburg": "Europe/Moscow",
    "bangalore": "Asia/Kolkata",
    "bengaluru": "Asia/Kolkata",
    "delhi": "Asia/Kolkata",
    "hyderabad": "Asia/Kolkata",
    "chennai": "Asia/Kolkata",
    "pune": "Asia/Kolkata",
    "shenzhen": "Asia/Shanghai",
    "abu dhabi": "Asia/Dubai",
    "são paulo": "America/Sao_Paulo",
    "rio de janeiro": "America/Sao_Paulo",
    "montreal": "America/Toronto",
    "washington": "America/New_York",
    "boston": "America/New_York",
    "miami": "America/New_York",
    "atlanta": "America/New_York",
    "austin": "America/Chicago",
    "dallas": "America/Chicago",
    "houston": "America/Chicago",
    "california": "America/Los_Angeles",
    "seattle": "America/Los_Angeles",
    "canberra": "Australia/Sydney",
    "san francisco": "America/Los_Angeles",
    "tel aviv": "Asia/Jerusalem",
    "kiev": "Europe/Kyiv",
}
#: Abbreviations that hold for half of the year, or in several places -> zones to write instead, likeliest first.
_MEANT = {
    "EST": ["America/New_York"],
    "EDT": ["America/New_York"],
    "ET": ["America/New_York"],
    "CST": ["America/Chicago", "Asia/Shanghai"],
    "CDT": ["America/Chicago"],
    "CT": ["America/Chicago"],
    "MST": ["America/Denver", "America/Phoenix"],
    "MDT": ["America/Denver"],
    "MT": ["America/Denver"],
    "PST": ["America/Los_Angeles"],
    "PDT": ["America/Los_Angeles"],
    "PT": ["America/Los_Angeles"],
    "AST": ["America/Halifax", "Asia/Riyadh"],
    "AKST": ["America/Anchorage"],
    "HST": ["Pacific/Honolulu"],
    "BST": ["Europe/London"],
    "IST": ["Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"],
    "WET": ["Europe/Lisbon"],
    "WEST": ["Europe/Lisbon"],
    "CET": ["Europe/Berlin", "Europe/Paris"],
    "CEST": ["Europe/Berlin", "Europe/Paris"],
    "MET": ["Europe/Berlin"],
    "MEZ": ["Europe/Berlin"],
    "MESZ": ["Europe/Berlin"],
    "EET": ["Europe/Helsinki", "Europe/Athens"],
    "EEST": ["Europe/Helsinki", "Europe/Athens"],
    "MSK": ["Europe/Moscow"],
    "GST": ["Asia/Dubai"],
    "PKT": ["Asia/Karachi"],
    "SGT": ["Asia/Singapore"],
    "HKT": ["Asia/Hong_Kong"],
    "KST": ["Asia/Seoul"],
    "JST": ["Asia/Tokyo"],
    "AEST": ["Australia/Sydney", "Australia/Brisbane"],
    "AEDT": ["Australia/Sydney"],
    "ACST": ["Australia/Adelaide", "Australia/Darwin"],
    "AWST": ["Australia/Perth"],
    "NZST": ["Pacific/Auckland"],
    "BRT": ["America/Sao_Paulo"],
    "ART": ["America/Argentina/Buenos_Aires"],
}
_OF_TWO = re.compile(r"([ECMP])ST\d[ECMP]DT", re.IGNORECASE)
_OFFSET = re.compile(r"(?:etc/)?(?:gmt|utc|z)?\s*[+\-\u2212]?\s*\d{1,2}(?::?\d{2})?", re.IGNORECASE)
_BEFORE = re.compile(r"^\s*\((?:GMT|UTC)[^)]*\)\s*", re.IGNORECASE)
_BEHIND = re.compile(r"\s*\([^)]*\)\s*$")


@functools.lru_cache(maxsize=2000)
def parse_zone(written: str) -> str | None:
    """The offered zone that an IANA name, a Windows name, a city or a label of a program means.

    None for abbreviations, offsets and unknown names: `zone_advice` says what to write.
    """
    if found := known(written):
        return found
    if abbreviated(written):
        return None
    windows = " ".join(written.split()).casefold().replace(" daylight ", " standard ").replace(" summer ", " standard ")
    if found := _windows().get(windows):
        return found
    shown = _BEHIND.sub("", _BEFORE.sub("", written))
    for part in shown.split(","):
        if found := known(part) or _cities().get(" ".join(part.replace("_", " ").split()).casefold()):
            return found
    return None


def zone_advice(written: str) -> str:
    """The message for a zone that `parse_zone` did not understand: what is wrong, and what to write."""
    if places := abbreviated(written):
        cities = _(" or ").join(city(place) for place in places)
        values = {"written": _BEHIND.sub("", written).strip(), "cities": cities}
        if values["written"].upper().endswith("ST"):
            return _("“%(written)s” doesn't follow summer time. Enter %(cities)s.") % values
        return _("“%(written)s” is not a place. Enter %(cities)s.") % values
    if _OFFSET.fullmatch(written.strip()) or written.strip().casefold().startswith("etc/"):
        return _("An offset doesn't tell when clocks change. Enter a city like Berlin.")
    if written.strip().casefold() in {"localtime", "posixrules", "factory", "local", "system"}:
        return _("“%(written)s” differs from computer to computer. Enter a city like Berlin.") % {"written": written}
    return _("This is not a time zone. Enter a city like Berlin, or leave it empty.")


def abbreviated(written: str) -> list[str]:
    """The zones that an abbreviation may mean, likeliest first: Berlin and Paris for CET."""
    word = _BEHIND.sub("", written).strip().upper()
    if two := _OF_TWO.fullmatch(word):
        word = f"{two[1]}ST"
    return _MEANT.get(word, [])


def other_names() -> dict[str, str]:
    """Cities, regions and names of programs -> the zones that they mean."""
    return _SHOWN


def without_offset(written: str) -> str:
    """A label without what stands behind the city: `Berlin` for `Berlin (GMT+1)`."""
    return _BEHIND.sub("", written).strip()


@functools.cache
def _windows() -> dict[str, str]:
    """Windows names by lower case -> offered zone. Names without one, such as “UTC-11”, are left out."""
    return {name.casefold(): found for name, zone in win_tz.items() if (found := known(zone))}


@functools.cache
def _cities() -> dict[str, str]:
    return {city(name).casefold(): name for name in names()} | _SHOWN

"""Time zones as other programs and people write them, understood or refused with what to write instead."""

from __future__ import annotations

import functools
import re

from django.utils.translation import gettext as _
from tzlocal.windows_tz import win_tz

from organizations.zones import city, known, names

#: What Windows, Outlook and others show instead of a name.
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
    "frankfurt": "Europe/Berlin",
    "munich": "Europe/Berlin",
    "san francisco": "America/Los_Angeles",
    "tel aviv": "Asia/Jerusalem",
    "kiev": "Europe/Kyiv",
}
#: Abbreviations: of one half of the year, or of several places. What to write instead, likeliest first.
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
def understood(written: str) -> str | None:
    """The zone on offer that is meant by an IANA name, a Windows name, a city, or what programs show for them.

    None for what keeps no summer time, is not the same everywhere, or is nothing: see `instead`.
    """
    if found := known(written):
        return found
    if _abbreviated(written):
        return None
    windows = " ".join(written.split()).casefold().replace(" daylight ", " standard ").replace(" summer ", " standard ")
    if found := _windows().get(windows):
        return found
    shown = _BEHIND.sub("", _BEFORE.sub("", written))
    for part in shown.split(","):
        if found := known(part) or _cities().get(" ".join(part.replace("_", " ").split()).casefold()):
            return found
    return None


def instead(written: str) -> str:
    """What is wrong with a zone that was not understood, and what to write instead."""
    if places := _abbreviated(written):
        values = {"written": _BEHIND.sub("", written).strip(), "places": _(" or ").join(places)}
        if values["written"].upper().endswith("ST"):
            return _("“%(written)s” has no summer time. Write %(places)s.") % values
        return _("“%(written)s” is not a place. Write %(places)s.") % values
    if _OFFSET.fullmatch(written.strip()) or written.strip().casefold().startswith("etc/"):
        return _("An offset does not know when clocks change. Write a place like Europe/Berlin.")
    if written.strip().casefold() in {"localtime", "posixrules", "factory", "local", "system"}:
        return _("“%(written)s” is another time zone on each computer. Write a place like Europe/Berlin.") % {
            "written": written
        }
    return _("This is not a time zone. Write it like Europe/Berlin, or leave it empty.")


def _abbreviated(written: str) -> list[str]:
    word = _BEHIND.sub("", written).strip().upper()
    if two := _OF_TWO.fullmatch(word):
        word = f"{two[1]}ST"
    return _MEANT.get(word, [])


@functools.cache
def _windows() -> dict[str, str]:
    """By small letters. What means no place on offer, such as “UTC-11”, is left out."""
    return {name.casefold(): found for name, zone in win_tz.items() if (found := known(zone))}


@functools.cache
def _cities() -> dict[str, str]:
    return {city(name).casefold(): name for name in names()} | _SHOWN

"""Public holidays of countries and their parts, computed in memory by the package `holidays`; nothing is fetched.

A place is a country, "DE", or a part of one, "DE-BY". Countries are named as CLDR does, their parts as people there do.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING

from babel import Locale, UnknownLocaleError
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from holidays import HolidayBase

    from organizations.models import Membership, Organization

#: Of a member: works on public holidays.
NONE = "none"
#: Of the names of a part, those that are so short are codes again: "Wien" is "W", too.
_LONGEST_ALIAS = 3


def validate_place(place: str) -> None:
    if not is_place(place):
        raise ValidationError(_("Choose a country or region of the list."))


def is_place(place: str) -> bool:
    country, dash, region = place.partition("-")
    return country in _countries() and (not dash or region in _parts(country))


def place_of(member: Membership, organization: Organization) -> str:
    """Return the place whose public holidays a member has: their own, or the organization's; "" for none."""
    return place_by(member.holidays_of, organization)


def place_by(own: str, organization: Organization) -> str:
    """Return the place of a member whose `holidays_of` this is."""
    return "" if own == NONE else own or organization.holidays_of


def named(place: str) -> str:
    """Return `Germany` or `Germany: Bayern`, in the reader's language."""
    country, _dash, region = place.partition("-")
    name = _territories(get_language() or "en").get(country, country)
    if not region:
        return name
    return _("%(country)s: %(region)s") % {"country": name, "region": _parts(country).get(region, region)}


def countries() -> list[tuple[str, str]]:
    """Return the codes of all countries with their names, in order of these."""
    return list(_in_order(get_language() or "en"))


def regions(country: str) -> list[tuple[str, str]]:
    """Return the codes of a country's parts with their names, in order of these; nothing for what is no country."""
    found = _parts(country) if country in _countries() else {}
    return sorted(found.items(), key=lambda part: part[1].casefold())


def holidays_in(place: str, first: date, last: date) -> dict[date, str]:
    """Return the names of the public holidays between two days, both included, in the reader's language.

    The package has no more than English for many countries, and no names in a reader's language for most.
    """
    found: dict[date, str] = {}
    if place:
        for year in range(first.year, last.year + 1):
            of_year = _of_year(place, year, get_language() or "en")
            found |= {day: name for day, name in of_year.items() if first <= day <= last}
    return found


def is_holiday(place: str, day: date) -> bool:
    return bool(holidays_in(place, day, day))


# The package takes a quarter of a second to import: only where somebody has public holidays, or chooses them.
@functools.lru_cache(maxsize=2048)
def _of_year(place: str, year: int, language: str) -> Mapping[date, str]:
    import holidays

    if not is_place(place):  # a later version of the package may have it no more
        return MappingProxyType({})
    country, _dash, region = place.partition("-")
    wanted = _language_of(getattr(holidays, country), language)
    found = holidays.country_holidays(country, subdiv=region or None, years=year, language=wanted)
    return MappingProxyType({day: name for day, name in sorted(found.items()) if day.year == year})


def _language_of(country: type[HolidayBase], language: str) -> str | None:
    """Return one of the languages in which the package names a country's holidays; None for the country's own."""
    known: tuple[str, ...] = getattr(country, "supported_languages", ())
    for wanted in (language.replace("-", "_"), language.partition("-")[0], "en_US", "en"):
        if found := next((one for one in known if one == wanted or one.startswith(f"{wanted}_")), None):
            return found
    return None


@functools.cache
def _countries() -> frozenset[str]:
    """The codes of two letters; without those that CLDR does not know, which are second names of a country."""
    from holidays.registry import COUNTRIES

    known = Locale("en").territories
    return frozenset(code for names in COUNTRIES.values() for code in names if len(code) == 2 and code in known)


@functools.cache
def _parts(country: str) -> dict[str, str]:
    """The names of a country's parts, by their codes; a code that is a name has none."""
    import holidays

    names: dict[str, list[str]] = getattr(holidays, country).get_subdivision_aliases()
    return {code: next((name for name in known if len(name) > _LONGEST_ALIAS), code) for code, known in names.items()}


@functools.cache
def _territories(language: str) -> Mapping[str, str]:
    try:
        found: Mapping[str, str] = Locale.parse(language, sep="-").territories
    except (UnknownLocaleError, ValueError):
        found = Locale("en").territories
    return found


@functools.cache
def _in_order(language: str) -> tuple[tuple[str, str], ...]:
    names = _territories(language)
    return tuple(sorted(((code, names.get(code, code)) for code in _countries()), key=lambda one: one[1].casefold()))

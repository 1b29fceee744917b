"""Read numbers, ids, choices, days and text from outside: the only place that does.

People edit addresses, programs send forms, and a page that was open for a day sends ids that are gone. Nothing here
raises: an unreadable value is None, or the fallback that the caller names.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from organizations.zone_parsing import parse_zone
from organizations.zones import is_valid

#: Plausible days. Others are typing errors, or overflow when a time zone is applied.
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)
#: The largest number that a column with ids can hold.
BIGGEST = 2**63 - 1
_DIGITS = re.compile("[0-9]{1,19}")
# NUL, which PostgreSQL refuses in text, and lone surrogates, which no database can encode.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def whole_number(text: object, *, least: int = 0, most: int = BIGGEST) -> int | None:
    """The number that `text` spells with ASCII digits only, when it lies within the bounds, else None."""
    if not isinstance(text, str) or _DIGITS.fullmatch(text) is None:
        return None
    number = int(text)
    return number if least <= number <= most else None


def row_id(text: object) -> int | None:
    """A row's id, or None."""
    return whole_number(text, least=1)


def row_ids(texts: Iterable[object]) -> list[int]:
    """The ids among `texts`, in order, each once."""
    found = (row_id(text) for text in texts)
    return list(dict.fromkeys(number for number in found if number is not None))


def choice(text: object, among: Collection[str], otherwise: str = "") -> str:
    """`text` when it is one of the choices, else `otherwise`."""
    return text if isinstance(text, str) and text in among else otherwise


def short_text(text: object, most: int = 100) -> str:
    """A search or another short input: trimmed, cut at `most` characters, without those that a database refuses."""
    return _UNSTORABLE.sub("", text).strip()[:most] if isinstance(text, str) else ""


def is_storable(text: str) -> bool:
    """Whether every database can store the text. A token or name that it can't is unknown, never repaired."""
    return _UNSTORABLE.search(text) is None


def day(text: object) -> date | None:
    """The day in a text like 2027-03-31, or None."""
    try:
        return date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None


def validate_likely_day(value: date) -> None:
    """Form validator: refuse a day outside of the plausible years."""
    if not FIRST_DAY <= value <= LAST_DAY:
        raise ValidationError(_("Check the year."))


def time_zone(text: object, otherwise: str) -> str:
    """The IANA time zone that `text` is, or that a city such as "Berlin (GMT+1)" means; else `otherwise`."""
    if not isinstance(text, str) or len(text) > 100:
        return otherwise
    return text if is_valid(text) else parse_zone(text) or otherwise

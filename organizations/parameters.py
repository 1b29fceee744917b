"""Numbers, ids, choices, days and words that come from outside: the one place that reads them.

Addresses are edited, forms are sent by programs, and a page that was open for a day sends what is long gone. Nothing
here raises, whatever it is given: what can't be read is None, or the value that the caller names for that case.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from organizations.zones import is_valid

#: Days that somebody may mean. Beyond them lie slips of the finger, and the ends of what dates can count.
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)
#: The largest number that a column with ids can hold.
BIGGEST = 2**63 - 1
_DIGITS = re.compile("[0-9]{1,19}")
# NUL, which PostgreSQL refuses in a text, and halves of characters, which no database can write down.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def whole_number(text: object, *, least: int = 0, most: int = BIGGEST) -> int | None:
    """The number that `text` spells with the digits 0 to 9 alone, if it lies within the bounds."""
    if not isinstance(text, str) or _DIGITS.fullmatch(text) is None:
        return None
    number = int(text)
    return number if least <= number <= most else None


def row_id(text: object) -> int | None:
    """A row's id. None for what no row can have."""
    return whole_number(text, least=1)


def row_ids(texts: Iterable[object]) -> list[int]:
    """The ids among `texts` in their order, each once."""
    found = (row_id(text) for text in texts)
    return list(dict.fromkeys(number for number in found if number is not None))


def choice(text: object, among: Collection[str], otherwise: str = "") -> str:
    """`text` where it is one of the choices."""
    return text if isinstance(text, str) and text in among else otherwise


def short_text(text: object, most: int = 100) -> str:
    """What somebody searches for: at most so many characters, none that a database refuses, no space around it."""
    return _UNSTORABLE.sub("", text).strip()[:most] if isinstance(text, str) else ""


def is_storable(text: str) -> bool:
    """Whether every database can keep the text: one that is a token or a name is never repaired, but unknown."""
    return _UNSTORABLE.search(text) is None


def day(text: object) -> date | None:
    """A day like 2027-03-31."""
    try:
        return date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None


def validate_likely_day(value: date) -> None:
    """For forms: refuses a day in a year that nobody means."""
    if not FIRST_DAY <= value <= LAST_DAY:
        raise ValidationError(_("Check the year."))


def time_zone(text: object, otherwise: str) -> str:
    """The name of a time zone, such as Europe/Berlin."""
    return text if isinstance(text, str) and is_valid(text) else otherwise

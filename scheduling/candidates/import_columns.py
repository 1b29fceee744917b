"""Match the columns of a file with the fields of a candidate, by their names and values. Pure."""

from __future__ import annotations

import functools
import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations import addresses
from organizations.zone_parsing import parse_zone
from scheduling.candidates.import_headers import FIELD_WORDS, GIVEN_NAME_BESIDE, NOISE, OTHERS

# Field -> its label on the page.
FIELDS = {
    "name": gettext_lazy("Name"),
    "first_name": gettext_lazy("First name"),
    "last_name": gettext_lazy("Last name"),
    "email": gettext_lazy("E-mail"),
    "phone": gettext_lazy("Phone"),
    "time_zone": gettext_lazy("Time zone"),
    "job": gettext_lazy("Job"),
    "stage": gettext_lazy("Stage"),
}
NAMES = {"name", "first_name", "last_name"}
_NOISE, _OTHERS = (frozenset(re.findall(r"[^|\s]+", text)) for text in (NOISE, OTHERS))
SAMPLED = 50
SHOWN = 3
_PHONE = re.compile(r"[+(]?[\d(][\d\s().\-/]{5,}\d|\d(?:[.,]\d+)?[eE]\+\d+")
# `firstName`, as programs write for programs.
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_EAST_ASIAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7af]+")


@dataclass(frozen=True)
class Column:
    """One column: its index from 0, its name in the file, a few of its values, and the guessed field."""

    place: int
    name: str
    samples: tuple[str, ...]
    guess: str


class Unmatched(Exception):
    """The chosen columns make no candidates. `args[0]` is the message: what is wrong, and what to do."""


def is_address(cell: str) -> bool:
    return "@" in cell and bool(addresses.several(cell))


def normalized(name: str) -> str:
    """A column's name without capitals, punctuation and spaces, in one Unicode spelling (NFKC)."""
    return "".join(_parts(name))


def field_of(name: str) -> str | None:
    """The field that a column name means, or None."""
    ranked = _ranked(name)
    return ranked[0] if ranked else None


def columns(
    names: Sequence[str], rows: Sequence[Sequence[str]], known: Mapping[str, str] | None = None
) -> list[Column]:
    """The columns that have a value. `known`: their fields by `column_keys`, as chosen before; None guesses them."""
    values = [[row[place] for row in rows if place < len(row) and row[place]] for place in range(len(names))]
    guesses = guess_fields(names, values) if known is None else [known.get(key, "") for key in column_keys(names)]
    return [
        Column(place, name, tuple(value[:60] for value in dict.fromkeys(values[place]))[:SHOWN], guesses[place])
        for place, name in enumerate(names)
        if values[place]
    ]


def guess_fields(names: Sequence[str], values: Sequence[Sequence[str]]) -> list[str]:
    """The likeliest field of each column; "" where none fits, or where another column fits better."""
    found = [""] * len(names)
    ranks: dict[str, list[tuple[int, int]]] = {}
    for place, name in enumerate(names):
        if ranked := _ranked(name):
            ranks.setdefault(ranked[0], []).append((ranked[1], place))
    for field, places in ranks.items():
        # An empty column loses to one with values, however well its name fits.
        best = min(places, key=lambda each: (not values[each[1]], each))
        found[best[1]] = field
    _by_values(found, names, values)
    _family_name(found, names, values)
    return found


def check(chosen: Sequence[str], names: Sequence[str]) -> None:
    """Raise Unmatched when two columns are one field, or no column is a name."""
    first: dict[str, int] = {}
    for place, field in enumerate(chosen):
        if field and field in first:
            raise Unmatched(
                _("“%(one)s” and “%(other)s” are both matched to %(field)s. Keep one of them.")
                % {
                    "one": title(names, first[field]),
                    "other": title(names, place),
                    "field": FIELDS[field],
                }
            )
        first[field] = place
    if not NAMES & first.keys():
        raise Unmatched(_("No column is matched to a name. Choose the column with the candidates' names."))


def values_of(chosen: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    """A row's values by field, without the empty ones; first and last name become one."""
    values = {field: cell for field, cell in zip(chosen, cells, strict=False) if field and cell}
    first, last = values.pop("first_name", ""), values.pop("last_name", "")
    if not values.get("name") and (first or last):
        # Chinese, Japanese and Korean names stand family name first.
        turned = _EAST_ASIAN.fullmatch(first) and _EAST_ASIAN.fullmatch(last)
        values["name"] = " ".join(part for part in ((last, first) if turned else (first, last)) if part)
    return values


def column_keys(names: Sequence[str]) -> list[str]:
    """A key for each column that is the same in the next file of the kind, in whatever order its columns stand."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        word = normalized(name)
        seen[word] = seen.get(word, 0) + 1
        found.append(f"{word}#{seen[word]}")
    return found


def kind_of_file(names: Sequence[str]) -> str:
    """Hash of the column names, in any order; "" where columns have no names."""
    if not any(names):
        return ""
    return hashlib.sha256("\n".join(sorted(column_keys(names))).encode()).hexdigest()


def title(names: Sequence[str], place: int) -> str:
    """A column's label on the page: its name in the file, or its number."""
    return names[place][:60] or _("Column %(number)s") % {"number": place + 1}


def _parts(name: str) -> list[str]:
    apart = _CAMEL.sub(" ", unicodedata.normalize("NFKC", name))
    folded = apart.casefold().replace("'", "").replace("’", "")
    return re.findall(r"[^\W_]+", folded)


@functools.lru_cache(maxsize=2000)
def _ranked(name: str) -> tuple[str, int] | None:
    """(field, rank of the name among that field's names, 0 the likeliest)."""
    parts = _parts(name[:200])
    bare = [part for part in parts if part not in _NOISE]
    for words in (parts, bare):
        joined = "".join(words)
        for word in (joined, joined.removesuffix("1"), joined.removesuffix("s"), joined.removesuffix("es")):
            if word in _words():
                return _words()[word]
    return None


@functools.cache
def _words() -> dict[str, tuple[str, int]]:
    found: dict[str, tuple[str, int]] = {}
    for field, text in FIELD_WORDS.items():
        for rank, word in enumerate(re.split(r"[|\n]", text)):
            found.setdefault("".join(_parts(word)), (field, rank))
    found.pop("", None)
    return found


def _by_values(found: list[str], names: Sequence[str], values: Sequence[Sequence[str]]) -> None:
    """Guess from values where names say nothing: a column full of e-mail addresses is the e-mail column."""
    for field, fits in (("email", is_address), ("phone", _is_phone), ("time_zone", _is_zone)):
        if field in found and values[found.index(field)]:
            continue
        for place, cells in enumerate(values):
            # Numbers in a column of another name are no phones; a recruiter's address is not the candidate's.
            named = bool(names[place]) and (field != "email" or bool(_OTHERS & set(_parts(names[place]))))
            if not found[place] and not named and _share(cells, fits) >= 0.6:
                if field in found:
                    found[found.index(field)] = ""
                found[place] = field
                break
    if not any(names) and not NAMES & set(found):
        _names_without_a_header(found, values)


def _names_without_a_header(found: list[str], values: Sequence[Sequence[str]]) -> None:
    textual = [place for place, cells in enumerate(values) if not found[place] and _share(cells, _is_text) >= 0.8]
    full = [place for place in textual if _share(values[place], lambda cell: " " in cell) >= 0.5]
    if full or len(textual) == 1:
        found[(full or textual)[0]] = "name"
    elif len(textual) > 1:
        found[textual[0]], found[textual[1]] = "first_name", "last_name"


def _family_name(found: list[str], names: Sequence[str], values: Sequence[Sequence[str]]) -> None:
    """“Vorname; Name”, “Prénom; Nom”: beside the given name, the name is the family's, unless it holds both."""
    if "first_name" in found and "name" in found and "last_name" not in found:
        place, given = found.index("name"), set(values[found.index("first_name")])
        if normalized(names[place]) in GIVEN_NAME_BESIDE and not any(
            given & set(cell.split()) for cell in values[place]
        ):
            found[place] = "last_name"
    if "last_name" in found and not {"name", "first_name"} & set(found):
        found[found.index("last_name")] = "name"  # “Nom”, “Nombre” and their like alone
    if "first_name" in found and not {"name", "last_name"} & set(found):
        found[found.index("first_name")] = "name"


def _share(cells: Sequence[str], fits: Callable[[str], object]) -> float:
    sample = cells[:SAMPLED]
    return sum(bool(fits(cell)) for cell in sample) / len(sample) if sample else 0


def _is_phone(cell: str) -> bool:
    return bool(_PHONE.fullmatch(cell)) and not re.fullmatch(r"\d{4}-\d\d-\d\d|\d\d?\.\d\d?\.\d{4}|\d{1,9}", cell)


def _is_zone(cell: str) -> bool:
    return ("/" in cell or "tandard" in cell or "UTC" in cell) and parse_zone(cell) is not None


def _is_text(cell: str) -> bool:
    return bool(re.fullmatch(r"[^\d@/:]{1,80}", cell, re.DOTALL))

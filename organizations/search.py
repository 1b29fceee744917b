"""Search and sort names as people do, alike on every database.

A row keeps a folded copy of the text it is found by in `search_key`: without accents, case and apostrophes, in one
composition. Search words are folded alike, so that "elodie" finds "Élodie" and "ÉLODIE", however the accent is stored.
Rows are sorted by the same column, whose collation is by code point on PostgreSQL as on SQLite.

Rows of a model with an index of letters (`search_index.py`) are found without reading the others.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any, ClassVar, Final, TypeVar

from django.apps.registry import Apps
from django.db import models, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Case, Q, QuerySet, Value, When

from organizations import search_index
from organizations.addresses import readable

RowT = TypeVar("RowT", bound="Searchable")

#: By code point: SQLite's own name for it; a migration creates it in PostgreSQL.
COLLATION = "BINARY"
LONGEST = 500
#: More words hardly narrow a search, and each costs another scan of the rows.
MOST_WORDS = 6
#: Rows that are read one by one when they are found. Where they are more, a list is read in its order.
FEW: Final = 2000
#: The same where only the first few are shown.
SUGGESTED: Final = 200
#: Rows that a migration fills in one transaction.
BATCH = 2000
#: Letters that Unicode does not decompose, though people do. Apostrophes and the Arabic tatweel vanish.
_LETTERS = str.maketrans(
    {
        **dict.fromkeys("'’‘ʼʻ`´ʹ′\u0640", ""),
        **dict.fromkeys("‐‑‒–—―−-", " "),
        "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ŧ": "t", "ı": "i", "ŋ": "n",
    }
)  # fmt: skip


def fold(text: str) -> str:
    """The text without case, accents and invisible characters, in one composition.

    "Zoë", decomposed or not, becomes "zoe", "Straße" becomes "strasse", "Łukasz O’Neill" becomes "lukasz oneill". Marks
    that make another letter stay, as in Japanese, Thai and Indic scripts.
    """
    bare = unicodedata.normalize("NFKD", text.translate(_LETTERS).casefold())
    kept = (" " if char.isspace() else char for char in bare if not _is_dropped(char))
    folded = unicodedata.normalize("NFC", "".join(kept).casefold().translate(_LETTERS))
    return " ".join(folded.split())


def _is_dropped(char: str) -> bool:
    """Accents of European scripts, vowel points of Hebrew and Arabic, and invisible characters."""
    mark = unicodedata.combining(char)
    if mark:
        return mark >= 200 or 10 <= mark <= 36
    return unicodedata.category(char) in {"Cc", "Cf", "Cs"} and not char.isspace()


def search_key(*parts: str) -> str:
    """Fold the parts that are not empty, the one to sort by first. A line each: line breaks sort before letters."""
    domains = [readable(part) for part in parts if "xn--" in part]
    folded = [fold(part) for part in (*parts, *domains) if part]
    longest = LONGEST // 2 - 1 if len(folded) > 1 else LONGEST
    return "\n".join(part[:longest] for part in folded)[:LONGEST]


def is_found(key: str, words: str) -> bool:
    """Whether a `search_key` contains all of the words."""
    return all(word in key for word in fold(words).split())


def found_by(words: str, *columns: str) -> Q:
    """Condition for rows whose `columns`, search keys, contain each of the words; only the first 6 words count."""
    condition = Q()
    for word in _words(words):
        anywhere = Q()
        for column in columns:
            anywhere |= Q(**{f"{column}__contains": word})
        condition &= anywhere
    return condition


def _words(text: str) -> list[str]:
    """The words that are searched for."""
    return fold(text).split()[:MOST_WORDS]


def few_found(
    model: type[Searchable], words: str, *, organization: int, value: str = "pk", most: int | None = None
) -> QuerySet[Any, tuple[int | None, bool]]:
    """Return the query of (`value`, whether it counts) of the organization's rows that have the words.

    `value` may be a column of related rows; a row without any has None. For `few`: beyond `most` rows, by default
    `FEW`, some are missing.
    """
    most = FEW if most is None else most
    matches = Q(organization=organization) & found_by(words, "search_key")
    near = search_index.near(model, organization, _words(words), most + 1) if model.has_search_index else None
    counts: Any = Value(True, output_field=models.BooleanField())
    if near is None:
        rows = model._default_manager.filter(matches)
    else:
        # What only may have the words is counted too: the index stops there.
        rows = model._default_manager.filter(pk__in=near)
        counts = Case(When(matches, then=counts), default=Value(False), output_field=models.BooleanField())
    return rows.order_by().values_list(value, counts)


def few(found: QuerySet[Any, tuple[int | None, bool]], most: int | None = None) -> list[int] | None:
    """Run a query of `few_found`. None: it finds more than `most`, by default `FEW`."""
    most = FEW if most is None else most
    rows = list(found[: most + 1])
    return [pk for pk, counts in rows if counts and pk is not None] if len(rows) <= most else None


def suggested(rows: QuerySet[RowT], words: str, *, organization: int) -> QuerySet[RowT]:
    """Return those of an organization's rows that have the words, for a menu of a few; where they are not many, by ids.

    Of more, a few are soon met in any order.
    """
    matching, most = rows.filter(found_by(words, "search_key")), SUGGESTED
    ids = few(few_found(rows.model, words, organization=organization, most=most), most) if _words(words) else None
    return matching if ids is None else matching.filter(pk__in=ids)


class SearchKeyField(models.CharField[str, str]):
    """A search key that is filled from `sources`, other fields of the row, on save and bulk create."""

    def __init__(self, *sources: str, **kwargs: Any) -> None:
        self.sources = sources
        given: dict[str, Any] = {
            "max_length": LONGEST,
            "db_collation": COLLATION,
            "editable": False,
            "default": "",
            "db_default": "",
        }
        super().__init__(**(given | kwargs))

    def deconstruct(self) -> Any:
        """Deconstruct to a plain column: the schema does not depend on what fills it."""
        name, _path, _args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", (), kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> str:  # noqa: ARG002 - Django's signature
        value = search_key(*(getattr(model_instance, source) for source in self.sources))
        setattr(model_instance, self.attname, value)
        return value


class Searchable(models.Model):
    """A model with a SearchKeyField `search_key`."""

    #: Whether a migration has made an index of letters: `AddSearchIndex`.
    has_search_index: ClassVar[bool] = False

    class Meta:
        abstract = True

    def save(self, **options: Any) -> None:
        """Save the key with its sources, also where `update_fields` names only these."""
        fields = options.get("update_fields")
        if fields is not None and set(fields) & set(self._key_field().sources):
            options["update_fields"] = {*fields, "search_key"}
        super().save(**options)

    def renew_search_key(self) -> None:
        """Set the key before `bulk_update`, which does not call `pre_save`."""
        self._key_field().pre_save(self, add=False)

    @classmethod
    def _key_field(cls) -> SearchKeyField:
        field = cls._meta.get_field("search_key")
        assert isinstance(field, SearchKeyField)  # noqa: S101
        return field


def fill_search_keys(app: str, model: str, *sources: str) -> Callable[[Apps, BaseDatabaseSchemaEditor], None]:
    """Make a RunPython function that fills all keys in short transactions, for a migration that is not atomic."""

    def fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        rows, last = apps.get_model(app, model)._default_manager.order_by("pk"), 0
        quote, table = schema_editor.quote_name, rows.model._meta.db_table
        write = f"UPDATE {quote(table)} SET search_key = %s WHERE id = %s"  # noqa: S608 - names from the migration
        while batch := list(rows.filter(pk__gt=last).values_list("pk", *sources)[:BATCH]):
            with schema_editor.connection.cursor() as cursor, transaction.atomic(schema_editor.connection.alias):
                cursor.executemany(write, [(search_key(*parts), pk) for pk, *parts in batch])
            last = batch[-1][0]

    return fill

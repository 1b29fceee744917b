"""Searching and sorting names as people do, alike on every database.

A row keeps a folded copy of what it is found by, in `search_key`: without accents, case, apostrophes, and in one
composition. What is searched for is folded in the same way, so that "elodie" finds "Élodie" and "ÉLODIE", whichever of
the two ways of writing her accent each of them is stored in. Rows are sorted by the same column: its collation is that
of code points, on PostgreSQL as on SQLite.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

from django.apps.registry import Apps
from django.db import models, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Q

from organizations.addresses import readable

#: Code points in their order: SQLite's own name for it, made in PostgreSQL by a migration.
COLLATION = "BINARY"
LONGEST = 500
#: More words than these narrow nothing any further, and each is one more look through the rows.
MOST_WORDS = 6
#: Rows that are given their key in one transaction.
BATCH = 2000
#: Letters that Unicode does not take apart, though people do. Apostrophes and the Arabic lengthening vanish.
_LETTERS = str.maketrans(
    {
        **dict.fromkeys("'’‘ʼʻ`´ʹ′\u0640", ""),
        **dict.fromkeys("‐‑‒–—―−-", " "),
        "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ŧ": "t", "ı": "i", "ŋ": "n",
    }
)  # fmt: skip


def fold(text: str) -> str:
    """What is left of a text when case, accents, composition and invisible signs make no difference.

    "Zoë", decomposed or not, becomes "zoe", "Straße" becomes "strasse", "Łukasz O’Neill" becomes "lukasz oneill". Marks
    that make another letter stay: those of Japanese, Thai and Indic scripts.
    """
    bare = unicodedata.normalize("NFKD", text.translate(_LETTERS).casefold())
    kept = (" " if sign.isspace() else sign for sign in bare if not _is_dropped(sign))
    folded = unicodedata.normalize("NFC", "".join(kept).casefold().translate(_LETTERS))
    return " ".join(folded.split())


def _is_dropped(sign: str) -> bool:
    """Accents of European scripts, vowel points of Hebrew and Arabic, and signs that nobody sees."""
    mark = unicodedata.combining(sign)
    if mark:
        return mark >= 200 or 10 <= mark <= 36
    return unicodedata.category(sign) in {"Cc", "Cf", "Cs"} and not sign.isspace()


def search_key(*parts: str) -> str:
    """The parts that are not empty, folded, the one to sort by first. A line each: it ends before any letter."""
    domains = [readable(part) for part in parts if "xn--" in part]
    folded = [fold(part) for part in (*parts, *domains) if part]
    longest = LONGEST // 2 - 1 if len(folded) > 1 else LONGEST
    return "\n".join(part[:longest] for part in folded)[:LONGEST]


def is_found(key: str, words: str) -> bool:
    """Whether every one of the words stands somewhere in a `search_key`."""
    return all(word in key for word in fold(words).split())


def found_by(words: str, *columns: str) -> Q:
    """Rows in which every one of the words stands in one of the `columns`, which hold search keys."""
    condition = Q()
    for word in fold(words).split()[:MOST_WORDS]:
        anywhere = Q()
        for column in columns:
            anywhere |= Q(**{f"{column}__contains": word})
        condition &= anywhere
    return condition


class SearchKeyField(models.CharField[str, str]):
    """Filled from `sources`, names of the row's other fields, whenever the row is saved or created in bulk."""

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
        """Migrations know it as a plain column: what fills it is no matter of the database's form."""
        name, _path, _args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", (), kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> str:  # noqa: ARG002 - Django's signature
        value = search_key(*(getattr(model_instance, source) for source in self.sources))
        setattr(model_instance, self.attname, value)
        return value


class Searchable(models.Model):
    """A model with a SearchKeyField `search_key`."""

    class Meta:
        abstract = True

    def save(self, **options: Any) -> None:
        """Saves the key with what it is made of, also where only some fields are saved."""
        fields = options.get("update_fields")
        if fields is not None and set(fields) & set(self._key_field().sources):
            options["update_fields"] = {*fields, "search_key"}
        super().save(**options)

    def renew_search_key(self) -> None:
        """For `bulk_update`, which asks no field for its value."""
        self._key_field().pre_save(self, add=False)

    @classmethod
    def _key_field(cls) -> SearchKeyField:
        field = cls._meta.get_field("search_key")
        assert isinstance(field, SearchKeyField)  # noqa: S101
        return field


def fill_search_keys(app: str, model: str, *sources: str) -> Callable[[Apps, BaseDatabaseSchemaEditor], None]:
    """For a migration that is not atomic: gives all rows their key, a short transaction per batch."""

    def fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        rows, last = apps.get_model(app, model)._default_manager.order_by("pk"), 0
        quote, table = schema_editor.quote_name, rows.model._meta.db_table
        write = f"UPDATE {quote(table)} SET search_key = %s WHERE id = %s"  # noqa: S608 - a name of ours
        while batch := list(rows.filter(pk__gt=last).values_list("pk", *sources)[:BATCH]):
            with schema_editor.connection.cursor() as cursor, transaction.atomic(schema_editor.connection.alias):
                cursor.executemany(write, [(search_key(*parts), pk) for pk, *parts in batch])
            last = batch[-1][0]

    return fill

"""The index of letters by which rows of a big table are searched: any part of a name, without reading all rows.

It knows of each row the groups of three letters (trigrams) in its search key. PostgreSQL's planner takes its own,
made by pg_trgm, for `LIKE '%word%'`. SQLite's full-text engine has another one, in a table that triggers keep in step;
`near` asks it for the rows that have the words.

Rows are told apart by organization in SQLite's index, too, so that a search costs nothing for other tenants' rows.
"""

from __future__ import annotations

from typing import Final

from django.apps import apps
from django.db import connection, models
from django.db.models.expressions import RawSQL

#: Letters in a group. Shorter words are found by reading all rows of the organization.
LETTERS: Final = 3
#: What SQLite's index is made of; the organization's id stands in front of the key as letters that nobody uses.
_DIGIT, _FIRST = 4096, 0xF0000


def table_of(table: str) -> str:
    """The name of a table's index: on SQLite of a table, on PostgreSQL of an index."""
    return f"{table}_grams"


def near(model: type[models.Model], organization: int, words: list[str], most: int) -> RawSQL | None:
    """Return ids of the first `most` rows that have the folded words, for `pk__in`. Shorter words are not looked for.

    None where there is nothing to narrow by: on PostgreSQL, and for short words alone.
    """
    looked_for = [word for word in words if len(word) >= LETTERS]
    if connection.vendor != "sqlite" or not looked_for:
        return None
    table = table_of(model._meta.db_table)
    wanted = " ".join(_quoted(one) for one in [*looked_for, _letters(organization)])
    return RawSQL(f"SELECT rowid FROM {table} WHERE {table} MATCH %s LIMIT %s", [wanted, most])  # noqa: S608, S611


def forget_deleted() -> None:
    """Take what is left of deleted and renamed rows out of SQLite's indexes, which only cross it out until then.

    PostgreSQL does so when it vacuums. Without anything to do it costs nothing, else a fraction of a second.
    """
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        for model in apps.get_models():
            if getattr(model, "has_search_index", False):
                table = table_of(model._meta.db_table)
                cursor.execute(f"INSERT INTO {table}({table}) VALUES('optimize')")


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'


def _letters(number: int) -> str:
    return "".join(chr(_FIRST + number // _DIGIT**place % _DIGIT) for place in (2, 1, 0))


def sqlite_statements(table: str) -> list[str]:
    """The statements that make SQLite's index of a table, fill it, and keep it in step. A cut off run begins again."""
    grams = table_of(table)
    added = f"INSERT INTO {grams}(rowid, key) VALUES (new.id, {_key('new.')})"  # noqa: S608 - our own names
    removed = f"INSERT INTO {grams}({grams}, rowid, key) VALUES ('delete', old.id, {_key('old.')})"  # noqa: S608
    changed = "new.search_key <> old.search_key OR new.organization_id <> old.organization_id"
    return [
        *sqlite_statements_back(table),
        f"CREATE VIRTUAL TABLE {grams} USING fts5(key, content='', tokenize='trigram case_sensitive 1')",
        f"INSERT INTO {grams}(rowid, key) SELECT id, {_key('')} FROM {table}",  # noqa: S608 - our own names
        f"CREATE TRIGGER {grams}_added AFTER INSERT ON {table} BEGIN {added}; END",
        f"CREATE TRIGGER {grams}_deleted AFTER DELETE ON {table} BEGIN {removed}; END",
        f"CREATE TRIGGER {grams}_changed AFTER UPDATE OF search_key, organization_id ON {table}"
        f" WHEN {changed} BEGIN {removed}; {added}; END",
    ]


def sqlite_statements_back(table: str) -> list[str]:
    grams = table_of(table)
    return [
        *(f"DROP TRIGGER IF EXISTS {grams}_{when}" for when in ("added", "deleted", "changed")),
        f"DROP TABLE IF EXISTS {grams}",
    ]


def _key(row: str) -> str:
    """The indexed text of a row in SQL: `_letters` of the organization, then the search key."""
    number = f"{row}organization_id"
    digits = ", ".join(f"{_FIRST} + {number} / {_DIGIT**place} % {_DIGIT}" for place in (2, 1, 0))
    return f"char({digits}) || {row}search_key"


def postgresql_statements(table: str) -> list[str]:
    """The statements that make PostgreSQL's index while people write. What an interrupted run left goes first."""
    return [
        "CREATE EXTENSION IF NOT EXISTS pg_trgm",
        *postgresql_statements_back(table),
        f"CREATE INDEX CONCURRENTLY {table_of(table)} ON {table} USING gin (search_key gin_trgm_ops)",
    ]


def postgresql_statements_back(table: str) -> list[str]:
    """The extension stays: others may use it."""
    return [f"DROP INDEX CONCURRENTLY IF EXISTS {table_of(table)}"]

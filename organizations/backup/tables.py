"""The tables of Panelist, and how many rows each has."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.apps import apps
from django.db import models

#: Django keeps here which migrations a database has.
MIGRATIONS = "django_migrations"
#: Made by every `migrate`: a database with rows only here is empty.
MADE_BY_MIGRATE = frozenset({MIGRATIONS, "django_content_type", "auth_permission"})
#: Runs one statement and returns its rows.
Ask = Callable[[str], Iterable[tuple[Any, ...]]]


def all_models() -> list[type[models.Model]]:
    """Every model that has a table, those of many-to-many relations included, by table."""
    found = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True) if model._meta.managed}
    return [found[table] for table in sorted(found)]


def table_names() -> list[str]:
    return [model._meta.db_table for model in all_models()]


def count_rows(ask: Ask, tables: Iterable[str]) -> dict[str, int]:
    """Count the rows of each table. Names are quoted, so a manifest may give them."""
    return {table: next(iter(ask(f"SELECT count(*) FROM {quoted(table)}")))[0] for table in tables}  # noqa: S608


def has_rows(ask: Ask, table: str) -> bool:
    return bool(list(ask(f"SELECT 1 FROM {quoted(table)} LIMIT 1")))  # noqa: S608


def applied_migrations(ask: Ask) -> list[str]:
    """The migrations of a database, each as `app.name`."""
    return sorted(f"{app}.{name}" for app, name in ask(f"SELECT app, name FROM {MIGRATIONS}"))  # noqa: S608


def quoted(name: str) -> str:
    return '"{}"'.format(name.replace('"', '""'))

"""Rows that are added and never changed: the audit trail.

The model refuses changes, and so do triggers of the database (migration 0016), which also stop a query that goes past
the model. `erasing` is the one exception: for rows that are older than their organization keeps them, for the words
about an erased person, and for all rows of an erased organization.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NoReturn, TypeVar

from django.db import connection, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

_erasing: ContextVar[bool] = ContextVar("erasing", default=False)
M = TypeVar("M", bound=models.Model)


class AppendOnly(Exception):
    """Something tried to change or delete a row that stays as it is."""


@contextmanager
def erasing() -> Iterator[None]:
    """Let rows be deleted and their `texts` be emptied until the block ends. It is one transaction."""
    token = _erasing.set(True)
    try:
        with transaction.atomic():
            _tell_database("on")
            yield
            _tell_database("")
    finally:
        _erasing.reset(token)


def _tell_database(value: str) -> None:
    """Set the session variable that PostgreSQL's triggers read, until the transaction ends."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('panelist.erasing', %s, true)", [value])


def teach_sqlite(connection: BaseDatabaseWrapper, **_kwargs: Any) -> None:
    """Give each new SQLite connection the function that its triggers ask. A receiver of `connection_created`."""
    if connection.vendor == "sqlite":
        connection.connection.create_function("panelist_erasing", 0, _erasing.get)


class AppendOnlyQuerySet(models.QuerySet[M]):
    """Rows to add and to read."""

    def update(self, **_values: Any) -> NoReturn:
        raise AppendOnly

    def bulk_update(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise AppendOnly

    def delete(self) -> NoReturn:
        raise AppendOnly


class AppendOnlyModel(models.Model):
    """A model of rows that are added and never changed."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, **options: Any) -> None:
        if not self._state.adding:
            raise AppendOnly
        super().save(**options | {"force_insert": True})

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise AppendOnly

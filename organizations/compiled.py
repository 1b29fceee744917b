"""Queries that every request makes: their SQL is put together once in each process, and run with other values.

Django puts it together anew for each run, which takes several times as long as the run itself. Only for queries whose
SQL is the same for all values: lists of ids, however long, come by `among`.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from types import SimpleNamespace
from typing import Any, Final, Generic, NamedTuple, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, QuerySet
from django.db.models.lookups import Lookup
from django.db.models.sql.compiler import SQLCompiler

RowT = TypeVar("RowT")
Value = int | str | date | datetime | Sequence[int]

_FAR: Final = datetime(8000, 1, 1, tzinfo=UTC)


class Among(Lookup[bool]):
    """`IN` with a list of ids as one value, so that the SQL is the same for any number of them."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        column, before = self.process_lhs(compiler, connection)
        return f"{column} IN (SELECT value FROM json_each(%s))", [*before, _ids(self.rhs)]  # noqa: S608 - Django's

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        column, before = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s)", [*before, _ids(self.rhs)]


def among(column: str, ids: Sequence[int]) -> Among:
    """A condition: the column is one of the ids."""
    return Among(F(column), ids)


def _ids(ids: Sequence[int]) -> str | list[int]:
    """A list of ids as this database takes it in one value."""
    return json.dumps(list(ids)) if connection.vendor == "sqlite" else list(ids)


class _Kind(NamedTuple):
    """A kind of values: the n-th placeholder for one while the SQL is put together, and how the database gets it."""

    sample: Callable[[int], Any]
    sent: Callable[[Any], Any] = lambda value: value


_KINDS: Final[dict[type, _Kind]] = {
    int: _Kind(lambda n: 10**15 + n),
    str: _Kind(lambda n: f"value-{n}-of-this-query"),
    date: _Kind(lambda n: (_FAR + timedelta(days=n)).date(), lambda day: connection.ops.adapt_datefield_value(day)),
    datetime: _Kind(
        lambda n: _FAR + timedelta(days=n), lambda moment: connection.ops.adapt_datetimefield_value(moment)
    ),
    list: _Kind(lambda n: [10**15 + n], _ids),
}


class Compiled(Generic[RowT]):
    """The query that `build` returns for values of these `kinds`: each an int, str, date, datetime or list of ids.

    It gives what that query gives: models, or tuples for `values_list`. `build` is called with placeholders, so all
    that it does with a value is to compare a column with it; anything else is refused when the query first runs.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, RowT]], *kinds: type) -> None:
        self.build = build
        self.kinds = [_KINDS[kind] for kind in kinds]

    def first(self, *values: Value) -> RowT | None:
        """The first row that the query finds with these values; None without any. `build` limits it to one."""
        return next(iter(self.all(*values)), None)

    def all(self, *values: Value) -> list[RowT]:
        """All rows that the query finds with these values."""
        if self._parts is None:
            return []
        compiler, iterable, converters, sql, params, places = self._parts
        sent = [kind.sent(value) for kind, value in zip(self.kinds, values, strict=True)]
        run = copy.copy(compiler)
        run.connection = connection  # this thread's
        given = tuple(param if place is None else sent[place] for param, place in zip(params, places, strict=True))
        run.as_sql = lambda *_args, **_options: (sql, given)
        run.get_converters = lambda _columns: converters
        query = SimpleNamespace(get_compiler=lambda using: run)  # noqa: ARG005 - as Django calls it
        return list(iterable(SimpleNamespace(db=connection.alias, query=query, _known_related_objects={})))

    @cached_property
    def _parts(self) -> tuple[Any, Any, Any, str, Sequence[Any], list[int | None]] | None:
        """The compiler after its work, what makes rows and converts their columns, the SQL, its parameters, and which
        value each of them is.

        None where Django knows that there are no rows. The SQL is put together with two sets of placeholders: what
        differs has to be the placeholders themselves.
        """
        try:
            (compiler, iterable, sql, params), (_, _, other, others) = map(self._put_together, (0, len(self.kinds)))
        except EmptyResultSet:
            return None
        first, second = (self._samples(at) for at in (0, len(self.kinds)))
        sent = [(kind.sent(one), kind.sent(two)) for kind, one, two in zip(self.kinds, first, second, strict=True)]
        places = [None if one == two else _place(sent, one, two) for one, two in zip(params, others, strict=True)]
        if sql != other:
            raise ValueError("The SQL of this query is another for other values.")
        # The same for all threads: of a connection, they know the time zone.
        converters = compiler.get_converters([column for column, *_ in compiler.select[: compiler.col_count]])
        return compiler, iterable, converters, sql, params, places

    def _put_together(self, at: int) -> tuple[Any, Any, str, Sequence[Any]]:
        found = self.build(*self._samples(at))
        compiler = found.query.get_compiler(connection=connection)
        return compiler, found._iterable_class, *compiler.as_sql()

    def _samples(self, at: int) -> list[Any]:
        return [kind.sample(at + number) for number, kind in enumerate(self.kinds)]


def _place(sent: Sequence[tuple[Any, Any]], one: Any, two: Any) -> int:
    """Which of the values a parameter is that was `one` with the first placeholders, and `two` with the second."""
    if (one, two) not in sent:
        raise ValueError("The database gets a value of this query in another form.")
    return sent.index((one, two))

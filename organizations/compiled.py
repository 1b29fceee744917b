"""Queries that every request makes: their SQL is put together once in each process, and run with other values.

Django puts it together anew for each run, which takes several times as long as the run itself. Only for queries whose
SQL is the same for all values: lists of ids, however long, come by `among`.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from types import SimpleNamespace
from typing import Any, Final, Generic, NamedTuple, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, QuerySet
from django.db.models.lookups import Lookup
from django.db.models.sql import UpdateQuery
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


class _Sql(NamedTuple):
    """A statement, its parameters, and which of the values each of them is: None for one that is always the same."""

    text: str
    params: Sequence[Any]
    places: Sequence[int | None]

    def with_values(self, kinds: Sequence[_Kind], values: Sequence[Value]) -> tuple[Any, ...]:
        """The parameters with these values among them."""
        sent = [kind.sent(value) for kind, value in zip(kinds, values, strict=True)]
        return tuple(
            param if place is None else sent[place] for param, place in zip(self.params, self.places, strict=True)
        )


def _samples(kinds: Sequence[_Kind], at: int) -> list[Any]:
    return [kind.sample(at + number) for number, kind in enumerate(kinds)]


def _compared(kinds: Sequence[_Kind], one: tuple[str, Sequence[Any]], two: tuple[str, Sequence[Any]]) -> _Sql:
    """The statement out of two that were put together with `_samples` from 0 and from `len(kinds)` on.

    What differs has to be the samples themselves.
    """
    if one[0] != two[0]:
        raise ValueError("The SQL of this query is another for other values.")
    samples = zip(_samples(kinds, 0), _samples(kinds, len(kinds)), kinds, strict=True)
    sent = [(kind.sent(first), kind.sent(second)) for first, second, kind in samples]
    pairs = zip(one[1], two[1], strict=True)
    return _Sql(one[0], one[1], [None if first == second else _place(sent, first, second) for first, second in pairs])


def _place(sent: Sequence[tuple[Any, Any]], one: Any, two: Any) -> int:
    """Which of the values a parameter is that was `one` with the first placeholders, and `two` with the second."""
    if (one, two) not in sent:
        raise ValueError("The database gets a value of this query in another form.")
    return sent.index((one, two))


class Compiled(Generic[RowT]):
    """The query that `build` returns for values of these `kinds`: each an int, str, date, datetime or list of ids.

    It gives what that query gives: models, or tuples for `values_list`, named or not. `build` is called with
    placeholders, so all that it does with a value is to compare a column with it; anything else is refused when the
    query first runs.
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
        compiler, iterable, names, converters, sql = self._parts
        run = copy.copy(compiler)
        run.connection = connection  # this thread's
        given = sql.with_values(self.kinds, values)
        run.as_sql = lambda *_args, **_options: (sql.text, given)
        run.get_converters = lambda _columns: converters
        run.apply_converters = _converted
        query = SimpleNamespace(get_compiler=lambda using: run)  # noqa: ARG005 - as Django calls it
        rows = SimpleNamespace(db=connection.alias, query=query, _fields=names, _known_related_objects={})
        return list(iterable(rows))

    @cached_property
    def _parts(self) -> tuple[Any, Any, Any, Any, _Sql] | None:
        """The compiler after its work, what makes, names and converts the columns of rows, and the SQL.

        None where Django knows that there are no rows.
        """
        try:
            (compiler, iterable, names, *one), (_, _, _, *two) = map(self._put_together, (0, len(self.kinds)))
        except EmptyResultSet:
            return None
        sql = _compared(self.kinds, (one[0], one[1]), (two[0], two[1]))
        # The same for all threads: of a connection, they know the time zone.
        converters = compiler.get_converters([column for column, *_ in compiler.select[: compiler.col_count]])
        return compiler, iterable, names, converters, sql

    def _put_together(self, at: int) -> tuple[Any, ...]:
        found: Any = self.build(*_samples(self.kinds, at))
        compiler = found.query.get_compiler(connection=connection)
        return compiler, found._iterable_class, found._fields, *compiler.as_sql()


def _converted(rows: Iterable[Sequence[Any]], converters: Mapping[int, tuple[Any, Any]]) -> Iterator[list[Any]]:
    """The rows with the values of columns that need it converted.

    As Django does it, but for NULL, which is None in every column: of a row with many outer joins it is most of them.
    """
    steps = [(place, convert, column) for place, (every, column) in converters.items() for convert in every]
    for row in map(list, rows):
        for place, convert, column in steps:
            value = row[place]
            if value is not None:
                row[place] = convert(value, column, connection)
        yield row


class CompiledUpdate:
    """The UPDATE of the rows and columns that `build` returns for values of these `kinds`: see `Compiled`.

    Signals and `auto_now` are as of `QuerySet.update`: there are none.
    """

    def __init__(self, build: Callable[..., tuple[QuerySet[Any], dict[str, Any]]], *kinds: type) -> None:
        self.build = build
        self.kinds = [_KINDS[kind] for kind in kinds]

    def run(self, *values: Value) -> int:
        """Update, and return the number of rows."""
        with transaction.mark_for_rollback_on_error(using=connection.alias), connection.cursor() as cursor:
            cursor.execute(self._sql.text, self._sql.with_values(self.kinds, values))
            changed: int = cursor.rowcount
        return changed

    @cached_property
    def _sql(self) -> _Sql:
        return _compared(self.kinds, *map(self._put_together, (0, len(self.kinds))))

    def _put_together(self, at: int) -> tuple[str, Sequence[Any]]:
        rows, columns = self.build(*_samples(self.kinds, at))
        query: Any = rows.query.chain(UpdateQuery)
        query.add_update_values(columns)
        query.clear_select_clause()
        query.annotations = {}  # conditions have them inlined
        text, params = query.get_compiler(connection=connection).as_sql()
        return text, params

"""Queries that every request makes: their SQL is put together once in each process, and run with other values.

Django puts it together anew for each run, which takes three times as long as the run itself. Only for queries whose
SQL is the same for all values: conditions with `=`, and joins.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cached_property
from types import SimpleNamespace
from typing import Any, Final, Generic, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable

ModelT = TypeVar("ModelT", bound=Model)

#: A placeholder for a value while the SQL is put together; the number of the parameter is added.
_SAMPLES: Final[dict[type, Callable[[int], Any]]] = {
    int: lambda n: 10**15 + n,
    str: lambda n: f"value-{n}-of-this-query",
}


class Compiled(Generic[ModelT]):
    """The query that `build` returns for values of these `kinds`: each `int` or `str`."""

    def __init__(self, build: Callable[..., QuerySet[ModelT]], *kinds: type) -> None:
        self.build = build
        self.samples = [_SAMPLES[kind](number) for number, kind in enumerate(kinds)]

    def first(self, *values: int | str) -> ModelT | None:
        """The first row that the query finds with these values, with what it joins and annotates; None without any."""
        compiler, sql, params = self._parts
        given = dict(zip(self.samples, values, strict=True))
        run = copy.copy(compiler)
        run.connection = connection  # this thread's
        run.as_sql = lambda *_args, **_options: (sql, tuple(given.get(one, one) for one in params))
        query = SimpleNamespace(get_compiler=lambda using: run)  # noqa: ARG005 - as Django calls it
        rows: Any = SimpleNamespace(db=connection.alias, query=query, _known_related_objects={})
        return next(iter(ModelIterable(rows)), None)

    @cached_property
    def _parts(self) -> tuple[Any, str, tuple[Any, ...]]:
        """The compiler after its work, the SQL, and its parameters with samples in place of values."""
        compiler = self.build(*self.samples)[:1].query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        if not set(self.samples) <= set(params):
            raise ValueError("The database gets a value of this query in another form.")
        return compiler, sql, params

"""Compiled queries for the rows that a reader may see: put together once for each role."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet

from organizations.access import Access, somebody
from organizations.compiled import Compiled, Value

RowT = TypeVar("RowT")


class ReaderQuery(Generic[RowT]):
    """The query that `build` returns for an access and values of these `kinds`: see `Compiled`.

    Of the access, `build` may use the role and the ids. What else it reads would stay in the SQL for all readers; it
    gets objects that have nothing else.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, RowT]], *kinds: type) -> None:
        self.build, self.kinds = build, kinds
        self._of_roles: dict[str, Compiled[RowT]] = {}

    def all(self, access: Access, *values: Value) -> list[RowT]:
        """All rows that the query finds for this reader with these values."""
        compiled = self._of_roles.get(access.role)
        if compiled is None:
            compiled = self._of_roles[access.role] = self._compiled(access.role)
        return compiled.all(access.organization.pk, access.membership.pk, *values)

    def _compiled(self, role: str) -> Compiled[RowT]:
        def build(organization: int, membership: int, *values: Value) -> QuerySet[Any, RowT]:
            return self.build(somebody(role, organization, membership), *values)

        return Compiled(build, int, int, *self.kinds)

"""Lists of member pages: their columns, and the page that an address asks for.

A view says its columns; `organizations.filters` reads the search, the choices and the order from the address, and
`partials/list.html` draws the rest: the bar of filters, heads that sort, rows, paging, and the words of an
empty list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Self

from django.core.paginator import Page, Paginator
from django.db.models import F, IntegerField, OrderBy, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.functional import cached_property, lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations.parameters import whole_number
from organizations.permissions import Permission, Rights

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PAGE_SIZE: Final = 50
#: A list has so many rows at most, and never counts further. Who needs another one searches, or sorts the other way.
MOST_LISTED: Final = 2000
#: In the address, the sign of an order that falls: `order=-added`.
FALLING: Final = "-"


class Sorts(Enum):
    """The two directions of a column in words, upwards first."""

    BY_NAME = (gettext_lazy("A to Z"), gettext_lazy("Z to A"))
    BY_TIME = (gettext_lazy("soonest first"), gettext_lazy("latest first"))
    BY_AGE = (gettext_lazy("oldest first"), gettext_lazy("newest first"))
    BY_NUMBER = (gettext_lazy("fewest first"), gettext_lazy("most first"))


@dataclass(frozen=True)
class Column:
    """A column of a list.

    `by` are the fields that its head sorts by, none for a column that can't be sorted. Rows with `gaps` in them come
    last in both directions, on every database. `along` is the relation that `by` sorts by, its search key and then its
    id: of many rows, those of the first related ones are read, instead of all being sorted. `is_indexed`: an index has
    the rows without gaps in this order, and of many rows those are read along it. `css` are classes of the head.
    `is_named` is False for a column whose head only screen readers hear. Readers without the permission that it `needs`
    have no such column.
    """

    heading: StrOrPromise
    by: Sequence[str] = ()
    sorts: Sorts = Sorts.BY_NAME
    gaps: bool = False
    along: str = ""
    is_indexed: bool = False
    css: str = ""
    is_named: bool = True
    needs: Permission | None = None

    def __deepcopy__(self, memo: object) -> Self:
        """Itself: a list's filters are copied for each request, and nothing changes a column."""
        return self

    @property
    def falls_first(self) -> bool:
        """Whether the first click on the head shows the highest on top: the newest, the most."""
        return self.sorts in {Sorts.BY_AGE, Sorts.BY_NUMBER}

    def order(self, *, falls: bool) -> list[str | OrderBy]:
        """The columns to order by. The id stands last, so that rows never change places between two pages."""
        if not self.gaps:
            return self.order_without_gaps(falls=falls)
        known = [F(name).desc(nulls_last=True) if falls else F(name).asc(nulls_last=True) for name in self.by]
        return [*known, FALLING + "pk" if falls else "pk"]

    def order_without_gaps(self, *, falls: bool) -> list[str | OrderBy]:
        """The same columns for rows that have a value in the first of them, as an index has them."""
        sign = FALLING if falls else ""
        return [*(f"{sign}{name}" for name in self.by), f"{sign}pk"]

    def label(self, *, falls: bool) -> StrOrPromise:
        """The order in words, for the menu that stands in for the heads on a phone.

        Lists are made once, and read in several languages: the words come when they are shown.
        """
        return _order_in_words(self, falls)


def _in_words(column: Column, falls: bool) -> str:
    return _("%(column)s, %(direction)s") % {"column": column.heading, "direction": column.sorts.value[falls]}


_order_in_words = lazy(_in_words, str)


Columns = Mapping[str, Column]


@dataclass(frozen=True)
class Order:
    """The order of a list: by the column `name`, upwards or falling. `value` is its text in an address."""

    name: str
    falls: bool = False

    @classmethod
    def read(cls, value: str) -> Order:
        return cls(value.removeprefix(FALLING), value.startswith(FALLING))

    @property
    def value(self) -> str:
        return f"{FALLING if self.falls else ''}{self.name}"


@dataclass(frozen=True)
class Head:
    """The head of a column. `next` is the order that a click on it asks for, empty where it can't be sorted.

    `sorted` is `ascending` or `descending` for the column that the list is sorted by, else empty.
    """

    column: Column
    next: str = ""
    sorted: str = ""


def heads(columns: Columns, order: Order, rights: Rights) -> list[Head]:
    """The heads that a reader with these rights sees."""
    return [_head(name, column, order) for name, column in columns.items() if _is_for(column, rights)]


def _is_for(column: Column, rights: Rights) -> bool:
    return column.needs is None or column.needs in rights


def plain_heads(columns: Columns) -> list[Head]:
    """The heads of a list in one fixed order."""
    return [Head(column) for column in columns.values()]


def _head(name: str, column: Column, order: Order) -> Head:
    if not column.by:
        return Head(column)
    if name != order.name:
        return Head(column, Order(name, column.falls_first).value)
    return Head(column, Order(name, not order.falls).value, "descending" if order.falls else "ascending")


class BoundedPaginator(Paginator[Any]):
    """Pages of the first `MOST_LISTED` rows of a query, however many it finds. `number`: of rows, where it is known."""

    def __init__(self, *args: Any, number: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.number = number

    @cached_property
    def count(self) -> int:
        return min(self._counted, MOST_LISTED)

    @property
    def is_cut(self) -> bool:
        """Whether there are rows beyond the last page."""
        return self._counted > MOST_LISTED

    @property
    def more_than(self) -> int:
        """The number of rows that the list has at least, where it has more than that."""
        return MOST_LISTED

    @cached_property
    def _counted(self) -> int:
        if self.number is not None:
            return self.number
        found: Any = self.object_list
        rows = found.order_by()
        if not rows.query.combinator:
            rows = rows.values("pk")  # without what rows are annotated with, unless it narrows or groups them
        return int(rows[: MOST_LISTED + 1].count())


class UncountedPaginator(BoundedPaginator):
    """Pages of rows that are not counted apart: a page is read with one row more, which says that others follow.

    Rows that know the number of all have it as `of_all`: see `numbered`.
    """

    #: Rows up to the end of the page that was read, and whether there are others. None: no page was read.
    seen: int | None = None
    goes_on = False

    def get_page(self, number: Any) -> Page[Any]:
        number = min(number, MOST_LISTED // self.per_page)
        begins = (number - 1) * self.per_page
        rows: list[Any] = list(self.object_list[begins : begins + self.per_page + 1])
        if not rows and number > 1:  # past the end, which the rows before it tell
            before = list(self.object_list[:begins])
            number = max(1, -(-len(before) // self.per_page))
            begins = (number - 1) * self.per_page
            rows = before[begins:]
        self.seen, self.goes_on = begins + min(len(rows), self.per_page), len(rows) > self.per_page
        if self.number is None:
            self.number = getattr(rows[0], "of_all", None) if rows else 0
        return Page(rows[: self.per_page], number, self)

    @cached_property
    def count(self) -> int:
        if self.number is not None or self.seen is None:
            return super().count
        return min(self.seen + self.goes_on, MOST_LISTED)

    @property
    def is_cut(self) -> bool:
        return super().is_cut if self.number is not None or self.seen is None else self.goes_on

    @property
    def more_than(self) -> int:
        return self.seen if self.number is None and self.seen else MOST_LISTED


class NumberOf(Subquery):
    """The number of rows that a query finds, as a column."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


def numbered(rows: QuerySet[Any], *, in_order: bool = True) -> QuerySet[Any]:
    """The same rows, each with the number of all as `of_all`, at most one more than `MOST_LISTED`.

    So a page and the number of rows are one query. They are counted in their order, along its index: in no order,
    PostgreSQL begins at the beginning of the table, where there may be another tenant's million. `in_order`: False for
    few rows, which are found by an index of their own.
    """
    counted = rows if in_order else rows.order_by()
    some: QuerySet[Any] = rows.annotate(of_all=NumberOf(counted.values("pk")[: MOST_LISTED + 1]))
    return some


def as_tuples(rows: QuerySet[Any], *columns: str) -> QuerySet[Any]:
    """The same rows as named tuples of these columns, and of what the rows are annotated with.

    For lists, which only read: to make models of fifty rows, each with those that are joined in, takes longer than to
    draw them.
    """
    return rows.values_list(*columns, *rows.query.annotation_select, named=True)


def asked_page(request: HttpRequest) -> int:
    """The number of the page that the address asks for, from 1."""
    return whole_number(request.GET.get("page"), least=1, most=10**9) or 1


def rows_until(request: HttpRequest, size: int = PAGE_SIZE) -> int:
    """The number of rows up to the end of the page that the address asks for, and one more."""
    return min(asked_page(request), MOST_LISTED // size) * size + 1


def page_of(
    request: HttpRequest,
    rows: QuerySet[Any] | Sequence[Any],
    size: int = PAGE_SIZE,
    *,
    number: int | None = None,
    is_counted: bool = True,
) -> Page[Any]:
    """The page of `rows` that the address asks for: the first one where it names none, the last one past the end.

    `number`: of the rows, where it is known, more than `MOST_LISTED` for any that are more. `is_counted`: False reads
    the page alone, without counting to its end.
    """
    asked = asked_page(request)
    if not isinstance(rows, QuerySet) and number is None:
        return Paginator(rows, size).get_page(asked)
    if not is_counted:
        return UncountedPaginator(rows, size, number=number).get_page(asked)
    return BoundedPaginator(rows, size, number=number).get_page(asked)

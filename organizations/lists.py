"""Lists of member pages: their columns, and the page that an address asks for.

A view says its columns; `organizations.filters` reads the search, the choices and the order from the address, and
`partials/list.html` draws the rest: the bar of filters, heads that sort, rows, paging, and the words of an
empty list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from django.core.paginator import Page, Paginator
from django.db.models import F, OrderBy, QuerySet
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
    last in both directions, on every database. `css` are classes of the head. `is_named` is False for a column whose
    head only screen readers hear. Readers without the permission that it `needs` have no such column.
    """

    heading: StrOrPromise
    by: Sequence[str] = ()
    sorts: Sorts = Sorts.BY_NAME
    gaps: bool = False
    css: str = ""
    is_named: bool = True
    needs: Permission | None = None

    @property
    def falls_first(self) -> bool:
        """Whether the first click on the head shows the highest on top: the newest, the most."""
        return self.sorts in {Sorts.BY_AGE, Sorts.BY_NUMBER}

    def order(self, *, falls: bool) -> list[str | OrderBy]:
        """The columns to order by. The id stands last, so that rows never change places between two pages."""
        sign = FALLING if falls else ""
        if not self.gaps:
            return [*(f"{sign}{name}" for name in self.by), f"{sign}pk"]
        known = [F(name).desc(nulls_last=True) if falls else F(name).asc(nulls_last=True) for name in self.by]
        return [*known, f"{sign}pk"]

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
    """Pages of the first `MOST_LISTED` rows of a query, however many it finds."""

    @cached_property
    def count(self) -> int:
        return min(self._counted, MOST_LISTED)

    @property
    def is_cut(self) -> bool:
        """Whether there are rows beyond the last page."""
        return self._counted > MOST_LISTED

    @cached_property
    def _counted(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[: MOST_LISTED + 1].count())


def page_of(request: HttpRequest, rows: QuerySet[Any] | Sequence[Any], size: int = PAGE_SIZE) -> Page[Any]:
    """The page of `rows` that the address asks for: the first one where it names none, the last one past the end."""
    number = whole_number(request.GET.get("page"), least=1, most=10**9) or 1
    paginator = BoundedPaginator if isinstance(rows, QuerySet) else Paginator
    return paginator(rows, size).get_page(number)

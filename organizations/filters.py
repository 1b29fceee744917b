"""Filters of lists, by django-filter: search, choices and order, as they stand in a list's address."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cached_property, partial, reduce
from operator import add
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Self, cast

import django_filters
from django import forms
from django.core.paginator import Page
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Window
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from organizations.access import Access, AccessRequest
from organizations.drawn import filled
from organizations.forms import StyledFormMixin
from organizations.lists import (
    FALLING,
    MOST_LISTED,
    PAGE_SIZE,
    Column,
    Columns,
    Head,
    NumberOf,
    Order,
    UncountedPaginator,
    as_tuples,
    heads,
    numbered,
    page_of,
    rows_until,
)
from organizations.parameters import validate_likely_day
from organizations.reader_queries import ReaderQuery
from organizations.row_choices import RowChoiceField
from organizations.search import FEW, Searchable, few, few_found, found_by

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class FilterForm(StyledFormMixin, forms.Form):
    """The fields of a filter. What makes no sense in the address is ignored, and marks no field.

    A choice is sent at once; only the search waits for Enter or its button.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # The page may have a form with fields of the same names.
        super().__init__(*args, auto_id="filter-%s", **kwargs)
        for name, field in self.fields.items():
            if name != "q":
                field.widget.attrs["data-submit-on-change"] = ""

    def full_clean(self) -> None:
        forms.Form.full_clean(self)
        self._errors = ErrorDict()

    @property
    def bar(self) -> list[SafeString]:
        """The fields to show above the list as they are drawn, each with the class that gives it its place there."""
        pattern = '<div class="{}"><label class="form-label" for="{}">{}</label>{}</div>'
        return [
            filled(pattern, self._place_of(field), field.id_for_label, field.label, field)
            for field in self.visible_fields()
        ]

    @staticmethod
    def _place_of(field: forms.BoundField) -> str:
        if field.name == "q":
            return "filter-search"
        if field.name == "order":
            return "filter-choice filter-order"  # where the heads are not shown
        return "filter-day" if isinstance(field.field, forms.DateField) else "filter-choice"

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is left out. An order leaves nothing out, nor does a list's own tab (`show`)."""
        return any(self.cleaned_data.get(name) for name in self.fields if name not in {"order", "show"})


class ListFilter(django_filters.FilterSet):
    """A filter of a member page's list: `qs` is what it shows, `form` the fields to show above it.

    `number`: of the rows of `qs`, where filtering has found it out; `is_counted`: whether a page may count them;
    `has_many`: whether they are more than `FEW`, None where nobody has looked. `related`: a condition
    that the related rows of a column with `along` have in common. `first` narrows rows to some of which the first ones,
    as many as it is given, are those of all.
    """

    request: AccessRequest
    queryset: QuerySet[Any]
    number: int | None = None
    is_counted: bool = True
    has_many: bool | None = None
    related: Q = Q()
    first: Callable[[QuerySet[Any], int], QuerySet[Any]] | None = None

    class Meta:
        form = FilterForm

    @classmethod
    def of(cls, request: AccessRequest, rows: QuerySet[Any]) -> Self:
        """The filter of `rows` that the request's address asks for."""
        found = cls(request.GET, queryset=rows, request=request)
        found.form.is_valid()
        return found

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return self.filtered(queryset, *self.filters)

    def page(self, *columns: str, opened: ReaderQuery[Any] | None = None) -> Page[Any]:
        """The page that the address asks for. `columns`: its rows are tuples of these (`as_tuples`), not models.

        `opened`: finds the same rows where the address asks for nothing; see `as_opened`.
        """
        if opened is not None and not self.request.GET:
            return UncountedPaginator(opened.all(self.request.access, self.now), PAGE_SIZE).get_page(1)
        shown, is_counted = self.qs, self.is_counted
        if self.first is not None:
            shown, is_counted = self.first(shown, rows_until(self.request)), False
        elif is_counted and self.number is None:
            shown, is_counted = self.numbered(shown), False
        if columns:
            shown = as_tuples(shown, *columns)
        return page_of(self.request, shown, number=self.number, is_counted=is_counted)

    def numbered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return numbered(rows, in_order=self.has_many is not False)

    @cached_property
    def now(self) -> datetime:
        """The moment at which the list is read."""
        return timezone.now()

    @property
    def heads(self) -> list[Head]:
        """The heads of the list, with the order that a click on each of them asks for."""
        order = self.filters["order"]
        assert isinstance(order, OrderFilter)  # noqa: S101 - each list has one
        asked = order.read(self.form.cleaned_data.get("order"))
        return heads(order.columns, asked, self.request.access.may)

    def few(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The same rows, which are few: they are counted where the page is read, without another query."""
        self.is_counted, self.has_many = False, False
        counted: QuerySet[Any] = rows.annotate(of_all=Window(Count("*")))
        return counted

    def filtered(self, queryset: QuerySet[Any], *names: str) -> QuerySet[Any]:
        """The rows that these filters leave. Each is asked, also without a value: a list has always an order."""
        for name in names:
            queryset = self.filters[name].filter(queryset, self.form.cleaned_data.get(name))
        return queryset


def as_opened(
    filters: type[ListFilter], rows: Callable[[Access, datetime], QuerySet[Any]], *columns: str
) -> ReaderQuery[Any]:
    """The first page of a list as most people open it: without a search, a choice or an order. See `ListFilter.page`.

    `rows` finds those of a reader at a moment, out of which `filters` makes the list.
    """

    def build(access: Access, now: datetime) -> QuerySet[Any]:
        request = cast(AccessRequest, SimpleNamespace(access=access, GET=QueryDict()))
        found = filters.of(request, rows(access, now))
        found.now = now
        return as_tuples(found.numbered(found.qs), *columns)[: PAGE_SIZE + 1]

    return ReaderQuery(build, datetime)


def merged(*parts: QuerySet[Any]) -> Callable[[QuerySet[Any], int], QuerySet[Any]]:
    """Return what `ListFilter.first` needs for rows in parts that have nothing in common: each has its own index.

    Asked for all parts at once, a database reads them to their ends, and sorts.
    """

    def first(shown: QuerySet[Any], most: int) -> QuerySet[Any]:
        ordered = [part.order_by(*shown.query.order_by).values("pk") for part in parts]
        found: QuerySet[Any] = shown.model._default_manager.filter(pk__in=_together([one[:most] for one in ordered]))
        numbers = [NumberOf(part[: MOST_LISTED + 1]) for part in ordered]
        counted: QuerySet[Any] = found.annotate(of_all=reduce(add, numbers))
        return counted.order_by(*shown.query.order_by)

    return first


def _together(parts: list[QuerySet[Any]]) -> QuerySet[Any]:
    """The ids of all parts, which may be slices: SQLite joins no slices."""
    whole = [part.model._default_manager.filter(pk__in=part).values("pk").order_by() for part in parts]
    ids: QuerySet[Any] = whole[0].union(*whole[1:], all=True)
    return ids


class SearchFilter(django_filters.CharFilter):
    """Rows in which every word stands in one of `columns`, which hold search keys: names are found as people do.

    Rows of a model with a search index are found by it, and read by their ids. Where they are more than a list shows,
    the list is read in its order instead, which soon meets enough of them.
    """

    parent: ListFilter

    def __init__(self, *columns: str, max_length: int | None = 100, **options: Any) -> None:
        self.columns = columns
        super().__init__(max_length=max_length, **options)

    def filter(self, qs: QuerySet[Any], value: str | None) -> QuerySet[Any]:
        if not value:
            return qs
        qs, model = qs.filter(found_by(value, *self.columns)), qs.model
        if not issubclass(model, Searchable) or not model.has_search_index:
            return qs
        organization = self.parent.request.access.organization.pk
        ids = few(few_found(model, value, organization=organization))
        if ids is not None:
            return qs.filter(pk__in=ids)
        self.parent.is_counted = False
        return qs


class RowFilter(django_filters.ModelChoiceFilter):
    """A row to choose among those that `rows` finds for the request. `options` are those of `RowChoiceField`, too."""

    field_class = RowChoiceField
    parent: ListFilter

    def __init__(self, rows: Callable[[AccessRequest], QuerySet[Any]], column: str = "", **options: Any) -> None:
        super().__init__(queryset=cast("QuerySet[Any]", rows), column=column, **options)

    @property
    def field(self) -> Any:
        self.extra["kept"] = self.parent.request.GET.get(str(self.field_name))
        return super().field


class DayFilter(django_filters.DateFilter):
    """A day of the reader's own calendar. `method` names the filter set's method that compares with it."""

    def __init__(self, label: StrOrPromise, method: str) -> None:
        widget = forms.DateInput(attrs={"type": "date"})
        super().__init__(label=label, method=method, widget=widget, validators=[validate_likely_day])


class OrderFilter(django_filters.ChoiceFilter):
    """The order of a list, by one of its columns. `default` is the order of an address that names none."""

    parent: ListFilter

    def __init__(self, columns: Columns, default: str, **options: Any) -> None:
        super().__init__(label=_("Sort by"), **options)
        self.take(columns, default)

    def take(self, columns: Columns, default: str) -> None:
        """Offer these columns, for a list whose columns depend on what it shows and to whom."""
        self.columns, self.default = columns, Order.read(default)
        orders = [
            (Order(name, falls).value, column.label(falls=falls))
            for name, column in columns.items()
            if column.by
            for falls in (column.falls_first, not column.falls_first)
        ]
        # The default comes first, as the empty choice: addresses without an order mean it.
        empty = next(label for value, label in orders if value == default)
        self.extra |= {"choices": [one for one in orders if one[0] != default], "empty_label": empty}

    def filter(self, qs: QuerySet[Any], value: str | None) -> QuerySet[Any]:
        order = self.read(value)
        column = self.columns[order.name]
        if column.along or column.is_indexed:
            qs = self._few_or_first(qs, column, order)
        return qs.order_by(*column.order(falls=order.falls))

    def _few_or_first(self, qs: QuerySet[Any], column: Column, order: Order) -> QuerySet[Any]:
        """Let few rows be sorted; of many, only those are read that stand first."""
        if self.parent.has_many is False:
            return qs
        plain = 0
        if self.parent.has_many is None:
            qs, plain = self._looked_at(qs, column)
        if not self.parent.has_many:
            return qs
        if column.along:
            self.parent.first = partial(self._along, qs.order_by(), column, order.falls)
        else:
            self.parent.first = partial(self._by_index, qs.order_by(), column, order.falls, plain)
        return qs

    def _looked_at(self, qs: QuerySet[Any], column: Column) -> tuple[QuerySet[Any], int]:
        """Find out whether the rows are many. Returns them, and how many without gaps there are at least.

        Few are read by their ids from then on.
        """
        seen = dict(qs.order_by().values_list("pk", "pk" if column.along else column.by[0])[: FEW + 1])
        self.parent.has_many = len(seen) > FEW
        if not self.parent.has_many:
            self.parent.number = len(seen)
            return qs.filter(pk__in=list(seen)), len(seen)
        self.parent.number = MOST_LISTED + 1  # more than `FEW`, which are as many
        return qs, sum(value is not None for value in seen.values())

    def _along(
        self, found: QuerySet[Any], column: Column, falls: bool, shown: QuerySet[Any], most: int
    ) -> QuerySet[Any]:
        """The rows of the first related ones that have any."""
        related = found.model._meta.get_field(column.along).related_model
        sign, own = FALLING if falls else "", found.filter(**{column.along: OuterRef("pk")})
        have = self.parent.request.access.whole(related).filter(self.parent.related, Exists(own))
        first = have.order_by(f"{sign}search_key", f"{sign}pk").values("pk")[:most]
        return shown.filter(**{f"{column.along}__in": first})

    def _by_index(
        self, found: QuerySet[Any], column: Column, falls: bool, plain: int, shown: QuerySet[Any], most: int
    ) -> QuerySet[Any]:
        """The rows without gaps along the index. Where they are not enough, those with gaps follow, by their ids.

        `plain`: so many rows without gaps there are at least.
        """
        gap, order = Q(**{f"{column.by[0]}__isnull": True}), column.order_without_gaps(falls=falls)
        known = found.exclude(gap).order_by(*order).values("pk")
        if plain >= most or known[most - 1 : most].exists():
            return shown.exclude(gap).order_by(*order)
        rest = found.filter(gap).order_by(FALLING + "pk" if falls else "pk").values("pk")
        return shown.filter(pk__in=_together([known[:most], rest[:most]]))

    def read(self, value: str | None) -> Order:
        return Order.read(value) if value else self.default

"""Filters of lists, by django-filter: search, choices and order, as they stand in a list's address."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Self, cast

import django_filters
from django import forms
from django.core.paginator import Page
from django.db.models import Count, Q, QuerySet, Window
from django.forms.models import ModelChoiceIterator
from django.forms.utils import ErrorDict
from django.utils.translation import gettext_lazy as _

from organizations.access import AccessRequest
from organizations.forms import StyledFormMixin
from organizations.lists import FALLING, MOST_LISTED, PAGE_SIZE, Columns, Head, Order, heads, page_of
from organizations.parameters import validate_likely_day
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
    def bar(self) -> Iterator[tuple[forms.BoundField, str]]:
        """The fields to show above the list, each with the class that gives it its place there."""
        for field in self.visible_fields():
            if field.name == "q":
                yield field, "filter-search"
            elif field.name == "order":
                yield field, "filter-choice filter-order"  # where the heads are not shown
            else:
                yield field, "filter-day" if isinstance(field.field, forms.DateField) else "filter-choice"

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is left out. An order leaves nothing out, nor does a list's own tab (`show`)."""
        return any(self.cleaned_data.get(name) for name in self.fields if name not in {"order", "show"})


class ListFilter(django_filters.FilterSet):
    """A filter of a member page's list: `qs` is what it shows, `form` the fields to show above it.

    `number`: of the rows of `qs`, where filtering has found it out; `is_counted`: whether a page may count them;
    `tried_first` finds the rows that stand first in the order.
    """

    request: AccessRequest
    queryset: QuerySet[Any]
    number: int | None = None
    is_counted: bool = True
    tried_first: Q | None = None

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

    def page(self, rows: QuerySet[Any] | None = None) -> Page[Any]:
        """The page that the address asks for. `rows`: `qs` with what the list needs joined in."""
        shown = self.qs if rows is None else rows
        if self.tried_first is not None:
            page = page_of(self.request, shown.filter(self.tried_first), number=self.number)
            page.object_list = list(page.object_list)
            if len(page.object_list) == PAGE_SIZE:
                return page
        return page_of(self.request, shown, number=self.number, is_counted=self.is_counted)

    @property
    def heads(self) -> list[Head]:
        """The heads of the list, with the order that a click on each of them asks for."""
        order = self.filters["order"]
        assert isinstance(order, OrderFilter)  # noqa: S101 - each list has one
        asked = order.read(self.form.cleaned_data.get("order"))
        return heads(order.columns, asked, self.request.access.may)

    def few(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The same rows, which are few: they are counted where the page is read, without another query."""
        self.is_counted = False
        counted: QuerySet[Any] = rows.annotate(of_all=Window(Count("*")))
        return counted

    def filtered(self, queryset: QuerySet[Any], *names: str) -> QuerySet[Any]:
        """The rows that these filters leave. Each is asked, also without a value: a list has always an order."""
        for name in names:
            queryset = self.filters[name].filter(queryset, self.form.cleaned_data.get(name))
        return queryset


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


class RowSelect(forms.Select):
    """A select with an option for each row: only what `widget_renderer` writes of one is made, not Django's copies."""

    def optgroups(self, name: str, value: list[str], attrs: Any = None) -> list[Any]:  # noqa: ARG002 - as Django's
        chosen = {True: {"selected": True}, False: {}}
        found = [
            {"value": pk, "label": label, "attrs": chosen[str(pk) in value]}
            for pk, label in cast("Iterable[tuple[int | str, str]]", self.choices)
        ]
        return [(None, found, 0)]


class RowChoices(ModelChoiceIterator[Any]):
    """Ids and names: those of the column, without an instance for each row. Without a column, as rows say."""

    field: RowChoiceField

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        yield "", self.field.empty_label
        if self.field.column:
            yield from self.queryset.values_list("pk", self.field.column)
        else:
            yield from ((row.pk, str(row)) for row in self.queryset)


class RowChoiceField(django_filters.fields.ModelChoiceField):
    iterator = RowChoices  # type: ignore[assignment]

    def __init__(self, *args: Any, column: str = "", **kwargs: Any) -> None:
        self.column = column
        super().__init__(*args, **kwargs)


class RowFilter(django_filters.ModelChoiceFilter):
    """A row to choose among those that `rows` finds for the request. `column` has their names: see `RowChoices`."""

    field_class = RowChoiceField

    def __init__(self, rows: Callable[[AccessRequest], QuerySet[Any]], column: str = "", **options: Any) -> None:
        super().__init__(queryset=cast("QuerySet[Any]", rows), column=column, widget=RowSelect, **options)


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
        if column.along and self.parent.is_counted:
            qs = self._along(qs, column.along, order.falls)
        return qs.order_by(*column.order(falls=order.falls))

    def _along(self, qs: QuerySet[Any], relation: str, falls: bool) -> QuerySet[Any]:
        """Let few rows be sorted; of many, those of the first related ones are tried alone before all are sorted."""
        ids = list(qs.order_by().values_list("pk", flat=True)[: FEW + 1])
        if len(ids) <= FEW:
            self.parent.number = len(ids)
            return qs.filter(pk__in=ids)
        self.parent.number = MOST_LISTED + 1  # more than `FEW`, which are as many
        related = qs.model._meta.get_field(relation).related_model
        sign = FALLING if falls else ""
        first = self.parent.request.access.whole(related).order_by(f"{sign}search_key", f"{sign}pk").values("pk")
        self.parent.tried_first = Q(**{f"{relation}__in": first[:FEW]})
        return qs

    def read(self, value: str | None) -> Order:
        return Order.read(value) if value else self.default

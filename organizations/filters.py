"""Filters of lists, by django-filter: search, choices and order, as they stand in a list's address."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self, cast

import django_filters
from django import forms
from django.db.models import OrderBy, QuerySet
from django.forms.utils import ErrorDict

from organizations.access import AccessRequest
from organizations.forms import StyledFormMixin
from organizations.parameters import validate_likely_day
from organizations.search import found_by

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


#: By the value in the address: what a reader chooses, and the columns to order by. The first is the default.
Orders = Mapping[str, tuple["StrOrPromise", Sequence[str | OrderBy]]]


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
    def is_narrowed(self) -> bool:
        """Whether anything is left out. An order leaves nothing out, nor does a list's own tab (`show`)."""
        return any(self.cleaned_data.get(name) for name in self.fields if name not in {"order", "show"})


class ListFilter(django_filters.FilterSet):
    """A filter of a member page's list: `qs` is what it shows, `form` the fields to show above it."""

    request: AccessRequest
    queryset: QuerySet[Any]

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

    def filtered(self, queryset: QuerySet[Any], *names: str) -> QuerySet[Any]:
        """The rows that these filters leave. Each is asked, also without a value: a list has always an order."""
        for name in names:
            queryset = self.filters[name].filter(queryset, self.form.cleaned_data.get(name))
        return queryset


class SearchFilter(django_filters.CharFilter):
    """Rows in which every word stands in one of `columns`, which hold search keys: names are found as people do."""

    def __init__(self, *columns: str, max_length: int | None = 100, **options: Any) -> None:
        self.columns = columns
        super().__init__(max_length=max_length, **options)

    def filter(self, qs: QuerySet[Any], value: str | None) -> QuerySet[Any]:
        return qs.filter(found_by(value, *self.columns)) if value else qs


class RowFilter(django_filters.ModelChoiceFilter):
    """A row to choose among those that `rows` finds for the request."""

    def __init__(self, rows: Callable[[AccessRequest], QuerySet[Any]], **options: Any) -> None:
        super().__init__(queryset=cast("QuerySet[Any]", rows), **options)


class DayFilter(django_filters.DateFilter):
    """A day of the reader's own calendar. `method` names the filter set's method that compares with it."""

    def __init__(self, label: StrOrPromise, method: str) -> None:
        widget = forms.DateInput(attrs={"type": "date"})
        super().__init__(label=label, method=method, widget=widget, validators=[validate_likely_day])


class OrderFilter(django_filters.ChoiceFilter):
    """The order of a list."""

    def __init__(self, orders: Orders, **options: Any) -> None:
        super().__init__(**options)
        self.take(orders)

    def take(self, orders: Orders) -> None:
        """Offer these orders, for a list whose orders depend on what it shows."""
        labels = [(value, label) for value, (label, _columns) in orders.items()]
        default, label = labels[0]
        self.orders, self.default = orders, default
        choices = labels if default else labels[1:]
        self.extra |= {"choices": choices, "empty_label": None if default else label}

    def filter(self, qs: QuerySet[Any], value: str | None) -> QuerySet[Any]:
        _label, columns = self.orders[value or self.default]
        return qs.order_by(*columns)

"""A choice among an organization's rows: a menu while they are few, and a search where they are many.

A page that sends hundreds of options is slow to read and slow to choose from. Beyond `MOST_OPTIONS` the field is a text
with a list of what fits below it (static/js/combobox.js), which the page's own address answers: `?options=job&q=words`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple, Protocol, cast, runtime_checkable

import django_filters.fields
from django import forms
from django.db.models import Q, QuerySet
from django.forms.models import ModelChoiceIterator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.functional import cached_property
from django.utils.safestring import SafeString

from organizations.parameters import row_id, short_text
from organizations.search import found_by

#: The parameter of an address that names the field whose rows are searched.
OPTIONS: Final = "options"
#: Rows that a menu lists; more are searched for.
MOST_OPTIONS: Final = 50
#: Rows that an answer to a search lists.
SHOWN: Final = 10


class Offer(NamedTuple):
    """The answer to a search: values with what is shown of them, whether there are more, and the words for nothing."""

    rows: list[tuple[Any, str, Any]]
    has_more: bool
    none: Any = ""


@runtime_checkable
class Searched(Protocol):
    """A form field whose choices are searched for."""

    def offer_for(self, words: str) -> Offer:
        """Answer a search; without words, what is offered first."""


def answer_options(request: HttpRequest, form: forms.BaseForm) -> HttpResponse | None:
    """Answer a search for the choices of one of the form's fields. None where the address asks for the page itself."""
    field = form.fields.get(request.GET.get(OPTIONS, ""))
    if not isinstance(field, Searched):
        return None
    words = short_text(request.GET.get("q"))
    return render(request, "partials/row_options.html", field.offer_for(words)._asdict() | {"words": words})


class RowSelect(forms.Select):
    """A select with an option for each row: only what `widget_renderer` writes of one is made, not Django's copies.

    For many rows it is a search.
    """

    def optgroups(self, name: str, value: list[str], attrs: Any = None) -> list[Any]:  # noqa: ARG002 - as Django's
        chosen = {True: {"selected": True}, False: {}}
        found = [
            {"value": pk, "label": label, "attrs": chosen[str(pk) in value]}
            for pk, label in cast("Iterable[tuple[int | str, str]]", self.choices)
        ]
        return [(None, found, 0)]

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        field = getattr(self.choices, "field", None)
        if not isinstance(field, RowChoiceField) or not field.is_long:
            return super().render(name, value, attrs, renderer)
        own = {key: text for key, text in self.build_attrs(self.attrs, attrs).items() if text not in (None, False)}
        # Who listens for a change wants the row's id.
        hidden = {key: own.pop(key, None) is not None for key in ("data-redraws", "data-submit-on-change")}
        pk, shown = field.named(value)
        context = {"name": name, "value": pk, "shown": shown, "hidden": hidden, "id": own.pop("id", f"id_{name}")}
        context |= {"address": field.address or f"?{OPTIONS}={name}", "list_label": field.label}
        context["attrs"] = own | {"placeholder": field.empty_label or "", "data-rows": ""}
        return SafeString(render_to_string("partials/combobox.html", context))


class RowChoices(ModelChoiceIterator[Any]):
    """Ids and names: those of the column, without an instance for each row. Without a column, as rows say."""

    field: RowChoiceField

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        yield "", self.field.empty_label
        yield from ((pk, label) for pk, label, _chosen in self.field.offered)


class RowChoiceField(django_filters.fields.ModelChoiceField):
    """A row to choose: those that a menu shows are read once, to be offered, and to find the chosen one among them.

    `column` has their names, and the field's value is then an id; without it rows say their names. `searched` are the
    columns with search keys by which they are found. `address` answers a search; without it the page's own. `kept`: the
    id of a row that is read with them, because it is the chosen one.
    """

    iterator = RowChoices  # type: ignore[assignment]
    widget = RowSelect

    def __init__(
        self,
        *args: Any,
        column: str = "",
        searched: tuple[str, ...] = ("search_key",),
        address: str = "",
        kept: Any = None,
        **kwargs: Any,
    ) -> None:
        self.column, self.searched, self.address, self.kept = column, searched, address, kept
        super().__init__(*args, **kwargs)

    @cached_property
    def offered(self) -> list[tuple[Any, str, Any]]:
        """Ids, names, and what the form is given: the row, or its id where only a column was read."""
        first = Q(pk__in=self._rows.values("pk")[: MOST_OPTIONS + 1])
        kept = row_id(str(self.kept or ""))
        return self._read(self._rows.filter(first | Q(pk=kept)) if kept else self._rows[: MOST_OPTIONS + 1])

    @property
    def is_long(self) -> bool:
        """Whether they are too many for a menu."""
        return len(self.offered) > MOST_OPTIONS

    def found(self, words: str, most: int) -> list[tuple[Any, str, Any]]:
        """The first rows that have the words in their names."""
        return self._read((self._rows.filter(found_by(words, *self.searched)) if words else self._rows)[:most])

    def offer_for(self, words: str) -> Offer:
        """Answer a search."""
        found = self.found(words, SHOWN + 1)
        return Offer(found[:SHOWN], len(found) > SHOWN, "" if self.required or words else self.empty_label)

    def named(self, value: Any) -> tuple[Any, str]:
        """The id and the name to show for a value: both empty where it is no row's."""
        row = self._row(value)
        return (row[0], row[1]) if row is not None else ("", "")

    def chosen(self, value: Any) -> Any:
        """The row for a value, or its id where only a column is read; None where it is no row's."""
        row = self._row(value)
        return row[2] if row is not None else None

    def to_python(self, value: Any) -> Any:
        chosen = self.chosen(value)
        if chosen is None and value not in self.empty_values:
            raise forms.ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return chosen

    def _row(self, value: Any) -> tuple[Any, str, Any] | None:
        if value in self.empty_values:
            return None
        for row in self.offered:
            if str(row[0]) == str(value):
                return row
        pk = row_id(str(value)) if self.is_long and str(value) != str(self.kept) else None
        return next(iter(self._read(self._rows.filter(pk=pk))), None) if pk else None

    @property
    def _rows(self) -> QuerySet[Any]:
        return cast("QuerySet[Any]", self.queryset)

    def _read(self, rows: QuerySet[Any]) -> list[tuple[Any, str, Any]]:
        if self.column:
            return [(pk, label, pk) for pk, label in rows.values_list("pk", self.column)]
        return [(row.pk, self.label_from_instance(row), row) for row in rows]

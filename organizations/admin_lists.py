"""Lists of the Django admin that stay fast at a million rows: counted to a bound, and searched by an index."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from django.contrib import admin
from django.core.paginator import Page
from django.db import models
from django.utils.translation import gettext_lazy as _

from organizations.lists import BoundedPaginator
from organizations.parameters import row_id

#: A search finds so many rows at most, in each of the ways in which it looks for them.
MOST_FOUND = 200


class RowsFirstPaginator(BoundedPaginator):
    """Pages whose rows are chosen before anything is joined to them.

    SQLite begins with the smallest table of a join, the organizations, and would sort all rows of the page's table.
    """

    def page(self, number: int | str) -> Page[Any]:
        page, rows = super().page(number), cast("models.QuerySet[Any]", self.object_list)
        page.object_list = rows.filter(pk__in=cast("models.QuerySet[Any]", page.object_list).values("pk"))
        return page


class LabelFilter(admin.FieldListFilter):
    """The choices of a column by their labels, in the words of the product's pages.

    Values that people call the same, such as two states of a link that are both "Generating", are one entry.
    """

    def __init__(self, field: Any, request: Any, params: Any, model: Any, model_admin: Any, field_path: str) -> None:
        self.parameter = f"{field_path}__in"
        super().__init__(field, request, params, model, model_admin, field_path)

    def expected_parameters(self) -> list[str | None]:
        return [self.parameter]

    def choices(self, changelist: Any) -> Iterator[Any]:
        given: Any = self.used_parameters.get(self.parameter) or []
        asked = {value for values in given for value in values}
        yield {
            "selected": not asked,
            "query_string": changelist.get_query_string(remove=[self.parameter]),
            "display": _("All"),
        }
        by_label: dict[str, list[str]] = {}
        for value, label in self.field.flatchoices:
            by_label.setdefault(str(label), []).append(str(value))
        for label, values in by_label.items():
            yield {
                "selected": asked == set(values),
                "query_string": changelist.get_query_string({self.parameter: ",".join(values)}),
                "display": label,
            }


# For every column with choices that a list names in `list_filter`.
admin.FieldListFilter.register(lambda field: bool(field.flatchoices), LabelFilter, take_priority=True)


def number(words: str) -> list[int]:
    """The id that the words are, as a list of one; empty for other words."""
    return [found] if (found := row_id(words)) is not None else []


def pks(rows: models.QuerySet[Any]) -> list[int]:
    """The ids of the newest rows."""
    return list(rows.order_by("-pk").values_list("pk", flat=True)[:MOST_FOUND])

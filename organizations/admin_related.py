"""Lists of other rows on a row's page of the Django admin: an organization's members, a schedule's messages.

They are to look at: each row leads to its own page. An app adds lists to the pages of the apps below it by `relate`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.utils import display_for_field, display_for_value, label_for_field, lookup_field
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

#: Shown in a cell without a value.
EMPTY = "-"


@dataclass(frozen=True, slots=True)
class Related:
    """The rows of `model` that lead to the page's row by the look-up `by`, with `columns` of their own admin.

    At most `most` of them, in this `order`. The list of the model shows all where `by` is a column.
    """

    model: type[models.Model]
    by: str
    columns: tuple[str, ...]
    title: StrOrPromise = ""
    order: tuple[str, ...] = ("-pk",)
    most: int = 20


#: By the model on whose page they stand.
_LISTS: dict[type[models.Model], list[Related]] = {}


def relate(owner: type[models.Model], *lists: Related) -> None:
    """Show lists on the page of each row of `owner`."""
    _LISTS.setdefault(owner, []).extend(lists)


@dataclass(frozen=True, slots=True)
class ShownList:
    """A list as the template draws it. `everything` is the address of the whole list; empty where there is none."""

    title: str
    heads: list[str]
    rows: list[list[Any]]
    most: int
    is_cut: bool
    everything: str


def related_lists(request: HttpRequest, row: models.Model, site: admin.AdminSite) -> Iterator[ShownList]:
    """The lists on the row's page, without those of models that the reader may not see."""
    for one in _LISTS.get(type(row), []):
        listed: Any = site._registry.get(one.model)
        if listed is not None and listed.has_view_permission(request):
            yield _shown(request, one, row, listed)


def _shown(request: HttpRequest, one: Related, row: models.Model, listed: Any) -> ShownList:
    rows = listed.get_queryset(request).filter(**{one.by: row})
    if listed.list_select_related:
        rows = rows.select_related(*listed.list_select_related)
    found = list(rows.order_by(*one.order)[: one.most + 1])
    opts = one.model._meta
    everything = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
    return ShownList(
        title=capfirst(str(one.title or opts.verbose_name_plural)),
        heads=[capfirst(str(label_for_field(name, one.model, listed))) for name in one.columns],
        rows=[_cells(each, one.columns, listed) for each in found[: one.most]],
        most=one.most,
        is_cut=len(found) > one.most,
        everything="" if "__" in one.by else f"{everything}?{one.by}__id__exact={row.pk}",
    )


def _cells(row: models.Model, columns: tuple[str, ...], listed: Any) -> list[Any]:
    """The cells of a row, the first one a link to its page."""
    first, *others = [_cell(row, name, listed) for name in columns]
    opts = row._meta
    page = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[row.pk])
    return [format_html('<a href="{}">{}</a>', page, first), *others]


def _cell(row: models.Model, name: str, listed: Any) -> Any:
    field, shows, value = lookup_field(name, row, listed)
    if field is None or getattr(field, "auto_created", False):
        return display_for_value(value, EMPTY, getattr(shows, "boolean", False))
    if field.is_relation:
        return str(getattr(row, field.name) or EMPTY)
    return display_for_field(value, field, EMPTY)

"""The base of every model in the Django admin: rows are filtered only by what their list offers.
What is changed there stands in the trail of the organizations concerned.

Django allows any look-up on a model's own columns (`?webhook_token__regex=^N`), also of those that no page shows: a
page that only answers "yes" or "no" then spells a secret out, one character at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar, TypeVar, cast

from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from organizations.admin_lists import RowsFirstPaginator, number
from organizations.admin_related import related_lists
from organizations.admin_site import Section
from organizations.admin_trail import named_fields, record_admin
from organizations.lists import MOST_LISTED
from organizations.models import User

M = TypeVar("M", bound=models.Model)

#: What the admin's own filters ask of a column, and of a day.
FILTERS = frozenset({"exact", "in", "isnull"})
DAYS = frozenset({"year", "month", "day", "gte", "lt"})
#: An action is done to so many rows at most.
MOST_AT_ONCE = 50
#: In a form that does an action to the row on whose page its button is.
FROM_ROW = "from_row"


class ListedAdmin(admin.ModelAdmin[M]):
    """Admits look-ups on the columns of `list_filter` and `date_hierarchy`, and on the id of a related row.

    Anything else in an address is a 400. Every model's admin builds on this one; `tests/test_admin_lookups.py` holds
    it. Lists count no further than `MOST_LISTED` rows; `tests/test_admin_walk.py` holds what they cost.
    """

    #: Where the model stands in the index and in the menu.
    section: ClassVar[Section] = Section.DIAGNOSTICS
    #: Ways to find a row of a big table by an index, instead of `search_fields`: each returns ids.
    finders: ClassVar[tuple[Callable[[str], Iterable[Any]], ...]] = ()
    #: The actions that are also buttons on a row's own page.
    row_actions: ClassVar[tuple[str, ...]] = ()

    paginator = RowsFirstPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 0

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:  # noqa: ARG002
        path, _, last = lookup.rpartition("__")
        column, asked = (path, last) if path and last in FILTERS | DAYS else (lookup, "exact")
        if asked in FILTERS and column in self._listed(request) | _related_ids(self.model):
            return True
        return asked in DAYS and column in self._days(request)

    def get_search_fields(self, request: HttpRequest) -> Any:
        return ("pk",) if self.finders else super().get_search_fields(request)

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[M], search_term: str
    ) -> tuple[models.QuerySet[M], bool]:
        words = " ".join(search_term.split())
        if not self.finders or not words:
            return super().get_search_results(request, queryset, search_term if words else "")
        return queryset.filter(pk__in={pk for find in self.finders for pk in find(words)}), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        mine = {"only_of": list(self._only_of(request)), "most_listed": MOST_LISTED}
        return super().changelist_view(request, (extra_context or {}) | mine)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        row = context.get("original")
        if row is not None:
            actions: dict[str, Any] = self.get_actions(request)
            context["related_lists"] = list(related_lists(request, row, self.admin_site))
            context["row_actions"] = [(name, actions[name][2]) for name in self.row_actions if name in actions]
        return super().render_change_form(request, context, *args, **kwargs)

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Whether the reader may use the actions of a model, also of one whose rows can't be edited here."""
        return admin.ModelAdmin.has_change_permission(self, request)

    def act_on_each(
        self, request: HttpRequest, rows: models.QuerySet[M], act: Callable[[M], tuple[bool, str]]
    ) -> HttpResponse | None:
        """Act on each selected row, and say of each whether it was done.

        Comes back to the row's own page where the action was one of its buttons.
        """
        chosen = list(rows[: MOST_AT_ONCE + 1])
        if len(chosen) > MOST_AT_ONCE:
            self.message_user(request, _("Select at most %(most)d rows.") % {"most": MOST_AT_ONCE}, messages.ERROR)
            return None
        for row in chosen:
            is_done, words = act(row)
            self.message_user(request, words, messages.SUCCESS if is_done else messages.WARNING)
        if FROM_ROW in request.POST and len(chosen) == 1:
            opts = self.model._meta
            return redirect(f"admin:{opts.app_label}_{opts.model_name}_change", chosen[0].pk)
        return None

    def log_addition(self, request: HttpRequest, obj: M, message: Any) -> Any:
        logged = super().log_addition(request, obj, message)
        record_admin(cast(User, request.user), [obj], "added")
        return logged

    def log_change(self, request: HttpRequest, obj: M, message: Any) -> Any:
        logged = super().log_change(request, obj, message)
        if message:
            record_admin(cast(User, request.user), [obj], "changed", named_fields(message))
        return logged

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Log what is about to be deleted: Django calls this before."""
        logged = super().log_deletions(request, queryset)
        record_admin(cast(User, request.user), queryset, "removed")
        return logged

    def _only_of(self, request: HttpRequest) -> Iterator[models.Model]:
        """The rows whose own the address asks for: `?organization__id__exact=5`."""
        for field in self.model._meta.fields:
            asked = request.GET.get(f"{field.name}__id__exact", "")
            if field.is_relation and number(asked):
                yield from cast(Any, field.related_model)._default_manager.filter(pk=asked)

    def _listed(self, request: HttpRequest) -> set[str]:
        filters: Any = self.get_list_filter(request)
        named = (one[0] if isinstance(one, (tuple, list)) else one for one in filters)
        return {one if isinstance(one, str) else str(getattr(one, "parameter_name", "")) for one in named}

    def _days(self, request: HttpRequest) -> set[str]:
        days = {field.name for field in self.model._meta.fields if isinstance(field, models.DateField)}
        return {str(self.date_hierarchy or "")} | (days & self._listed(request))


def _related_ids(model: type[models.Model]) -> set[str]:
    """The ways to write the id of a related row: `organization`, `organization_id`, `organization__id`."""
    related = [field for field in model._meta.fields if field.is_relation]
    spellings = ("{name}", "{name}_id", "{name}__id", "{name}__pk")
    return {spelling.format(name=field.name) for field in related for spelling in spellings}


class ReadOnlyAdmin(ListedAdmin[M]):
    """Rows to look at: the product's own pages change them, with their checks and consequences."""

    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:  # noqa: ARG002
        return False


class DeletableAdmin(ReadOnlyAdmin[M]):
    """Rows to look at and to delete."""

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)


class BigAdmin(ReadOnlyAdmin[M]):
    """Rows of a table that grows with each day: newest first, in no other order, because only the id has an index."""

    ordering = ("-pk",)
    sortable_by = ()

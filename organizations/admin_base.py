"""The base of every model in the Django admin: rows are filtered only by what their list offers.
What is changed there stands in the trail of the organizations concerned.

Django allows any look-up on a model's own columns (`?webhook_token__regex=^N`), also of those that no page shows: a
page that only answers "yes" or "no" then spells a secret out, one character at a time.
"""

from __future__ import annotations

from typing import Any, TypeVar, cast

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from organizations.admin_trail import named_fields, record_admin
from organizations.models import User

M = TypeVar("M", bound=models.Model)

#: What the admin's own filters ask of a column, and of a day.
FILTERS = frozenset({"exact", "in", "isnull"})
DAYS = frozenset({"year", "month", "day", "gte", "lt"})


class ListedAdmin(admin.ModelAdmin[M]):
    """Admits look-ups on the columns of `list_filter` and `date_hierarchy`, and on the id of a related row.

    Anything else in an address is a 400. Every model's admin builds on this one; `tests/test_admin_lookups.py` holds
    it.
    """

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:  # noqa: ARG002
        path, _, last = lookup.rpartition("__")
        column, asked = (path, last) if path and last in FILTERS | DAYS else (lookup, "exact")
        if asked in FILTERS and column in self._listed(request) | _related_ids(self.model):
            return True
        return asked in DAYS and column in self._days(request)

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


class ReadOnlyAdmin(ListedAdmin[models.Model]):
    """Rows to look at: the product's own pages change them, with their checks and consequences."""

    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:  # noqa: ARG002
        return False


class DeletableAdmin(ReadOnlyAdmin):
    """Rows to look at and to delete."""

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

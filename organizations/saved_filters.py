"""Keep, rename and delete a member's filters of lists. They are the member's own, and stand in no trail."""

from __future__ import annotations

from typing import Final

from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations.compiled import Compiled
from organizations.models import Membership, SavedFilter

#: Of one member and list.
MOST: Final = 20
#: The lists whose filters can be kept, by the names of their addresses.
PAGES: Final = {
    "schedules": gettext_lazy("Schedules"),
    "candidates": gettext_lazy("Candidates"),
    "jobs": gettext_lazy("Jobs"),
    "settings-security": gettext_lazy("Audit log"),
}
#: Not kept: a search may name a person, who can be deleted; a page number means nothing tomorrow.
_LEFT_OUT = {"q", "page", "csrfmiddlewaretoken"}


class NotSaved(Exception):
    """Nothing was saved. The message is for a person."""


def of(membership: Membership, page: str) -> list[SavedFilter]:
    return _OF.all(membership.pk, page)


_OF: Final = Compiled(
    lambda membership, page: SavedFilter.objects.filter(membership=membership, page=page).order_by("name", "pk"),
    int,
    str,
)


def kept_part(query: str) -> str:
    """The part of a query string that is kept: choices, days and order that have a value."""
    asked = QueryDict(query[:2000])
    kept = QueryDict(mutable=True)
    for name in asked:
        if name.isidentifier() and name not in _LEFT_OUT and asked.get(name):
            kept[name] = asked[name]
    return kept.urlencode()


@transaction.atomic
def add(*, membership: Membership, page: str, name: str, query: str) -> SavedFilter:
    """Keep a filter. Raises NotSaved for a name that is taken, and for more than MOST."""
    Membership.objects.select_for_update(no_key=True).get(pk=membership.pk)
    there = SavedFilter.objects.filter(membership=membership, page=page)
    if there.count() >= MOST:
        raise NotSaved(_("You have %(most)d saved filters here. Delete one first.") % {"most": MOST})
    _check(membership, page, name)
    return SavedFilter.objects.create(membership=membership, page=page, name=name, query=kept_part(query)[:500])


@transaction.atomic
def rename(*, saved: SavedFilter, name: str) -> None:
    """Rename a filter. Raises NotSaved for a name that is taken."""
    Membership.objects.select_for_update(no_key=True).get(pk=saved.membership_id)
    _check(saved.membership, saved.page, name, but=saved.pk)
    saved.name = name
    saved.save(update_fields=["name"])


def _check(membership: Membership, page: str, name: str, but: int = 0) -> None:
    if SavedFilter.objects.filter(membership=membership, page=page, name=name).exclude(pk=but).exists():
        raise NotSaved(_("You have a filter with this name. Choose another one."))

"""The command palette: pages, actions and rows by their names, for this reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from django_stubs_ext import StrOrPromise

from organizations.access import Access, AccessRequest, allowed
from organizations.hooks.navigation import ACTIONS, MENU, SETTINGS_MENU, Item, items
from organizations.hooks.palette import SOURCES
from organizations.parameters import short_text
from organizations.permissions import Permission
from organizations.search import fold, is_found


@dataclass(frozen=True)
class Option:
    """A line to choose. `is_dialog`: it opens above the page instead of leading to another one."""

    title: StrOrPromise
    icon: str
    address: str
    details: Sequence[StrOrPromise] = ()
    is_dialog: bool = False


@dataclass(frozen=True)
class Group:
    """Options of one kind, under its heading."""

    heading: StrOrPromise
    options: list[Option]


@allowed(Permission.OWN_INTERVIEWS)
@require_GET
def find(request: AccessRequest) -> HttpResponse:
    """Show what has the search words in its name; without words, what can be done and the main pages."""
    access, words = request.access, short_text(request.GET.get("q"))
    found = [*_places(access, words), *(_rows(access, words) if fold(words) else [])]
    groups = [group for group in found if group.options]
    total = sum(len(group.options) for group in groups)
    return render(request, "organizations/palette.html", {"groups": groups, "words": words, "total": total})


def _places(access: Access, words: str) -> list[Group]:
    """The actions and pages. The pages of the settings are many, and shown only when they are searched for."""
    actions, pages = items(ACTIONS, access, ""), items(MENU, access, "")
    settings = _named(items(SETTINGS_MENU, access, ""), words, _("Organization Settings")) if fold(words) else []
    return [Group(_("Actions"), _named(actions, words)), Group(_("Pages"), [*_named(pages, words), *settings])]


def _named(found: Sequence[Item], words: str, *details: str) -> list[Option]:
    return [
        Option(item.title, item.icon, item.address, details, item.is_dialog)
        for item in found
        if is_found(fold(str(item.title)), words)
    ]


def _rows(access: Access, words: str) -> list[Group]:
    sources = [source for source in SOURCES if source.needed in access.may]
    return [
        Group(
            source.title,
            [Option(hit.title, source.icon, hit.address, hit.details) for hit in source.find(access, words)],
        )
        for source in sorted(sources, key=lambda source: source.position)
    ]

"""The frame of every member page: menus and notices."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from django.http import HttpRequest

from organizations.access import Access
from organizations.branding import logo_path
from organizations.hooks.navigation import ACTIONS, MENU, SETTINGS_MENU, Item, items
from organizations.hooks.notices import notices


@dataclass(frozen=True, slots=True)
class Place:
    """An organization of the reader, for the menu that leads from one to the other; `role` in words."""

    slug: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Frame:
    """All that the menus around a page are made of. `logo`: its address, or ""; `place`: the page's organization."""

    place: Place
    logo: str
    name: str
    email: str
    places: tuple[Place, ...]
    navigation: tuple[Item, ...]
    actions: tuple[Item, ...]


def shell(request: HttpRequest) -> dict[str, Any]:
    """`access`, `organization`, `frame` and `notices` for member pages; nothing for the others."""
    access = getattr(request, "access", None)
    if access is None:
        return {}
    context = {
        "access": access,
        "organization": access.organization,
        # Worked out where a page shows them: not for parts of pages.
        "frame": cache(partial(_frame, access, request.path)),
        # Nor for Home, which has them in its own list.
        "notices": partial(notices, access),
    }
    if request.path.startswith(f"/o/{access.organization.slug}/settings/"):
        context["settings_pages"] = items(SETTINGS_MENU, access, request.path)
    return context


def _frame(access: Access, path: str) -> Frame:
    places = [Place(one.organization.slug, one.organization.name, one.get_role_display()) for one in access.memberships]
    here, user = access.organization, access.user
    return Frame(
        place=Place(here.slug, here.name, access.membership.get_role_display()),
        logo=logo_path(here),
        name=user.name,
        email=user.email,
        places=tuple(places),
        navigation=items(MENU, access, path),
        actions=items(ACTIONS, access, path),
    )

"""The frame of every member page: menus and notices."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest

from organizations.hooks.navigation import ACTIONS, MENU, SETTINGS_MENU, items
from organizations.hooks.notices import notices


def shell(request: HttpRequest) -> dict[str, Any]:
    """`access`, `organization`, `navigation`, `actions` and `notices` for member pages; nothing for the others."""
    access = getattr(request, "access", None)
    if access is None:
        return {}
    frame = {
        "access": access,
        "organization": access.organization,
        "navigation": items(MENU, access, request.path),
        "actions": items(ACTIONS, access, request.path),
        # Worked out where a page shows them: not for parts of pages, nor for Home, which has them in its own list.
        "notices": partial(notices, access),
    }
    if request.path.startswith(f"/o/{access.organization.slug}/settings/"):
        frame["settings_pages"] = items(SETTINGS_MENU, access, request.path)
    return frame

"""What every page's frame needs."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from organizations.access import Access

# Title, icon, the address it leads to, the beginning of the paths it covers, and whether only recruiters see it.
NAVIGATION = [
    (_("Home"), "home", "home", "home/", False),
    (_("Schedules"), "calendar-event", "schedules", "schedules/", False),
    (_("Candidates"), "users", "candidates", "candidates/", True),
    (_("Jobs"), "briefcase", "jobs", "jobs/", True),
    (_("Organization Settings"), "settings", "settings", "settings/", True),
]

# The second-level navigation of the settings: title, icon, address, and whether only recruiters and admins see it.
SETTINGS_PAGES = [
    (_("Organization"), "building", "settings", True),
    (_("Members"), "users", "settings-members", True),
    (_("Integrations"), "plug", "settings-integrations", True),
    (_("Scheduling"), "calendar-event", "settings-scheduling", True),
    (_("Templates"), "template", "settings-templates", True),
    (_("Security"), "shield-check", "settings-security", True),
    (_("Your profile"), "user", "settings-profile", False),
]


def shell(request: HttpRequest) -> dict[str, Any]:
    """`access`, `organization`, `navigation` and `notices` for member pages; nothing for the others."""
    access = getattr(request, "access", None)
    if access is None:
        return {}
    slug = access.organization.slug
    items = []
    for title, icon, name, prefix, recruiters in NAVIGATION:
        if recruiters and not access.is_recruiter:
            continue
        try:
            address = reverse(name, kwargs={"organization": slug})
        except NoReverseMatch:
            continue
        active = request.path.startswith(f"/o/{slug}/{prefix}")
        items.append({"title": title, "icon": icon, "address": address, "active": active})
    if settings.DEMO and access.is_recruiter:
        address = reverse("outbox", kwargs={"organization": slug})
        active = request.path.startswith(address)
        items.append({"title": _("Outbox"), "icon": "inbox", "address": address, "active": active})
    frame = {"access": access, "organization": access.organization, "navigation": items}
    # Worked out where a page shows them: not for parts of pages, nor for Home, which has them in its own list.
    frame["notices"] = partial(page_notices, access)
    if request.path.startswith(f"/o/{slug}/settings/"):
        frame["settings_pages"] = _settings_pages(request, access.is_recruiter, slug)
    return frame


def page_notices(access: Access) -> list[dict[str, str]]:
    """What stands above every page: trouble that concerns the whole organization."""
    return [notice for path in settings.PAGE_NOTICES for notice in import_string(path)(access)]


def _settings_pages(request: HttpRequest, is_recruiter: bool, slug: str) -> list[dict[str, Any]]:
    pages = []
    for title, icon, name, recruiters in SETTINGS_PAGES:
        if recruiters and not is_recruiter:
            continue
        try:
            address = reverse(name, kwargs={"organization": slug})
        except NoReverseMatch:
            continue
        # The first page's address begins all the others'.
        active = request.path == address if name == "settings" else request.path.startswith(address)
        pages.append({"title": title, "icon": icon, "address": address, "active": active})
    return pages

"""The "Roles" page of the settings: what each role may, drawn from the table that all pages ask."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from organizations.access import AccessRequest, allowed
from organizations.permissions import IN_SHORT, SECTIONS, Permission, Role, answer


@allowed(Permission.OWN_PROFILE)
@require_GET
def roles(request: AccessRequest) -> HttpResponse:
    """Show every member the table of roles, with their own role marked."""
    sections: list[dict[str, Any]] = [
        {
            "title": title,
            "rows": [(words, [(role, answer(permission, role).value) for role in Role]) for permission, words in rows],
        }
        for title, rows in SECTIONS
    ]
    context = {"sections": sections, "roles": [(role, IN_SHORT[role]) for role in Role]}
    return render(request, "organizations/settings_roles.html", context)

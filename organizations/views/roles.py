"""The "Roles" page of the settings: what each role may, drawn from the table that all pages ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from organizations.access import AccessRequest, allowed
from organizations.permissions import IN_SHORT, SECTIONS, Answer, Permission, Role, answer

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@allowed(Permission.OWN_PROFILE)
@require_GET
def roles(request: AccessRequest) -> HttpResponse:
    """Show every member the table of roles, with their own role marked."""
    sections: list[dict[str, Any]] = [
        {"heading": heading, "rows": [_row(permission, words) for permission, words in rows]}
        for heading, rows in SECTIONS
    ]
    context = {"sections": sections, "roles": [(role, IN_SHORT[role]) for role in Role]}
    return render(request, "organizations/settings_roles.html", context)


def _row(permission: Permission, words: StrOrPromise) -> tuple[StrOrPromise, list[tuple[Role, str]], str]:
    """A permission in words, the answer of each role, and for a phone the roles that have it in one line."""
    answers = [(role, answer(permission, role)) for role in Role]
    names = [
        _("%(role)s (their jobs)") % {"role": role.label} if found == Answer.OF_THEIR_JOBS else str(role.label)
        for role, found in answers
        if found != Answer.NO
    ]
    return words, [(role, found.value) for role, found in answers], ", ".join(names)

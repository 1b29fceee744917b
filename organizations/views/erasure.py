"""Delete one's own account, after the password or a second step was entered again."""

from __future__ import annotations

from typing import Any, cast

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from organizations.erasure import accounts
from organizations.hooks import erasures
from organizations.models import Membership, User


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def own_account(request: HttpRequest) -> HttpResponse:
    """Say what goes with the account and what stays, then delete it."""
    raise_if_reauthentication_required(request, app="allauth.account")
    user = cast(User, request.user)
    if request.method == "POST":
        try:
            accounts.erase(user=user, actor=user)
        except accounts.StillNeeded as kept:
            return render(request, "account/delete.html", _said_before(user, kept), status=409)
        logout(request)
        messages.success(request, _("Your account is deleted."))
        return redirect("sign-in")
    return render(request, "account/delete.html", _said_before(user))


def _said_before(user: User, kept: accounts.StillNeeded | None = None) -> dict[str, Any]:
    memberships = Membership.objects.filter(user=user).select_related("organization")
    interviews = erasures.interviews(user)
    return {
        "needing": kept.organizations if kept is not None else accounts.needing(user),
        "memberships": [
            (membership, interviews.get(membership.organization_id, 0))
            for membership in memberships.order_by("organization__name", "pk")
        ],
    }

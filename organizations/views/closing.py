"""Delete the organization: confirmed with its name and after the password, called off until the day."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from organizations.access import AccessRequest, allowed, post_only
from organizations.bidi import isolated
from organizations.erasure import closing
from organizations.hooks import erasures
from organizations.permissions import Permission
from organizations.settings_forms import DeleteOrganizationForm


@allowed(Permission.CHANGE_SETTINGS)
@require_http_methods(["GET", "POST"])
def delete(request: AccessRequest) -> HttpResponse:
    """Say what goes with the organization; with its name typed, plan its deletion."""
    raise_if_reauthentication_required(request, app="allauth.account")
    organization = request.access.organization
    form = DeleteOrganizationForm(request.POST or None, organization=organization)
    if request.method == "POST" and form.is_valid():
        closing.plan(organization=organization, actor=request.user, tell=form.cleaned_data["tell"])
        messages.success(
            request,
            _("%(name)s will be deleted in a week. All admins get an e-mail.") % {"name": isolated(organization.name)},
        )
        return redirect(_page(request))
    context: dict[str, Any] = {"form": form}
    if organization.erase_at is None:
        context |= {
            "goes": erasures.summary(organization),
            "at_tools": erasures.left_at_vendors(organization),
        }
    return render(request, "organizations/settings_delete.html", context, status=422 if form.errors else 200)


def _page(request: AccessRequest) -> str:
    return request.access.url("settings-delete")


@allowed(Permission.CHANGE_SETTINGS)
@post_only(_page)
def call_off(request: AccessRequest) -> HttpResponse:
    organization = request.access.organization
    if closing.call_off(organization=organization, actor=request.user):
        messages.success(
            request, _("%(name)s stays. All admins get an e-mail.") % {"name": isolated(organization.name)}
        )
    return redirect("settings", organization=organization.slug)

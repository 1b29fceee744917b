"""The "Organization" page of the settings."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from organizations.access import AccessRequest, allowed
from organizations.holiday_fields import asked_place
from organizations.members import save_organization
from organizations.models import Organization
from organizations.organization_form import OrganizationForm
from organizations.permissions import Permission
from organizations.row_choices import answer_options


@allowed(Permission.SEE_SETTINGS, to_change=Permission.CHANGE_SETTINGS)
def settings(request: AccessRequest) -> HttpResponse:
    """Show the organization's settings to recruiters and let admins change them."""
    organization = Organization.objects.get(pk=request.access.organization.pk)
    is_sent = request.method == "POST"
    data = (request.POST, request.FILES) if is_sent else ()
    form = OrganizationForm(*data, instance=organization, initial=asked_place(request))
    if answer := answer_options(request, form):
        return answer
    if is_sent and form.is_valid():
        save_organization(
            organization=organization,
            changed=form.changed,
            actor=request.user,
            logo=form.cleaned_data["logo"],
            removes_logo=form.cleaned_data["remove_logo"],
        )
        messages.success(request, _("Settings saved."))
        return redirect("settings", organization=organization.slug)
    context = {"form": form, "admins": request.access.admin_names}
    return render(request, "organizations/settings.html", context)

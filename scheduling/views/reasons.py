""" "Scheduling" in the organization's settings: the reasons that moving and cancelling ask for."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from organizations.access import AccessRequest, allowed
from organizations.permissions import Permission
from scheduling.models.change_reasons import reasons_of
from scheduling.schedules import services as schedule_services
from scheduling.schedules.forms import ReasonListForm


@allowed(Permission.SEE_SETTINGS, to_change=Permission.CHANGE_SETTINGS)
def settings_scheduling(request: AccessRequest) -> HttpResponse:
    """Show the list of reasons: admins change it, recruiters read it."""
    reasons = reasons_of(request.access.organization)
    form = ReasonListForm(request.POST or None, initial={"reasons": "\n".join(reasons)})
    if request.method == "POST" and form.is_valid():
        schedule_services.save_reasons(
            organization=request.access.organization, actor=request.user, texts=form.cleaned_data["reasons"]
        )
        messages.success(request, _("Reasons saved."))
        return redirect("settings-scheduling", organization=request.access.organization.slug)
    status = 422 if form.is_bound else 200
    return render(request, "scheduling/schedules/settings.html", {"form": form, "reasons": reasons}, status=status)

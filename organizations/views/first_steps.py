"""The first steps of an organization, each done where it stands on Home."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from organizations import first_steps, htmx, invitations, limits
from organizations.access import AccessRequest, allowed, post_only
from organizations.mail_server import can_leave
from organizations.once import once
from organizations.permissions import Permission
from organizations.settings_forms import InviteForm

#: Raised in the page, which draws itself anew.
NEWS = "homeChanged"


def _settings(request: AccessRequest) -> str:
    return request.access.url("settings")


@allowed(Permission.CHANGE_SETTINGS)
@post_only(_settings)
def checklist(request: AccessRequest) -> HttpResponse:
    """Hide the checklist on Home, or show it again with `show=on`."""
    shown = request.POST.get("show") == "on"
    first_steps.show_checklist(organization=request.access.organization, shown=shown)
    if htmx.is_asked(request):
        return htmx.trigger(htmx.no_content(), NEWS, notice=_("Checklist hidden. Settings bring it back."))
    messages.success(request, _("The checklist is on Home again.") if shown else _("Checklist hidden."))
    return redirect(_settings(request))


@allowed(Permission.CHANGE_SETTINGS)
@post_only(_settings)
def test_mail(request: AccessRequest) -> HttpResponse:
    """Send a test mail to whoever asks. Home shows how it ended."""
    try:
        first_steps.ask_for_test_mail(organization=request.access.organization, actor=request.user)
    except limits.Reached as reached:
        return htmx.trigger(htmx.no_content(), notice=reached.message)
    return htmx.trigger(htmx.no_content(), NEWS)


@allowed(Permission.MANAGE_MEMBERS)
@require_http_methods(["GET", "POST"])
@once
def invite(request: AccessRequest) -> HttpResponse:
    """The dialog that invites one person."""
    form = InviteForm(request.POST or None, organization=request.access.organization)
    if request.method == "POST" and form.is_valid():
        try:
            invitations.invite(organization=request.access.organization, actor=request.user, **form.cleaned_data)
        except limits.Reached as reached:
            form.add_error("email", reached.message)
        else:
            return htmx.trigger(htmx.no_content(), NEWS, notice=_invited(form.cleaned_data["email"]), close_dialog=True)
    context = {"invite_form": form}
    return render(request, "organizations/invite.html", context, status=422 if form.is_bound else 200)


def _invited(email: str) -> str:
    if can_leave():
        return _("%(email)s invited by e-mail.") % {"email": email}
    return _("%(email)s invited. There is no mail server: “Members” shows the link.") % {"email": email}

"""Ask for another address for one's account, and confirm it behind the mailed link."""

from __future__ import annotations

from typing import Any, cast

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from organizations import address_change as actions
from organizations import addresses, limits
from organizations.access import AccessRequest, allowed, post_only
from organizations.forms import NewAddressForm
from organizations.mail_server import can_leave
from organizations.models import User
from organizations.permissions import Permission
from organizations.throttle import remember_browser


def _profile(request: AccessRequest) -> str:
    return request.access.url("settings-profile")


@allowed(Permission.OWN_PROFILE)
@require_http_methods(["GET", "POST"])
def ask(request: AccessRequest) -> HttpResponse:
    """Enter the new address, after the password."""
    raise_if_reauthentication_required(request, app="allauth.account")
    form = NewAddressForm(request.POST or None, user=request.user)
    if request.method == "POST" and can_leave() and form.is_valid():
        try:
            actions.ask(user=request.user, email=form.cleaned_data["email"])
        except limits.Reached as reached:
            form.add_error("email", reached.message)
        else:
            text = _("Open the link in the e-mail to %(email)s. Your address changes then.")
            messages.info(request, text % {"email": addresses.readable(request.user.pending_email)})
            return redirect(_profile(request))
    context: dict[str, Any] = {"form": form if can_leave() else None}
    return render(request, "organizations/settings_address.html", context)


@allowed(Permission.OWN_PROFILE)
@post_only(_profile)
def cancel(request: AccessRequest) -> HttpResponse:
    actions.cancel(user=request.user)
    messages.success(request, _("Your address stays as it is."))
    return redirect(_profile(request))


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Take the new address, signed in with the account that asked for it."""
    user = cast(User, request.user)
    if not actions.fits(user, token):
        return render(request, "account/address_over.html", status=404)
    if request.method == "POST":
        try:
            done = actions.carry_out(user=user, token=token, request=request)
        except actions.Taken:
            messages.error(request, _("Another account has this address. Your address stays as it is."))
            return redirect("start")
        if done:
            messages.success(request, _("Your address is now %(email)s.") % {"email": addresses.readable(user.email)})
            response = redirect("start")
            remember_browser(request, response, user)
            return response
    return render(request, "account/address_confirm.html", {"new_address": user.pending_email})

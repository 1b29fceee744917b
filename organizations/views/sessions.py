"""Where a person is signed in: one's own sessions, and for admins the end of a member's."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from organizations import members, parameters, sessions
from organizations.access import AccessRequest, allowed, post_only
from organizations.bidi import isolated
from organizations.lists import Column, plain_heads
from organizations.models import Membership
from organizations.permissions import Permission

COLUMNS = {
    "device": Column(_lazy("Device")),
    "used": Column(_lazy("Last used")),
    "signed_in": Column(_lazy("Signed in"), css="list-late"),
    "network": Column(_lazy("Network")),
    "actions": Column(_lazy("Actions"), is_named=False),
}


@allowed(Permission.OWN_PROFILE)
@require_GET
def own(request: AccessRequest) -> HttpResponse:
    context = {"sessions": sessions.of(request.access.user, request), "heads": plain_heads(COLUMNS)}
    return render(request, "organizations/settings_sessions.html", context)


def _own(request: AccessRequest) -> str:
    return request.access.url("settings-profile-sessions")


@allowed(Permission.OWN_PROFILE)
@post_only(_own)
def end(request: AccessRequest) -> HttpResponse:
    """End the session named in the form. One that is over already is what was asked for."""
    pk = parameters.row_id(request.POST.get("session"))
    if pk is not None:
        members.end_own_session(membership=request.access.membership, pk=pk)
    messages.success(request, _("Signed out there."))
    return redirect(_own(request))


@allowed(Permission.OWN_PROFILE)
@post_only(_own)
def end_others(request: AccessRequest) -> HttpResponse:
    ended = members.end_own_other_sessions(membership=request.access.membership, request=request)
    text = ngettext("Signed out on %(count)d other device.", "Signed out on %(count)d other devices.", ended)
    messages.success(request, text % {"count": ended})
    return redirect(_own(request))


def _member(request: AccessRequest, pk: int) -> str:
    return request.access.url("settings-member", pk=request.access.find(Membership, pk).pk)


@allowed(Permission.MANAGE_MEMBERS)
@post_only(_member)
def end_all_of_member(request: AccessRequest, pk: int) -> HttpResponse:
    membership = request.access.find(Membership, pk, "user", "organization")
    members.sign_out_everywhere(membership=membership, actor=request.user)
    if membership.user_id == request.user.pk:
        return redirect("sign-in")
    messages.success(request, _("%(name)s is signed out everywhere.") % {"name": isolated(membership.user)})
    return redirect(_member(request, pk))

"""Inviting, and accepting an invitation."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from organizations import invitations
from organizations.access import AccessRequest, admin_view, post_only
from organizations.bidi import isolated
from organizations.mail_server import can_leave
from organizations.models import Invitation, Membership, User
from organizations.once import once
from organizations.settings_forms import InviteForm, JoinForm
from organizations.views.members import page


def _members(request: AccessRequest, pk: int | None = None) -> str:
    """The page of the form and of the open invitations; 404 for an invitation that is another organization's."""
    if pk is not None:
        request.access.find(Invitation, pk)
    return request.access.url("settings-members")


@admin_view
@post_only(_members)
@once
def invite(request: AccessRequest) -> HttpResponse:
    form = InviteForm(request.POST, organization=request.access.organization)
    if not form.is_valid():
        return page(request, form)
    invitations.invite(organization=request.access.organization, actor=request.user, **form.cleaned_data)
    _say_invited(
        request,
        form.cleaned_data["email"],
        _("%(email)s is invited and gets an e-mail. You can also copy the link below and pass it on yourself."),
        _("%(email)s is invited, but no e-mail can be sent: there is no mail server. Copy the link below."),
    )
    return redirect("settings-members", organization=request.access.organization.slug)


def _say_invited(request: HttpRequest, email: str, mailed: str, not_mailed: str) -> None:
    if can_leave():
        messages.success(request, mailed % {"email": email})
    else:
        messages.warning(request, not_mailed % {"email": email})


@admin_view
@post_only(_members)
@once
def send_again(request: AccessRequest, pk: int) -> HttpResponse:
    """Also the way to a new link, for one whose time has passed."""
    invitation = request.access.find(Invitation, pk, "organization")
    if invitations.send_again(invitation=invitation, actor=request.user):
        mailed = _("%(email)s gets the same link once more.")
        not_mailed = _("No e-mail can be sent to %(email)s: there is no mail server. Copy the link below.")
    else:
        mailed = _("%(email)s has a new link and gets it by e-mail.")
        not_mailed = _(
            "%(email)s has a new link, but no e-mail can be sent: there is no mail server. Copy the link below."
        )
    _say_invited(request, invitation.email, mailed, not_mailed)
    return redirect("settings-members", organization=request.access.organization.slug)


@admin_view
@post_only(_members)
def withdraw(request: AccessRequest, pk: int) -> HttpResponse:
    invitation = request.access.find(Invitation, pk, "organization")
    invitations.withdraw(invitation=invitation, actor=request.user)
    messages.success(request, _("The invitation of %(email)s is withdrawn.") % {"email": invitation.email})
    return redirect("settings-members", organization=request.access.organization.slug)


@sensitive_post_parameters()
@sensitive_variables()
@never_cache
@require_http_methods(["GET", "POST"])
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Whoever has the link joins: signed in with one click, new with name, password and zone."""
    invitation = invitations.find(token)
    if invitation is None:
        response = render(request, "organizations/invitation_over.html", status=404)
    elif request.user.is_authenticated:
        response = _as_member(request, invitation, request.user)
    elif User.objects.filter(email__iexact=invitation.email).exists():
        response = render(request, "organizations/invitation_sign_in.html", {"invitation": invitation})
    else:
        response = _as_new(request, invitation)
    # The address is the key to the organization, and no other site may learn it from here: the site's own policy,
    # "same-origin", sees to that. "no-referrer" would also take the origin from the form, which is refused without it.
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _as_member(request: HttpRequest, invitation: Invitation, user: User) -> HttpResponse:
    if request.method == "POST":
        return _joined(request, invitations.accept(invitation=invitation, user=user))
    return render(request, "organizations/invitation_join.html", {"invitation": invitation})


@sensitive_variables()
def _as_new(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    initial = {"time_zone": invitation.organization.time_zone}
    form = JoinForm(request.POST or None, email=invitation.email, initial=initial)
    if request.method != "POST" or not form.is_valid():
        return render(request, "organizations/invitation_new.html", {"invitation": invitation, "form": form})
    membership = invitations.accept_as_new(invitation=invitation, **form.cleaned_data)
    if membership is not None:
        login(request, membership.user)
    return _joined(request, membership)


def _joined(request: HttpRequest, membership: Membership | None) -> HttpResponse:
    if membership is None:
        return render(request, "organizations/invitation_over.html", status=404)
    messages.success(request, _("Welcome to %(name)s.") % {"name": isolated(membership.organization.name)})
    return redirect("start")

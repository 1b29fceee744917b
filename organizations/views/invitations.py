"""Invite members, and accept an invitation."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from organizations import addresses, invitations, joining, limits
from organizations.access import AccessRequest, allowed, post_only
from organizations.bidi import isolated
from organizations.joining import Opened
from organizations.mail import answers_to
from organizations.mail_server import can_leave
from organizations.models import Invitation, Membership, User
from organizations.once import once
from organizations.permissions import Permission
from organizations.settings_forms import InviteForm, JoinForm
from organizations.throttle import remember_browser
from organizations.views.members import page


def _members(request: AccessRequest, pk: int | None = None) -> str:
    """The "Members" page. Raises Http404 for another organization's invitation."""
    if pk is not None:
        request.access.find(Invitation, pk)
    return request.access.url("settings-members")


@allowed(Permission.MANAGE_MEMBERS)
@post_only(_members)
@once
def invite(request: AccessRequest) -> HttpResponse:
    form = InviteForm(request.POST, organization=request.access.organization)
    if not form.is_valid():
        return page(request, form)
    try:
        invitations.invite(organization=request.access.organization, actor=request.user, **form.cleaned_data)
    except limits.Reached as reached:
        form.add_error("email", reached.message)
        return page(request, form)
    _notify(
        request,
        form.cleaned_data["email"],
        _("%(email)s invited by e-mail."),
        _("%(email)s invited, but there is no mail server. Show the link below and hand it over."),
    )
    return redirect("settings-members", organization=request.access.organization.slug)


def _notify(request: HttpRequest, email: str, mailed: str, not_mailed: str) -> None:
    if can_leave():
        messages.success(request, mailed % {"email": email})
    else:
        messages.warning(request, not_mailed % {"email": email})


@allowed(Permission.MANAGE_MEMBERS)
@post_only(_members)
@limits.said_on(_members)
@once
def send_again(request: AccessRequest, pk: int) -> HttpResponse:
    """Mail an invitation's link again; an expired one gets a new link."""
    invitation = request.access.find(Invitation, pk, "organization")
    if invitations.send_again(invitation=invitation, actor=request.user):
        mailed = _("Invitation sent to %(email)s again.")
        not_mailed = _("There is no mail server. Show the link of %(email)s below and hand it over.")
    else:
        mailed = _("New link sent to %(email)s.")
        not_mailed = _("%(email)s has a new link, but there is no mail server. Show it below and hand it over.")
    _notify(request, invitation.email, mailed, not_mailed)
    return redirect("settings-members", organization=request.access.organization.slug)


@allowed(Permission.MANAGE_MEMBERS)
@post_only(_members)
def withdraw(request: AccessRequest, pk: int) -> HttpResponse:
    invitation = request.access.find(Invitation, pk, "organization")
    invitations.withdraw(invitation=invitation, actor=request.user)
    messages.success(request, _("Invitation to %(email)s withdrawn.") % {"email": invitation.email})
    return redirect("settings-members", organization=request.access.organization.slug)


@allowed(Permission.MANAGE_MEMBERS)
@post_only(_members)
def show_link(request: AccessRequest, pk: int) -> HttpResponse:
    """Show the link to hand over. With a mail server there is none: the mailed one proves the address."""
    invitation = request.access.find(Invitation, pk, "organization")
    if can_leave():
        messages.error(request, _("The invitation goes out by e-mail. Send it again if it did not arrive."))
    else:
        invitations.show_link(invitation=invitation, actor=request.user)
    return redirect("settings-members", organization=request.access.organization.slug)


@sensitive_post_parameters()
@sensitive_variables()
@never_cache
@require_http_methods(["GET", "POST"])
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Join with an invitation's link: as the signed-in user, or with a new account."""
    opened = joining.opened(token)
    if opened is None:
        response = _over(request)
    elif request.user.is_authenticated:
        response = _as_member(request, opened, request.user)
    elif opened.is_mailed and opened.is_known:
        context = {"invitation": opened.invitation, "brand_of": opened.invitation.organization}
        response = render(request, "organizations/invitation_sign_in.html", context)
    else:
        response = _as_new(request, opened)
    # The address is a key to the organization that no other site may learn: the Referrer-Policy "same-origin"
    # ensures that. "no-referrer" would remove the form's origin, too, and the form would fail the CSRF check.
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _over(request: HttpRequest) -> HttpResponse:
    return render(request, "organizations/invitation_over.html", status=404)


def _as_member(request: HttpRequest, opened: Opened, user: User) -> HttpResponse:
    if not opened.is_for(user):
        return _not_theirs(request, opened, user)
    if request.method == "POST":
        return _joined(request, joining.accept(opened=opened, user=user))
    context = {"invitation": opened.invitation, "brand_of": opened.invitation.organization}
    return render(request, "organizations/invitation_join.html", context)


def _not_theirs(request: HttpRequest, opened: Opened, user: User) -> HttpResponse:
    invitation = opened.invitation
    context = {
        "invitation": invitation,
        "address": addresses.hinted(invitation.email),
        "is_unproven": opened.is_named_like(user),
        # Where the mailed invitation's answers go, too.
        "ask": answers_to(invitation.organization, invitation.invited_by),
    }
    status = 403 if request.method == "POST" else 200
    return render(request, "organizations/invitation_not_yours.html", context, status=status)


@sensitive_variables()
def _as_new(request: HttpRequest, opened: Opened) -> HttpResponse:
    invitation = opened.invitation
    initial = {"time_zone": invitation.organization.time_zone}
    form = JoinForm(request.POST or None, invitation=invitation, initial=initial)
    context = {"invitation": invitation, "form": form, "is_mailed": opened.is_mailed}
    context["brand_of"] = invitation.organization
    if request.method != "POST" or not form.is_valid():
        return render(request, "organizations/invitation_new.html", context)
    try:
        membership = joining.accept_as_new(opened=opened, **form.cleaned_data)
    except joining.AddressTaken:
        form.add_error(None, _("You can't create an account for this address. Sign in instead."))
        return render(request, "organizations/invitation_new.html", context)
    if membership is None:
        return _over(request)
    login(request, membership.user)
    response = _joined(request, membership)
    remember_browser(request, response, membership.user)
    return response


def _joined(request: HttpRequest, membership: Membership | None) -> HttpResponse:
    if membership is None:
        return _over(request)
    messages.success(request, _("Welcome to %(name)s.") % {"name": isolated(membership.organization.name)})
    return redirect("start")

"""Set up, use and take off the second step of one's own sign-in; and the rule of an organization about it.

The ceremonies are django-allauth's. Its pages begin one when they are read; here a button does, because a page that
is read writes nothing: what a ceremony has to remember stands in the session.
"""

from __future__ import annotations

from typing import Any, cast

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.stagekit import get_pending_stage
from allauth.account.mixins import NextRedirectMixin
from allauth.mfa.base.views import AuthenticateView, ReauthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal import flows as codes
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.internal import auth as webauthn
from allauth.mfa.webauthn.views import (
    AddWebAuthnView,
    LoginWebAuthnView,
    ReauthenticateWebAuthnView,
    RemoveWebAuthnView,
)
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from django.views.generic import View

from organizations import two_factors
from organizations.access import AccessRequest, allowed, post_only
from organizations.bidi import isolated
from organizations.models import Membership, Organization, User
from organizations.permissions import Permission
from organizations.sessions import local_path
from organizations.two_factor_forms import (
    CodeForm,
    ConfirmCodeForm,
    ConfirmPasskeyForm,
    FirstCodeForm,
    PasskeyForm,
    PasskeySignInForm,
    PasskeyStepForm,
    RuleForm,
)

OVERVIEW = "mfa_index"
Type = Authenticator.Type


@login_required
@never_cache
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Show the second steps of the reader's account, and which organizations ask for one."""
    user = cast(User, request.user)
    found = list(Authenticator.objects.filter(user=user).order_by("created_at", "pk"))
    asking = two_factors.asking(user)
    context = {
        "app": next((one for one in found if one.type == Type.TOTP), None),
        "passkeys": [one for one in found if one.type == Type.WEBAUTHN],
        "codes": next((one for one in found if one.type == Type.RECOVERY_CODES), None),
        "asking": [(one.organization, two_factors.day_of(one.organization)) for one in asking],
        "next": local_path(request, request.GET.get("next", "")),
    }
    return render(request, "account/two_factors.html", context)


class _ByButton:
    """Mixin for views that a button of the overview leads to: GET, as after a reload, leads back there."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return redirect(OVERVIEW)
        return cast(HttpResponse, super().dispatch(request, *args, **kwargs))  # type: ignore[misc]


class _ShowsCodes:
    """Mixin for views that add a first second step: their answer is the page with the recovery codes."""

    request: HttpRequest
    did_generate_recovery_codes: bool

    def form_valid(self, form: Any) -> HttpResponse:
        response = cast(HttpResponse, super().form_valid(form))  # type: ignore[misc]
        return _codes(self.request) if self.did_generate_recovery_codes else response


@method_decorator(never_cache, name="dispatch")
class AddApp(_ByButton, _ShowsCodes, ActivateTOTPView):  # type: ignore[misc]
    """Set up an app that makes codes: POST without a code begins, POST with one ends."""

    form_class = FirstCodeForm
    template_name = "account/app.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "code" in request.POST:
            return cast(HttpResponse, super().post(request, *args, **kwargs))
        form = self.form_class(user=request.user)  # not bound: with a new secret
        return cast(HttpResponse, self.render_to_response(self.get_context_data(form=form)))


class RemoveApp(_ByButton, DeactivateTOTPView):  # type: ignore[misc]
    def get_success_url(self) -> str:
        return OVERVIEW

    def form_valid(self, form: Any) -> HttpResponse:
        super().form_valid(form)
        return redirect(OVERVIEW)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not _has(request, Type.TOTP):
            return redirect(OVERVIEW)
        return super().dispatch(request, *args, **kwargs)


@method_decorator(never_cache, name="dispatch")
class AddPasskey(_ShowsCodes, AddWebAuthnView):  # type: ignore[misc]
    form_class = PasskeyForm
    template_name = "account/passkey.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        # Not the library's, which begins the ceremony already.
        return cast(dict[str, Any], super(AddWebAuthnView, self).get_context_data(**kwargs))


class RemovePasskey(_ByButton, RemoveWebAuthnView):  # type: ignore[misc]
    def get_success_url(self) -> str:
        return redirect(OVERVIEW).url


def _has(request: HttpRequest, kind: str) -> bool:
    return request.user.is_authenticated and Authenticator.objects.filter(user=request.user, type=kind).exists()


def _codes(request: HttpRequest) -> HttpResponse:
    found, _may_see = codes.view_recovery_codes(request)
    if found is None:
        return redirect(OVERVIEW)
    return render(request, "account/recovery_codes.html", {"codes": found.get_unused_codes()})


@method_decorator([never_cache, reauthentication_required(app="allauth.mfa")], name="dispatch")
class _RecoveryCodes(View):
    def post(self, request: HttpRequest) -> HttpResponse:
        return _codes(request)


class RecoveryCodes(_ByButton, _RecoveryCodes):
    """Show the recovery codes that are left."""


class NewRecoveryCodes(_ByButton, GenerateRecoveryCodesView):  # type: ignore[misc]
    def form_valid(self, form: Any) -> HttpResponse:
        super().form_valid(form)
        return _codes(self.request)

    def form_invalid(self, form: Any) -> HttpResponse:  # noqa: ARG002 - no second step is left to stand in for
        return redirect(OVERVIEW)


@require_POST
@never_cache
def passkey_options(request: HttpRequest) -> HttpResponse:
    """Begin a ceremony with a passkey. Returns what `navigator.credentials` of the browser is given, as JSON.

    `for` is "add" or "confirm" for who is signed in, "step" while a second step is due, else "sign-in".
    """
    wanted = request.POST.get("for")
    if wanted == "add" and request.user.is_authenticated:
        return JsonResponse(webauthn.begin_registration(request.user, passwordless=True))
    if wanted == "confirm" and request.user.is_authenticated:
        return JsonResponse(webauthn.begin_authentication(request.user))
    if wanted == "step":
        stage = get_pending_stage(request)
        if stage is None or stage.key != AuthenticateStage.key:
            return HttpResponseForbidden()
        return JsonResponse(webauthn.begin_authentication(stage.login.user))
    return JsonResponse(webauthn.begin_authentication())


@method_decorator(never_cache, name="dispatch")
@method_decorator(login_stage_required(stage=AuthenticateStage.key, redirect_urlname="account_login"), name="dispatch")
class SecondStep(AuthenticateView):  # type: ignore[misc]
    """The second step of a sign-in: a code of the app, a recovery code, or a passkey."""

    form_class = CodeForm
    webauthn_form_class = PasskeyStepForm
    template_name = "account/second_step.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        # Not the library's, which begins a ceremony with each page.
        user = self.stage.login.user
        context = {
            "form": self.auth_form,
            "passkey_form": self.webauthn_form,
            "has_app": Authenticator.objects.filter(user=user, type=Type.TOTP).exists(),
            "has_passkey": Authenticator.objects.filter(user=user, type=Type.WEBAUTHN).exists(),
        }
        return cast(dict[str, Any], super(AuthenticateView, self).get_context_data(**kwargs)) | context


class PasskeySignIn(NextRedirectMixin, LoginWebAuthnView):  # type: ignore[misc]
    """Sign in with a passkey alone: the device has asked for a finger, a face or a PIN."""

    form_class = PasskeySignInForm
    http_method_names = ["get", "post", "options"]


@method_decorator(never_cache, name="dispatch")
class ConfirmByCode(ReauthenticateView):  # type: ignore[misc]
    form_class = ConfirmCodeForm
    template_name = "account/confirm_code.html"


@method_decorator(never_cache, name="dispatch")
class ConfirmByPasskey(ReauthenticateWebAuthnView):  # type: ignore[misc]
    form_class = ConfirmPasskeyForm
    template_name = "account/confirm_passkey.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return cast(dict[str, Any], super(ReauthenticateWebAuthnView, self).get_context_data(**kwargs))

    def form_invalid(self, form: Any) -> HttpResponse:
        return cast(HttpResponse, self.render_to_response(self.get_context_data(form=form)))


@allowed(Permission.SEE_SETTINGS, to_change=Permission.CHANGE_SETTINGS)
def rule(request: AccessRequest) -> HttpResponse:
    """Show whom the organization asks for a second step and who has none yet; admins change it."""
    organization = Organization.objects.get(pk=request.access.organization.pk)
    form = RuleForm(request.POST or None, organization=organization)
    if request.method == "POST" and form.is_valid():
        two_factors.save_rule(organization=organization, actor=request.user, **form.cleaned_data)
        messages.success(request, _("Settings saved."))
        return redirect("settings-two-factors", organization=organization.slug)
    context = {
        "form": form,
        "is_asked": organization.second_step_for != Organization.SecondStep.NOBODY,
        "day": two_factors.day_of(organization),
        "without": two_factors.without(organization)[:50],
        "admins": request.access.admin_names,
    }
    return render(request, "organizations/settings_two_factors.html", context)


def _member(request: AccessRequest, pk: int) -> str:
    return request.access.url("settings-member", pk=request.access.find(Membership, pk).pk)


@allowed(Permission.MANAGE_MEMBERS)
@post_only(_member)
def take_off_for_member(request: AccessRequest, pk: int) -> HttpResponse:
    """Take the second step off a member's account: they have lost it, and the recovery codes, too."""
    membership = request.access.find(Membership, pk, "user", "organization")
    name = {"name": isolated(membership.user)}
    try:
        done = two_factors.take_off_for(membership=membership, actor=request.user)
    except two_factors.Shared:
        text = _(
            "%(name)s also belongs to another organization. Ask whoever runs Panelist to take the second step off."
        )
        messages.error(request, text % name)
        return redirect(_member(request, pk))
    if done:
        messages.success(request, _("%(name)s now signs in with the password alone.") % name)
    else:
        messages.info(request, _("%(name)s has no second step.") % name)
    return redirect(_member(request, pk))

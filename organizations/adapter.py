"""The part of signing in that django-allauth leaves to the product: its rules, words, and where its pages lead."""

from __future__ import annotations

from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from organizations.client_address import client_address
from organizations.models import User
from organizations.single_sign_on import confirming, gate
from organizations.throttle import remember_browser

WAYS_TO_CONFIRM = {
    "reauthenticate": _("Use your password"),
    "mfa_reauthenticate": _("Use a code"),
    "mfa_reauthenticate:webauthn": _("Use a passkey"),
}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-in by address and password, with the product's own limits (`throttle.ThrottledBackend`).

    Every way in ends in `post_login`: password, second factor, passkey and single sign-on.
    """

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account can't sign in any more. Ask an admin of your organization."),
        "email_password_mismatch": _("Wrong e-mail address or password. Check both and try again."),
        "enter_current_password": _("This is not your current password. Enter it again."),
        "incorrect_password": _("This is not your password. Enter it again."),
        "email_taken": _("This address belongs to another account. Enter a different one."),
        "same_as_current": _("This is your address already. Enter a different one."),
        "too_many_login_attempts": _("Too many wrong tries. Wait a few minutes, then try again."),
        "rate_limited": _("Too many requests. Wait a few minutes, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Accounts are made by accepting an invitation (`invitations.accept_as_new`), never by signing up."""
        return False

    def pre_login(self, request: HttpRequest, user: User, **options: Any) -> HttpResponse | None:
        """Refuse a password where all that it would open asks for single sign-on. Called before the first step."""
        refused = cast(HttpResponse | None, super().pre_login(request, user, **options))
        if refused is not None:
            return refused
        organization = gate.refuses_password(user)
        if organization is None or request.session.get(gate.SESSION_KEY, {}).get("user") == user.pk:
            return None
        messages.error(request, _("%(name)s opens with single sign-on only.") % {"name": organization.name})
        return redirect("single-sign-on")

    def post_login(self, request: HttpRequest, user: User, **options: Any) -> HttpResponse:
        """Give the browser tries of its own from now on. Called after the last step of a sign-in."""
        response = cast(HttpResponse, super().post_login(request, user, **options))
        remember_browser(request, response, user)
        return response

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:  # noqa: ARG002
        messages.error(request, self.error_messages["account_inactive"])
        return redirect("sign-in")

    def is_safe_url(self, url: str) -> bool:
        """Whether a page may lead there: only to this very host."""
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={self.request.get_host()}, require_https=self.request.is_secure()
        )

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        """The ways in which a person can confirm who they are, with what their links say."""
        ways = cast(list[dict[str, Any]], super().get_reauthentication_methods(user))
        named = [way | {"description": WAYS_TO_CONFIRM.get(way["id"], way["description"])} for way in ways]
        if user.is_authenticated:
            named += confirming.ways(user)
        # Whoever has no way at all reads why, and what to do.
        return named or [{"id": "none", "description": "", "url": reverse("account-no-way")}]

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Whether the reader has to confirm who it is: not for a while after their provider did."""
        return not confirming.is_recent(self.request) and bool(super().is_reauthentication_required(app=app, **kwargs))

    def is_ajax(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Never: forms answer with pages, also when a script asks."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return str(client_address(request))

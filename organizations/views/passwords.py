"""Request a link for a new password, and choose the password."""

from __future__ import annotations

from typing import Any, cast

from allauth.account.views import PasswordResetFromKeyView, PasswordResetView
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.http import int_to_base36, urlsafe_base64_decode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from organizations.forms import ForgottenForm, NewPasswordForm
from organizations.mail_server import can_leave
from organizations.throttle import remember_browser


@method_decorator(never_cache, name="dispatch")
class Forgotten(PasswordResetView):  # type: ignore[misc]
    """Ask for the address. A worker sends the mail."""

    form_class = ForgottenForm
    success_url = reverse_lazy("sign-in")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not can_leave():
            return cast(HttpResponse, self.render_to_response({"form": None}))
        return cast(HttpResponse, super().dispatch(request, *args, **kwargs))

    def form_valid(self, form: ForgottenForm) -> HttpResponse:
        text = _("If this address has an account, it gets an e-mail with a link. Check your spam folder, too.")
        messages.info(self.request, text)
        return cast(HttpResponse, super().form_valid(form))


@method_decorator(never_cache, name="dispatch")
class NewPassword(PasswordResetFromKeyView):  # type: ignore[misc]
    """Choose a new password behind a mailed link; the page says so when the link is used or expired."""

    form_class = NewPasswordForm
    success_url = reverse_lazy("sign-in")

    def form_valid(self, form: NewPasswordForm) -> HttpResponse:
        response = cast(HttpResponse, super().form_valid(form))
        # A person who reads the account's mail gets in, however many attempts strangers used up.
        remember_browser(self.request, response, self.reset_user)
        return response


@never_cache
@require_safe
def moved(request: HttpRequest, uidb64: str, token: str) -> HttpResponse:  # noqa: ARG001
    """Lead on from the address of a link that was mailed before django-allauth. Its token still fits."""
    try:
        pk = int(urlsafe_base64_decode(uidb64))
    except ValueError:
        pk = 0
    return redirect("password-new", uidb36=int_to_base36(pk if 0 <= pk < 2**63 else 0), key=token)

"""Asking for a new password, and choosing it."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.views import PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _

from organizations.enqueue import after_commit
from organizations.fields import AddressField
from organizations.forms import StyledFormMixin
from organizations.mail_server import can_leave
from organizations.models import User
from organizations.throttle import may_mail_password, remember_browser


class ForgottenForm(StyledFormMixin, forms.Form):
    email = AddressField(widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}))


class NewPasswordForm(StyledFormMixin, SetPasswordForm):  # type: ignore[type-arg]
    """Twice the same, and not an easy one."""


def forgotten(request: HttpRequest) -> HttpResponse:
    """Asks for the address; the mail is a worker's work."""
    form = ForgottenForm(request.POST or None)
    if not can_leave():
        return render(request, "organizations/password_forgotten.html", {"form": None})
    if request.method != "POST" or not form.is_valid():
        return render(request, "organizations/password_forgotten.html", {"form": form})
    user = User.objects.filter(email__iexact=form.cleaned_data["email"], is_active=True).first()
    if user is not None and may_mail_password(user):
        after_commit("organizations.mail_password", user.pk)
    words = _(
        "If there is an account with that address, a mail with a link is on its way. Look into the spam folder too."
    )
    messages.info(request, words)
    return redirect("sign-in")


class NewPassword(PasswordResetConfirmView):
    """Behind the link of the mail. A link that was used or is too old says so."""

    template_name = "organizations/password_new.html"
    form_class = NewPasswordForm
    success_url = reverse_lazy("sign-in")

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, _("Your new password is saved. Sign in with it."))
        response = super().form_valid(form)
        # Whoever reads the account's mail gets in, however many tries strangers used up.
        remember_browser(self.request, response, cast(User, self.user))
        return response

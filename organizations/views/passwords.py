"""Request a link for a new password, and choose the password."""

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
from organizations.forms import NewPasswordMixin, StyledFormMixin
from organizations.mail_server import can_leave
from organizations.models import User
from organizations.throttle import may_mail_password, remember_browser


class ForgottenForm(StyledFormMixin, forms.Form):
    email = AddressField(widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}))


class NewPasswordForm(NewPasswordMixin, SetPasswordForm):  # type: ignore[type-arg]
    """A new password, typed twice, that the validators accept."""


def forgotten(request: HttpRequest) -> HttpResponse:
    """Ask for the address. A worker sends the mail."""
    form = ForgottenForm(request.POST or None)
    if not can_leave():
        return render(request, "organizations/password_forgotten.html", {"form": None})
    if request.method != "POST" or not form.is_valid():
        return render(request, "organizations/password_forgotten.html", {"form": form})
    user = User.objects.filter(email__iexact=form.cleaned_data["email"], is_active=True).first()
    if user is not None and may_mail_password(user):
        after_commit("organizations.mail_password", user.pk)
    messages.info(
        request, _("If this address has an account, it gets an e-mail with a link. Check your spam folder, too.")
    )
    return redirect("sign-in")


class NewPassword(PasswordResetConfirmView):
    """Choose a new password behind a mailed link; the page says so when the link is used or expired."""

    template_name = "organizations/password_new.html"
    form_class = NewPasswordForm
    success_url = reverse_lazy("sign-in")

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, _("Password saved. Sign in with it."))
        response = super().form_valid(form)
        # A person who reads the account's mail gets in, however many attempts strangers used up.
        remember_browser(self.request, response, cast(User, self.user))
        return response

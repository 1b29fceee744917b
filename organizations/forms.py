"""Forms of accounts: signing in and passwords; and the look that all our forms share."""

from __future__ import annotations

from typing import Any, cast

from allauth.account.adapter import get_adapter
from allauth.account.forms import (
    ChangePasswordForm,
    LoginForm,
    ReauthenticateForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
)
from allauth.core import context
from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from organizations import addresses, limits, passwords
from organizations.client_address import client_ip
from organizations.fields import AddressField
from organizations.models import User

#: What AUTH_PASSWORD_VALIDATORS ask for.
PASSWORD_RULES = _("At least 12 characters. Don't use your name, your organization or a common password.")


class StyledFormMixin:
    """Gives every widget Tabler's classes, and ties errors and help to the field for screen readers."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            widget = field.widget
            if isinstance(widget, forms.CheckboxInput | forms.RadioSelect | forms.CheckboxSelectMultiple):
                css = "form-check-input"
            elif isinstance(widget, forms.Select):
                css = "form-select"
            else:
                css = "form-control"
            widget.attrs["class"] = f"{widget.attrs.get('class', '')} {css}".strip()

    def full_clean(self) -> None:
        super().full_clean()  # type: ignore[misc]
        for name in getattr(self, "_errors", None) or {}:
            if name in self.fields:
                attrs = self.fields[name].widget.attrs
                attrs["class"] = f"{attrs.get('class', '')} is-invalid"


class PasswordFormMixin(StyledFormMixin):
    """Fields for passwords without placeholders, which a label already says."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
            field.help_text = ""


class NewPasswordMixin(PasswordFormMixin):
    """A new password, entered twice. Says the rules in one sentence, in place of Django's list."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = _("New password")
        self.fields["password1"].help_text = PASSWORD_RULES
        self.fields["password2"].label = _("Repeat new password")

    def clean(self) -> dict[str, Any]:
        # Past allauth's own, which says the same in other words.
        cleaned = cast(dict[str, Any], forms.Form.clean(cast(forms.Form, self)))
        first, second = cleaned.get("password1"), cleaned.get("password2")
        if first and second and first != second:
            text = _("The two passwords are different. Enter the same one twice.")
            self.add_error("password2", text)  # type: ignore[attr-defined]
        return cleaned


class SignInForm(PasswordFormMixin, LoginForm):  # type: ignore[misc]
    """E-mail and password. Says the same whether the address is unknown or the password wrong."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Any text: an address of before today's rules is still its owner's way in.
        names = {"inputmode": "email", "autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        widget = forms.TextInput(attrs=names | {"class": "form-control", "autofocus": True})
        self.fields["login"] = forms.CharField(label=_("E-mail"), max_length=addresses.LONGEST, widget=widget)

    def clean_login(self) -> str:
        return addresses.key(str(self.cleaned_data["login"]))


class ConfirmForm(PasswordFormMixin, ReauthenticateForm):  # type: ignore[misc]
    """The password of the person who is signed in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].widget.attrs["autofocus"] = True


class ForgottenForm(StyledFormMixin, ResetPasswordForm):  # type: ignore[misc]
    """The address of an account whose password is forgotten."""

    email = AddressField(widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}))

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            try:
                limits.count(limits.PASSWORD_REQUESTS, client_ip(context.request))
            except limits.Reached as reached:
                raise forms.ValidationError(reached.message) from None
        return cleaned

    def save(self, request: HttpRequest, **options: Any) -> str:  # noqa: ARG002
        """Have the link mailed, if the address has an account: the answer is the same, in the same time."""
        email = str(self.cleaned_data["email"])
        passwords.request_mail(email)
        return email


class NewAddressForm(StyledFormMixin, forms.Form):
    """Another address for an account. Whether it has one already is told to its mailbox alone."""

    email = AddressField(label=_("New e-mail address"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["email"].widget.attrs |= {"autocomplete": "email", "autofocus": True}

    def clean_email(self) -> str:
        email = addresses.key(str(self.cleaned_data["email"]))
        if email == self.user.email:
            raise get_adapter().validation_error("same_as_current")
        return email


class NewPasswordForm(NewPasswordMixin, ResetPasswordKeyForm):  # type: ignore[misc]
    """A new password, typed twice, that the validators accept."""


class OwnPasswordForm(NewPasswordMixin, ChangePasswordForm):  # type: ignore[misc]
    """Change the password. The present one is asked for, and wrong ones count as wrong sign-ins do."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = _("Current password")

    def clean_oldpassword(self) -> str:
        password = str(self.cleaned_data["oldpassword"])
        if not get_adapter().reauthenticate(self.user, password):
            raise get_adapter().validation_error("enter_current_password")
        return password

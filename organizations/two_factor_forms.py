"""Forms of two-step sign-in: django-allauth's, with the product's look and limits."""

from __future__ import annotations

from typing import Any

from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
    _BaseAddWebAuthnForm,
)
from django import forms
from django.utils.translation import gettext_lazy as _

from organizations import limits
from organizations.fields import LineField
from organizations.forms import StyledFormMixin
from organizations.models import Organization

CODE = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True, "maxlength": 20}
NOT_THIS_ONE = _("This passkey doesn't belong to your account, or it took too long. Try again.")


class _CodeMixin(StyledFormMixin):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        code: forms.Field = self.fields["code"]
        code.label = _("Code")
        code.widget.attrs.pop("placeholder", None)
        code.widget.attrs |= CODE


class _Limited(_CodeMixin):
    """A code that is entered to prove who somebody is: so many tries in a time, right or wrong, from everywhere."""

    user: Any

    def clean_code(self) -> str:
        try:
            limits.count(limits.CODES, self.user.pk)
        except limits.Reached as reached:
            raise forms.ValidationError(reached.message) from None
        return str(super().clean_code())  # type: ignore[misc]


class CodeForm(_Limited, AuthenticateForm):  # type: ignore[misc]
    pass


class ConfirmCodeForm(_Limited, ReauthenticateForm):  # type: ignore[misc]
    pass


class FirstCodeForm(_CodeMixin, ActivateTOTPForm):  # type: ignore[misc]
    pass


class _PasskeyMixin(StyledFormMixin):
    """`credential` is the browser's answer. Whatever is wrong with it, a person can only try again."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential"].error_messages = {"required": NOT_THIS_ONE, "invalid": NOT_THIS_ONE}

    def full_clean(self) -> None:
        """Take what the library can't read as a passkey that doesn't fit: it expects a browser's answer."""
        try:
            super().full_clean()
        except (AttributeError, KeyError, TypeError, ValueError):
            self.add_error("credential", NOT_THIS_ONE)  # type: ignore[attr-defined]


class PasskeyForm(_PasskeyMixin, _BaseAddWebAuthnForm):  # type: ignore[misc]
    name = LineField(label=_("Name"), max_length=60, help_text=_("To tell your passkeys apart, such as “Work laptop”."))


class PasskeyStepForm(_PasskeyMixin, AuthenticateWebAuthnForm):  # type: ignore[misc]
    pass


class PasskeySignInForm(_PasskeyMixin, LoginWebAuthnForm):  # type: ignore[misc]
    pass


class ConfirmPasskeyForm(_PasskeyMixin, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    pass


class RuleForm(StyledFormMixin, forms.Form):
    """The members whom an organization asks for a second step, and in how many days."""

    whom = forms.ChoiceField(label=_("Two-step sign-in is needed by"), choices=Organization.SecondStep.choices)
    days = forms.IntegerField(
        label=_("Days until it's needed"),
        min_value=0,
        max_value=60,
        help_text=_("Until then, everyone concerned sees a reminder on each page."),
    )

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        initial = {"whom": organization.second_step_for, "days": 14}
        super().__init__(*args, initial=initial, **kwargs)

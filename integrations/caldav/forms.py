"""The form that takes a CalDAV account."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from integrations import guarded
from integrations.base import Refused
from integrations.calendar_entries import CredentialsForm
from integrations.ical.problems import PROBLEMS
from organizations.fields import LineField

_PLAIN = {"spellcheck": "false", "autocapitalize": "off", "class": "form-control"}


class CalDavForm(CredentialsForm):
    """`address` becomes the https address that is meant; the password is as it was typed."""

    secret_fields = ("password",)

    address = LineField(
        label=_lazy("Server address"),
        help_text=_lazy("Like caldav.icloud.com, caldav.fastmail.com, or the address of your Nextcloud."),
        max_length=guarded.LONGEST_ADDRESS,
        widget=forms.TextInput(attrs={**_PLAIN, "inputmode": "url"}),
        error_messages={"required": _lazy("Enter the address of your calendar's server.")},
    )
    username = LineField(
        label=_lazy("User name"),
        max_length=254,
        widget=forms.TextInput(attrs={**_PLAIN, "autocomplete": "off"}),
        error_messages={"required": _lazy("Enter your user name there, often an e-mail address.")},
    )
    password = forms.CharField(
        label=_lazy("App password"),
        help_text=_lazy("Create one for Panelist in your account. iCloud and Fastmail accept nothing else."),
        max_length=500,
        strip=False,
        widget=forms.PasswordInput(attrs={**_PLAIN, "autocomplete": "off"}),
        error_messages={"required": _lazy("Enter the app password.")},
    )

    def clean_address(self) -> str:
        try:
            return guarded.clean_address(self.cleaned_data["address"])
        except Refused as problem:
            code = problem.code
        raise ValidationError(_(PROBLEMS[code]), code=code)

    def clean_username(self) -> str:
        username = str(self.cleaned_data["username"])
        if ":" in username:
            raise ValidationError(_("A user name has no colon."), code="colon")
        return username

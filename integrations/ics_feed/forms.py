"""The form that takes a secret .ics address."""

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


class FeedForm(CredentialsForm):
    """`address` becomes the https address that is meant."""

    secret_fields = ("address",)

    address = LineField(
        label=_lazy("Secret .ics address"),
        max_length=guarded.LONGEST_ADDRESS,
        widget=forms.PasswordInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off", "class": "form-control"}
        ),
        error_messages={"required": _lazy("Paste the secret address of your calendar.")},
    )

    def clean_address(self) -> str:
        try:
            return guarded.clean_address(self.cleaned_data["address"])
        except Refused as problem:
            code = problem.code
        raise ValidationError(_(PROBLEMS[code]), code=code)

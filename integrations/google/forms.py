"""The form for the credentials of a Google Workspace."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations.base import CredentialsRejected
from integrations.calendar_entries import CredentialsForm
from integrations.google.tokens import parse_key
from organizations.fields import AddressField
from organizations.forms import StyledFormMixin

#: A key is about 2,400 characters.
LONGEST_KEY = 10_000


class WorkspaceForm(StyledFormMixin, CredentialsForm):
    """A service account's key, and the administrator that it acts as."""

    secret_fields = ("service_account",)

    service_account = forms.CharField(
        label=_("Service account key (JSON)"),
        max_length=LONGEST_KEY,
        widget=forms.Textarea(attrs={"rows": 6, "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Paste the whole file that Google Cloud gave you."),
    )
    admin = AddressField(
        label=_("Administrator's e-mail address"),
        max_length=254,
        help_text=_("An administrator of your Workspace. Rooms are listed with this account."),
    )

    def clean_service_account(self) -> str:
        """The key with only the members that are used, in a fixed order: the same key is then always the same text."""
        try:
            found = parse_key(self.cleaned_data["service_account"])
        except CredentialsRejected:
            raise forms.ValidationError(
                _("This is not the JSON key of a service account. Copy the whole file.")
            ) from None
        kept: dict[str, Any] = {
            name: found[name]
            for name in ("type", "project_id", "private_key_id", "private_key", "client_email", "client_id")
            if isinstance(found.get(name), str)
        }
        return json.dumps(kept)

    def clean_admin(self) -> str:
        """The address in lower case."""
        return str(self.cleaned_data["admin"]).lower()

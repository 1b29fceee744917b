"""The form that takes the credentials of an app for a whole organization."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from integrations.calendar_entries import CredentialsForm
from organizations.fields import LineField
from organizations.forms import StyledFormMixin

#: What copying from a page adds unseen: line breaks, zero-width characters, a byte order mark.
_UNSEEN = re.compile("[\r\n\u200b\u200c\u200d\u2060\ufeff]")
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
#: A domain of the directory is as good as its id.
_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+", re.I)


class MicrosoftForm(StyledFormMixin, CredentialsForm):
    """Tenant, client and secret of an app registration in Microsoft Entra ID."""

    secret_fields = ("client_secret",)

    tenant_id = LineField(
        label=_("Directory (tenant) ID"),
        max_length=100,
        error_messages={"required": _("Paste the tenant ID from the app's overview.")},
    )
    client_id = LineField(
        label=_("Application (client) ID"),
        max_length=100,
        error_messages={"required": _("Paste the client ID from the app's overview.")},
    )
    client_secret = forms.CharField(
        label=_("Client secret (value)"),
        max_length=500,
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Paste the value of the client secret.")},
    )

    expires_on = forms.DateField(
        label=_("Secret expires on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("You are warned 30 days ahead."),
    )

    def credentials(self) -> dict[str, str]:
        """The credentials, without the day on which the secret expires, which only people have to know."""
        return {name: str(self.cleaned_data[name]) for name in ("tenant_id", "client_id", "client_secret")}

    def clean_tenant_id(self) -> str:
        value = str(self.cleaned_data["tenant_id"]).strip()
        if not (_GUID.fullmatch(value) or _DOMAIN.fullmatch(value)):
            raise ValidationError(_("This isn't a tenant ID. It has 32 digits and letters in five groups."))
        return value

    def clean_client_id(self) -> str:
        value = str(self.cleaned_data["client_id"]).strip()
        if not _GUID.fullmatch(value):
            raise ValidationError(_("This isn't a client ID. It has 32 digits and letters in five groups."))
        return value

    def clean_client_secret(self) -> str:
        value = _UNSEEN.sub("", str(self.cleaned_data["client_secret"])).strip()
        if _GUID.fullmatch(value):
            raise ValidationError(_("This is the secret's ID. Copy its value."))
        if not re.fullmatch(r"[\x21-\x7e]+", value):
            raise ValidationError(_("Some characters can't be part of a client secret. Copy it again."))
        return value

    def clean(self) -> dict[str, Any]:
        return dict(super().clean() or {})

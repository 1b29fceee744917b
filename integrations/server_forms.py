"""The form of a server for video calls."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations.models import MeetingServer
from organizations.fields import LineField
from organizations.forms import StyledFormMixin
from organizations.web_addresses import is_link

#: Shorter secrets can be guessed from one token (RFC 7518, 3.2: as long as the hash).
SHORTEST_SECRET = 32


class MeetingServerForm(StyledFormMixin, forms.Form):
    """Where the server is, and the app whose tokens it accepts. A secret that is stored is never shown again."""

    host = LineField(
        label=_("Address"),
        max_length=300,
        help_text=_("For example https://meet.example.com"),
        error_messages={"required": _("Enter the address of your server.")},
    )
    app_id = LineField(
        label=_("App ID"),
        max_length=200,
        required=False,
        help_text=_("Only where your server asks for a token. Leave both empty otherwise."),
    )
    secret = forms.CharField(
        label=_("App secret"),
        max_length=500,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, server: MeetingServer | None, **kwargs: Any) -> None:
        initial = {"host": server.host, "app_id": server.app_id} if server else {}
        super().__init__(*args, initial=initial, **kwargs)
        self.has_secret = bool(server and server.secret)
        self.fields["host"].widget.attrs |= {"inputmode": "url", "autocomplete": "off"}
        self.fields["app_id"].widget.attrs["autocomplete"] = "off"
        if self.has_secret:
            self.fields["secret"].help_text = _("Stored. Leave empty to keep it.")

    def clean_host(self) -> str:
        host = str(self.cleaned_data["host"]).rstrip("/")
        parts = urlsplit(host)
        if not is_link(host) or parts.scheme != "https" or parts.query or parts.fragment:
            raise forms.ValidationError(_("Enter an address that begins with https://, without a room."))
        return host

    def clean(self) -> dict[str, Any]:
        """An app ID and its secret come together; without an app ID the stored secret goes."""
        data = super().clean() or {}
        app_id, secret = data.get("app_id"), str(data.get("secret") or "")
        if app_id and not secret and not self.has_secret:
            self.add_error("secret", _("Enter the secret of this app ID."))
        elif secret and not app_id:
            self.add_error("app_id", _("Enter the app ID that this secret belongs to."))
        elif secret and len(secret) < SHORTEST_SECRET:
            self.add_error("secret", _("Use a secret of at least %(least)s characters.") % {"least": SHORTEST_SECRET})
        data["secret"] = secret or (None if app_id else "")
        return data

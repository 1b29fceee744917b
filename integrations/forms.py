"""Forms of the integrations' settings. The form for a key is the vendor's own: see `registry.ToolEntry.key_form`."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations.models import Integration
from organizations.fields import LineField
from organizations.forms import StyledFormMixin

Kind = Integration.KeyOwnerKind


class KeyOwnerForm(StyledFormMixin, forms.Form):
    """Who owns the key; nothing of it is required."""

    key_owner_kind = forms.ChoiceField(
        label=_("Who owns this key?"),
        required=False,
        choices=Kind.choices,
        help_text=_(
            "A key stops working when the account that made it is deactivated. Written down here, whoever deals with "
            "somebody leaving can see it in time."
        ),
    )
    key_owner = LineField(label=_("Whose account"), required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key_owner"].widget.attrs["autocomplete"] = "off"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("key_owner_kind") == Kind.PERSON and not cleaned.get("key_owner"):
            self.add_error("key_owner", _("Write whose account it is, so that others know."))
        return cleaned


class PaceForm(StyledFormMixin, forms.Form):
    """Requests per second; the bounds keep a slip of the hand from stopping or flooding everything."""

    write_ceiling = forms.FloatField(
        label=_("Changes per second"),
        min_value=0.1,
        max_value=50,
        help_text=_("Making, changing and removing links. CodeSignal names no limit; 5 is common."),
    )
    read_ceiling = forms.FloatField(
        label=_("Look-ups per second"),
        min_value=0.1,
        max_value=50,
        help_text=_("Reading links, templates and feedback. CodeSignal allows 10."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.fields:
            self.fields[name].widget.attrs |= {"step": "0.1", "inputmode": "decimal"}


class DisconnectForm(forms.Form):
    """What becomes of the links nobody has used."""

    links = forms.ChoiceField(choices=[("keep", ""), ("delete", "")], initial="keep")

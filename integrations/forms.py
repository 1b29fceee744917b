"""Forms of the settings of integrations. Each tool has its own form for a key: `registry.ToolEntry.key_form`."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations.models import Integration
from integrations.registry import info_of
from organizations.fields import LineField
from organizations.forms import StyledFormMixin

Kind = Integration.KeyOwnerKind


class KeyOwnerForm(StyledFormMixin, forms.Form):
    """The owner of the key, for the day on which they leave. Nothing of it is required."""

    key_owner_kind = forms.ChoiceField(
        label=_("Who owns this key?"),
        required=False,
        choices=Kind.choices,
        help_text=_(
            "The key stops working when its owner's account is deactivated. Note the owner, so that everyone knows "
            "before that person leaves."
        ),
    )
    key_owner = LineField(label=_("Account"), required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key_owner"].widget.attrs["autocomplete"] = "off"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("key_owner_kind") == Kind.PERSON and not cleaned.get("key_owner"):
            self.add_error("key_owner", _("The account is missing. Enter its name or e-mail address."))
        return cleaned


class IntegrationForm(KeyOwnerForm):
    """The settings of a connection: the owner of its key, and the requests per second.

    The bounds of the rate keep a slip of the hand from stopping or flooding everything.
    """

    write_ceiling = forms.FloatField(label=_("Changes per second"), min_value=0.1, max_value=50)
    read_ceiling = forms.FloatField(label=_("Look-ups per second"), min_value=0.1, max_value=50)

    RATE = ("write_ceiling", "read_ceiling")

    def __init__(self, *args: Any, integration: Integration, **kwargs: Any) -> None:
        initial = {name: getattr(integration, name) for name in self.base_fields}
        super().__init__(*args, initial=initial, **kwargs)
        info = info_of(integration.kind)
        values = {"tool": info.name, "writes": info.limits.writes_per_second, "reads": info.limits.reads_per_second}
        changes = _("Creating, changing and deleting links. Default for %(tool)s: %(writes)g.")
        reads = _("Reading links, templates and feedback. Default for %(tool)s: %(reads)g.")
        self.fields["write_ceiling"].help_text = changes % values
        self.fields["read_ceiling"].help_text = reads % values
        for name in self.RATE:
            self.fields[name].widget.attrs |= {"step": "0.1", "inputmode": "decimal"}

    @property
    def rate_has_errors(self) -> bool:
        return not self.errors.keys().isdisjoint(self.RATE)


class DisconnectForm(forms.Form):
    """The choice for links that nobody has used: keep or delete."""

    links = forms.ChoiceField(choices=[("keep", ""), ("delete", "")], initial="keep")

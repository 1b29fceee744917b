"""The form field of a time zone: a text in which one types a city, with a list of what fits below it.

The form sends the zone's IANA name, in a hidden field, and the text as it was typed. The text counts where it says
something else: without scripts it is all there is. So a city, a country with one zone, or an IANA name can be typed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations.fields import LineField
from organizations.zone_parsing import abbreviated, parse_zone, without_offset, zone_advice
from organizations.zone_search import nearest, search
from organizations.zones import city, is_valid, label

Files = MultiValueDict[str, Any]

#: What the name of the text field ends with.
TYPED = "-typed"
LONGEST = 100


class ZoneInput(forms.TextInput):
    """The text, the list below it, and the hidden field with the zone's name: see static/js/combobox.js."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Files, name: str) -> Any:  # noqa: ARG002
        chosen, typed = data.get(name), data.get(f"{name}{TYPED}")
        if typed is None or without_offset(str(typed)) == shown(str(chosen or ""), with_offset=False):
            return chosen
        return typed

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Files, name: str) -> bool:  # noqa: ARG002
        return name not in data and f"{name}{TYPED}" not in data

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:  # noqa: ARG002
        own = {key: text for key, text in self.build_attrs(self.attrs, attrs).items() if text not in (None, False)}
        # Who listens for a change wants the zone's name.
        hidden = {key: own.pop(key) for key in ("data-redraws",) if key in own}
        zone = str(value or "")
        context = {"name": name, "typed": f"{name}{TYPED}", "value": zone, "shown": shown(zone), "hidden": hidden}
        context |= {"address": reverse("zones"), "list_label": _("Time zones")}
        return render_to_string("partials/combobox.html", context | {"attrs": own, "id": own.pop("id", f"id_{name}")})


class ZoneField(LineField):
    """A time zone. One that is stored under an older spelling, such as US/Eastern, stays."""

    widget = ZoneInput
    default_error_messages = {"required": gettext_lazy("Enter a city, such as Berlin.")}

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", gettext_lazy("Time zone"))
        super().__init__(**options)
        self.stored = ""

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> forms.BoundField:
        bound = super().get_bound_field(form, field_name)
        self.stored = str(bound.initial or "")
        return bound

    def clean(self, value: Any) -> str:
        text = str(super().clean(value))
        if text and text == self.stored and is_valid(text):
            return text
        zone = parse_zone(text) if len(text) <= LONGEST else None
        if zone is None and (only := _only(text)):
            zone = only
        if zone is None and text:
            raise ValidationError(_problem(text))
        return zone or ""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(data != initial and parse_zone(str(data or "")[:LONGEST]) != initial)


def shown(zone: str, *, with_offset: bool = True) -> str:
    """The text for a zone: its city with the offset of now. Something else is shown as it was typed."""
    if not is_valid(zone):
        return zone
    return label(zone) if with_offset else city(zone)


def _only(text: str) -> str | None:
    """The one zone that a search finds, where somebody typed a country or the beginning of a city."""
    found = search(text[:LONGEST]) if not abbreviated(text) else []
    return found[0].zone if len(found) == 1 else None


def _problem(text: str) -> str:
    if abbreviated(text):
        return zone_advice(text)
    close = nearest(text[:LONGEST])
    if not close:
        return _("“%(value)s” is not a time zone. Enter a city, such as Berlin.") % {"value": text[:LONGEST]}
    cities = _(" or ").join(city(place.zone) for place in close)
    return _("“%(value)s” is not a time zone. Did you mean %(cities)s?") % {"value": text[:LONGEST], "cities": cities}

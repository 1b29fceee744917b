"""The form field of a place with public holidays: a country that is searched for, and a select of its parts.

No page holds all countries, or the parts of all. The page's own address answers a search for countries (`row_choices`),
and a choice of one asks it for the parts. Without scripts a country is typed, and its parts come once it is saved: a
part of another country does not count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.datastructures import MultiValueDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations import public_holidays
from organizations.fields import LineField
from organizations.parameters import short_text
from organizations.row_choices import OPTIONS, SHOWN, Offer
from organizations.search import fold
from organizations.zone_search import OTHER_NAMES

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    Choices = Sequence[tuple[str, StrOrPromise]]

NAME = "holidays_of"
#: What the names of the text and of the select end with.
TYPED, REGION = "-typed", "-region"


class PlaceInput(forms.TextInput):
    """The text with the list below it, and the select of parts. `others` are what can be chosen besides countries."""

    others: Choices = ()

    def value_from_datadict(self, data: Mapping[str, Any], files: MultiValueDict[str, Any], name: str) -> Any:  # noqa: ARG002
        chosen, typed, region = (data.get(f"{name}{end}") for end in ("", TYPED, REGION))
        country = self.meant(str(chosen or "") if typed is None or typed == self.shown(str(chosen or "")) else typed)
        place = f"{country}-{region}"
        return place if region and public_holidays.is_place(place) else country

    def value_omitted_from_data(self, data: Mapping[str, Any], files: MultiValueDict[str, Any], name: str) -> bool:  # noqa: ARG002
        return name not in data and f"{name}{TYPED}" not in data

    def shown(self, value: str) -> str:
        """The text for a value. Something else is shown as it was typed."""
        return str(dict(self.others).get(value, "")) or public_holidays.named(value)

    def meant(self, text: str) -> str:
        """The value that a text is, or means: the name of one, or the one thing that it finds; else the text."""
        if not text or text in dict(self.others) or public_holidays.is_place(text):
            return text
        found = [value for value, label in self.choices() if fold(text) in {fold(label), value.lower()}]
        found = found or self.found(text)
        return found[0] if len(found) == 1 else text

    def choices(self) -> Iterator[tuple[str, str]]:
        """Yield all values with their names."""
        yield from ((value, str(label)) for value, label in self.others)
        yield from public_holidays.countries()

    def found(self, words: str) -> list[str]:
        """The values whose names have the words: those that begin with them first, then in order of names."""
        asked, ranks = fold(words), dict[str, int]()
        for value, label in self.choices():
            names = [fold(name) for name in (label, *OTHER_NAMES.get(value, ()))]
            if asked == value.lower() or any(name.startswith(asked) for name in names):
                ranks[value] = 0
            elif any(f" {asked}" in name for name in names):
                ranks[value] = 1
        return sorted(ranks, key=ranks.__getitem__)

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        country, _dash, region = str(value or "").partition("-")
        regions = public_holidays.regions(country)
        own = {key: text for key, text in self.build_attrs(self.attrs, attrs).items() if text not in (None, False)}
        field_id = own.pop("id", f"id_{name}")
        box = f"{field_id}{REGION}"
        parts = forms.Select({"class": "form-select", "aria-label": _("Region")}, [("", _("Whole country")), *regions])
        context: dict[str, Any] = {
            "name": name,
            "typed": f"{name}{TYPED}",
            "value": country,
            "shown": self.shown(country),
        }
        context |= {"id": field_id, "attrs": own, "address": f"?{OPTIONS}={name}", "list_label": _("Public holidays")}
        # Only for another country: leaving the text tells its choice once more, and would take the part away.
        asks = {"get": "", "trigger": "change changed", "select": f"#{box}", "target": f"#{box}", "swap": "outerHTML"}
        context |= {"asks": asks, "box": box}
        context["region"] = parts.render(f"{name}{REGION}", region, renderer=renderer) if regions else ""
        return SafeString(render_to_string("partials/place_input.html", context))


class PlaceField(LineField):
    """A place of `public_holidays`, or the value of one of the `others`, which stand before the countries."""

    widget = PlaceInput

    def __init__(self, *, others: Choices, **options: Any) -> None:
        super().__init__(label=gettext_lazy("Public holidays"), required=False, **options)
        self.offer(others)

    def offer(self, others: Choices) -> None:
        self.widget.others = others

    def offer_for(self, words: str) -> Offer:
        """Answer a search; without words, all that can be chosen besides countries, and these in order of names."""
        box = self.widget
        assert isinstance(box, PlaceInput)  # noqa: S101
        names = dict(box.choices())
        values = box.found(words) if words else list(names)
        most = SHOWN + (0 if words else len(box.others))
        return Offer([(value, names[value], None) for value in values[:most]], len(values) > most)

    def clean(self, value: Any) -> str:
        place = str(super().clean(value))
        if place in dict(self.widget.others) or public_holidays.is_place(place):
            return place
        raise ValidationError(_("Choose a country or region of the list."))


def asked_place(request: HttpRequest) -> dict[str, str]:
    """Return what a page is asked to offer regions of, as initial values of its form; nothing otherwise."""
    country = short_text(request.GET.get(NAME))
    return {NAME: country} if NAME in request.GET else {}

"""The form field of a place with public holidays: two selects, of a country and of the part of it where it has parts.

A choice of a country asks the same page for its parts, which no page holds for all countries. Without scripts they come
once the country is saved: a part of another country does not count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    Choices = Sequence[tuple[str, StrOrPromise]]

NAME = "holidays_of"
#: What the name of the second select ends with.
REGION = "-region"


class PlaceSelect(forms.Select):
    """The two selects. `others` are what can be chosen besides countries."""

    others: Choices = ()

    def value_from_datadict(self, data: Mapping[str, Any], files: MultiValueDict[str, Any], name: str) -> Any:  # noqa: ARG002
        country, region = data.get(name), data.get(f"{name}{REGION}")
        place = f"{country}-{region}"
        return place if region and public_holidays.is_place(place) else country

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        country, _dash, region = str(value or "").partition("-")
        regions = public_holidays.regions(country)
        own = self.build_attrs(self.attrs, attrs)
        box = f"{own.get('id', name)}{REGION}"
        asks = {"hx-get": "", "hx-select": f"#{box}", "hx-target": f"#{box}", "hx-swap": "outerHTML"}
        first = forms.Select(own | asks, [*self.others, *public_holidays.countries()])
        second = forms.Select(
            {"class": own.get("class", ""), "aria-label": _("Region")}, [("", _("Whole country")), *regions]
        )
        return SafeString(
            render_to_string(
                "partials/place_input.html",
                {
                    "box": box,
                    "country": first.render(name, country, renderer=renderer),
                    "region": second.render(f"{name}{REGION}", region, renderer=renderer) if regions else "",
                },
            )
        )


class PlaceField(LineField):
    """A place of `public_holidays`, or the value of one of the `others`, which stand before the countries."""

    widget = PlaceSelect

    def __init__(self, *, others: Choices, **options: Any) -> None:
        super().__init__(label=gettext_lazy("Public holidays"), required=False, **options)
        self.offer(others)

    def offer(self, others: Choices) -> None:
        self.widget.others = others

    def clean(self, value: Any) -> str:
        place = str(super().clean(value))
        if place in dict(self.widget.others) or public_holidays.is_place(place):
            return place
        raise ValidationError(_("Choose a country or region of the list."))


def asked_place(request: HttpRequest) -> dict[str, str]:
    """Return what a page is asked to offer regions of, as initial values of its form; nothing otherwise."""
    country = short_text(request.GET.get(NAME))
    return {NAME: country} if NAME in request.GET else {}

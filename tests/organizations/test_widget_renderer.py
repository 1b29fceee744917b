"""Widgets drawn without templates are those that Django draws."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.test.html import Element, parse_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy, override

from organizations.widget_renderer import WidgetRenderer

HOSTILE = "\"><script>&'x"
CHOICES: list[Any] = [
    ("", gettext_lazy("Schedules")),
    (HOSTILE, HOSTILE),
    (7, 1234567.5),
    ("safe", SafeString("a &amp; b")),
    ("A group <&>", [(1, "one"), ("two", "<b>two</b>")]),
    (None, "nothing"),
]
ATTRS: dict[str, Any] = {"class": "a", "required": True, "disabled": False, "data-x": HOSTILE, "maxlength": 1000}
WIDGETS = [
    (forms.Select(ATTRS, CHOICES), "two"),
    (forms.Select(ATTRS, CHOICES), HOSTILE),
    (forms.SelectMultiple(ATTRS, CHOICES), ["7", "two"]),
    (forms.Select(choices=[]), None),
    (forms.NullBooleanSelect(), True),
    (forms.TextInput(ATTRS), HOSTILE),
    (forms.TextInput(), None),
    (forms.TextInput(), ""),
    (forms.TextInput(), SafeString("a &amp; b")),
    (forms.EmailInput(ATTRS), "ada@example.com"),
    (forms.URLInput(), "https://example.com/?a=1&b=2"),
    (forms.NumberInput({"step": 0.5}), 1234.5),
    (forms.HiddenInput(ATTRS), 0),
    (forms.PasswordInput(ATTRS), "never shown"),
    (forms.CheckboxInput(ATTRS), True),
    (forms.CheckboxInput(ATTRS), False),
    (forms.DateInput(), "2027-03-01"),
    (forms.TimeInput(), "10:00"),
    # Those that keep their templates.
    (forms.Textarea(ATTRS), HOSTILE),
    (forms.RadioSelect(ATTRS, CHOICES), "two"),
    (forms.CheckboxSelectMultiple(ATTRS, CHOICES), ["two"]),
    (forms.SplitDateTimeWidget(), None),
]


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(("widget", "value"), WIDGETS, ids=lambda one: type(one).__name__)
def test_widgets_are_those_of_django(widget: forms.Widget, value: object, language: str) -> None:
    with override(language):
        ours = widget.render("a<b", value, renderer=WidgetRenderer())
        django = widget.render("a<b", value, renderer=DjangoTemplates())
    assert _plain(parse_html(ours)) == _plain(parse_html(django))


def test_what_a_person_typed_does_not_end_the_attribute() -> None:
    drawn = forms.TextInput().render("name", HOSTILE, renderer=WidgetRenderer())
    assert 'value="&quot;&gt;&lt;script&gt;&amp;&#x27;x"' in drawn


def _plain(part: Element | str) -> object:
    """The element with its texts as they are read: spaces around them mean nothing there."""
    if isinstance(part, str):
        return part.strip()
    return part.name, part.attributes, [one for one in map(_plain, part.children) if one]

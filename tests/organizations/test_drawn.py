"""Rows that functions draw: everything is escaped, once."""

from __future__ import annotations

import pytest
from django import forms
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from organizations.drawn import escaped, filled


class Search(forms.Form):
    q = forms.CharField(label="Words")


def test_markup_of_people_is_text() -> None:
    assert filled("<td>{}</td>", "<b>Ada</b> & \"Co\" 'x'") == (
        "<td>&lt;b&gt;Ada&lt;/b&gt; &amp; &quot;Co&quot; &#x27;x&#x27;</td>"
    )


@pytest.mark.parametrize(
    "value, shown",
    [
        (mark_safe("<i>as it is</i>"), "<i>as it is</i>"),
        (filled("<i>{}</i>", "&"), "<i>&amp;</i>"),
        (Search()["q"], '<input type="text" name="q" required id="id_q">'),
        (gettext_lazy("Save"), "Save"),
        (1204, "1204"),
        (None, "None"),
    ],
)
def test_what_is_safe_stays_as_it_is(value: object, shown: str) -> None:
    assert escaped(value) == shown
    assert filled("{}", value) == shown


def test_a_text_to_be_translated_is_escaped() -> None:
    assert escaped(gettext_lazy("Terms & conditions <new>")) == "Terms &amp; conditions &lt;new&gt;"

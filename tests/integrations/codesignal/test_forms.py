"""Values that may be pasted into "API Key", and that never come back."""

from __future__ import annotations

import pytest

from integrations.codesignal.forms import CodeSignalKeyForm
from tests.integrations.codesignal.vendor_answers import KEY


@pytest.mark.parametrize(
    "pasted",
    [
        KEY,
        f"  {KEY}\n",
        f"\r\n{KEY[:10]}\r\n{KEY[10:]}\r\n",
        f"\ufeff{KEY}\u200b",
        f"\u00a0{KEY}\u00a0",
        f"Bearer {KEY}",
    ],
)
def test_takes_off_what_copying_added(pasted: str) -> None:
    form = CodeSignalKeyForm({"api_key": pasted})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["api_key"] == KEY


@pytest.mark.parametrize(
    ("pasted", "code", "words"),
    [
        ("", "required", "Paste the API key"),
        (" \n\u200b ", "required", "Paste the API key"),
        (f"my key: {KEY}", "spaces", "no spaces"),
        (f"{KEY[:10]}\t{KEY[10:]}", "spaces", "no spaces"),
        ("ключключключ", "characters", "characters can"),
        (f"{KEY}\x00{KEY}", "characters", "characters can"),
        ("short", "too_short", "too short"),
        ("x" * 501, "too_long", "too long"),
    ],
)
def test_says_what_is_wrong(pasted: str, code: str, words: str) -> None:
    form = CodeSignalKeyForm({"api_key": pasted})
    assert not form.is_valid()
    [error] = form.errors.as_data()["api_key"]
    assert error.code == code
    assert words in str(form.errors["api_key"])


@pytest.mark.parametrize("pasted", [KEY, f"{KEY} {KEY}", "unspoken"])
def test_never_shows_the_key_again(pasted: str) -> None:
    form = CodeSignalKeyForm({"api_key": pasted})
    form.is_valid()
    for shown in (form.as_p(), str(form.errors), form.errors.as_json(), repr(form)):
        assert pasted not in shown
        assert KEY not in shown


def test_is_labelled_and_asks_the_browser_not_to_keep_it() -> None:
    html = CodeSignalKeyForm().as_p()
    assert "API Key" in html
    assert 'type="password"' in html
    assert 'autocomplete="off"' in html
    assert 'for="id_api_key"' in html

"""The form for an app's credentials: what copying adds is taken away, and what can't be right is said at once."""

from __future__ import annotations

import pytest

from integrations.microsoft.forms import MicrosoftForm

GOOD = {
    "tenant_id": "5a4d0000-0000-4000-8000-000000000001",
    "client_id": "5a4d0000-0000-4000-8000-000000000002",
    "client_secret": "aB3~" * 10,
}


def test_good_credentials() -> None:
    form = MicrosoftForm({**GOOD, "client_secret": f" {GOOD['client_secret']}\u200b\n", "tenant_id": " acme.example "})
    assert form.is_valid(), form.errors
    assert form.credentials() == {**GOOD, "tenant_id": "acme.example"}
    assert "client_secret" not in form.entered()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("tenant_id", ""),
        ("tenant_id", "acme"),
        ("tenant_id", "https://acme.example/x"),
        ("client_id", "acme.example"),
        ("client_id", "5a4d0000-0000-4000-8000"),
        ("client_secret", ""),
        ("client_secret", GOOD["client_id"]),
        ("client_secret", "has a space"),
        ("client_secret", "ü" * 30),
        ("client_secret", "x" * 501),
    ],
)
def test_what_cannot_be_right(field: str, value: str) -> None:
    form = MicrosoftForm({**GOOD, field: value})
    assert not form.is_valid()
    assert list(form.errors) == [field]


def test_a_secret_is_never_shown_again() -> None:
    assert GOOD["client_secret"] not in MicrosoftForm({**GOOD, "client_id": "x"}).as_p()

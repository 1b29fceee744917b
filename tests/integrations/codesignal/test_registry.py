"""The registry's entry for CodeSignal."""

from __future__ import annotations

import responses
from django.test import override_settings

from integrations.codesignal.forms import CodeSignalKeyForm
from integrations.registry import TOOLS
from tests.integrations.codesignal.vendor_answers import KEY, body


def test_each_entry_is_filed_under_its_kind() -> None:
    assert {kind: entry.info.kind for kind, entry in TOOLS.items()} == {"codesignal": "codesignal"}
    assert TOOLS["codesignal"].key_form is CodeSignalKeyForm
    assert "api_key" in TOOLS["codesignal"].key_form.base_fields


def test_connects_to_the_configured_address_with_the_key() -> None:
    with override_settings(CODESIGNAL_API_URL="https://set.example/graphql"), responses.RequestsMock() as vendor:
        vendor.post("https://set.example/graphql", body=body(liveInterviews=[]))
        found = TOOLS["codesignal"].factory(KEY).list_links(most=1)
        assert found.links == ()
        assert vendor.calls[0].request.headers["Authorization"] == f"Bearer {KEY}"


def test_tells_what_a_key_needs() -> None:
    assert [permission.name for permission in TOOLS["codesignal"].info.permissions] == [
        "liveInterview",
        "liveInterview.company",
        "liveInterview.company.read",
        "liveInterview.company.write",
    ]

"""Each placeholder is defined once: with a value, and with an example that previews of templates show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

import pytest

from organizations.models import Organization, User
from scheduling.messages.example import render_example
from scheduling.messages.placeholder_syntax import known
from scheduling.messages.placeholders import PLACEHOLDERS, ExampleRequest, Placeholder, example_context
from scheduling.messages.render_context import RenderContext
from scheduling.models.messages import CUSTOMIZABLE, MessageKind

ORGANIZATION = Organization(name="Acme", slug="acme", time_zone="Europe/Berlin")
USER = User(name="Rita Book", email="rita@acme.example", time_zone="Europe/London")
#: In a cancellation nothing is left to come.
EMPTY_IN_A_CANCELLATION = {"interviews", "dates", "interviewers", "join_link", "meeting"}


def request_for(kind: MessageKind) -> ExampleRequest:
    return ExampleRequest(ORGANIZATION, USER, kind)


@pytest.mark.parametrize("placeholder", PLACEHOLDERS.values(), ids=list(PLACEHOLDERS))
def test_each_has_a_label_a_value_and_an_example(placeholder: Placeholder) -> None:
    assert str(placeholder.label)
    for kind in CUSTOMIZABLE:
        request = request_for(kind)
        assert placeholder.example_fields(request)
        says = placeholder.value(example_context(request))
        assert bool(says) is not (kind.occasion == "cancellation" and placeholder.name in EMPTY_IN_A_CANCELLATION)


@pytest.mark.parametrize("kind", CUSTOMIZABLE)
def test_the_examples_together_are_one_schedule(kind: MessageKind) -> None:
    """They fill the whole render context, and none contradicts another."""
    found: dict[str, object] = {}
    for placeholder in PLACEHOLDERS.values():
        for name, value in placeholder.example_fields(request_for(kind)).items():
            assert found.setdefault(name, value) == value, f"{placeholder.name} has another {name}"
    # How the mail looks is not said by placeholders.
    assert {*found, "look", "right_to_left"} == {field.name for field in fields(RenderContext)}


@pytest.mark.parametrize("kind", CUSTOMIZABLE)
def test_the_example_mail_is_made_of_the_examples(kind: MessageKind) -> None:
    context = example_context(request_for(kind))
    for placeholder in known(kind):
        if says := placeholder.value(context):
            mail = render_example(ORGANIZATION, USER, kind, "x", f"Before {placeholder.written}")
            assert says.strip() in mail.text
            if isinstance(placeholder.example, Mapping):
                examples = [str(example) for example in placeholder.example.values()]
                assert all(example in mail.text and example in mail.html for example in examples)


def test_a_block_is_what_has_html_of_its_own() -> None:
    assert {name for name, one in PLACEHOLDERS.items() if one.block} == {
        "interviews",
        "join_link",
        "meeting",
        "changes",
    }

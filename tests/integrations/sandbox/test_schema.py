"""The sandbox's schema is a part of the vendor's published one, name by name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    build_schema,
)

from integrations.sandbox.api import SCHEMA_PATH
from integrations.sandbox.model import EVALUATIONS, Status
from integrations.sandbox.shapes import NEEDS

VENDOR = build_schema((Path(__file__).parents[1] / "data" / "codesignal_schema.graphql").read_text())
OURS = build_schema(SCHEMA_PATH.read_text())
NAMES = sorted(name for name in OURS.type_map if not name.startswith("__"))


@pytest.mark.parametrize("name", NAMES)
def test_each_type_is_the_vendors(name: str) -> None:
    ours, vendors = OURS.type_map[name], VENDOR.type_map[name]
    assert type(ours) is type(vendors)
    if isinstance(ours, GraphQLObjectType) and isinstance(vendors, GraphQLObjectType):
        check_fields(ours, vendors)
    elif isinstance(ours, GraphQLInputObjectType) and isinstance(vendors, GraphQLInputObjectType):
        assert {each: str(field.type) for each, field in ours.fields.items()} == {
            each: str(field.type) for each, field in vendors.fields.items()
        }
    elif isinstance(ours, GraphQLEnumType) and isinstance(vendors, GraphQLEnumType):
        assert set(ours.values) == set(vendors.values)
    else:
        assert isinstance(ours, GraphQLScalarType)


def check_fields(ours: GraphQLObjectType, vendors: GraphQLObjectType) -> None:
    for name, field in ours.fields.items():
        published = vendors.fields[name]
        assert str(field.type) == str(published.type), name
        assert {each: str(argument.type) for each, argument in field.args.items()} == {
            each: str(argument.type) for each, argument in published.args.items()
        }, name
        assert field.deprecation_reason == published.deprecation_reason, name


def fields_of(named: GraphQLNamedType | None) -> set[str]:
    assert isinstance(named, GraphQLObjectType)
    return set(named.fields)


def test_everything_a_scheduler_needs_is_served() -> None:
    assert fields_of(OURS.query_type) | fields_of(OURS.mutation_type) == set(NEEDS)
    missing = fields_of(VENDOR.type_map["LiveInterview"]) - fields_of(OURS.type_map["LiveInterview"])
    assert missing == {"feedback"}, "only the deprecated field is left out"


def test_our_words_are_the_vendors() -> None:
    statuses, evaluations = (
        VENDOR.type_map["LiveInterviewStatus"],
        VENDOR.type_map["InterviewerFeedbackOverallEvaluation"],
    )
    assert isinstance(statuses, GraphQLEnumType)
    assert isinstance(evaluations, GraphQLEnumType)
    assert {status.value for status in Status} <= set(statuses.values)
    assert set(EVALUATIONS) == set(evaluations.values)


def test_the_api_needs_no_django() -> None:
    """Its pages load the template engine; nothing before the first page does."""
    code = "import sys, integrations.sandbox.__main__, integrations.sandbox.routes; print('django' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"

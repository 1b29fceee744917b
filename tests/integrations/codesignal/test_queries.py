"""The documents against the vendor's published schema and limits."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    build_schema,
    parse,
    validate,
)

from integrations.codesignal import queries
from integrations.codesignal.tool import MOST_PER_EMAIL

SCHEMA = build_schema((Path(__file__).parents[1] / "data" / "codesignal_schema.graphql").read_text())

OPERATIONS = [
    queries.COMPANY,
    queries.READ_PROBE,
    queries.WRITE_PROBE,
    queries.CREATE,
    queries.EDIT,
    queries.DELETE,
    queries.FETCH,
    queries.LIST,
    queries.TEMPLATES,
    queries.find_by_emails(1),
    queries.find_by_emails(queries.MAX_EMAILS),
]
each_operation = pytest.mark.parametrize(
    "operation", OPERATIONS, ids=lambda operation: f"{operation.name}-{len(operation.roots)}"
)

#: The largest page that any listing asks for: a page and the entry it overlaps with.
LARGEST_PAGE = queries.PAGE_SIZE + 1


def definition(operation: queries.Operation) -> OperationDefinitionNode:
    document = parse(operation.document)
    return next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))


def fields(operation: queries.Operation, selections: SelectionSetNode | None) -> list[FieldNode]:
    """The fields of a selection with fragments opened."""
    fragments = {
        node.name.value: node
        for node in parse(operation.document).definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    found: list[FieldNode] = []
    for node in selections.selections if selections else ():
        if isinstance(node, FragmentSpreadNode):
            found += fields(operation, fragments[node.name.value].selection_set)
        elif isinstance(node, FieldNode):
            found.append(node)
    return found


def cost(operation: queries.Operation) -> int:
    total = 0
    for node in fields(operation, definition(operation).selection_set):
        first = next((argument.value for argument in node.arguments or () if argument.name.value == "first"), None)
        if isinstance(first, IntValueNode):
            total += int(first.value)
        elif isinstance(first, VariableNode):
            total += LARGEST_PAGE
        else:
            total += 1
    return total


def depth(operation: queries.Operation, selections: SelectionSetNode | None) -> int:
    below = [depth(operation, node.selection_set) for node in fields(operation, selections)]
    return 1 + max(below) if below else 0


@each_operation
def test_fits_the_published_schema(operation: queries.Operation) -> None:
    assert validate(SCHEMA, parse(operation.document)) == []


@each_operation
def test_stays_under_the_cost_and_depth_limits(operation: queries.Operation) -> None:
    assert 0 < cost(operation) < 10_000
    assert 0 < depth(operation, definition(operation).selection_set) < 10


@each_operation
def test_says_what_it_is(operation: queries.Operation) -> None:
    """`mutates` decides what a lost answer means, `roots` where the answer is read: both must be the document's."""
    node = definition(operation)
    assert (node.operation.value == "mutation") is operation.mutates
    names = tuple((field.alias or field.name).value for field in fields(operation, node.selection_set))
    assert names == operation.roots
    assert node.name is not None
    assert node.name.value == operation.name


@each_operation
def test_uses_nothing_that_the_vendor_deprecates(operation: queries.Operation) -> None:
    assert "overallEvaluation" not in operation.document
    assert "feedback {" not in operation.document


def test_twenty_addresses_cost_a_thousand() -> None:
    assert cost(queries.find_by_emails(20)) == 1000
    assert MOST_PER_EMAIL < 10_000


@pytest.mark.parametrize("count", [0, -1, queries.MAX_EMAILS + 1])
def test_looks_up_one_to_twenty_addresses(count: int) -> None:
    with pytest.raises(ValueError, match="count"):
        queries.find_by_emails(count)

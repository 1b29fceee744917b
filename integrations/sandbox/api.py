"""GraphQL over the sandbox's own schema: parsing with a cache, cost and depth, permissions, resolvers."""

from __future__ import annotations

import functools
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLNonNull,
    GraphQLResolveInfo,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    build_schema,
    execute_sync,
    get_operation_ast,
    parse,
    validate,
)

from integrations.sandbox.directory import VendorError
from integrations.sandbox.shapes import Caller, company_shape, interview_shape, template_shape

SCHEMA_PATH = Path(__file__).with_name("schema.graphql")
DEFAULT_FIRST = 20
CACHED_DOCUMENTS = 512

Info = GraphQLResolveInfo[Any]


class BadRequest(Exception):
    """A request that GraphQL itself refuses; `errors` are for the answer."""

    def __init__(self, *errors: str) -> None:
        super().__init__("; ".join(errors))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Root:
    """One field at the top of an operation: its name, the name in the answer, what it costs."""

    name: str
    response_name: str
    cost: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request that may be executed. `kind`: "query" or "mutation"."""

    document: DocumentNode
    operation_name: str | None
    variables: Mapping[str, Any]
    kind: str
    roots: tuple[Root, ...]
    depth: int

    @property
    def operations(self) -> list[str]:
        """The names of the fields asked for at the top."""
        return [root.name for root in self.roots]

    @property
    def cost(self) -> int:
        """The cost of the whole request; aliases add up."""
        return sum(root.cost for root in self.roots)


class Api:
    """Parses, checks and executes requests; keeps the documents it has seen."""

    def __init__(self) -> None:
        self.schema = make_schema()
        self._lock = threading.Lock()
        self._seen: OrderedDict[str, DocumentNode] = OrderedDict()

    def prepare(self, query: str, variables: Mapping[str, Any], operation_name: str | None) -> Prepared:
        """Check everything that needs no key. Raises BadRequest."""
        document = self._document(query)
        operation = get_operation_ast(document, operation_name)
        if operation is None:
            raise BadRequest("Name one of the operations of the document in operationName.")
        fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
        roots = tuple(
            Root(node.name.value, (node.alias or node.name).value, cost_of(node, operation, variables))
            for node in fields_in(operation.selection_set, fragments)
        )
        depth = depth_of(operation.selection_set, fragments)
        return Prepared(document, operation_name, variables, operation.operation.value, roots, depth)

    def execute(self, prepared: Prepared, caller: Caller) -> dict[str, Any]:
        """Do what is asked and return the answer's `data` and `errors`."""
        result = execute_sync(
            self.schema,
            prepared.document,
            context_value=caller,
            variable_values=dict(prepared.variables),
            operation_name=prepared.operation_name,
        )
        return dict(result.formatted)

    def nullable(self, operation: str) -> bool:
        """Whether an answer may hold null for this field alone."""
        for root in (self.schema.query_type, self.schema.mutation_type):
            if root is not None and operation in root.fields:
                return not isinstance(root.fields[operation].type, GraphQLNonNull)
        return False

    def _document(self, query: str) -> DocumentNode:
        with self._lock:
            known = self._seen.get(query)
            if known is not None:
                self._seen.move_to_end(query)
                return known
        try:
            document = parse(query, max_tokens=20_000)
        except GraphQLError as error:
            raise BadRequest(error.message) from None
        errors = validate(self.schema, document, max_errors=10)
        if errors:
            raise BadRequest(*(error.message for error in errors))
        with self._lock:
            self._seen[query] = document
            while len(self._seen) > CACHED_DOCUMENTS:
                self._seen.popitem(last=False)
        return document


def fields_in(selections: SelectionSetNode | None, fragments: Mapping[str, FragmentDefinitionNode]) -> list[FieldNode]:
    """The fields of a selection, with fragments opened up."""
    found: list[FieldNode] = []
    for node in selections.selections if selections else ():
        if isinstance(node, FieldNode):
            found.append(node)
        elif isinstance(node, InlineFragmentNode):
            found += fields_in(node.selection_set, fragments)
        elif isinstance(node, FragmentSpreadNode):
            found += fields_in(fragments[node.name.value].selection_set, fragments)
    return found


def depth_of(selections: SelectionSetNode | None, fragments: Mapping[str, FragmentDefinitionNode]) -> int:
    """How many fields lie inside each other at most."""
    nodes = fields_in(selections, fragments)
    return 1 + max(depth_of(node.selection_set, fragments) for node in nodes) if nodes else 0


def cost_of(node: FieldNode, operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> int:
    """1 x `first` for the lists, 1 for the rest."""
    if node.name.value not in ("liveInterviews", "interviewTemplates"):
        return 1
    for argument in node.arguments or ():
        if argument.name.value == "first":
            value: object = argument.value
            if isinstance(value, VariableNode):
                name = value.name.value
                defaults = {
                    each.variable.name.value: each.default_value for each in operation.variable_definitions or ()
                }
                value = variables.get(name, defaults.get(name))
            if isinstance(value, IntValueNode):
                value = int(value.value)
            if isinstance(value, int):
                return max(value, 0)
    return DEFAULT_FIRST


@functools.cache
def make_schema() -> GraphQLSchema:
    """The schema with its resolvers: one for all stand-ins of a process, which are told apart by their context."""
    schema = build_schema(SCHEMA_PATH.read_text())
    for root in (schema.query_type, schema.mutation_type):
        if root is not None:
            for name, definition in root.fields.items():
                definition.resolve = _RESOLVERS[name]
    return schema


def _caller(info: Info) -> Caller:
    """The context, once the key's permissions cover the field."""
    caller: Caller = info.context
    if caller.lacks(info.field_name):
        raise VendorError("Access Denied")
    return caller


def _page(first: int | None, offset: int | None) -> tuple[int, int]:
    if (first is not None and first < 0) or (offset is not None and offset < 0):
        raise VendorError("first and offset must not be negative")
    return DEFAULT_FIRST if first is None else first, offset or 0


def resolve_company(_source: None, info: Info, *, id: str | None = None) -> dict[str, Any]:
    """The key's own company; any other is denied."""
    caller = _caller(info)
    if id is not None and id != caller.key.company_id:
        raise VendorError("Access Denied")
    return company_shape(caller)


def resolve_templates(
    _source: None,
    info: Info,
    *,
    first: int,
    offset: int,
    companyId: str | None = None,
    globalFilter: str | None = None,
) -> dict[str, Any]:
    """A page of the company's templates."""
    caller = _caller(info)
    if companyId is not None and companyId != caller.key.company_id:
        raise VendorError("Access Denied")
    first, offset = _page(first, offset)
    found = caller.vendor.company_templates(caller.key.company_id, globalFilter or "")
    used = {each.template_id for each in list(caller.vendor.live_interviews.values())}
    return {
        "totalCount": len(found),
        "interviewTemplates": [template_shape(each, each.id in used) for each in found[offset : offset + first]],
        "pageInfo": {"hasNextPage": offset + first < len(found)},
    }


def resolve_interview(_source: None, info: Info, *, liveInterviewId: str) -> dict[str, Any]:
    """One interview, a deleted one too; unknown is an error."""
    caller = _caller(info)
    return interview_shape(caller, caller.vendor.require(caller.key.company_id, liveInterviewId))


def resolve_interviews(
    _source: None,
    info: Info,
    *,
    candidateEmail: str | None = None,
    first: int | None = None,
    offset: int | None = None,
) -> list[dict[str, Any]]:
    """A page of interviews in no useful order."""
    caller = _caller(info)
    first, offset = _page(first, offset)
    found = caller.vendor.listed(
        caller.key.company_id,
        email=candidateEmail,
        first=first,
        offset=offset,
        deleted=caller.settings.lists_deleted,
    )
    return [interview_shape(caller, each) for each in found]


def resolve_create(_source: None, info: Info, *, interviewFields: dict[str, Any] | None = None) -> dict[str, Any]:
    """Make an interview."""
    caller = _caller(info)
    made = caller.vendor.create(caller.key.company_id, interviewFields or {}, key_id=caller.key.id)
    return interview_shape(caller, made)


def resolve_edit(_source: None, info: Info, *, id: str, interviewFields: dict[str, Any]) -> dict[str, Any]:
    """Change an interview."""
    caller = _caller(info)
    return interview_shape(caller, caller.vendor.edit(caller.key.company_id, id, interviewFields))


def resolve_delete(_source: None, info: Info, *, id: str) -> str:
    """Delete an interview and return its id."""
    caller = _caller(info)
    return caller.vendor.delete(caller.key.company_id, id)


_RESOLVERS: dict[str, Any] = {
    "company": resolve_company,
    "interviewTemplates": resolve_templates,
    "liveInterview": resolve_interview,
    "liveInterviews": resolve_interviews,
    "createLiveInterview": resolve_create,
    "editLiveInterview": resolve_edit,
    "deleteLiveInterview": resolve_delete,
}

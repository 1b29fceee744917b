"""Filters of SCIM (RFC 7644, 3.4.2.2) as conditions of the database."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db.models import Model, Q, QuerySet
from scim2_models import InvalidFilterException, ScimFilter
from scim2_models.path import (
    AttrPath,
    CompareOperator,
    Comparison,
    FilterVisitor,
    LogicalExpr,
    LogicalOperator,
    Not,
    Present,
    ValuePath,
)

from organizations import addresses, parameters
from organizations.directory import shapes
from organizations.models import DirectoryGroup, DirectoryUser

LONGEST = 1000
#: Parentheses; directories send none, or a pair.
DEEPEST = 20
#: Filterable attributes, in lower case, and their columns.
COLUMNS: dict[type[Model], dict[str, str]] = {
    DirectoryUser: {
        "id": "scim_id",
        "externalid": "external_id",
        "username": "user_name",
        "displayname": "name",
        "active": "active",
        "emails": "email",
        "emails.value": "email",
        "groups": "groups__scim_id",
        "groups.value": "groups__scim_id",
        "name.formatted": "name",
        "name.givenname": "content__name__givenName",
        "name.familyname": "content__name__familyName",
        "meta.created": "created_at",
        "meta.lastmodified": "changed_at",
    },
    DirectoryGroup: {
        "id": "scim_id",
        "externalid": "external_id",
        "displayname": "name",
        "members": "people__scim_id",
        "members.value": "people__scim_id",
        "meta.created": "created_at",
        "meta.lastmodified": "changed_at",
    },
}
EXACT = {"external_id", "scim_id"}
LOOKUPS = {
    CompareOperator.co: "contains",
    CompareOperator.sw: "startswith",
    CompareOperator.ew: "endswith",
    CompareOperator.gt: "gt",
    CompareOperator.ge: "gte",
    CompareOperator.lt: "lt",
    CompareOperator.le: "lte",
}


def filtered(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """The rows that match a filter; all for "". Raises InvalidFilterException."""
    if not text:
        return rows
    if len(text) > LONGEST or text.count("(") > DEEPEST:
        raise InvalidFilterException(detail="The filter is too long.")
    model = shapes.User if rows.model is DirectoryUser else shapes.Group
    try:
        found = ScimFilter[model](text)  # type: ignore[valid-type]
        return rows.filter(_Condition(rows.model).visit(found.ast)).distinct()
    except (RecursionError, ValueError, TypeError):
        raise InvalidFilterException(detail="The filter can't be read.") from None


class _Condition(FilterVisitor[Q]):
    def __init__(self, model: type[Model], within: str = "") -> None:
        self.model, self.within = model, within

    def visit_logical_expr(self, node: LogicalExpr) -> Q:
        parts = [self.visit(term) for term in node.terms]
        found = parts[0]
        for part in parts[1:]:
            found = found & part if node.op == LogicalOperator.and_ else found | part
        return found

    def visit_not(self, node: Not) -> Q:
        return ~self.visit(node.expr)

    def visit_present(self, node: Present) -> Q:
        column = self._column(node.attr_path)
        present = Q(**{f"{column}__isnull": False})
        return present if _is_special(column) else present & ~Q(**{column: ""})

    def visit_value_path(self, node: ValuePath) -> Q:
        return _Condition(self.model, f"{node.attr_path}.").visit(node.val_filter)

    def visit_comparison(self, node: Comparison) -> Q:
        if f"{self.within}{node.attr_path}".lower() in {"emails.type", "emails.primary"}:
            return Q()  # one address is kept; directories name its type on the way to its value
        column = self._column(node.attr_path)
        if not parameters.is_storable(str(node.value)):
            raise ValueError("no database has it")
        if node.value is None:
            absent = Q(**{f"{column}__isnull": True}) | (Q() if _is_special(column) else Q(**{column: ""}))
            return ~absent if node.op == CompareOperator.ne else absent
        if node.op in (CompareOperator.eq, CompareOperator.ne):
            same = _same(column, node.value)
            return ~same if node.op == CompareOperator.ne else same
        return _ordered(column, node.op, node.value)

    def _column(self, path: AttrPath) -> str:
        name = f"{self.within}{path.attr}" + (f".{path.sub_attr}" if path.sub_attr else "")
        found = COLUMNS[self.model].get(name.lower())
        if found is None:
            raise InvalidFilterException(detail=f"Users and groups can't be filtered by {path}.")
        return found


def _is_special(column: str) -> bool:
    return column.endswith(("scim_id", "_at")) or column == "active"


def _same(column: str, value: Any) -> Q:
    if column.endswith("scim_id"):
        return _identified(column, value)
    if column == "active":
        return Q(active=str(value).lower() == "true")
    if column.endswith("_at"):
        return Q(**{column: _moment(value)})
    if column == "email":
        return Q(email=addresses.key(str(value)))
    return Q(**{column if column in EXACT else f"{column}__iexact": str(value)})


def _identified(column: str, value: Any) -> Q:
    try:
        return Q(**{column: uuid.UUID(str(value))})
    except ValueError:
        return Q(pk__in=[])


def _ordered(column: str, operator: CompareOperator, value: Any) -> Q:
    lookup = LOOKUPS[operator]
    if column.endswith("_at") and lookup in {"gt", "gte", "lt", "lte"}:
        return Q(**{f"{column}__{lookup}": _moment(value)})
    if _is_special(column):
        raise InvalidFilterException(detail=f"This attribute can't be compared with {operator.value}.")
    if lookup in {"contains", "startswith", "endswith"} and column not in EXACT:
        lookup = f"i{lookup}"
    return Q(**{f"{column}__{lookup}": str(value)})


def _moment(value: Any) -> datetime:
    found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    if found.tzinfo is None:
        raise ValueError("no time zone")
    return found

"""Google's own description of the API (data/google_calendar_v3.json), and requests and answers compared with it."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

DESCRIPTION: dict[str, Any] = json.loads(
    (Path(__file__).parent.parent / "data" / "google_calendar_v3.json").read_text()
)
TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "array": (list,),
    "object": (dict,),
}


def method_of(verb: str, path: str) -> tuple[str, dict[str, Any]]:
    """The name and description of the method at an address below the API's own."""
    for name, method in DESCRIPTION["methods"].items():
        pattern = re.sub(r"\{\w+\}", "[^/]+", method["path"])
        if method["httpMethod"] == verb and re.fullmatch(pattern, path):
            return name, method
    raise AssertionError(f"The API has no {verb} {path}")


def problems_of_query(method: dict[str, Any], query: str) -> list[str]:
    """Everything in a query that the method does not take."""
    known = DESCRIPTION["parameters"] | method.get("parameters", {})
    found = []
    for name, values in parse_qs(query, keep_blank_values=True).items():
        parameter = known.get(name)
        if parameter is None or parameter["location"] != "query":
            found.append(f"unknown parameter {name}")
        elif len(values) > 1 and not parameter.get("repeated"):
            found.append(f"{name} is given twice")
        else:
            found += [problem for value in values for problem in _problems_of_text(name, value, parameter)]
    return found


def _problems_of_text(name: str, value: str, parameter: dict[str, Any]) -> list[str]:
    if parameter["type"] == "integer":
        number = int(value) if value.lstrip("-").isdecimal() else None
        low, high = int(parameter.get("minimum", "-999999")), int(parameter.get("maximum", "999999"))
        return [] if number is not None and low <= number <= high else [f"{name} is {value}"]
    if parameter["type"] == "boolean":
        return [] if value in ("true", "false") else [f"{name} is {value}"]
    return problems(value, parameter, name)


def problems(value: Any, schema: dict[str, Any], at: str = "") -> list[str]:
    """Everything about a value that its schema does not allow, with where it is. Unknown members count."""
    if "$ref" in schema:
        return problems(value, DESCRIPTION["schemas"][schema["$ref"]], at)
    if value is None:
        return []  # takes a member away
    kind = schema.get("type", "any")
    if kind != "any" and (not isinstance(value, TYPES[kind]) or (isinstance(value, bool) and kind != "boolean")):
        return [f"{at} is no {kind}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{at} is {value}"]
    if isinstance(value, list):
        return [each for item in value for each in problems(item, schema["items"], f"{at}[]")]
    if isinstance(value, dict):
        return _problems_of_members(value, schema, at)
    return _problems_of_format(value, schema.get("format", ""), at)


def _problems_of_members(value: dict[str, Any], schema: dict[str, Any], at: str) -> list[str]:
    known, others = schema.get("properties", {}), schema.get("additionalProperties")
    found = []
    for name, member in value.items():
        if name in known:
            found += problems(member, known[name], f"{at}.{name}")
        elif others is not None:
            found += problems(member, others, f"{at}.{name}")
        else:
            found.append(f"unknown member {at}.{name}")
    return found


def _problems_of_format(value: Any, format: str, at: str) -> list[str]:
    try:
        if format == "date-time":
            assert datetime.fromisoformat(value).tzinfo is not None
        elif format == "date":
            date.fromisoformat(value)
        elif format == "int64" and isinstance(value, str):
            int(value)
    except (ValueError, AssertionError):
        return [f"{at} is no {format}"]
    return []

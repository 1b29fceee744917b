"""Names of parameters that stand in the source: what views take from a request, and the fields of forms."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

from django.forms import BaseForm

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ("organizations", "integrations", "jobs", "scheduling")
SENT = {"GET", "POST"}


def names_in_source() -> dict[str, str]:
    """Each name of a parameter, and where it stands. Prefixes of forms are left out: `rows-0-date` is `date`."""
    found = {}
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "sandbox" not in path.parts and "migrations" not in path.parts:
                for name in _taken(ast.parse(path.read_text())):
                    found[name] = str(path.relative_to(ROOT))
    for form in _forms():
        for name in getattr(form, "base_fields", {}):
            found[name] = f"{form.__module__}.{form.__name__}"
    return found


def _taken(tree: ast.Module) -> Iterator[str]:
    """Names in `request.GET.get("name")`, `sent["name"]`, `"name" in request.POST`, where `sent` is a QueryDict."""
    constants = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            yield from _taken_in(function, constants)


def _taken_in(function: ast.FunctionDef, constants: dict[str, str]) -> Iterator[str]:
    dicts = {
        argument.arg
        for argument in [*function.args.args, *function.args.kwonlyargs]
        if argument.annotation is not None and "QueryDict" in ast.unparse(argument.annotation)
    }

    def is_sent(node: ast.expr) -> bool:
        if isinstance(node, ast.Attribute):
            return node.attr in SENT
        return isinstance(node, ast.Name) and node.id in dicts

    for node in ast.walk(function):
        key: ast.expr | None = None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            if node.func.attr in {"get", "getlist"} and is_sent(node.func.value):
                key = node.args[0]
        elif isinstance(node, ast.Subscript) and is_sent(node.value):
            key = node.slice
        elif isinstance(node, ast.Compare) and is_sent(node.comparators[0]):
            key = node.left
        yield from _name(key, constants)


def _name(key: ast.expr | None, constants: dict[str, str]) -> Iterator[str]:
    """The name, or the end of one that is put together: `find` of `rows-0-find`."""
    if isinstance(key, ast.JoinedStr):
        key = key.values[-1]
    if isinstance(key, ast.Name) and key.id in constants:
        yield constants[key.id]
    elif isinstance(key, ast.Constant) and isinstance(key.value, str):
        yield key.value.rpartition("-")[2] if key.value.startswith("-") else key.value


def _forms() -> Iterator[type[BaseForm]]:
    """The product's own forms, wherever they are defined."""
    for app in APPS:
        package = importlib.import_module(app)
        for module in pkgutil.walk_packages(package.__path__, f"{app}."):
            if not {"migrations", "sandbox", "management"} & set(module.name.split(".")):
                importlib.import_module(module.name)
    waiting = list(BaseForm.__subclasses__())
    while waiting:
        form = waiting.pop()
        waiting += form.__subclasses__()
        if form.__module__.partition(".")[0] in APPS:
            yield form

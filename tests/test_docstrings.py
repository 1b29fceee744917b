"""Docstrings begin with a verb or with the thing that they describe, and do without words that say nothing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings

FOLDERS = ["benchmarks", "config", "integrations", "jobs", "organizations", "scheduling", "tests"]
# "Whether" may begin one: `Whether it is ready.` is what a function answers.
QUESTION = re.compile(r"(who|whom|whoever|what|whatever)\b", re.IGNORECASE)
EMPTY = re.compile(r"\b(surely|by itself|meanwhile|of ours)\b", re.IGNORECASE)


@cache
def docstrings() -> list[tuple[str, str]]:
    return list(_docstrings())


def _docstrings() -> Iterator[tuple[str, str]]:
    """Each docstring of the repository, after its place as `path:line`. Migrations stay as they were."""
    for folder in FOLDERS:
        for path in sorted((Path(settings.BASE_DIR) / folder).rglob("*.py")):
            if path.parent.name == "migrations":
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                    text = ast.get_docstring(node)
                    if text:
                        line = node.body[0].lineno
                        yield f"{path.relative_to(settings.BASE_DIR)}:{line}", text


def test_each_begins_with_what_it_describes() -> None:
    wrong = [f"{place}: {text.splitlines()[0]}" for place, text in docstrings() if QUESTION.match(text)]
    assert not wrong, "\n".join(
        [
            "Begin with a verb (`Return the entries ...`) or with the thing itself (`The reader's menu: ...`):",
            *wrong,
        ]
    )


def test_none_has_words_that_say_nothing() -> None:
    wrong = [f"{place}: {found[0]}" for place, text in docstrings() if (found := EMPTY.search(text))]
    assert not wrong, "\n".join(
        [
            "Say it plainly: `certainly`, `without a person`, `since then`, `our` - or leave the word out:",
            *wrong,
        ]
    )

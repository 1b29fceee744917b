"""Each attack that was tried has a test that repeats it, and each test that is named exists."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.attacks.findings import BROKE, HELD

TESTS = Path(__file__).resolve().parent.parent


@cache
def functions(path: Path) -> frozenset[str]:
    return frozenset(node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef))


def exists(test: str) -> bool:
    file, _colons, name = test.partition("::")
    path = TESTS / file
    return path.is_file() and name.startswith("test_") and name in functions(path)


def test_each_finding_is_listed() -> None:
    assert list(BROKE) == [f"B{number}" for number in range(1, 35)]
    assert len(HELD) == 29
    assert all(tests for _attack, tests in BROKE.values())
    assert all(HELD.values())


@pytest.mark.parametrize("test", sorted({test for _attack, tests in BROKE.values() for test in tests}))
def test_each_finding_has_a_test_that_exists(test: str) -> None:
    assert exists(test)


@pytest.mark.parametrize("test", sorted({test for tests in HELD.values() for test in tests}))
def test_each_attack_that_held_has_a_test_that_exists(test: str) -> None:
    assert exists(test)

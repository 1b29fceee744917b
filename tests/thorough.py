"""What only `make test-all` runs, of a test that runs with many values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from _pytest.mark import ParameterSet


def mostly(values: Iterable[Any], always: int) -> list[ParameterSet]:
    """The first `always` values run in every run of the tests; the others are marked thorough.

    A tuple is the values of several parameters.
    """
    rare = [pytest.mark.thorough]
    return [
        pytest.param(*(value if isinstance(value, tuple) else (value,)), marks=rare if number >= always else [])
        for number, value in enumerate(values)
    ]

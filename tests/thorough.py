"""Tests with many values: some of them in every run, the others only in `make test-all`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from _pytest.mark import ParameterSet


def mostly(values: Iterable[Any], always: int) -> list[ParameterSet]:
    """Values for `parametrize`: the first `always` run in every run of the tests, the others are marked thorough.

    A tuple is the values of several parameters.
    """
    rare = [pytest.mark.thorough]
    return [
        pytest.param(*(value if isinstance(value, tuple) else (value,)), marks=rare if number >= always else [])
        for number, value in enumerate(values)
    ]

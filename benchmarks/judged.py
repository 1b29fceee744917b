"""Mutants that behave as the product does: each by its key (`Mutant.key`), with the reason."""

from __future__ import annotations

EQUIVALENT: dict[str, str] = {}

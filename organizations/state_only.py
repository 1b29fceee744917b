"""Migrations of what is no part of the schema, such as labels of columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.migrations.operations import SeparateDatabaseAndState
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class StateOnly(SeparateDatabaseAndState):
    """Operations that change nothing in the database.

    Django otherwise makes all models anew for each of them: two hundred labels took as long as all other migrations.
    """

    def __init__(self, state_operations: Sequence[Operation]) -> None:
        super().__init__(state_operations=state_operations)

    def deconstruct(self) -> Any:
        return self.__class__.__name__, [self.state_operations], {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        state.__dict__.pop("apps", None)
        super().state_forwards(app_label, state)

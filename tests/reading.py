"""How much of the database a page reads: a number for each statement that no clock and no other program changes.

On SQLite that is the steps of its virtual machine. On PostgreSQL it is the rows that are read from tables, with and
without use, where the planner takes an index wherever there is one: it would read small tables whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

#: Ways of PostgreSQL's that read a table whole.
WHOLE = ("enable_seqscan", "enable_hashjoin", "enable_mergejoin")


@dataclass
class Statement:
    """A statement with its parameters' places, and how much it read."""

    sql: str
    params: Any
    read: int = 0

    def __str__(self) -> str:
        return self.sql if len(self.sql) < 1500 else f"{self.sql[:400]} ... {self.sql[-1100:]}"


@dataclass
class Reading:
    statements: list[Statement] = field(default_factory=list)

    def note(self, execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        self.statements.append(Statement(sql, params))
        return execute(sql, params, many, context)

    def step(self) -> int:
        if self.statements:
            self.statements[-1].read += 1
        return 0  # go on


@contextmanager
def reading() -> Iterator[Reading]:
    """Note the statements that run until the end of the block, and how much each of them read."""
    found = Reading()
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        connection.connection.set_progress_handler(found.step, 1)
    try:
        with connection.execute_wrapper(found.note):
            yield found
    finally:
        if connection.vendor == "sqlite":
            connection.connection.set_progress_handler(None, 1)
    if connection.vendor == "postgresql":
        _explain(found.statements)


def _explain(statements: Sequence[Statement]) -> None:
    with connection.cursor() as cursor:
        for way in WHOLE:
            cursor.execute(f"SET LOCAL {way} = off")
        for one in statements:
            if one.sql.startswith("SELECT"):
                cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON, TIMING OFF) {one.sql}", one.params)
                answer = cursor.fetchone()[0]
                plans = json.loads(answer) if isinstance(answer, str) else answer
                one.read = sum(_rows(plan["Plan"]) for plan in plans)
        for way in WHOLE:
            cursor.execute(f"SET LOCAL {way} = on")


def _rows(node: dict[str, Any]) -> int:
    """The rows that a node and those below it read from tables, with those that they threw away."""
    own = 0
    if "Relation Name" in node:
        read = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
        own = int(sum(node.get(name, 0) for name in read) * node.get("Actual Loops", 1))
    return own + sum(_rows(one) for one in node.get("Plans", []))

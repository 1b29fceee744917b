"""The audit trail as a file: CSV, or JSON Lines for a program. Rows come in pieces, however many there are."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from organizations import csv_export
from organizations.models import AuditEvent
from organizations.trail import Trail

CHUNK = 500
#: ISO 8601 in UTC, ids for programs, and the sentence with the names that people have now.
COLUMNS = ("id", "at", "actor_id", "actor", "action", "subject_type", "subject_id", "event", "note", "detail")


def _rows(events: QuerySet[AuditEvent]) -> Iterator[dict[str, Any]]:
    found = events.iterator(chunk_size=CHUNK)
    while chunk := list(islice(found, CHUNK)):
        trail = Trail(chunk)
        for event in chunk:
            yield {
                "id": event.pk,
                "at": event.created_at.isoformat(),
                "actor_id": event.actor_id,
                "actor": trail.actor(event),
                "action": event.action,
                "subject_type": event.subject_type,
                "subject_id": event.subject_id,
                "event": trail.sentence(event),
                "note": str(event.texts.get("note", "")),
                "detail": event.detail,
            }


def as_csv(events: QuerySet[AuditEvent]) -> Iterator[str]:
    rows = (
        [str(value if value is not None else "") for value in (row | {"detail": json.dumps(row["detail"])}).values()]
        for row in _rows(events)
    )
    return csv_export.written(COLUMNS, rows)


def as_json_lines(events: QuerySet[AuditEvent]) -> Iterator[str]:
    for row in _rows(events):
        yield json.dumps(row, ensure_ascii=False) + "\n"


Writer = Callable[[QuerySet[AuditEvent]], Iterator[str]]
#: By the ending of the file's name: what writes it, and its type.
FORMATS: dict[str, tuple[Writer, str]] = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "jsonl": (as_json_lines, "application/x-ndjson"),
}

"""Sentences that are stored with links and their history are kept as `text` and shown as they stand.

The second of two steps: the tables are large, so rows are written in batches and only where there is a sentence.
Backwards, sentences that were kept return; a problem noted since has only its code.
"""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

COLUMNS = [("CodingLink", "problem", "problem_params"), ("LinkEvent", "note", "params")]
BATCH = 1000


def keep_sentences(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001
    for name, column, params in COLUMNS:
        model = apps.get_model("scheduling", name)
        last = 0
        while rows := list(model.objects.filter(pk__gt=last).exclude(**{column: ""}).order_by("pk")[:BATCH]):
            for row in rows:
                setattr(row, params, {"text": getattr(row, column)})
            model.objects.bulk_update(rows, [params])
            last = rows[-1].pk


def restore_sentences(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001
    for name, column, params in COLUMNS:
        model = apps.get_model("scheduling", name)
        last = 0
        while rows := list(model.objects.filter(pk__gt=last).exclude(**{params: {}}).order_by("pk")[:BATCH]):
            for row in rows:
                setattr(row, column, getattr(row, params).get("text", ""))
            model.objects.bulk_update(rows, [column])
            last = rows[-1].pk


class Migration(migrations.Migration):
    dependencies = [
        ("scheduling", "0022_problem_params"),
    ]

    operations = [
        migrations.RunPython(keep_sentences, restore_sentences),
        migrations.RemoveField("codinglink", "problem"),
        migrations.RemoveField("linkevent", "note"),
    ]

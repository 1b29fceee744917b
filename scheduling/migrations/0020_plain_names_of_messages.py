"""Plain names for what messages say of a schedule; two columns without a reader go.

The columns change in one step: Panelist is stopped for an upgrade (README, "Upgrade"). An older worker that still runs
asks for columns that are not there: its task claims a message and fails before anything is sent, so that the message
becomes "May have been sent" after its lease, and a person decides. An older web server answers 500 on pages with
messages until it is restarted.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

NAMES = {"door": "join_link", "place": "location"}


def to_new_names(apps: StateApps, _editor: BaseDatabaseSchemaEditor) -> None:
    rename_keys(apps.get_model("scheduling", "Message"), NAMES)


def to_old_names(apps: StateApps, _editor: BaseDatabaseSchemaEditor) -> None:
    rename_keys(apps.get_model("scheduling", "Message"), {new: old for old, new in NAMES.items()})


def rename_keys(message: Any, names: dict[str, str]) -> None:
    """Rename keys of the interviews that messages tell of. The digests are made of values: they stay valid."""
    changed = []
    for row in message.objects.exclude(interviews=[]).only("interviews").iterator(chunk_size=500):
        row.interviews = [{names.get(key, key): value for key, value in one.items()} for one in row.interviews]
        changed.append(row)
        if len(changed) == 500:
            message.objects.bulk_update(changed, ["interviews"])
            changed = []
    message.objects.bulk_update(changed, ["interviews"])


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0019_interviewer_assignment")]

    operations = [
        migrations.RenameField("message", "facts", "interviews"),
        migrations.RenameField("message", "fingerprint", "interviews_digest"),
        migrations.RenameField("calendarentry", "interviews", "interview_ids"),
        migrations.RemoveField("message", "sequence"),
        migrations.RemoveField("calendarentry", "event"),
        migrations.RunPython(to_new_names, to_old_names),
    ]

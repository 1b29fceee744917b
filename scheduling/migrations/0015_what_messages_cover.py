"""The days that messages tell of, and the links in trouble, so that Home is read by what is due."""

from __future__ import annotations

from datetime import datetime

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.utils import timezone


def fill(apps: StateApps, _editor: BaseDatabaseSchemaEditor) -> None:
    """For messages about what is still to come; of the others nobody asks."""
    message = apps.get_model("scheduling", "Message")
    rows = message.objects.filter(schedule__last_ends_at__gt=timezone.now()).exclude(state="draft").only("facts")
    filled = []
    for row in rows.iterator(chunk_size=500):
        if row.facts:
            row.covers_from = min(datetime.fromisoformat(fact["starts_at"]) for fact in row.facts)
            row.covers_until = max(datetime.fromisoformat(fact["ends_at"]) for fact in row.facts)
            filled.append(row)
    message.objects.bulk_update(filled, ["covers_from", "covers_until"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0014_fill_search_keys")]

    operations = [
        migrations.AddField("message", "covers_from", models.DateTimeField(blank=True, editable=False, null=True)),
        migrations.AddField("message", "covers_until", models.DateTimeField(blank=True, editable=False, null=True)),
        migrations.AddIndex(
            "message",
            models.Index(
                condition=models.Q(("state__in", ["sending", "sent", "unknown"])),
                fields=["organization", "covers_from"],
                name="message_told_of",
            ),
        ),
        migrations.AddIndex(
            "codinglink",
            models.Index(
                condition=models.Q(("state__in", ["failed", "unknown", "cancelling"])),
                fields=["organization", "id"],
                name="link_trouble",
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]

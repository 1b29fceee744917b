"""Schedules by end and state: those without times that are not cancelled stand together."""

from django.db import migrations, models

from organizations.migration_operations import AddIndexOnline, RemoveIndexOnline


class Migration(migrations.Migration):
    atomic = False  # PostgreSQL makes and drops indexes concurrently

    dependencies = [("scheduling", "0039_messages_by_end")]

    operations = [
        AddIndexOnline(
            "schedule",
            models.Index(fields=["organization", "last_ends_at", "state"], name="schedule_by_end"),
        ),
        RemoveIndexOnline("schedule", "schedule_ends"),
    ]

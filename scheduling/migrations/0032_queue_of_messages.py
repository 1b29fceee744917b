"""An index for the queue of messages that SQLite takes, too: not partial, since states come as parameters."""

from django.db import migrations, models

from organizations.migration_operations import AddIndexOnline, RemoveIndexOnline


class Migration(migrations.Migration):
    atomic = False  # PostgreSQL makes and drops indexes concurrently

    dependencies = [("scheduling", "0031_indexes_by_use")]

    operations = [
        AddIndexOnline("message", models.Index(fields=["state", "next_attempt_at", "id"], name="message_by_state")),
        RemoveIndexOnline("message", "message_due"),
        RemoveIndexOnline("message", "message_stale"),
    ]

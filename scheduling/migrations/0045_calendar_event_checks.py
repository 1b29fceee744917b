"""When an event is to be asked for again, and indexes for that, for Home, and for its id in any calendar."""

from django.db import migrations, models

from organizations.migration_operations import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False  # PostgreSQL makes indexes concurrently

    dependencies = [("scheduling", "0044_lists_by_job")]

    operations = [
        migrations.AddField("calendarevent", "check_at", models.DateTimeField(null=True, blank=True, editable=False)),
        AddIndexOnline("calendarevent", models.Index(fields=["our_id"], name="event_anywhere")),
        AddIndexOnline(
            "calendarevent",
            models.Index(fields=["check_at"], condition=models.Q(check_at__isnull=False), name="event_to_check"),
        ),
        AddIndexOnline(
            "calendarevent",
            models.Index(
                fields=["organization", "id"],
                condition=models.Q(state="cancelling", next_attempt_at__isnull=True),
                name="event_left",
            ),
        ),
    ]

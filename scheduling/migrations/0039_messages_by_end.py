"""Messages by the end of what they cover: Home reads those that tell of something to come, and none of before."""

from django.db import migrations, models

from organizations.migration_operations import AddIndexOnline, RemoveIndexOnline


class Migration(migrations.Migration):
    atomic = False  # PostgreSQL makes and drops indexes concurrently

    dependencies = [("scheduling", "0038_candidates_by_day")]

    operations = [
        AddIndexOnline(
            "message",
            models.Index(
                fields=["organization", "covers_until"],
                condition=models.Q(covers_until__isnull=False),
                name="message_until",
            ),
        ),
        RemoveIndexOnline("message", "message_covering"),
    ]

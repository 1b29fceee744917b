"""An index for who is in a room when."""

from django.db import migrations, models

from organizations.migration_operations import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False  # PostgreSQL makes indexes concurrently

    dependencies = [("scheduling", "0048_rooms")]

    operations = [
        AddIndexOnline(
            "interview",
            models.Index(
                fields=["room", "starts_at"], condition=models.Q(room__isnull=False), name="interview_in_room"
            ),
        ),
    ]

"""An index of the day on which candidates came: retention reads those who are due, and not the others."""

from django.db import migrations, models

from organizations.migration_operations import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False  # PostgreSQL makes the index concurrently

    dependencies = [("scheduling", "0037_link_runs")]

    operations = [
        AddIndexOnline("candidate", models.Index(fields=["organization", "created_at"], name="candidate_by_day")),
    ]

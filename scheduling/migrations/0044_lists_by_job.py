"""Indexes for lists by job and of one job, and for candidates who are kept."""

from django.db import migrations, models

from organizations.migration_operations import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False  # PostgreSQL makes indexes concurrently

    dependencies = [("scheduling", "0043_calendar_event_content")]

    operations = [
        AddIndexOnline("candidate", models.Index(fields=["organization", "job", "id"], name="candidate_by_job")),
        AddIndexOnline(
            "candidate", models.Index(fields=["organization", "job", "search_key", "id"], name="candidate_of_job")
        ),
        AddIndexOnline(
            "candidate",
            models.Index(
                fields=["organization", "search_key", "id"],
                condition=models.Q(kept_because__gt=""),
                name="candidate_kept",
            ),
        ),
        AddIndexOnline(
            "schedule", models.Index(fields=["organization", "job", "first_starts_at", "id"], name="schedule_by_job")
        ),
    ]

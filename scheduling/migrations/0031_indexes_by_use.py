"""Indexes for what pages ask: the rows of one schedule or candidate, the next schedules, and messages in trouble.

The index of the organization alone goes from tables in which others begin with it: SQLite took it for the rows of one
schedule, and read all interviews of the organization.
"""

import django.db.models.deletion
from django.db import migrations, models

from organizations.migration_operations import AddIndexOnline, DropIndexOfKey, RemoveIndexOnline

#: Models and the names by which their organization knows their rows.
_KEYS = {
    "candidate": "candidates",
    "codinglink": "coding_links",
    "interview": "interviews",
    "message": "messages",
    "schedule": "schedules",
}


def _without_index(model: str, rows: str) -> migrations.SeparateDatabaseAndState:
    key = models.ForeignKey(
        db_index=False,
        on_delete=django.db.models.deletion.CASCADE,
        related_name=rows,
        to="organizations.organization",
        verbose_name="organization",
    )
    return migrations.SeparateDatabaseAndState(
        database_operations=[DropIndexOfKey(model, "organization")],
        state_operations=[migrations.AlterField(model_name=model, name="organization", field=key)],
    )


class Migration(migrations.Migration):
    atomic = False  # PostgreSQL makes and drops indexes concurrently

    dependencies = [
        ("organizations", "0033_trail_indexes"),
        ("scheduling", "0030_kept_candidates"),
    ]

    operations = [
        AddIndexOnline("candidate", models.Index(fields=["organization", "id"], name="candidate_by_age")),
        AddIndexOnline("codinglink", models.Index(fields=["organization", "interview"], name="link_of_interview")),
        AddIndexOnline(
            "interview", models.Index(fields=["organization", "schedule", "starts_at"], name="interview_of_schedule")
        ),
        AddIndexOnline("message", models.Index(fields=["organization", "schedule", "id"], name="message_by_schedule")),
        AddIndexOnline(
            "message",
            models.Index(
                fields=["organization", "state", "id"],
                condition=models.Q(replaced_at__isnull=True),
                name="message_unreplaced",
            ),
        ),
        AddIndexOnline(
            "message",
            models.Index(
                fields=["organization", "covers_from"],
                condition=models.Q(covers_from__isnull=False),
                name="message_covering",
            ),
        ),
        AddIndexOnline(
            "schedule",
            models.Index(fields=["organization", "first_starts_at", "id", "last_ends_at"], name="schedule_by_time"),
        ),
        AddIndexOnline("schedule", models.Index(fields=["organization", "candidate"], name="schedule_of_candidate")),
        RemoveIndexOnline("message", "message_of_schedule"),
        RemoveIndexOnline("message", "message_trouble"),
        RemoveIndexOnline("message", "message_told_of"),
        RemoveIndexOnline("schedule", "schedule_list"),
        *[_without_index(model, rows) for model, rows in _KEYS.items()],
    ]

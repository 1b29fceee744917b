"""Columns for the parameters of problems, and one live link per interview, whichever tool makes it."""

from __future__ import annotations

from django.db import migrations, models

STATES = [
    ("pending", "Generating"),
    ("creating", "Generating"),
    ("unknown", "Checking"),
    ("failed", "Needs you"),
    ("ready", "Ready"),
    ("active", "In progress"),
    ("finished", "Finished"),
    ("cancelling", "Removing"),
    ("cancelled", "Removed"),
    ("expired", "Expired"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0011_problem_codes"),
        ("scheduling", "0021_candidate_keys"),
    ]

    operations = [
        migrations.AddField("codinglink", "problem_params", models.JSONField(blank=True, default=dict)),
        migrations.AddField("linkevent", "params", models.JSONField(blank=True, default=dict)),
        migrations.AlterField(
            "codinglink",
            "state",
            models.CharField(choices=STATES, default="pending", max_length=16, verbose_name="state"),
        ),
        migrations.AlterField("linkevent", "from_state", models.CharField(blank=True, choices=STATES, max_length=16)),
        migrations.AlterField("linkevent", "to_state", models.CharField(choices=STATES, max_length=16)),
        migrations.RemoveConstraint("codinglink", "link_one_live_per_interview"),
        migrations.AddConstraint(
            "codinglink",
            models.UniqueConstraint(
                condition=models.Q(state__in=["pending", "creating", "unknown", "failed", "ready", "active"]),
                fields=("interview",),
                name="link_one_live_per_interview",
            ),
        ),
    ]

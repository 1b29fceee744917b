"""Call the two kinds of requests write and read, as the contract of coding tools does."""

from __future__ import annotations

from django.db import migrations, models

NAMES = {
    "mutation_ceiling": "write_ceiling",
    "query_ceiling": "read_ceiling",
    "mutation_rate": "write_rate",
    "query_rate": "read_rate",
    "next_mutation_at": "next_write_at",
    "next_query_at": "next_read_at",
    "slowed_at": "throttled_at",
}


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0008_default_links_due_at"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="integration", name="integration_rates_positive"),
        *(migrations.RenameField("integration", old, new) for old, new in NAMES.items()),
        migrations.AddConstraint(
            model_name="integration",
            constraint=models.CheckConstraint(
                condition=models.Q(write_ceiling__gt=0, read_ceiling__gt=0, write_rate__gt=0, read_rate__gt=0),
                name="integration_rates_positive",
            ),
        ),
    ]

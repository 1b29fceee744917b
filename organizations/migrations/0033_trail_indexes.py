"""The trail without the index of its organization alone: others begin with it, and SQLite took the worse one."""

import django.db.models.deletion
from django.db import migrations, models

from organizations.migration_operations import DropIndexOfKey


class Migration(migrations.Migration):
    atomic = False  # PostgreSQL drops indexes concurrently

    dependencies = [("organizations", "0032_languages")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[DropIndexOfKey("auditevent", "organization")],
            state_operations=[
                migrations.AlterField(
                    model_name="auditevent",
                    name="organization",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="audit_events",
                        to="organizations.organization",
                        verbose_name="organization",
                    ),
                )
            ],
        )
    ]

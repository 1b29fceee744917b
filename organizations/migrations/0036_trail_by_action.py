"""An index of the trail by action: what is rare is found without reading the whole trail."""

from django.db import migrations, models

from organizations.migration_operations import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False  # PostgreSQL makes the index concurrently

    dependencies = [("organizations", "0035_heartbeat")]

    operations = [
        AddIndexOnline("auditevent", models.Index(fields=["organization", "action", "id"], name="audit_action")),
    ]

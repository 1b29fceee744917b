"""An index to count links by state, for `/metrics`."""

from django.db import migrations, models

from organizations.migration_operations import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False  # PostgreSQL makes and drops indexes concurrently

    dependencies = [("scheduling", "0033_copies_of_messages")]

    operations = [AddIndexOnline("codinglink", models.Index(fields=["state", "id"], name="link_by_state"))]

"""Fills the column of the migration before, a batch at a time, and goes on where it was interrupted."""

from django.db import migrations

from organizations.search import fill_search_keys


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("organizations", "0003_search_keys")]
    operations = [
        migrations.RunPython(fill_search_keys("organizations", "User", "name", "email"), migrations.RunPython.noop)
    ]

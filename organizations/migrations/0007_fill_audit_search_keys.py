"""Fills the column of the migration before, a batch at a time, and goes on where it was interrupted."""

from django.db import migrations

from organizations.search import fill_search_keys


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("organizations", "0006_audit_search_key")]
    operations = [
        migrations.RunPython(fill_search_keys("organizations", "AuditEvent", "summary"), migrations.RunPython.noop)
    ]

"""The index by which candidates are found by any part of a name or address.

On SQLite a later migration that makes this table anew loses the triggers and has to make the index again;
`tests/organizations/test_search_index.py` notices.
"""

from django.db import migrations

from organizations.migration_operations import AddSearchIndex


class Migration(migrations.Migration):
    atomic = False  # PostgreSQL makes the index concurrently

    dependencies = [("scheduling", "0034_links_by_state")]

    operations = [AddSearchIndex("candidate")]

"""A folded copy of people's names and addresses, to find and sort them by. The next migration fills it.

The collation is SQLite's own; PostgreSQL gets one of the same name, for this and all later columns of the kind.
"""

from django.db import migrations, models


def on_postgresql(statement):
    """Django's own operation for it can't be reversed on SQLite."""

    def run(_apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(statement)

    return run


class Migration(migrations.Migration):
    dependencies = [("organizations", "0002_attempts")]

    operations = [
        migrations.RunPython(
            on_postgresql("CREATE COLLATION \"BINARY\" (provider = libc, locale = 'C')"),
            on_postgresql('DROP COLLATION "BINARY"'),
        ),
        migrations.AddField(
            model_name="user",
            name="search_key",
            field=models.CharField(db_collation="BINARY", db_default="", default="", editable=False, max_length=500),
        ),
        migrations.AlterModelOptions(name="membership", options={"ordering": ["user__search_key", "id"]}),
        migrations.AlterModelOptions(name="user", options={"ordering": ["search_key", "id"]}),
    ]

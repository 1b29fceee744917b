"""A folded copy of what the trail says, to find it by. The next migration fills it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organizations", "0005_submissions")]

    operations = [
        migrations.AddField(
            model_name="auditevent",
            name="search_key",
            field=models.CharField(db_collation="BINARY", db_default="", default="", editable=False, max_length=500),
        ),
    ]

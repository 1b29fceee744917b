"""Whether a plan interview wants a room."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0008_meetings"),
    ]

    operations = [
        migrations.AddField(
            model_name="planinterview",
            name="needs_room",
            field=models.BooleanField(db_default=False, default=False, verbose_name="needs a room"),
        ),
    ]

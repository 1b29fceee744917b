"""Lets people say which video room is always theirs."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0039_public_holidays_and_buffers"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="video_room",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=500, verbose_name="own video room"
            ),
        ),
    ]

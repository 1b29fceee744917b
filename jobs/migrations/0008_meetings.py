"""Says how people meet: video calls of interviews."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0007_interview_hours_and_buffers"),
    ]

    operations = [
        migrations.AddField(
            model_name="planinterview",
            name="meeting",
            field=models.CharField(blank=True, db_default="", default="", max_length=32, verbose_name="video call"),
        ),
        migrations.AddField(
            model_name="planinterview",
            name="place",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=500, verbose_name="meeting address or place"
            ),
        ),
    ]

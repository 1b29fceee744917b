"""Says how people meet: video calls of interviews."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scheduling", "0046_mail_answers"),
    ]

    operations = [
        migrations.AddField(
            model_name="calendarevent",
            name="meeting",
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=32, verbose_name="video call"
            ),
        ),
        migrations.AddField(
            model_name="interview",
            name="meeting",
            field=models.CharField(blank=True, db_default="", default="", max_length=32, verbose_name="video call"),
        ),
        migrations.AddField(
            model_name="interview",
            name="meeting_number",
            field=models.PositiveSmallIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AddField(
            model_name="interview",
            name="meeting_problem",
            field=models.CharField(blank=True, db_default="", default="", max_length=60, verbose_name="problem"),
        ),
        migrations.AddField(
            model_name="interview",
            name="meeting_url",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=1000, verbose_name="address of the video call"
            ),
        ),
    ]

"""Hours of a plan's interview, and minutes before and after it."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0006_admin_words"),
    ]

    operations = [
        migrations.AddField(
            model_name="planinterview",
            name="buffer_after",
            field=models.PositiveSmallIntegerField(
                blank=True,
                null=True,
                validators=[django.core.validators.MaxValueValidator(120)],
                verbose_name="minutes after",
            ),
        ),
        migrations.AddField(
            model_name="planinterview",
            name="buffer_before",
            field=models.PositiveSmallIntegerField(
                blank=True,
                null=True,
                validators=[django.core.validators.MaxValueValidator(120)],
                verbose_name="minutes before",
            ),
        ),
        migrations.AddField(
            model_name="planinterview",
            name="hours_days",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=7, verbose_name="days of the week"
            ),
        ),
        migrations.AddField(
            model_name="planinterview",
            name="hours_from",
            field=models.TimeField(blank=True, null=True, verbose_name="not before"),
        ),
        migrations.AddField(
            model_name="planinterview",
            name="hours_until",
            field=models.TimeField(blank=True, null=True, verbose_name="not after"),
        ),
    ]

"""Public holidays of organizations and members, and minutes before and after interviews."""

import django.core.validators
from django.db import migrations, models

import organizations.public_holidays


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0038_trail_by_time"),
    ]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="holidays_of",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=32, verbose_name="public holidays of"
            ),
        ),
        migrations.AddField(
            model_name="organization",
            name="buffer_after",
            field=models.PositiveSmallIntegerField(
                db_default=0,
                default=0,
                validators=[django.core.validators.MaxValueValidator(120)],
                verbose_name="minutes after an interview",
            ),
        ),
        migrations.AddField(
            model_name="organization",
            name="buffer_before",
            field=models.PositiveSmallIntegerField(
                db_default=0,
                default=0,
                validators=[django.core.validators.MaxValueValidator(120)],
                verbose_name="minutes before an interview",
            ),
        ),
        migrations.AddField(
            model_name="organization",
            name="holidays_of",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                max_length=32,
                validators=[organizations.public_holidays.validate_place],
                verbose_name="public holidays of",
            ),
        ),
    ]

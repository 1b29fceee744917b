"""Adds when an account and an organization are to be erased."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0023_failed_sign_ins"),
    ]

    operations = [
        migrations.AddField(
            model_name="organization",
            name="erase_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="organization",
            name="erase_began_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="organization",
            name="erase_tells",
            field=models.BooleanField(db_default=True, default=True, editable=False),
        ),
        migrations.AddField(
            model_name="organization",
            name="erase_told_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="user",
            name="erase_asked_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
    ]

"""Integrations with the very same key keep one budget together: what tells them apart."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0005_webhook_refusals"),
    ]

    operations = [
        migrations.AddField(
            model_name="integration",
            name="budget",
            field=models.CharField(blank=True, db_index=True, default="", editable=False, max_length=64),
        ),
    ]

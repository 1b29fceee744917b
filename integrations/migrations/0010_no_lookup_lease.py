"""Whose turn it is to look up candidates is told by the claimed link itself."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0009_write_and_read_rates"),
    ]

    operations = [
        migrations.RemoveField(model_name="integration", name="pump_until"),
    ]

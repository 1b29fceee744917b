"""A switch of the coding link for one interview. Nullable and without a default: no row is written."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("scheduling", "0035_search_index")]
    operations: ClassVar[list[Operation]] = [
        migrations.AddField(
            model_name="interview",
            name="link_tool",
            field=models.CharField(blank=True, max_length=32, null=True, verbose_name="coding link"),
        ),
    ]

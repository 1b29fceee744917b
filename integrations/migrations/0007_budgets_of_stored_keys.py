"""Tells it of the keys that are stored already."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from integrations.rate_limit import budget_of


def tell(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001
    integrations = apps.get_model("integrations", "Integration")
    for pk, api_key in integrations.objects.order_by("pk").values_list("pk", "api_key"):
        if api_key:
            integrations.objects.filter(pk=pk).update(budget=budget_of(api_key))


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0006_shared_budgets"),
    ]

    operations = [
        migrations.RunPython(tell, migrations.RunPython.noop),
    ]

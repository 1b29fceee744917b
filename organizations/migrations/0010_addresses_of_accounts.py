"""Give each account its address as a row of django-allauth, proven: all came by invitation or from the operator."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

BATCH = 1000


def fill(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    people, rows = apps.get_model("organizations", "User"), apps.get_model("account", "EmailAddress")
    without = people.objects.exclude(pk__in=rows.objects.filter(primary=True).values("user_id"))
    rows.objects.bulk_create(
        (
            rows(user_id=pk, email=email, primary=True, verified=True)
            for pk, email in without.order_by("pk").values_list("pk", "email")
        ),
        batch_size=BATCH,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0009_more_roles"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=False)]

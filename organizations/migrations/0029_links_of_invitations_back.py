"""Does nothing. Back, invitations get the links again that they had before 0017, which keeps one of two for each way.

One that was mailed or shown before 0017 counts as handed over since; 0017 would drop it on its way back.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F


def keep_handed_links(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    invitations = apps.get_model("organizations", "Invitation").objects
    invitations.exclude(handed_hash="").update(token_hash=F("handed_hash"))


class Migration(migrations.Migration):
    dependencies = [("organizations", "0028_first_steps")]
    operations = [migrations.RunPython(migrations.RunPython.noop, keep_handed_links)]

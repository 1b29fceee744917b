"""Encrypts webhook tokens. Back: one that can't be read any more is replaced, and has to be entered at the vendor anew."""

import hashlib
import secrets
from typing import Any

from django.db import migrations


def forwards(apps: Any, _schema_editor: Any) -> None:
    rows = apps.get_model("integrations", "Integration").objects
    for pk, token in rows.order_by("pk").values_list("pk", "webhook_token"):
        hashed = hashlib.sha256(token.encode()).hexdigest()
        rows.filter(pk=pk).update(webhook_token_encrypted=token, webhook_token_hash=hashed, webhook_token=None)


def backwards(apps: Any, _schema_editor: Any) -> None:
    rows = apps.get_model("integrations", "Integration").objects
    for pk, token in rows.order_by("pk").values_list("pk", "webhook_token_encrypted"):
        rows.filter(pk=pk).update(webhook_token=token or secrets.token_urlsafe(24))


class Migration(migrations.Migration):
    dependencies = [("integrations", "0012_hashes_of_webhook_tokens")]
    operations = [migrations.RunPython(forwards, backwards, elidable=True)]

"""Gives invitations a link for each way, mailed and handed over.

A link of before was mailed, and shown to admins, too: it goes on working, and counts as one that was handed over.
"""

import base64
import hashlib
from datetime import UTC

from django.db import migrations, models
from django.utils.crypto import salted_hmac


def part_links(apps, _editor):
    for invitation in apps.get_model("organizations", "Invitation").objects.filter(accepted_at__isnull=True):
        signed = f"{invitation.pk} {invitation.expires_at.astimezone(UTC).isoformat()}"
        digest = salted_hmac("organizations.invitation.mailed", signed, algorithm="sha256").digest()
        token = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        invitation.handed_hash = invitation.token_hash
        invitation.token_hash = hashlib.sha256(token.encode()).hexdigest()
        invitation.delivery = "sent"
        invitation.save(update_fields=["handed_hash", "token_hash", "delivery"])


class Migration(migrations.Migration):
    dependencies = [("organizations", "0016_append_only_trail")]

    operations = [
        migrations.AddField(
            model_name="invitation",
            name="delivery",
            field=models.CharField(
                choices=[("queued", "Queued"), ("sent", "Sent"), ("failed", "Failed")],
                default="queued",
                editable=False,
                max_length=8,
                verbose_name="e-mail",
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="handed_hash",
            field=models.CharField(blank=True, db_index=True, default="", editable=False, max_length=64),
            preserve_default=False,
        ),
        migrations.RunPython(part_links, migrations.RunPython.noop),
    ]

"""Drops webhook tokens in clear; the encrypted ones get their name."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("integrations", "0013_encrypt_webhook_tokens")]
    operations = [
        migrations.RemoveField("integration", "webhook_token"),
        migrations.RenameField("integration", "webhook_token_encrypted", "webhook_token"),
        migrations.AlterField(
            "integration", "webhook_token_hash", models.CharField(max_length=64, unique=True, editable=False)
        ),
    ]

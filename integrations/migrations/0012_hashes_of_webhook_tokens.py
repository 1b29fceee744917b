"""Makes room for webhook tokens that are encrypted and looked up by their hash; 0013 fills it, 0014 drops the old column."""

from django.db import migrations, models

import integrations.fields


class Migration(migrations.Migration):
    dependencies = [("integrations", "0011_problem_codes")]
    operations = [
        migrations.AlterField(
            "integration", "webhook_token", models.CharField(max_length=64, null=True, editable=False)
        ),
        migrations.AddField(
            "integration",
            "webhook_token_encrypted",
            integrations.fields.SecretTextField(blank=True, default="", editable=False),
        ),
        migrations.AddField(
            "integration", "webhook_token_hash", models.CharField(max_length=64, null=True, editable=False)
        ),
    ]

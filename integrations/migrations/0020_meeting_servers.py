"""Keeps the servers for video calls that organizations run themselves."""

import django.db.models.deletion
from django.db import migrations, models

import organizations.secret_fields


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0019_watches_to_end"),
        ("organizations", "0040_video_rooms"),
    ]

    operations = [
        migrations.CreateModel(
            name="MeetingServer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=32, verbose_name="kind")),
                ("host", models.CharField(max_length=300, verbose_name="address")),
                ("app_id", models.CharField(blank=True, default="", max_length=200, verbose_name="app ID")),
                (
                    "secret",
                    organizations.secret_fields.SecretTextField(
                        blank=True, default="", editable=False, verbose_name="app secret"
                    ),
                ),
                ("changed_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="meeting_servers",
                        to="organizations.organization",
                        verbose_name="organization",
                    ),
                ),
            ],
            options={
                "verbose_name": "video call server",
                "verbose_name_plural": "video call servers",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "kind"), name="meeting_server_one_of_a_kind")
                ],
            },
        ),
    ]

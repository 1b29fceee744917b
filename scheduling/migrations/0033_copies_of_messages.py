from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scheduling", "0032_queue_of_messages"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="cc",
            field=models.TextField(blank=True, db_default="", default="", verbose_name="Cc"),
        ),
        migrations.AddField(
            model_name="message",
            name="is_copy",
            field=models.BooleanField(db_default=False, default=False, editable=False, verbose_name="copy"),
        ),
        migrations.AddField(
            model_name="messagetemplate",
            name="cc",
            field=models.TextField(blank=True, db_default="", default="", verbose_name="Cc"),
        ),
        migrations.AlterField(
            model_name="messagetemplate",
            name="body",
            field=models.TextField(blank=True, max_length=8000, verbose_name="text"),
        ),
        migrations.AlterField(
            model_name="messagetemplate",
            name="subject",
            field=models.CharField(blank=True, max_length=200, verbose_name="subject"),
        ),
    ]

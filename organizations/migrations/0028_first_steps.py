"""Adds the checklist of the first steps. Organizations that are there already are past them: theirs is hidden."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0027_candidate_retention"),
    ]

    operations = [
        migrations.AddField(
            model_name="organization",
            name="checklist_hidden",
            field=models.BooleanField(db_default=True, default=True, editable=False, verbose_name="checklist hidden"),
        ),
        migrations.AlterField(
            model_name="organization",
            name="checklist_hidden",
            field=models.BooleanField(db_default=False, default=False, editable=False, verbose_name="checklist hidden"),
        ),
        migrations.AddField(
            model_name="organization",
            name="test_mail",
            field=models.CharField(
                blank=True,
                choices=[("queued", "Queued"), ("sent", "Sent"), ("failed", "Failed")],
                db_default="",
                default="",
                editable=False,
                max_length=8,
                verbose_name="last test mail",
            ),
        ),
    ]

"""A folded copy of names and addresses, to find and sort candidates by, which the next migration fills; and an index
by which the schedules that are still to come are found among very many that are over.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0012_clean_text"), ("organizations", "0003_search_keys")]

    operations = [
        migrations.AddField(
            model_name="candidate",
            name="search_key",
            field=models.CharField(db_collation="BINARY", db_default="", default="", editable=False, max_length=500),
        ),
        migrations.AlterModelOptions(name="candidate", options={"ordering": ["search_key", "id"]}),
        migrations.AddIndex(
            model_name="candidate",
            index=models.Index(fields=["organization", "search_key", "id"], name="candidate_by_name"),
        ),
        migrations.RemoveIndex(model_name="candidate", name="candidate_list"),
        migrations.AddIndex(
            model_name="schedule", index=models.Index(fields=["organization", "last_ends_at"], name="schedule_ends")
        ),
        migrations.RemoveIndex(model_name="schedule", name="schedule_state"),
    ]

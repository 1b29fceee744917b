"""A folded copy of titles and places, to find and sort jobs by. The next migration fills it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0002_initial"), ("organizations", "0003_search_keys")]

    operations = [
        migrations.AddField(
            model_name="job",
            name="search_key",
            field=models.CharField(db_collation="BINARY", db_default="", default="", editable=False, max_length=500),
        ),
        migrations.AlterModelOptions(name="job", options={"ordering": ["search_key", "id"]}),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(fields=["organization", "search_key", "id"], name="job_by_title"),
        ),
        migrations.RemoveIndex(model_name="job", name="job_list"),
    ]

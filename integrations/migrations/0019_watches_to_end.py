"""Watches of a disconnected calendar connection that its vendor is still to end."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("integrations", "0018_ways_to_connect_calendars")]

    operations = [
        migrations.AddField(
            "calendarconnection",
            "watches",
            models.JSONField(blank=True, db_default=[], default=list, editable=False),
        ),
    ]

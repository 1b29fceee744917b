"""Tells the connections of members who have left from those that serve everybody."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("integrations", "0020_meeting_servers")]

    operations = [
        migrations.AddField(
            model_name="calendarconnection",
            name="left_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="member left"),
        ),
        migrations.RemoveConstraint(model_name="calendarconnection", name="calendar_connection_for_all"),
        migrations.AddConstraint(
            model_name="calendarconnection",
            constraint=models.UniqueConstraint(
                condition=models.Q(("left_at__isnull", True), ("membership__isnull", True)),
                fields=("organization", "kind"),
                name="calendar_connection_for_all",
            ),
        ),
    ]

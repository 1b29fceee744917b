"""Rooms, their calendars, and the rooms of interviews. The calendars are of the same release."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0018_ways_to_connect_calendars"),
        ("jobs", "0009_needs_room"),
        ("organizations", "0040_video_rooms"),
        ("scheduling", "0047_meetings"),
    ]

    operations = [
        migrations.AddField(
            model_name="calendarevent",
            name="room_address",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=600),
        ),
        migrations.AddField(
            model_name="calendarevent",
            name="room_answer",
            field=models.CharField(db_default="none", default="none", max_length=16, verbose_name="answer of the room"),
        ),
        migrations.AlterField(
            model_name="calendartime",
            name="membership",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="calendar_times",
                to="organizations.membership",
                verbose_name="member",
            ),
        ),
        migrations.AlterField(
            model_name="membercalendar",
            name="membership",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="calendars",
                to="organizations.membership",
                verbose_name="member",
            ),
        ),
        migrations.CreateModel(
            name="Room",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("external_id", models.CharField(max_length=600, verbose_name="id at the vendor")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("capacity", models.PositiveIntegerField(default=0, verbose_name="seats")),
                ("location", models.CharField(blank=True, default="", max_length=200, verbose_name="place")),
                ("is_on", models.BooleanField(default=False, verbose_name="can be booked")),
                ("missing_since", models.DateTimeField(blank=True, null=True, verbose_name="not listed since")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="created"),
                ),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rooms",
                        to="integrations.calendarconnection",
                        verbose_name="calendar connection",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rooms",
                        to="organizations.organization",
                        verbose_name="organization",
                    ),
                ),
            ],
            options={
                "verbose_name": "room",
                "verbose_name_plural": "rooms",
                "ordering": ["name", "id"],
            },
        ),
        migrations.AddField(
            model_name="calendarevent",
            name="room",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="events",
                to="scheduling.room",
                verbose_name="room",
            ),
        ),
        migrations.AddField(
            model_name="interview",
            name="room",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="interviews",
                to="scheduling.room",
                verbose_name="room",
            ),
        ),
        migrations.AddField(
            model_name="membercalendar",
            name="room",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="calendar",
                to="scheduling.room",
                verbose_name="room",
            ),
        ),
        migrations.AddIndex(
            model_name="calendarevent",
            index=models.Index(
                condition=models.Q(("room_address", ""), _negated=True),
                fields=["connection", "room_address", "starts_at"],
                name="event_in_room",
            ),
        ),
        migrations.AddConstraint(
            model_name="membercalendar",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("membership__isnull", False), ("room__isnull", True)),
                    models.Q(("membership__isnull", True), ("room__isnull", False)),
                    _connector="OR",
                ),
                name="member_calendar_has_one_owner",
            ),
        ),
        migrations.AddConstraint(
            model_name="room",
            constraint=models.UniqueConstraint(fields=("connection", "external_id"), name="room_unique"),
        ),
    ]

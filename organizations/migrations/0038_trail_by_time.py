"""Indexes of the trail by time, by who acted, and by who it is about: the order in which the log is read."""

from django.db import migrations, models

from organizations.migration_operations import AddIndexOnline, RemoveIndexOnline


class Migration(migrations.Migration):
    atomic = False  # PostgreSQL makes and drops indexes concurrently

    dependencies = [("organizations", "0037_interviewer_invitations")]

    operations = [
        AddIndexOnline("auditevent", models.Index(fields=["organization", "created_at", "id"], name="audit_by_time")),
        AddIndexOnline(
            "auditevent",
            models.Index(fields=["organization", "actor", "created_at", "id"], name="audit_by_actor"),
        ),
        AddIndexOnline(
            "auditevent",
            models.Index(
                fields=["organization", "person_type", "person_id", "created_at", "id"], name="audit_about_person"
            ),
        ),
        RemoveIndexOnline("auditevent", "audit_organization"),
        RemoveIndexOnline("auditevent", "audit_person"),
    ]

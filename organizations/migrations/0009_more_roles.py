"""Two roles more: Coordinator and Read only. Backwards, whoever has one becomes an interviewer, who sees the least."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

ROLES = [
    ("admin", "Admin"),
    ("recruiter", "Recruiter"),
    ("coordinator", "Coordinator"),
    ("interviewer", "Interviewer"),
    ("read_only", "Read only"),
]


def make_interviewers(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for name in ("Membership", "Invitation"):
        rows = apps.get_model("organizations", name)._default_manager.using(schema_editor.connection.alias)
        rows.filter(role__in=["coordinator", "read_only"]).update(role="interviewer")


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0008_kinds_of_attempts"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="membership", name="membership_role_known"),
        migrations.AlterField(
            model_name="invitation",
            name="role",
            field=models.CharField(choices=ROLES, max_length=16, verbose_name="role"),
        ),
        migrations.AlterField(
            model_name="membership",
            name="role",
            field=models.CharField(choices=ROLES, max_length=16, verbose_name="role"),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", [role for role, _name in ROLES])), name="membership_role_known"
            ),
        ),
        migrations.RunPython(migrations.RunPython.noop, make_interviewers),
    ]

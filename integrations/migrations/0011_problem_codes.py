"""Problems become a code with parameters. A sentence that is stored already is kept as `text` and shown as it stands.

Backwards, sentences that were kept return; a problem noted since has only its code, until the next check.
"""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def check_references(editor: BaseDatabaseSchemaEditor) -> None:
    """Check the references of the rows written, which PostgreSQL puts off: a table that waits for it can't be altered.

    It puts them off for rows that this migration has written anew with a new column.
    """
    if editor.connection.vendor == "postgresql":
        editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def keep_sentences(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    integrations = apps.get_model("integrations", "Integration").objects
    for pk, problem in integrations.exclude(problem="").values_list("pk", "problem"):
        integrations.filter(pk=pk).update(problem_params={"text": problem})
    for pk, problem in integrations.exclude(check_problem="").values_list("pk", "check_problem"):
        integrations.filter(pk=pk).update(check_problem_code="unknown", check_problem_params={"text": problem})
    checks = apps.get_model("integrations", "KeyCheck").objects
    for pk, problem in checks.exclude(problem="").values_list("pk", "problem"):
        checks.filter(pk=pk).update(problem_params={"text": problem})
    check_references(editor)


def restore_sentences(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    for name, column in (("Integration", "problem"), ("Integration", "check_problem"), ("KeyCheck", "problem")):
        rows = apps.get_model("integrations", name).objects
        for pk, params in rows.values_list("pk", f"{column}_params"):
            if text := params.get("text"):
                rows.filter(pk=pk).update(**{column: text})
    check_references(editor)


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0010_no_lookup_lease"),
    ]

    operations = [
        migrations.AddField("integration", "problem_params", models.JSONField(blank=True, default=dict)),
        migrations.AddField(
            "integration",
            "check_problem_code",
            models.CharField(blank=True, default="", editable=False, max_length=60),
        ),
        migrations.AddField(
            "integration", "check_problem_params", models.JSONField(blank=True, default=dict, editable=False)
        ),
        migrations.AddField("keycheck", "problem_params", models.JSONField(blank=True, default=dict)),
        migrations.RunPython(keep_sentences, restore_sentences),
        migrations.RemoveField("integration", "problem"),
        migrations.RemoveField("integration", "check_problem"),
        migrations.RemoveField("keycheck", "problem"),
        migrations.AlterField(
            "integration",
            "key_owner_kind",
            models.CharField(
                blank=True,
                choices=[("", "Unknown"), ("system", "A system account"), ("person", "A person's account")],
                default="",
                max_length=16,
                verbose_name="owner of the key",
            ),
        ),
        migrations.AlterField(
            "integration", "problem_code", models.CharField(blank=True, max_length=60, verbose_name="problem")
        ),
        migrations.AlterField(
            "keycheck",
            "state",
            models.CharField(
                choices=[
                    ("waiting", "Checking"),
                    ("confirm", "Another company's key"),
                    ("passed", "Connected"),
                    ("failed", "Not accepted"),
                ],
                default="waiting",
                max_length=16,
            ),
        ),
    ]

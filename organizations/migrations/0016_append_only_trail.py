"""Drops the sentences of the audit trail, and lets the database refuse changes of its rows.

The one exception is `organizations.append_only.erasing`: it may delete rows and empty their `texts`, nothing else. On
SQLite a later migration that makes this table anew loses the triggers and has to create them again;
`tests/organizations/test_append_only.py` notices.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

TABLE = "organizations_auditevent"

POSTGRESQL = [
    """
    CREATE FUNCTION audit_trail_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF coalesce(current_setting('panelist.erasing', true), '') = 'on' THEN
            IF TG_OP <> 'UPDATE' THEN
                RETURN OLD;
            ELSIF to_jsonb(NEW) - 'texts' = to_jsonb(OLD) - 'texts' THEN
                RETURN NEW;
            END IF;
        END IF;
        RAISE EXCEPTION 'The audit trail is append-only.' USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    f"""
    CREATE TRIGGER audit_trail_rows BEFORE UPDATE OR DELETE ON {TABLE}
    FOR EACH ROW EXECUTE FUNCTION audit_trail_is_append_only()
    """,
    f"""
    CREATE TRIGGER audit_trail_table BEFORE TRUNCATE ON {TABLE}
    FOR EACH STATEMENT EXECUTE FUNCTION audit_trail_is_append_only()
    """,
]
POSTGRESQL_BACK = [
    f"DROP TRIGGER audit_trail_table ON {TABLE}",
    f"DROP TRIGGER audit_trail_rows ON {TABLE}",
    "DROP FUNCTION audit_trail_is_append_only()",
]
FIXED = (
    "id, organization_id, actor_id, action, subject_type, subject_id, person_type, person_id, detail, search_key, "
    "created_at"
)
SQLITE = [
    f"""
    CREATE TRIGGER audit_trail_fixed BEFORE UPDATE OF {FIXED} ON {TABLE}
    BEGIN SELECT RAISE(ABORT, 'The audit trail is append-only.'); END
    """,
    f"""
    CREATE TRIGGER audit_trail_texts BEFORE UPDATE OF texts ON {TABLE} WHEN NOT panelist_erasing()
    BEGIN SELECT RAISE(ABORT, 'The audit trail is append-only.'); END
    """,
    f"""
    CREATE TRIGGER audit_trail_deleted BEFORE DELETE ON {TABLE} WHEN NOT panelist_erasing()
    BEGIN SELECT RAISE(ABORT, 'The audit trail is append-only.'); END
    """,
]
SQLITE_BACK = [f"DROP TRIGGER audit_trail_{name}" for name in ("fixed", "texts", "deleted")]


def refuse_changes(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    _run(schema_editor, {"postgresql": POSTGRESQL, "sqlite": SQLITE})


def allow_changes(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    _run(schema_editor, {"postgresql": POSTGRESQL_BACK, "sqlite": SQLITE_BACK})


def _run(schema_editor: BaseDatabaseSchemaEditor, statements: dict[str, list[str]]) -> None:
    with schema_editor.connection.cursor() as cursor:
        for statement in statements[schema_editor.connection.vendor]:
            cursor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("organizations", "0015_addresses_found_by_equality")]
    operations = [
        migrations.RemoveField(model_name="auditevent", name="summary"),
        migrations.RunPython(refuse_changes, allow_changes),
    ]

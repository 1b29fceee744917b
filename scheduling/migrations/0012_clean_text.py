"""Cleans addresses, names and phones that are stored already, as `organizations.text` and `.addresses` do from now on.

In batches. What would then be there twice where it may be only once stays: the next save tells. Names and places of
interviews stay, too: everybody would look as if they had not been told of them. Back: what is clean stays clean.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.db import migrations
from django.db.models.functions import Lower

from organizations import addresses, text

BATCH = 1000

FIELDS: dict[tuple[str, str], dict[str, Callable[[str], str]]] = {
    ("organizations", "Organization"): {
        "name": text.line,
        "sender_name": text.line,
        "reply_to": addresses.tidy,
    },
    ("organizations", "User"): {"name": text.line},
    ("jobs", "Job"): {"title": text.line, "location": text.line},
    ("jobs", "Stage"): {"name": text.line},
    ("jobs", "PlanInterview"): {"name": text.line},
    ("scheduling", "Candidate"): {"name": text.line, "email": addresses.tidy, "phone": text.phone},
    # What was told, and what waits to be: so that nobody looks as if their address were another one now.
    ("scheduling", "Message"): {"to_name": text.line, "to_email": addresses.tidy},
    ("scheduling", "CodingLink"): {"candidate_name": text.line, "candidate_email": addresses.tidy},
}


def clean(apps: Any, _schema_editor: Any) -> None:
    for (app, name), fields in FIELDS.items():
        model = apps.get_model(app, name)
        for rows in _batches(model, list(fields)):
            changed = [row for row in rows if _clean_row(row, fields)]
            model.objects.bulk_update(changed, list(fields), batch_size=BATCH)
    _clean_addresses_of_accounts(apps.get_model("organizations", "User"))
    _clean_addresses_of_invitations(apps.get_model("organizations", "Invitation"))


def _batches(model: Any, fields: list[str]) -> Iterator[list[Any]]:
    last = 0
    while rows := list(model.objects.filter(pk__gt=last).order_by("pk").only("pk", *fields)[:BATCH]):
        yield rows
        last = rows[-1].pk


def _clean_row(row: Any, fields: dict[str, Callable[[str], str]]) -> bool:
    """Whether anything of it is another one now. A value that nothing would be left of stays, and so does a long one."""
    changed = False
    for name, cleaner in fields.items():
        value = getattr(row, name)
        cleaned = cleaner(value)
        if cleaned and cleaned != value and len(cleaned) <= row._meta.get_field(name).max_length:
            setattr(row, name, cleaned)
            changed = True
    return changed


def _clean_addresses_of_accounts(model: Any) -> None:
    for rows in _batches(model, ["email"]):
        for row in rows:
            cleaned = addresses.key(row.email)
            if cleaned != row.email and not _others(model, row, cleaned).exists():
                model.objects.filter(pk=row.pk).update(email=cleaned)


def _clean_addresses_of_invitations(model: Any) -> None:
    for rows in _batches(model, ["email", "organization_id", "accepted_at"]):
        for row in rows:
            cleaned = addresses.key(row.email)
            open_ones = _others(model, row, cleaned).filter(
                organization_id=row.organization_id, accepted_at__isnull=True
            )
            if cleaned != row.email and not (row.accepted_at is None and open_ones.exists()):
                model.objects.filter(pk=row.pk).update(email=cleaned)


def _others(model: Any, row: Any, email: str) -> Any:
    return model.objects.annotate(small=Lower("email")).filter(small=email).exclude(pk=row.pk)


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0002_initial"),
        ("organizations", "0002_attempts"),
        ("scheduling", "0011_mails_of_messages"),
    ]

    operations = [migrations.RunPython(clean, migrations.RunPython.noop)]

"""Record changes in the Django admin in the trail of the tenants that they concern.

Django's own log of the admin is for whoever runs the server; an organization sees what was done to its rows there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import models

from organizations.account_trail import record_account
from organizations.audit import Person, record
from organizations.models import Membership, Organization, User

#: The columns by which a row belongs to an organization, or to one that does.
OWNERS = ("membership", "interview", "schedule", "link", "job", "stage")


def record_admin(actor: User, rows: Iterable[models.Model], done: str, fields: Iterable[str] = ()) -> None:
    """Record that rows were `done` ("added", "changed" or "removed"), and the names of the fields. No values."""
    for row in rows:
        detail: dict[str, Any] = {"model": row._meta.label_lower, "number": row.pk}
        if named := sorted(set(fields)):
            detail["fields"] = named
        user = _account(row)
        if user is not None and not isinstance(row, Membership):
            record_account(user, f"admin.account_{done}", actor=actor, detail=detail)
        elif (organization := _organization(row)) is not None:
            record(
                organization=organization,
                actor=actor,
                action=f"admin.member_{done}" if user else f"admin.{done}",
                subject=row,
                person=Person("user", user.pk) if user else None,
                detail=detail,
            )


def named_fields(message: Any) -> Iterator[str]:
    """The names of the fields in a change message of the Django admin, those of rows below it with their model."""
    for part in message if isinstance(message, list) else [{"changed": {"fields": [str(message)]}}]:
        for done, what in part.items():
            name = str(what.get("name", ""))
            for field in what.get("fields", ()):
                yield f"{name}: {field}" if name else str(field)
            if name and not what.get("fields"):
                yield f"{name}: {done}"


def _account(row: models.Model) -> User | None:
    user = row if isinstance(row, User) else getattr(row, "user", None)
    return user if isinstance(user, User) else None


def _organization(row: models.Model | None) -> Organization | None:
    if row is None or isinstance(row, Organization):
        return row
    found = getattr(row, "organization", None)
    if isinstance(found, Organization):
        return found
    owners = (getattr(row, name, None) for name in OWNERS)
    return next((_organization(owner) for owner in owners if isinstance(owner, models.Model)), None)

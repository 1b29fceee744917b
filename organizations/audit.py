"""Write the audit trail."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db import models

from organizations.append_only import erasing
from organizations.hooks.trail import ACTIONS, KINDS
from organizations.models import AuditEvent, Organization, User


class Person(NamedTuple):
    """The person whom a row is about: a kind of `hooks.trail.KINDS`, such as "candidate" or "user", and the id."""

    kind: str
    pk: int


def record(
    *,
    organization: Organization,
    actor: User | None,
    action: str,
    subject: models.Model,
    person: Person | None = None,
    detail: dict[str, Any] | None = None,
    texts: dict[str, Any] | None = None,
) -> AuditEvent:
    """Add a row in the caller's transaction. The arguments are those of `event`."""
    row = event(
        organization=organization,
        actor=actor,
        action=action,
        subject=subject,
        person=person,
        detail=detail,
        texts=texts,
    )
    row.save(force_insert=True)
    return row


def record_all(rows: Iterable[AuditEvent]) -> None:
    """Add rows that `event` made, in their order and the caller's transaction, with one query."""
    AuditEvent.objects.bulk_create(rows)


def event(
    *,
    organization: Organization,
    actor: User | None,
    action: str,
    subject: models.Model,
    person: Person | None = None,
    detail: dict[str, Any] | None = None,
    texts: dict[str, Any] | None = None,
) -> AuditEvent:
    """Return a row that is not saved yet. `action` is one of `hooks.trail.ACTIONS`.

    `detail` has plain JSON that names nobody: ids under the key of their kind (`"user": 5`), codes, numbers, times.
    Words that people wrote go into `texts`, which is erased together with `person`; without one, that is the subject
    when it is a person. Neither holds keys, tokens or candidates' addresses.
    """
    if action not in ACTIONS:
        raise ValueError(f"No sentence for {action} in hooks.trail.ACTIONS.")
    kind = subject._meta.model_name or ""
    if person is None and kind in KINDS:
        person = Person(kind, subject.pk)
    if texts and person is None:
        raise ValueError(f"Nobody is named with whom the texts of {action} are erased.")
    return AuditEvent(
        organization=organization,
        actor=actor,
        action=action,
        subject_type=kind,
        subject_id=subject.pk,
        person_type=person.kind if person else "",
        person_id=person.pk if person else None,
        detail=detail or {},
        texts=texts or {},
    )


def forget(organization: Organization, person: Person) -> int:
    """Empty the texts of all rows about a person who is erased. Returns how many rows had any.

    The rows stay: what happened, when and by whom. Their ids lead nowhere once the person is gone.
    """
    rows = AuditEvent._base_manager.filter(
        organization=organization, person_type=person.kind, person_id=person.pk
    ).exclude(texts={})
    with erasing():
        return rows.update(texts={})


def forget_some(organization: Organization, most: int) -> int:
    """Delete rows of an organization that is deleted, in the caller's transaction. Returns how many, 0 at last."""
    rows = AuditEvent._base_manager.filter(organization=organization)
    some = list(rows.order_by("id").values_list("pk", flat=True)[:most])
    with erasing():
        AuditEvent._base_manager.filter(pk__in=some).delete()
    return len(some)

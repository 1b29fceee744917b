"""Write the audit trail."""

from __future__ import annotations

from typing import Any

from django.db import models

from organizations.models import AuditEvent, Organization, User


def record(
    *,
    organization: Organization,
    actor: User | None,
    action: str,
    subject: models.Model,
    summary: str,
    detail: dict[str, Any] | None = None,
) -> AuditEvent:
    """Add a row in the caller's transaction. `action` is `<subject>.<past participle>`, e.g. `schedule.moved`.

    `detail` holds plain JSON, without keys, tokens or candidates' addresses. `summary` is cut at 300 characters.
    """
    return AuditEvent.objects.create(
        organization=organization,
        actor=actor,
        action=action,
        subject_type=subject._meta.model_name or "",
        subject_id=subject.pk,
        summary=summary[:300],
        detail=detail or {},
    )

"""How long an organization keeps its audit trail, and the deletion of what is older."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.utils import timezone

from organizations.append_only import erasing
from organizations.audit import record
from organizations.hooks.trail import ACTIONS
from organizations.models import AuditEvent, Organization, User

log = structlog.get_logger(__name__)

#: A month, so that twelve make a year.
MONTH = timedelta(days=365) / 12
#: Rows deleted in one transaction: others who write wait no longer than that takes.
BATCH = 1000


@transaction.atomic
def keep_trail_for(*, organization: Organization, months: int, actor: User) -> None:
    """Keep the trail for so many months; 0: for ever."""
    changed = Organization.objects.filter(pk=organization.pk).exclude(trail_months=months).update(trail_months=months)
    if changed:
        record(
            organization=organization,
            actor=actor,
            action="organization.trail_period_changed",
            subject=organization,
            detail={"months": months, "former_months": organization.trail_months},
        )


def delete_expired() -> int:
    """Delete the rows that are older than their organization keeps them, in short transactions. Returns how many."""
    deleted = 0
    for organization in Organization.objects.filter(trail_months__gt=0).order_by("pk"):
        until = timezone.now() - organization.trail_months * MONTH
        while number := _delete_some(organization, until):
            deleted += number
    if deleted:
        log.info("trail_deleted", rows=deleted)
    return deleted


def _delete_some(organization: Organization, until: datetime) -> int:
    permanent = [code for code, action in ACTIONS.items() if action.is_permanent]
    expired = AuditEvent.objects.filter(organization=organization, created_at__lt=until).exclude(action__in=permanent)
    # Along the organization's own index. By id, all that other organizations keep would be looked through.
    oldest = list(expired.order_by("created_at", "id").values_list("pk", flat=True)[:BATCH])
    if oldest:
        with erasing():
            AuditEvent._base_manager.filter(pk__in=oldest).delete()
    return len(oldest)

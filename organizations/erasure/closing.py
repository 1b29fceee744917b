"""Erase one organization: planned by an admin, called off by any admin until the day, then done by workers.

From `erase_at` on the organization is closed: nobody gets in, by whichever way. Workers then, in this order

1. cancel the interviews to come, and send the messages about it where the admin wants that,
2. have coding links removed at their tools, for a bounded time,
3. tell the admins by mail that it is done, and what could not be removed at a tool,
4. delete all rows, in short transactions, at last the organization, and accounts that belong to no other.

Each step is found in the rows: whatever is interrupted goes on at the next round of beat, in any worker.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import structlog
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone

from organizations import audit
from organizations.append_only import erasing
from organizations.enqueue import after_commit
from organizations.erasure import accounts, mails
from organizations.hooks import erasures
from organizations.models import Membership, Organization, User

log = structlog.get_logger(__name__)

#: How long it can be called off.
FIRST = timedelta(days=7)
#: How long tools and mail servers may take. Then the rows go, and what stays there is said.
OTHERS_HAVE = timedelta(days=3)
#: Rows in one transaction, members in one, and seconds in one round.
BATCH, MEMBERS, ROUND = 500, 20, 30.0


@transaction.atomic
def plan(*, organization: Organization, actor: User, tell: bool, at: datetime | None = None) -> bool:
    """Have the organization deleted in a week, or `at` a time. False where that is planned already.

    `tell`: people whose interviews are cancelled then get a message.
    """
    when = at or timezone.now() + FIRST
    free = Organization.objects.filter(pk=organization.pk, erase_at__isnull=True)
    if not free.update(erase_at=when, erase_tells=tell):
        return False
    organization.erase_at, organization.erase_tells = when, tell
    audit.record(
        organization=organization,
        actor=actor,
        action="organization.deletion_planned",
        subject=organization,
        detail={"day": when.date().isoformat(), "at": when.isoformat()},
    )
    if at is None:  # else there is nothing to call off: the mail at the end says it
        after_commit("organizations.mail_erasure", organization.pk, mails.Kind.PLANNED.value)
    return True


@transaction.atomic
def hurry(*, organization: Organization, actor: User) -> None:
    """Have an organization whose deletion is planned deleted now. Nothing where it has begun, or was called off."""
    now = timezone.now()
    if Organization.objects.filter(pk=organization.pk, erase_at__gt=now).update(erase_at=now):
        audit.record(
            organization=organization,
            actor=actor,
            action="organization.deletion_planned",
            subject=organization,
            detail={"day": now.date().isoformat(), "at": now.isoformat()},
        )


@transaction.atomic
def call_off(*, organization: Organization, actor: User) -> bool:
    """Keep the organization. False where nothing is planned, or it has begun."""
    planned = Organization.objects.filter(pk=organization.pk, erase_at__gt=timezone.now())
    if not planned.update(erase_at=None):
        return False
    audit.record(
        organization=organization, actor=actor, action="organization.deletion_called_off", subject=organization
    )
    after_commit("organizations.mail_erasure", organization.pk, mails.Kind.CALLED_OFF.value)
    return True


def sweep() -> None:
    """Go on with each organization whose time has come. Called by beat."""
    due = Organization.objects.filter(erase_at__lte=timezone.now()).order_by("pk")
    for organization_id in list(due.values_list("pk", flat=True)):
        _go_on(organization_id)


def _go_on(organization_id: int) -> None:
    now = timezone.now()
    due = Organization.objects.filter(pk=organization_id, erase_at__lte=now)
    if due.filter(erase_began_at__isnull=True).update(erase_began_at=now):
        log.info("organization_closed", organization=organization_id)
    organization = due.first()
    if organization is None or (organization.erase_told_at is None and _waits(organization)):
        return
    if organization.erase_told_at is None:
        mails.send(organization_id, mails.Kind.DONE)
        due.filter(erase_told_at__isnull=True).update(erase_told_at=now)
    until = time.monotonic() + ROUND
    while _delete_some(organization_id) and time.monotonic() < until:
        pass


def _waits(organization: Organization) -> bool:
    """Cancel, and end what is at tools. Whether somebody outside still has to confirm it, and has time for that."""
    is_late = organization.erase_began_at is not None and organization.erase_began_at < timezone.now() - OTHERS_HAVE
    left = erasures.cancel(organization, tell=organization.erase_tells) or erasures.end_at_vendors(organization)
    return bool(left) and not is_late


@transaction.atomic
def _delete_some(organization_id: int) -> bool:
    """Delete some rows. False where none are left, or another worker is at it."""
    organization = (
        Organization.objects.select_for_update(skip_locked=True)
        .filter(pk=organization_id, erase_told_at__isnull=False)
        .first()
    )
    if organization is None:
        return False
    for table in erasures.tables():
        rows = table._base_manager.filter(organization=organization)
        some = list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])
        if some:
            table._base_manager.filter(pk__in=some).delete()
            return True
    if _delete_members(organization) or audit.forget_some(organization, BATCH):
        return True
    _delete_last(organization)
    return False


def _delete_members(organization: Organization) -> bool:
    """Delete some members, and those of their accounts that belong to no other organization and to no operator."""
    rows = Membership.objects.filter(organization=organization).select_related("user").order_by("pk")[:MEMBERS]
    some = list(rows)
    for membership in some:
        user = User.objects.select_for_update().get(pk=membership.user_id)
        membership.delete()
        if not user.is_staff and not Membership.objects.filter(user=user).exists():
            accounts.delete(user)
    return bool(some)


def _delete_last(organization: Organization) -> None:
    kind = ContentType.objects.get_for_model(Organization)
    LogEntry.objects.filter(content_type=kind, object_id=str(organization.pk)).update(object_repr="", change_message="")
    with erasing():  # a row of the trail may have come since
        organization.delete()
    log.info("organization_erased", organization=organization.pk)

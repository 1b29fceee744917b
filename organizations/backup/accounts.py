"""Accounts and the trail after a restore."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from organizations.audit import record
from organizations.models import Heartbeat, Organization, Session


def after_restore(made_at: datetime) -> Iterator[str]:
    """End all sessions, some of which ended after the backup, and write the restore into each trail."""
    Session.objects.all().delete()
    Heartbeat.objects.all().delete()
    for organization in Organization.objects.order_by("pk"):
        record(
            organization=organization,
            actor=None,
            action="organization.restored",
            subject=organization,
            detail={"moment": f"{made_at:%Y-%m-%d %H:%M} UTC"},
        )
    yield (
        "What was changed after the backup is as it was before: compare members, roles and deleted candidates, "
        "and close or delete again what has come back."
    )

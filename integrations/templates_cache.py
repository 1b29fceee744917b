"""The vendor's interview templates, kept in the integration's row, so that no page waits for them."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.db.models import Q
from django.utils import timezone

from integrations.base import ToolError
from integrations.models import Integration
from integrations.vendor_calls import call_in_background
from organizations.enqueue import after_commit

log = structlog.get_logger(__name__)

#: Pages that show templates ask for new ones when these are older; what could not be read is tried again in a minute.
FRESH_FOR = timedelta(minutes=10)
ASK_EVERY = timedelta(minutes=1)


def is_wanted(integration: Integration) -> bool:
    """Tell whether the templates are old, or were never read, and nobody has begun to read them in the last minute."""
    now, asked, fetched = timezone.now(), integration.templates_asked_at, integration.templates_fetched_at
    if integration.state != Integration.State.CONNECTED or (asked is not None and asked >= now - ASK_EVERY):
        return False
    return fetched is None or fetched < now - FRESH_FOR


def ask_if_wanted(integration: Integration) -> bool:
    """Ask a worker for a refresh if one is due, for pages that show templates. True when it was due.

    Writes nothing and never waits: of all workers that are asked, one marks the row and reads.
    """
    if wanted := is_wanted(integration):
        after_commit("integrations.refresh_old_templates", integration.pk)
    return wanted


def refresh_now(integration: Integration) -> None:
    """Refresh, however fresh they are: a person asked."""
    if _claim(integration.pk, Q()):
        after_commit("integrations.refresh_templates", integration.pk)


def refresh_old(integration_id: int) -> None:
    """Read the templates again, unless they are fresh or another worker is at it."""
    old = Q(templates_fetched_at__isnull=True) | Q(templates_fetched_at__lt=timezone.now() - FRESH_FOR)
    if _claim(integration_id, old):
        refresh(integration_id)


def refresh(integration_id: int) -> None:
    """Read the templates at the vendor. The old ones stay when they can't be read."""
    integration = Integration.objects.filter(pk=integration_id, state=Integration.State.CONNECTED).first()
    if integration is None:
        return
    try:
        templates = call_in_background(integration, lambda tool: tool.list_templates())
    except ToolError as error:
        log.warning("templates_not_read", integration=integration_id, code=error.code)
        return
    Integration.objects.filter(pk=integration_id, key_version=integration.key_version).update(
        templates=[{"id": item.id, "name": item.name, "default": item.is_default} for item in templates],
        templates_fetched_at=timezone.now(),
    )


def _claim(integration_id: int, due: Q) -> bool:
    """Mark the row as being read; false when it is not due, or was marked within the last minute."""
    now = timezone.now()
    lately = Q(templates_asked_at__gte=now - ASK_EVERY)
    rows = Integration.objects.filter(due, pk=integration_id, state=Integration.State.CONNECTED).exclude(lately)
    return bool(rows.update(templates_asked_at=now))

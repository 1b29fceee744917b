"""The vendor's interview templates, kept in the integration's row, so that no page waits for them."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.db.models import Q
from django.utils import timezone

from integrations.base import ToolError
from integrations.connections import tool_for
from integrations.models import Integration
from integrations.nudge import after_commit

log = structlog.get_logger(__name__)

#: Pages that show templates ask for new ones when these are older; a request that got lost is repeated after a minute.
FRESH_FOR = timedelta(minutes=10)
ASK_EVERY = timedelta(minutes=1)


def wanted(integration: Integration) -> None:
    """For pages that show templates: asks for a refresh when it is due. Answers at once and never waits."""
    _ask(integration, Q(templates_fetched_at__isnull=True) | Q(templates_fetched_at__lt=timezone.now() - FRESH_FOR))


def refresh_now(integration: Integration) -> None:
    """For a person who asks: refreshes however fresh they are."""
    _ask(integration, Q())


def refresh(integration_id: int) -> None:
    """Reads the templates at the vendor. What was there stays when they can't be read."""
    integration = Integration.objects.filter(pk=integration_id, state=Integration.State.CONNECTED).first()
    if integration is None:
        return
    try:
        templates = tool_for(integration).list_templates()
    except ToolError as error:
        log.warning("templates_not_read", integration=integration_id, code=error.code)
        return
    Integration.objects.filter(pk=integration_id, key_version=integration.key_version).update(
        templates=[{"id": item.id, "name": item.name, "default": item.is_default} for item in templates],
        templates_fetched_at=timezone.now(),
    )


def _ask(integration: Integration, due: Q) -> None:
    from integrations.tasks import refresh_templates

    now = timezone.now()
    asked = (
        Integration.objects.filter(due, pk=integration.pk, state=Integration.State.CONNECTED)
        .filter(Q(templates_asked_at__isnull=True) | Q(templates_asked_at__lt=now - ASK_EVERY))
        .update(templates_asked_at=now)
    )
    if asked:
        after_commit(refresh_templates, integration.pk)

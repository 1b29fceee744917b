"""Which integrations an organization has."""

from __future__ import annotations

from typing import cast

from django.conf import settings

from integrations.models import Integration
from organizations.access import Access
from organizations.models import Organization

CODING_TOOL = "codesignal"


def coding_tool(organization: Organization, kind: str = CODING_TOOL) -> Integration | None:
    """The organization's coding tool when it has a key (it may be paused); None when it is not connected."""
    integration = Integration.objects.filter(organization=organization, kind=kind).first()
    return integration if integration is not None and integration.is_connected else None


def webhook_url(integration: Integration) -> str:
    """Our inbound address, as the vendor has to know it: from BASE_URL, whatever proxy stands before us."""
    return f"{settings.BASE_URL}/hooks/{integration.kind}/{integration.webhook_token}/"


def integrations_of(access: Access) -> list[Integration]:
    """All integrations of the reader's organization, by kind; read once for a whole page."""
    rows = access.memo.get("integrations")
    if rows is None:
        rows = access.memo["integrations"] = list(access.all(Integration).order_by("kind", "id"))
    return cast("list[Integration]", rows)

"""Which integration an organization has, and the tool behind it."""

from __future__ import annotations

from functools import partial
from typing import Literal, cast

from django.conf import settings

from integrations import rate_limit
from integrations.base import CodingTool, Pacer, Retryable
from integrations.models import Integration
from organizations.access import Access
from organizations.models import Organization

CODING_TOOL = "codesignal"
# Work that nobody looks on at (a check of the key, a list of templates) may wait this many seconds for its turn.
PATIENT = 20.0


def coding_tool(organization: Organization, kind: str = CODING_TOOL) -> Integration | None:
    """The organization's coding tool when it has a key (it may be paused); None when it is not connected."""
    integration = Integration.objects.filter(organization=organization, kind=kind).first()
    return integration if integration is not None and integration.is_connected else None


def tool_for(integration: Integration, *, pacer: Pacer | None = None) -> CodingTool:
    """A client with the integration's key. Calls leave this machine: never inside a transaction.

    Every request waits for its turn in the key's budget; `pacer` decides how, and for how long.
    """
    from integrations.registry import TOOLS

    pacer = pacer or partial(_patiently, integration.pk)
    return TOOLS[integration.kind].factory(integration.api_key, pacer=pacer)


def _patiently(integration_id: int, operation: Literal["mutation", "query"]) -> None:
    try:
        rate_limit.wait_for_slot(integration_id, operation, patience=PATIENT)
    except rate_limit.NoSlot:
        raise Retryable(code="rate_limited", retry_after=PATIENT) from None


def tool_with_key(kind: str, api_key: str) -> CodingTool:
    """A client with any key, for one that is still to be checked. Making it makes no call."""
    from integrations.registry import TOOLS

    return TOOLS[kind].factory(api_key)


def webhook_url(integration: Integration) -> str:
    """Our inbound address, as the vendor has to know it: from BASE_URL, whatever proxy stands before us."""
    return f"{settings.BASE_URL}/hooks/{integration.kind}/{integration.webhook_token}/"


def integrations_of(access: Access) -> list[Integration]:
    """All integrations of the reader's organization, by kind; read once for a whole page."""
    rows = access.memo.get("integrations")
    if rows is None:
        rows = access.memo["integrations"] = list(access.all(Integration).order_by("kind", "id"))
    return cast("list[Integration]", rows)

"""Which integration an organization has, and the tool behind it."""

from __future__ import annotations

from integrations.base import CodingTool
from integrations.models import Integration
from organizations.models import Organization

CODING_TOOL = "codesignal"


def coding_tool(organization: Organization, kind: str = CODING_TOOL) -> Integration | None:
    """The organization's coding tool when it has a key (it may be paused); None when it is not connected."""
    integration = Integration.objects.filter(organization=organization, kind=kind).first()
    return integration if integration is not None and integration.is_connected else None


def tool_for(integration: Integration) -> CodingTool:
    """A client with the integration's key. Calls leave this machine: never inside a transaction."""
    from integrations.registry import TOOLS

    return TOOLS[integration.kind].factory(integration.api_key)

"""The integrations of an organization, by tool."""

from __future__ import annotations

from typing import Final, cast

from django.conf import settings
from django.db.models import QuerySet

from integrations.models import Integration
from integrations.registry import TOOLS
from organizations.access import Access
from organizations.reader_queries import ReaderQuery

SECRETS: Final = ("api_key", "webhook_token", "webhook_secret")


def webhook_url(integration: Integration) -> str:
    """The inbound address to enter at the vendor; empty where it can't be read.

    It comes from BASE_URL, whatever proxy stands in between.
    """
    if not integration.webhook_token:
        return ""
    return f"{settings.BASE_URL}/hooks/{integration.kind}/{integration.webhook_token}/"


def _known(access: Access) -> QuerySet[Integration]:
    return access.all(Integration).defer(*SECRETS).order_by("kind")


_KNOWN: Final = ReaderQuery(_known)


def integrations_of(access: Access) -> dict[str, Integration]:
    """The integrations of the reader's organization that ever had a key, by kind; read once for a whole page.

    A kind that is no longer in the registry is left out. Their secrets are not read: every page asks whether one is
    paused, and three to decrypt take longer than the query.
    """
    rows = access.memo.get("integrations")
    if rows is None:
        rows = access.memo["integrations"] = {row.kind: row for row in _KNOWN.all(access) if row.kind in TOOLS}
    return cast("dict[str, Integration]", rows)


def offered_tool(access: Access) -> str:
    """The kind of tool to offer where none is named: the first that is connected, else the registry's first."""
    known = integrations_of(access)
    return next((kind for kind in TOOLS if kind in known and known[kind].is_connected), next(iter(TOOLS), ""))


def connected_tool(access: Access, kind: str) -> Integration | None:
    """The organization's tool of this kind when it has a key (it may be paused); None when it is not connected."""
    integration = integrations_of(access).get(kind)
    return integration if integration is not None and integration.is_connected else None

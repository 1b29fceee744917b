"""What integrations must know of links, without importing those who know: the settings name the functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from integrations.models import Integration
from organizations.models import User


@dataclass(frozen=True, slots=True)
class LinkCounts:
    """How many links of an integration are alive; of those, how many work, how many of these nobody has used, and how
    many are still to be made; and how many are being removed at the vendor, or will be once it has answered."""

    live: int = 0
    working: int = 0
    unused: int = 0
    planned: int = 0
    removing: int = 0


@dataclass(frozen=True, slots=True)
class Risk:
    """An upcoming interview that has no working link while the integration is paused.

    `text` names it with its time and zone; `address` is the path of its page.
    """

    text: str
    address: str


def link_counts(integration: Integration) -> LinkCounts:
    if not settings.INTEGRATION_LINK_COUNTS:
        return LinkCounts()
    return cast(LinkCounts, import_string(settings.INTEGRATION_LINK_COUNTS)(integration))


def risks(integration: Integration) -> list[Risk]:
    if not settings.INTEGRATION_RISKS:
        return []
    return list(import_string(settings.INTEGRATION_RISKS)(integration))


def announce(event: str, *, integration: Integration, actor: User | None, **detail: object) -> None:
    """Tells whoever the settings name, in the caller's transaction."""
    for path in settings.INTEGRATION_EVENTS:
        import_string(path)(event, integration, actor, **detail)

"""Links of an integration that is disconnected, gets another key, or works again."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from integrations.models import Integration
from organizations.models import User
from scheduling.coding_links.defaults import request_missing_soon
from scheduling.coding_links.dispatch import dispatch_queue
from scheduling.coding_links.reconciliation import give_up_elsewhere
from scheduling.coding_links.removal import remove_link
from scheduling.coding_links.transitions import record_event, release, transition
from scheduling.models import CodingLink, LinkState, VendorSnapshot


def on_integration_event(event: str, integration: Integration, actor: User | None, **detail: Any) -> None:
    """React to `disconnecting`, `resumed` and `company_changed`, in the transaction of the change."""
    if event == "disconnecting":
        _disconnecting(integration, actor, delete_links=bool(detail.get("delete_links")))
    elif event == "company_changed":
        _company_changed(integration, actor)
    if event in {"resumed", "company_changed"}:
        dispatch_queue(integration.pk)
        request_missing_soon(integration)


def _disconnecting(integration: Integration, actor: User | None, *, delete_links: bool) -> None:
    """Delete made links with the old key where asked to; else they go on working. Requests wait for the next key."""
    _release_claimed(integration)
    if not delete_links:
        return
    made = CodingLink.objects.filter(integration=integration, state__in=[LinkState.READY, LinkState.CREATING])
    for link in made.order_by("id").iterator():
        remove_link(link=link, actor=actor, code="disconnected")
        if link.state == LinkState.CREATING:
            # It is removed once the answer is there. That nobody took it from its interview has to be known later.
            record_event(link, code="disconnected", actor=actor)


def _release_claimed(integration: Integration) -> None:
    """Take requests that are claimed and not sent from their workers: they must not go out with the old key."""
    claimed = CodingLink.objects.filter(integration=integration, state=LinkState.PENDING).exclude(claim="")
    for link in claimed.order_by("id"):
        release(link, timezone.now())


def _company_changed(integration: Integration, actor: User | None) -> None:
    """Fail links whose answer was lost at the old company, which the new key can't see. Others are made in the new."""
    VendorSnapshot.objects.filter(integration=integration).delete()
    _release_claimed(integration)
    unsettled = [LinkState.UNKNOWN, LinkState.CREATING]
    for link in CodingLink.objects.filter(integration=integration, state__in=unsettled).order_by("id"):
        if link.state == LinkState.CREATING:
            transition(link, LinkState.UNKNOWN, code="interrupted", actor=actor)
        give_up_elsewhere(link, actor=actor)

"""What happens to links when their integration is disconnected, gets another key, or works again."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from integrations.models import Integration
from organizations.models import User
from scheduling.coding_links.defaults import look_through
from scheduling.coding_links.dispatch import nudge_queue
from scheduling.coding_links.reconciliation import give_up_elsewhere
from scheduling.coding_links.requests import FREED, remove_link
from scheduling.coding_links.transitions import change, move, note
from scheduling.models import CodingLink, LinkState, VendorSnapshot


def on_integration_event(event: str, integration: Integration, actor: User | None, **detail: Any) -> None:
    """Called in the transaction of the change: `disconnecting`, `resumed`, `paused` or `company_changed`."""
    if event == "disconnecting":
        _disconnecting(integration, actor, delete_links=bool(detail.get("delete_links")))
    elif event == "company_changed":
        _company_changed(integration, actor)
    if event in {"resumed", "company_changed"}:
        nudge_queue(integration.pk)
        look_through(integration)


def _disconnecting(integration: Integration, actor: User | None, *, delete_links: bool) -> None:
    """Requests that wait go on waiting, for the next key. Made links are deleted with the old key when asked to, else
    they go on working."""
    _take_back(integration)
    if not delete_links:
        return
    made = CodingLink.objects.filter(integration=integration, state__in=[LinkState.READY, LinkState.CREATING])
    for link in made.order_by("id").iterator():
        remove_link(link=link, actor=actor, code="disconnected")
        if link.state == LinkState.CREATING:
            # It is removed once the answer is there. That nobody took it from its interview has to be known later.
            note(link, code="disconnected", actor=actor)


def _take_back(integration: Integration) -> None:
    """What a worker has taken up and not sent yet does not go out with the old key."""
    claimed = CodingLink.objects.filter(integration=integration, state=LinkState.PENDING).exclude(claim="")
    for link in claimed.order_by("id"):
        change(link, next_attempt_at=timezone.now(), **FREED)


def _company_changed(integration: Integration, actor: User | None) -> None:
    """The new key can't see what the old company had: lost answers can't be settled with it any more. Requests that
    were never sent there are made in the new company."""
    VendorSnapshot.objects.filter(integration=integration).delete()
    _take_back(integration)
    unsettled = [LinkState.UNKNOWN, LinkState.CREATING]
    for link in CodingLink.objects.filter(integration=integration, state__in=unsettled).order_by("id"):
        if link.state == LinkState.CREATING:
            move(link, LinkState.UNKNOWN, code="interrupted", actor=actor)
        give_up_elsewhere(link, actor=actor)

"""What happens to links when their integration is disconnected, gets another key, or works again."""

from __future__ import annotations

from typing import Any

from integrations.models import Integration
from organizations.models import User
from scheduling.links.moves import move
from scheduling.links.nudge import nudge_queue
from scheduling.links.requests import remove_link
from scheduling.links.settle import give_up_elsewhere
from scheduling.models import CodingLink, LaneSnapshot, LinkState


def on_integration_event(event: str, integration: Integration, actor: User | None, **detail: Any) -> None:
    """Called in the transaction of the change: `disconnecting`, `resumed`, `paused` or `company_changed`."""
    if event == "disconnecting":
        _disconnecting(integration, actor, delete_links=bool(detail.get("delete_links")))
    elif event == "company_changed":
        _company_changed(integration, actor)
    if event in {"resumed", "company_changed"}:
        nudge_queue(integration.pk)


def _disconnecting(integration: Integration, actor: User | None, *, delete_links: bool) -> None:
    """Waiting requests end here. Made links are deleted with the old key when asked to, else they go on working."""
    states = [LinkState.PENDING, LinkState.CREATING, LinkState.UNKNOWN, LinkState.FAILED]
    if delete_links:
        states.append(LinkState.READY)
    for link in CodingLink.objects.filter(integration=integration, state__in=states).order_by("id").iterator():
        remove_link(link=link, actor=actor, code="disconnected")


def _company_changed(integration: Integration, actor: User | None) -> None:
    """The new key can't see what the old company had: lost answers can't be settled with it any more."""
    LaneSnapshot.objects.filter(integration=integration).delete()
    unsettled = [LinkState.UNKNOWN, LinkState.CREATING]
    for link in CodingLink.objects.filter(integration=integration, state__in=unsettled).order_by("id"):
        if link.state == LinkState.CREATING:
            move(link, LinkState.UNKNOWN, code="interrupted", actor=actor)
        give_up_elsewhere(link, actor=actor)

"""What the vendor has for a candidate: known before every create, and compared after a lost answer.

Look-ups are shared: one request asks for many candidates, and its answer is fresh for a short while. Our own creates
do not spoil it, because what we made is known here by its id.
"""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from integrations import rate_limit
from integrations.base import Found, Retryable, ToolError
from integrations.models import Integration
from integrations.vendor_calls import Heartbeat, call
from scheduling.coding_links.transitions import hold, lease
from scheduling.models import CodingLink, LaneSnapshot, LinkState
from scheduling.models.coding_links import IN_FLIGHT

FRESH = timedelta(seconds=60)
NO_ADDRESS = "-"
MOST_LISTED = 1000


def fresh_snapshots() -> QuerySet[LaneSnapshot]:
    """Snapshots that may be used, to be tied to links by lane."""
    return LaneSnapshot.objects.filter(
        integration=OuterRef("integration"), lane=OuterRef("lane"), taken_at__gte=timezone.now() - FRESH
    )


def in_flight() -> QuerySet[CodingLink]:
    """Creates on their way in the lane of an outer link."""
    return CodingLink.objects.filter(IN_FLIGHT, integration=OuterRef("integration"), lane=OuterRef("lane"))


def without_address_looking() -> QuerySet[CodingLink]:
    """Those without an address whose look-up, which takes many pages, is under way for the key of an outer link: the
    others wait for its answer."""
    return CodingLink.objects.filter(
        integration=OuterRef("integration"),
        lane=NO_ADDRESS,
        state=LinkState.PENDING,
        next_attempt_at__gt=timezone.now(),
    ).exclude(claim="")


def made_here(integration: Integration) -> QuerySet[CodingLink]:
    """What this product made at the integration's company, for whichever organization: several may use one company."""
    beside = Q(integration__kind=integration.kind, integration__company_id=integration.company_id or None)
    return CodingLink.objects.filter(Q(integration=integration) | beside).exclude(external_id="")


def is_fresh(integration: Integration, lane: str) -> bool:
    since = timezone.now() - FRESH / 2
    return LaneSnapshot.objects.filter(integration=integration, lane=lane, taken_at__gte=since).exists()


def look_up(integration_id: int, lane: str) -> None:
    """A look-up made ahead for one lane. Nothing depends on it, so trouble only ends it."""
    integration = Integration.objects.filter(pk=integration_id, state=Integration.State.CONNECTED).first()
    if integration is None or lane == NO_ADDRESS or is_fresh(integration, lane):
        return
    with contextlib.suppress(ToolError, rate_limit.NoSlot):
        take_snapshots(integration, [lane], heartbeat=None)  # nobody waits for it


def snapshot_for(link: CodingLink) -> LaneSnapshot:
    """A fresh snapshot of the link's lane; asks the vendor where there is none."""
    stored = LaneSnapshot.objects.filter(
        integration_id=link.integration_id, lane=link.lane, taken_at__gte=timezone.now() - FRESH
    ).first()
    return stored or take_snapshots(link.integration, [link.lane], heartbeat=partial(hold, link))[link.lane]


def take_snapshots(
    integration: Integration, lanes: list[str], *, heartbeat: Heartbeat | None
) -> dict[str, LaneSnapshot]:
    """Asks for all of `lanes` together and stores the answer: one request where nobody has many interviews there."""
    asked_at = timezone.now()
    found = _find(integration, lanes, heartbeat)
    # A look-up of many pages may take longer than an answer is fresh. It is used all the same, or it never would be.
    taken_at = max(asked_at, timezone.now() - FRESH / 2)
    with transaction.atomic():
        if not Integration.objects.select_for_update().filter(pk=integration.pk, company_id=integration.company_id):
            raise Retryable(code="key_changed")  # what another company has says nothing
        return _store(integration, found, taken_at)


def _find(integration: Integration, lanes: list[str], heartbeat: Heartbeat | None) -> dict[str, Found]:
    if lanes == [NO_ADDRESS]:
        return {NO_ADDRESS: _without_address(integration, heartbeat)}
    return call(integration, lambda tool: tool.find_links(lanes), heartbeat=heartbeat)


def _without_address(integration: Integration, heartbeat: Heartbeat | None) -> Found:
    everything = call(integration, lambda tool: tool.list_links(most=MOST_LISTED), heartbeat=heartbeat)
    return Found(
        links=tuple(link for link in everything.links if not link.candidate_email.strip()),
        complete=everything.complete,
    )


def _store(integration: Integration, found: dict[str, Found], taken_at: datetime) -> dict[str, LaneSnapshot]:
    snapshots = [
        LaneSnapshot(
            integration=integration,
            lane=lane,
            external_ids=[link.external_id for link in answer.links],
            complete=answer.complete,
            taken_at=taken_at,
        )
        for lane, answer in sorted(found.items())
    ]
    LaneSnapshot.objects.bulk_create(
        snapshots,
        update_conflicts=True,
        unique_fields=["integration", "lane"],
        update_fields=["external_ids", "complete", "taken_at"],
    )
    return {snapshot.lane: snapshot for snapshot in snapshots}


def at_vendor(link: CodingLink) -> Found:
    """What the vendor has for the link's candidate right now."""
    return _find(link.integration, [link.lane], partial(hold, link))[link.lane]


def waiting_lanes(integration: Integration, most: int) -> list[str]:
    """Lanes of due links that nobody has looked up lately, in the order in which they will be made.

    Those without an address are left out: their look-up is a long one, which nobody else is to wait for.
    """
    due = (
        CodingLink.objects.filter(integration=integration, state=LinkState.PENDING, next_attempt_at__lte=timezone.now())
        .filter(~Exists(fresh_snapshots()), ~Exists(in_flight()))
        .exclude(lane=NO_ADDRESS)
        .order_by("priority", "next_attempt_at", "id")
        .values_list("lane", flat=True)
    )
    return list(dict.fromkeys(due[: most * 3]))[:most]


def look_ahead(integration: Integration, *, enough: int) -> bool:
    """Looks up the next candidates in one request when fewer than `enough` are known. One worker at a time per key.

    True when a look-up was made. Raises what `call` raises.
    """
    now = timezone.now()
    known = CodingLink.objects.filter(
        Exists(fresh_snapshots()),
        integration=integration,
        state=LinkState.PENDING,
        next_attempt_at__lte=now,
    )
    if known[:enough].count() >= enough:
        return False
    from scheduling.coding_links.validity import limits

    lanes = waiting_lanes(integration, limits(integration.kind).emails_per_look_up)
    if not lanes or not _take_turn(integration):
        return False
    try:
        take_snapshots(integration, lanes, heartbeat=partial(_keep_turn, integration))
    finally:
        Integration.objects.filter(pk=integration.pk).update(pump_until=None)
    return True


def _take_turn(integration: Integration) -> bool:
    now = timezone.now()
    rows = Integration.objects.filter(pk=integration.pk)
    free = rows.filter(pump_until__isnull=True) | rows.filter(pump_until__lt=now)
    return bool(free.update(pump_until=now + lease()))


def _keep_turn(integration: Integration, until: datetime) -> None:
    Integration.objects.filter(pk=integration.pk).update(pump_until=until + lease())

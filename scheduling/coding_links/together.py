"""Creating several links of one key at once, so that what they have in common is done once for all of them.

Their candidates have been looked up. Each create leaves at its own slot, on a thread that does nothing else; this one
stores the answers. What an answer means is the same as for a link alone: `creation.settle`.
"""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, wait
from datetime import datetime, timedelta

import structlog
from django.db import IntegrityError
from django.utils import timezone

from integrations import rate_limit
from integrations.base import VendorLink
from integrations.vendor_calls import MAX_WAIT, Started
from scheduling.coding_links import creation, lookups
from scheduling.coding_links.adoption import mark_all_ready
from scheduling.coding_links.transitions import SomeMoved, release_all, transition_all
from scheduling.models import CodingLink, LinkState, VendorSnapshot

# Seconds for which an answer waits for the others, so that they are stored together.
TOGETHER_WITHIN = 0.5

Sent = list[tuple[CodingLink, datetime]]
UnderWay = list[tuple[CodingLink, Started[VendorLink]]]


def create(links: list[CodingLink]) -> bool:
    """Create claimed PENDING links of one key. Raises NoSlot, with all but the first one released, where none is near.

    Returns True: no look-up failed, as none was made.
    """
    snapshots = lookups.stored_snapshots(links)
    wanted = [link for link in links if creation.still_wanted(link)]
    known = [link for link in wanted if link.candidate_key in snapshots]
    _release([link for link in wanted if link not in known])
    if not known:
        return True
    try:
        slots = rate_limit.reserve_several(known[0].integration_id, "write", len(known), max_wait=MAX_WAIT)
    except rate_limit.NoSlot:
        _release(known[1:])
        raise
    _release(known[len(slots) :])
    _send(_begun(list(zip(known, slots, strict=False)), snapshots))
    return True


def _release(links: list[CodingLink]) -> None:
    if links:
        pks = [link.pk for link in links]
        release_all(CodingLink.objects.filter(pk__in=pks, state=LinkState.PENDING, claim=links[0].claim))


def _begun(planned: Sent, snapshots: dict[str, VendorSnapshot]) -> Sent:
    """Make the links CREATING. Left out is one that somebody has moved since, or whose candidate is busy."""
    now = timezone.now()
    fields = {
        link.pk: creation.fields_of_create(link, snapshots[link.candidate_key], slot, now) for link, slot in planned
    }
    try:
        moved = transition_all([link for link, _slot in planned], LinkState.CREATING, code="sent", each=fields)
        return planned if moved else []
    except (IntegrityError, SomeMoved):
        return [(link, slot) for link, slot in planned if creation.begin(link, snapshots[link.candidate_key], slot)]


def _send(begun: Sent) -> None:
    """Send each create at its slot, and store the answers."""
    under_way: UnderWay = []
    delay = timedelta(0)
    try:
        for link, slot in begun:
            delay += _start(link, slot + delay, under_way)
        while under_way:
            under_way = _store(under_way)
    finally:  # should this thread fail, its requests still end before it does
        wait([started.future for _link, started in under_way])


def _start(link: CodingLink, slot: datetime, under_way: UnderWay) -> timedelta:
    """Send a create at its slot. Returns by how much later the next ones leave."""

    def answer() -> VendorLink:
        raise full

    try:
        late = rate_limit.wait_until(link.integration_id, "write", slot, max_wait=creation.MAX_WAIT_AFTER_MISS)
    except rate_limit.NoSlot as missed:
        full = missed
        creation.settle(link, answer)
        return timedelta(0)
    request = creation.request_of(link)
    with structlog.contextvars.bound_contextvars(link=link.pk):
        under_way.append((link, Started(link.integration, lambda tool: tool.create_link(request))))
    return late


def _store(under_way: UnderWay) -> UnderWay:
    """Wait for an answer, and for others that come soon; store them. Return what is on its way still."""
    futures = [started.future for _link, started in under_way]
    wait(futures, return_when=FIRST_COMPLETED)
    wait(futures, timeout=TOGETHER_WITHIN)
    answered = [(link, started) for link, started in under_way if started.future.done()]
    made = [(link, creation.made_by(link, started.result)) for link, started in answered]
    if ready := [(link, one) for link, one in made if one is not None]:
        mark_all_ready(ready)
    return [(link, started) for link, started in under_way if (link, started) not in answered]

"""Look-ups: what the vendor has for a candidate, known before every create and compared after a lost answer.

One request asks for many candidates, and its answer is fresh for a short while. Our own creates do not spoil it,
because what we made is known here by its id.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from integrations import rate_limit
from integrations.base import Found, Retryable, ToolError
from integrations.models import Integration
from integrations.registry import TOOLS
from integrations.vendor_calls import Heartbeat, call
from organizations.compiled import Compiled
from scheduling.coding_links.candidate_keys import NO_ADDRESS
from scheduling.coding_links.transitions import extend_lease
from scheduling.models import CodingLink, LinkState, VendorSnapshot
from scheduling.models.coding_links import IN_FLIGHT

FRESH = timedelta(seconds=60)
# Interviews listed, at most, to find those without an address.
MAX_LISTED = 1000


def fresh_snapshots(since: datetime) -> QuerySet[VendorSnapshot]:
    """Snapshots that may be used for an outer link; `since` is FRESH ago."""
    return VendorSnapshot.objects.filter(
        integration=OuterRef("integration"), candidate_key=OuterRef("candidate_key"), taken_at__gte=since
    )


def in_flight() -> QuerySet[CodingLink]:
    """Creates that are on their way for the candidate of an outer link."""
    return CodingLink.objects.filter(
        IN_FLIGHT, integration=OuterRef("integration"), candidate_key=OuterRef("candidate_key")
    )


def looking_without_address(now: datetime) -> QuerySet[CodingLink]:
    """Claimed links without an address of an outer link's key. Their look-up takes many pages: one serves them all."""
    return CodingLink.objects.filter(
        integration=OuterRef("integration"),
        candidate_key=NO_ADDRESS,
        state=LinkState.PENDING,
        next_attempt_at__gt=now,
    ).exclude(claim="")


def made_here(integration: Integration) -> QuerySet[CodingLink]:
    """Links made at the integration's company, for whichever organization: several may use one company."""
    return made_at(integration.pk, integration.kind, integration.company_id or None)


def made_at(integration: int, kind: str, company_id: str | None) -> QuerySet[CodingLink]:
    """As `made_here`, by the columns of the integration; without a company, its own links."""
    beside = Q(kind=kind, company_id=company_id)
    # Asked for as integrations: databases then look an external id up in the index of each of these few.
    of_company = Integration.objects.order_by().filter(Q(pk=integration) | beside)
    return CodingLink.objects.filter(integration__in=of_company).exclude(external_id="")


def has_snapshot(integration: Integration, candidate_key: str) -> bool:
    """Whether a snapshot stays fresh long enough for a click that is about to come."""
    return _SINCE.first(integration.pk, candidate_key, timezone.now() - FRESH / 2) is not None


_SINCE: Final = Compiled(
    lambda integration, candidate_key, since: VendorSnapshot.objects.filter(
        integration=integration, candidate_key=candidate_key, taken_at__gte=since
    ).values_list("pk")[:1],
    int,
    str,
    datetime,
)


def look_up_ahead(integration_id: int, candidate_key: str) -> None:
    """Take a snapshot that nobody waits for. Nothing depends on it, so trouble only ends it."""
    integration = Integration.objects.filter(pk=integration_id, state=Integration.State.CONNECTED).first()
    if integration is None or candidate_key == NO_ADDRESS or has_snapshot(integration, candidate_key):
        return
    with contextlib.suppress(ToolError, rate_limit.NoSlot):
        _take_snapshots(integration, [candidate_key])


def stored_snapshot(link: CodingLink) -> VendorSnapshot | None:
    """A fresh snapshot of the link's candidate, where there is one."""
    return _STORED.first(link.integration_id, link.candidate_key, timezone.now() - FRESH)


def _stored(integration: int, candidate_key: str, since: datetime) -> QuerySet[VendorSnapshot]:
    found = VendorSnapshot.objects.filter(integration=integration, candidate_key=candidate_key, taken_at__gte=since)
    return found.order_by()[:1]


_STORED: Final = Compiled(_stored, int, str, datetime)


def stored_snapshots(links: Sequence[CodingLink]) -> dict[str, VendorSnapshot]:
    """The fresh snapshots that there are for candidates of links of one key, by candidate key."""
    keys = [link.candidate_key for link in links]
    fresh = VendorSnapshot.objects.filter(
        integration_id=links[0].integration_id, candidate_key__in=keys, taken_at__gte=timezone.now() - FRESH
    )
    return {snapshot.candidate_key: snapshot for snapshot in fresh.order_by()}


def snapshot_for(link: CodingLink) -> VendorSnapshot:
    """A fresh snapshot of a claimed link's candidate; looks them up where there is none.

    Raises NoSlot or one of the contract's errors, as do all that look up.
    """
    return stored_snapshot(link) or _snapshots(link, [])


def snapshot_with_others(link: CodingLink) -> VendorSnapshot:
    """A new snapshot of a claimed link's candidate. The same request looks up those whose links are made next.

    Those without an address are looked up alone: nobody else is to wait for the many pages that takes.
    """
    if link.candidate_key == NO_ADDRESS:
        return snapshot_for(link)
    most = TOOLS[link.integration.kind].info.limits.emails_per_look_up
    others = [key for key in _waiting_keys(link.integration, most) if key != link.candidate_key]
    return _snapshots(link, others[: most - 1])


def look_up(link: CodingLink) -> Found:
    """Ask the vendor for all that it has for a claimed link's candidate right now."""
    return _find(link.integration, [link.candidate_key], partial(extend_lease, link))[link.candidate_key]


def _snapshots(link: CodingLink, others: list[str]) -> VendorSnapshot:
    keys = [link.candidate_key, *others]
    return _take_snapshots(link.integration, keys, heartbeat=partial(extend_lease, link))[link.candidate_key]


def _take_snapshots(
    integration: Integration, keys: list[str], *, heartbeat: Heartbeat | None = None
) -> dict[str, VendorSnapshot]:
    """Look up these candidate keys together and store the answer: one request where nobody has many interviews."""
    asked_at = timezone.now()
    found = _find(integration, keys, heartbeat)
    # A look-up of many pages may take longer than an answer is fresh. It is used all the same, or it never would be.
    taken_at = max(asked_at, timezone.now() - FRESH / 2)
    with transaction.atomic():
        if not Integration.objects.select_for_update().filter(pk=integration.pk, company_id=integration.company_id):
            raise Retryable("key_changed")  # what another company has says nothing
        return _store(integration, found, taken_at)


def _find(integration: Integration, keys: list[str], heartbeat: Heartbeat | None) -> dict[str, Found]:
    if keys == [NO_ADDRESS]:
        return {NO_ADDRESS: _without_address(integration, heartbeat)}
    return call(integration, lambda tool: tool.find_links(keys), heartbeat=heartbeat)


def _without_address(integration: Integration, heartbeat: Heartbeat | None) -> Found:
    everything = call(integration, lambda tool: tool.list_links(most=MAX_LISTED), heartbeat=heartbeat)
    return Found(
        links=tuple(link for link in everything.links if not link.candidate_email.strip()),
        complete=everything.complete,
    )


def _store(integration: Integration, found: dict[str, Found], taken_at: datetime) -> dict[str, VendorSnapshot]:
    snapshots = [
        VendorSnapshot(
            integration=integration,
            candidate_key=key,
            external_ids=[link.external_id for link in answer.links],
            complete=answer.complete,
            taken_at=taken_at,
        )
        for key, answer in sorted(found.items())
    ]
    VendorSnapshot.objects.bulk_create(
        snapshots,
        update_conflicts=True,
        unique_fields=["integration", "candidate_key"],
        update_fields=["external_ids", "complete", "taken_at"],
    )
    return {snapshot.candidate_key: snapshot for snapshot in snapshots}


def _waiting_keys(integration: Integration, most: int) -> list[str]:
    """Candidate keys of due links without a fresh snapshot, in the order in which their links will be made.

    Those without an address are left out: their look-up is a long one, which nobody else is to wait for.
    """
    due = (
        CodingLink.objects.filter(integration=integration, state=LinkState.PENDING, next_attempt_at__lte=timezone.now())
        .exclude(candidate_key=NO_ADDRESS)
        .order_by("priority", "next_attempt_at", "id")
        # Asked of the first rows alone. As a condition, PostgreSQL compared all waiting rows with each other where its
        # statistics were from before most of them: 12 s for 10,000.
        .values_list("candidate_key", Exists(fresh_snapshots(timezone.now() - FRESH)), Exists(in_flight()))
    )
    waiting = [key for key, is_known, is_busy in due[: most * 5] if not is_known and not is_busy]
    return list(dict.fromkeys(waiting))[:most]

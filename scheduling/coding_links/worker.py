"""Who works on which link when. Rows wait, workers do not.

A row's timer (`next_attempt_at`) says when something is due. Whoever takes a row pushes its timer forward by a lease:
should the worker die, the row comes back by itself. Each key has a few chains of short tasks at most, so that one
organization's backlog leaves workers free for another's click.
"""

from __future__ import annotations

import contextlib
import time
from datetime import datetime, timedelta

import structlog
from django.db.models import Exists, Q, QuerySet
from django.utils import timezone

from integrations import rate_limit
from integrations.base import ToolError
from integrations.models import Integration
from integrations.vendor_calls import MAX_WAIT
from scheduling.coding_links import creation, lookups, maintenance, reconciliation, validity, worker_slots
from scheduling.coding_links.defaults import sweep_missing
from scheduling.coding_links.dispatch import nudge_chain, nudge_queue
from scheduling.coding_links.requests import lane_of, leave_without_key
from scheduling.coding_links.transitions import change, lease, move, new_claim
from scheduling.models import Candidate, CodingLink, Interview, LinkState
from scheduling.models.coding_links import USABLE

log = structlog.get_logger(__name__)

# How long, in seconds, one task goes on before it lets others in, and how long it stays away while another looks up.
SLICE = 0.5
LOOKING = timedelta(seconds=0.1)


def work_on_link(link_id: int) -> None:
    """A nudge for one link. Harmless when it comes twice, late, or for a link with nothing to do."""
    link = CodingLink.objects.select_related("integration").filter(pk=link_id).first()
    if link is None or not _may_work(link.integration, link.state):
        return
    if link.state == LinkState.PENDING and _lane_is_busy(link):
        return
    taken = _take(link.pk)
    try:
        if taken is not None:
            _work(taken)
    except rate_limit.NoSlot:
        nudge_queue(link.integration_id)
    else:
        _hand_on(link.integration_id)


def look_up_candidate(integration_id: int, candidate_id: int) -> None:
    """A nudge from `prepare`."""
    candidate = Candidate.objects.filter(pk=candidate_id).first()
    if candidate is not None:
        lookups.look_up(integration_id, lane_of(candidate.email))


def work_on_queue(integration_id: int, chain: str) -> None:
    """One task of a chain: takes up what is due for one key, for a short while, then hands on."""
    token = worker_slots.take_up(integration_id, chain)
    integration = Integration.objects.filter(pk=integration_id).first()
    if token is None or integration is None:
        return
    try:
        more = _work_for_a_while(integration)
    except rate_limit.NoSlot as full:
        nudge_chain(integration_id, token, after=_until(full))
    except ToolError as problem:
        # The vendor is in trouble. One link goes on alone and takes the lesson; the others keep their tries.
        log.info("look_ahead_failed", integration=integration_id, code=problem.code)
        worker_slots.end(integration_id, token)
        _one_alone(integration)
    else:
        if more:
            nudge_chain(integration_id, token)
        else:
            worker_slots.end(integration_id, token)
            _hand_on(integration_id)  # what came in the last moment found no free chain


def _work_for_a_while(integration: Integration) -> bool:
    """False when there is no more to do, True when there may be."""
    end, first = time.monotonic() + SLICE, True
    while time.monotonic() < end:
        integration.refresh_from_db()
        if not _may_work(integration, LinkState.CANCELLING):
            return False
        try:
            lookups.look_ahead(integration, enough=2 * worker_slots.CHAINS)
        except rate_limit.NoSlot:
            integration.refresh_from_db()  # what has been looked up already needs no more of that budget
        if not _work_on_next(integration, first=first):
            return False
        first = False
    return True


def _one_alone(integration: Integration) -> None:
    integration.refresh_from_db()
    pk = _first(_due(integration))
    taken = _take(pk) if pk is not None else None
    if taken is not None:
        with contextlib.suppress(rate_limit.NoSlot):
            _work(taken)


def _work_on_next(integration: Integration, *, first: bool) -> bool:
    due = _affordable(integration)
    known = due.filter(~Q(state=LinkState.PENDING) | Q(lane=lookups.NO_ADDRESS) | Exists(lookups.fresh_snapshots()))
    pk = _first(known)
    if pk is None:
        _rest(integration, looking=due.exists())
        return False
    taken = _take(pk)
    if taken is None:
        return True
    if first and known.exists():
        nudge_queue(integration.pk)
    return _work(taken)


def _first(rows: QuerySet[CodingLink]) -> int | None:
    return rows.order_by("priority", "next_attempt_at", "id").values_list("pk", flat=True).first()


def _rest(integration: Integration, *, looking: bool) -> None:
    """Nothing to do at this moment. Raises NoSlot where there will be: when the next candidates have been looked up by
    another worker, or when there is budget again."""
    if looking:
        raise rate_limit.NoSlot(timezone.now() + LOOKING)
    if _due(integration).exists():
        later = [at for at in (integration.next_write_at, integration.next_read_at) if _is_far(at)]
        raise rate_limit.NoSlot(min(later, default=timezone.now()))


def _is_far(at: datetime) -> bool:
    return (at - timezone.now()).total_seconds() > MAX_WAIT


def _beyond_budget(integration: Integration) -> Q:
    """Rows whose next request would have to wait for longer than a worker may be held."""
    beyond = Q(pk__in=[])
    if _is_far(integration.next_write_at):
        beyond |= Q(state__in=[LinkState.PENDING, LinkState.CANCELLING]) | Q(edit_due=True)
    if _is_far(integration.next_read_at):
        beyond |= Q(state=LinkState.UNKNOWN) | Q(state__in=[*USABLE, LinkState.EXPIRED], edit_due=False)
        beyond |= Q(state=LinkState.PENDING) & ~Q(Exists(lookups.fresh_snapshots()))
    return beyond


def _due(integration: Integration) -> QuerySet[CodingLink]:
    """Rows whose timer has run out, without those that wait for another create, or look-up, of the same candidate."""
    rows = CodingLink.objects.filter(integration=integration, next_attempt_at__lte=timezone.now())
    if integration.state == Integration.State.DISCONNECTED:
        rows = rows.filter(state=LinkState.CANCELLING)
    busy = Exists(lookups.in_flight()) | (Q(lane=lookups.NO_ADDRESS) & Exists(lookups.without_address_looking()))
    return rows.filter(~Q(state=LinkState.PENDING) | ~busy)


def _may_work(integration: Integration, state: str) -> bool:
    """A paused key gets no work at all; one that is being disconnected only deletes."""
    if integration.state == Integration.State.CONNECTED:
        return True
    cleaning = integration.state == Integration.State.DISCONNECTED and bool(integration.api_key)
    return cleaning and state == LinkState.CANCELLING


def _lane_is_busy(link: CodingLink) -> bool:
    this = CodingLink.objects.filter(pk=link.pk)
    looking = Q(lane=lookups.NO_ADDRESS) & Exists(lookups.without_address_looking().exclude(pk=link.pk))
    return this.filter(Exists(lookups.in_flight()) | looking).exists()


def _take(pk: int) -> CodingLink | None:
    """Makes a due row ours for one lease. None when it is not due (any more)."""
    now, claim = timezone.now(), new_claim()
    # A create in flight keeps its claim until its lease is over; only then is its timer due.
    if not CodingLink.objects.filter(pk=pk, next_attempt_at__lte=now).update(
        claim=claim, claimed_at=now, next_attempt_at=now + lease()
    ):
        return None
    return (
        CodingLink.objects.select_related("integration", "interview__schedule__candidate", "requested_by")
        .filter(pk=pk, claim=claim)
        .first()
    )


def _work(link: CodingLink) -> bool:
    """Does what is due for a row that was taken. False when its key may not be used any more: then stop."""
    if not _may_work(link.integration, link.state):
        change(link, claim="", claimed_at=None, next_attempt_at=timezone.now())
        return False
    try:
        if link.state == LinkState.PENDING:
            creation.make(link)
        elif link.state == LinkState.CREATING:
            reconciliation.interrupted(link)
        elif link.state == LinkState.UNKNOWN:
            reconciliation.settle(link)
        elif link.state == LinkState.CANCELLING:
            maintenance.cancel(link)
        elif link.is_usable or link.state == LinkState.EXPIRED:
            maintenance.look_after(link)
        else:
            change(link, claim="", claimed_at=None, next_attempt_at=None)
    except rate_limit.NoSlot:
        change(link, claim="", claimed_at=None, next_attempt_at=timezone.now())
        raise
    return True


def _until(full: rate_limit.NoSlot) -> float:
    """Seconds to stay away: somewhat less than until the slot, and never long, as the budget may change."""
    return min(max((full.at - timezone.now()).total_seconds() - MAX_WAIT / 2, 0.05), 10.0)


def _hand_on(integration_id: int) -> None:
    integration = Integration.objects.get(pk=integration_id)
    if _may_work(integration, LinkState.CANCELLING) and _affordable(integration).exists():
        nudge_queue(integration_id)


def _affordable(integration: Integration) -> QuerySet[CodingLink]:
    return _due(integration).exclude(_beyond_budget(integration))


def sweep() -> None:
    """Every few seconds: whatever is due and nobody works on gets workers again, whatever was lost meanwhile."""
    now = timezone.now()
    waiting = CodingLink.objects.filter(next_attempt_at__lte=now).order_by().values_list("integration_id").distinct()
    for integration in Integration.objects.filter(pk__in=waiting).order_by("id"):
        if not _may_work(integration, LinkState.CANCELLING):
            continue
        if _affordable(integration).exists():
            nudge_queue(integration.pk)
    give_up_without_key()
    sweep_missing()


def give_up_without_key() -> None:
    """What a disconnected key left comes to an end that says so, where the next key could bring no better one.

    A request that is still wanted waits for the next connection, until its interview is over.
    """
    now = timezone.now()
    gone = CodingLink.objects.filter(
        integration__state=Integration.State.DISCONNECTED, integration__key_last4=""
    ).select_related("interview")
    # One whose removal was refused has no timer any more.
    removing = Q(state=LinkState.CANCELLING) & (Q(next_attempt_at__lte=now) | Q(next_attempt_at__isnull=True))
    waiting = Q(
        state__in=[LinkState.PENDING, LinkState.CREATING, LinkState.UNKNOWN],
        next_attempt_at__lte=now,
    )
    unwanted = Q(cancel_asked=True) | Q(interview__isnull=True) | Q(interview__state=Interview.State.CANCELLED)
    over = Q(interview__ends_at__lte=now - validity.GRACE)
    for link in gone.filter(removing | (waiting & (unwanted | over))).order_by("id")[:200]:
        if link.state == LinkState.CREATING:
            move(link, LinkState.UNKNOWN, code="interrupted")
        if link.state == LinkState.CANCELLING or creation.is_unwanted(link):
            leave_without_key(link)
        else:
            creation.too_late(link)

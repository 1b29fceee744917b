"""The rows of a key that are due, and which of them is worked on next.

A worker claims a row before it works on it, and a row that is handed to another worker stays claimed while its message
is on the way. So the claimed rows of a key are its work in hand, and there are at most `MAX_CLAIMED` of them: however
much one organization has waiting, workers stay free for another's click.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from integrations.models import Integration
from integrations.vendor_calls import MAX_WAIT
from scheduling.coding_links import lookups
from scheduling.coding_links.candidate_keys import NO_ADDRESS
from scheduling.coding_links.transitions import compare_and_set, lease, new_claim, release
from scheduling.models import CodingLink, LinkState
from scheduling.models.coding_links import CLICK, USABLE

# Rows of one key that are claimed from its queue at the same moment. A person's click is worked on beside them.
MAX_CLAIMED = 5
# So many candidates are to be looked up already, or the next ones are looked up: creates never wait for that.
ENOUGH_LOOKED_UP = 2 * MAX_CLAIMED
# Seconds for which a row keeps its claim to wait for a slot. The rate limit may change: none waits for longer.
MAX_HOLD = 10.0


def may_work(integration: Integration, state: str) -> bool:
    """A paused key gets no work at all; one that is being disconnected only deletes."""
    if integration.state == Integration.State.CONNECTED:
        return True
    cleaning = integration.state == Integration.State.DISCONNECTED and bool(integration.api_key)
    return cleaning and state == LinkState.CANCELLING


def affordable(integration: Integration, *, within: float = MAX_WAIT) -> QuerySet[CodingLink]:
    """Due rows of a key whose next request gets a slot `within` so many seconds.

    Left out are rows that wait for another create, or look-up, of the same candidate.
    """
    rows = CodingLink.objects.filter(integration=integration, next_attempt_at__lte=timezone.now())
    if integration.state == Integration.State.DISCONNECTED:
        rows = rows.filter(state=LinkState.CANCELLING)
    busy = Exists(lookups.in_flight()) | (Q(candidate_key=NO_ADDRESS) & Exists(lookups.looking_without_address()))
    return rows.filter(~Q(state=LinkState.PENDING) | ~busy).exclude(_beyond_rate_limit(integration, within))


def _beyond_rate_limit(integration: Integration, within: float) -> Q:
    soon = timezone.now() + timedelta(seconds=within)
    beyond = Q(pk__in=[])
    if integration.next_write_at > soon:
        beyond |= Q(state__in=[LinkState.PENDING, LinkState.CANCELLING]) | Q(edit_due=True)
    if integration.next_read_at > soon:
        beyond |= Q(state=LinkState.UNKNOWN) | Q(state__in=[*USABLE, LinkState.EXPIRED], edit_due=False)
        beyond |= Q(state=LinkState.PENDING) & ~Q(Exists(lookups.fresh_snapshots()))
    return beyond


def oldest_due(now: datetime) -> datetime | None:
    """Return since when the row is due that has waited longest for a key that works; None where none waits."""
    due = CodingLink.objects.filter(next_attempt_at__lte=now, integration__state=Integration.State.CONNECTED)
    return due.order_by("next_attempt_at", "id").values_list("next_attempt_at", flat=True).first()


def candidate_is_busy(link: CodingLink) -> bool:
    """Whether a create, or the long look-up of those without an address, is on its way for the link's candidate."""
    this = CodingLink.objects.filter(pk=link.pk)
    looking = Q(candidate_key=NO_ADDRESS) & Exists(lookups.looking_without_address().exclude(pk=link.pk))
    return this.filter(Exists(lookups.in_flight()) | looking).exists()


def claim(pk: int) -> CodingLink | None:
    """Claim a due row for one lease. None when it is not due (any more)."""
    return _claim(pk, CodingLink.objects.filter(pk=pk, next_attempt_at__lte=timezone.now()))


def take_over(pk: int, token: str) -> CodingLink | None:
    """Claim a row anew for the worker that its message came to. None for a message that came twice, or too late."""
    return _claim(pk, CodingLink.objects.filter(pk=pk, claim=token).exclude(claim=""))


def claim_next(integration: Integration, *, for_another: bool = False) -> CodingLink | None:
    """Claim the row to work on next. None where there is none, or where `MAX_CLAIMED` are claimed already.

    `for_another`: it is to be sent to another worker.
    """
    while (pk := _next(integration)) is not None:
        due = CodingLink.objects.filter(pk=pk, next_attempt_at__lte=timezone.now())
        link = _claim(pk, due.annotate(claimed=_claimed_rows()).filter(claimed__lt=MAX_CLAIMED), waits=for_another)
        if link is not None or due.exists():
            return link  # None: enough are claimed
    return None


def keep_until(link: CodingLink, until: datetime) -> float | None:
    """Keep the claim of a row whose slot is at `until`. Returns after how many seconds a worker is to take it over.

    None where the row was released: the wait is too long, or another row of the queue waits already. One is enough,
    since the worker that gets a slot sends for the next row.
    """
    now = timezone.now()
    after = max((until - now).total_seconds() - MAX_WAIT / 2, 0.05)
    # Claimed rows that no worker has yet: their message is on the way, or held back until their slot.
    others = _claimed(link.integration, now).filter(claimed_at=None).exclude(pk=link.pk)
    if after > MAX_HOLD or (link.priority > CLICK and others.exists()):
        release(link, now)
        return None
    token, at = new_claim(), now + timedelta(seconds=after) + lease()
    if not compare_and_set(link, claim=token, claimed_at=None, next_attempt_at=at):
        return None  # changed by somebody else, who has seen to it
    link.claim = token
    return after


def _claim(pk: int, rows: QuerySet[CodingLink], *, waits: bool = False) -> CodingLink | None:
    now, token = timezone.now(), new_claim()
    # A create in flight keeps its claim until its lease is over; only then is its timer due.
    if not rows.update(claim=token, claimed_at=None if waits else now, next_attempt_at=now + lease()):
        return None
    related = CodingLink.objects.select_related("integration", "interview__schedule__candidate", "requested_by")
    return related.filter(pk=pk, claim=token).first()


def _next(integration: Integration) -> int | None:
    """The row to work on next: one that a look-up goes ahead with when few are looked up, else the most urgent one.

    Where only rows that have to wait for the rate limit are left, one of them, unless one waits already. None too when
    enough rows are claimed.
    """
    looked_up = Exists(lookups.fresh_snapshots())
    claimed = list(_claimed(integration, timezone.now()).annotate(looked_up=looked_up)[:MAX_CLAIMED])
    integration.refresh_from_db()
    if len(claimed) == MAX_CLAIMED or not may_work(integration, LinkState.CANCELLING):
        return None
    to_look_up = Q(state=LinkState.PENDING) & ~Q(candidate_key=NO_ADDRESS) & ~looked_up
    due = affordable(integration)
    look_up_under_way = any(map(_looks_up, claimed))
    if not look_up_under_way:
        known = due.filter(looked_up, state=LinkState.PENDING)[:ENOUGH_LOOKED_UP].count()
        pk = _first(due.filter(to_look_up)) if known < ENOUGH_LOOKED_UP else None
        if pk is not None:
            return pk
    pk = _first(due.exclude(to_look_up))
    if pk is None and all(link.claimed_at for link in claimed):
        later = affordable(integration, within=MAX_HOLD)
        pk = _first(later.exclude(to_look_up) if look_up_under_way else later)
    return pk


def _looks_up(link: CodingLink) -> bool:
    pending = link.state == LinkState.PENDING and link.candidate_key != NO_ADDRESS
    return pending and not getattr(link, "looked_up")  # noqa: B009 - an annotation of `_next`


def _first(rows: QuerySet[CodingLink]) -> int | None:
    return rows.order_by("priority", "next_attempt_at", "id").values_list("pk", flat=True).first()


def _claimed(integration: Integration | OuterRef, now: datetime) -> QuerySet[CodingLink]:
    return CodingLink.objects.filter(integration=integration, next_attempt_at__gt=now).exclude(claim="")


def _claimed_rows() -> Coalesce:
    """How many rows of the outer row's key are claimed."""
    rows = _claimed(OuterRef("integration"), timezone.now()).order_by().values("integration")
    return Coalesce(Subquery(rows.annotate(number=Count("pk")).values("number")), 0)

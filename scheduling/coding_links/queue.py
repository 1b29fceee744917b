"""The rows of a key that are due, and which of them are worked on next.

A worker claims rows before it works on them, and rows that are handed to another worker stay claimed while their
message is on the way. So the claims of a key are its work in hand, and there are at most `MAX_CLAIMS` of them: however
much one organization has waiting, workers stay free for another's click. A claim is of one row, or of several whose
creates only have to be sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any, Final, NamedTuple

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from integrations import rate_limit
from integrations.models import Integration
from integrations.vendor_calls import MAX_WAIT
from organizations.compiled import Compiled, CompiledUpdate, among
from organizations.waits import new_claim
from scheduling.coding_links import lookups
from scheduling.coding_links.candidate_keys import NO_ADDRESS
from scheduling.coding_links.transitions import compare_and_set, lease, release
from scheduling.models import CodingLink, LinkState
from scheduling.models.coding_links import CLICK, USABLE

# Claims on one key's queue at the same moment, each a worker's. A person's click is worked on beside them.
MAX_CLAIMS = 5
# So many of them create. One sends while the answers to the other's come in: more would have fewer rows each.
MAX_CREATING = 2
# Rows of a claim that creates.
MAX_TOGETHER = 5
# So many candidates are to be looked up already, or the next ones are looked up: creates never wait for that.
ENOUGH_LOOKED_UP = MAX_CREATING * MAX_TOGETHER
# Due rows among which the next ones are chosen.
WINDOW = 2 * ENOUGH_LOOKED_UP
# Seconds for which a row keeps its claim to wait for a slot. The rate limit may change: none waits for longer.
MAX_HOLD = 10.0
# What choosing needs to know of a key as it is now. No column here is encrypted.
_OF_KEY = ("state", "write_rate", "read_rate", "next_write_at", "next_read_at")
# What work on a link never needs of its key: secrets to decrypt, and long lists.
_NOT_OF_KEY = ("webhook_token", "webhook_secret", "templates", "permissions")


@dataclass(frozen=True, slots=True)
class Claim:
    """Rows claimed together, the most urgent one first."""

    token: str
    pks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """Of a due or claimed row what choosing needs."""

    pk: int
    state: str
    candidate_key: str
    claim: str
    claimed_at: datetime | None
    looked_up: bool

    @property
    def is_known(self) -> bool:
        """Whether its create only has to be sent."""
        return self.state == LinkState.PENDING and self.looked_up

    @property
    def creates(self) -> bool:
        return self.is_known or self.state == LinkState.CREATING

    @property
    def needs_look_up(self) -> bool:
        return self.state == LinkState.PENDING and not self.looked_up and self.candidate_key != NO_ADDRESS


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
    now = timezone.now()
    return _affordable(_shut(integration, within), integration.pk, now, now - lookups.FRESH)


class _Shut(NamedTuple):
    """The things that a key can't do soon: change something at the tool, read there, all but removing links."""

    writes: bool
    reads: bool
    all_but_removals: bool


def _shut(integration: Integration, within: float) -> _Shut:
    soon = timezone.now() + timedelta(seconds=within)
    is_gone = integration.state == Integration.State.DISCONNECTED
    return _Shut(integration.next_write_at > soon, integration.next_read_at > soon, is_gone)


def _affordable(shut: _Shut, integration: int, now: datetime, since: datetime) -> QuerySet[CodingLink]:
    rows = CodingLink.objects.filter(integration=integration, next_attempt_at__lte=now)
    if shut.all_but_removals:
        rows = rows.filter(state=LinkState.CANCELLING)
    looking = Q(candidate_key=NO_ADDRESS) & Exists(lookups.looking_without_address(now))
    busy = Exists(lookups.in_flight()) | looking
    return rows.filter(~Q(state=LinkState.PENDING) | ~busy).exclude(_beyond_rate_limit(shut, since))


def _beyond_rate_limit(shut: _Shut, since: datetime) -> Q:
    beyond = Q(pk__in=[])
    if shut.writes:
        beyond |= Q(state__in=[LinkState.PENDING, LinkState.CANCELLING]) | Q(edit_due=True)
    if shut.reads:
        beyond |= Q(state=LinkState.UNKNOWN) | Q(state__in=[*USABLE, LinkState.EXPIRED], edit_due=False)
        beyond |= Q(state=LinkState.PENDING) & ~Q(Exists(lookups.fresh_snapshots(since)))
    return beyond


def oldest_due(now: datetime) -> datetime | None:
    """Return since when the row is due that has waited longest for a key that works; None where none waits."""
    due = CodingLink.objects.filter(next_attempt_at__lte=now, integration__state=Integration.State.CONNECTED)
    return due.order_by("next_attempt_at", "id").values_list("next_attempt_at", flat=True).first()


def candidate_is_busy(link: CodingLink) -> bool:
    """Whether a create, or the long look-up of those without an address, is on its way for the link's candidate."""
    this = CodingLink.objects.filter(pk=link.pk)
    others = lookups.looking_without_address(timezone.now()).exclude(pk=link.pk)
    looking = Q(candidate_key=NO_ADDRESS) & Exists(others)
    return this.filter(Exists(lookups.in_flight()) | looking).exists()


def claim(pk: int) -> CodingLink | None:
    """Claim a due row for one lease. None when it is not due (any more)."""
    token, now = new_claim(), timezone.now()
    return next(iter(_read(token, [pk])), None) if _CLAIM.run(pk, token, now, now + lease()) else None


def take_over(pk: int, token: str) -> list[CodingLink]:
    """Claim rows anew for the worker that their message came to; `pk` is one of them.

    Empty for a message that came twice, or too late.
    """
    new, now = new_claim(), timezone.now()
    return _read(new, [pk]) if _TAKE_OVER.run(pk, token, new, now, now + lease()) else []


def claim_next(integration: Integration) -> list[CodingLink]:
    """Claim the rows to work on next: one, or several to be created together.

    Empty where there are none, or where there are as many claims as a key may have.
    """
    made = _claim_next(integration, for_another=False)
    return _read(made.token, made.pks) if made is not None else []


def claim_for_another(integration: Integration) -> Claim | None:
    """Claim the rows to work on next for the worker that their message will come to."""
    return _claim_next(integration, for_another=True)


def _claim_next(integration: Integration, *, for_another: bool) -> Claim | None:
    while pks := _next(integration):
        token, now = new_claim(), timezone.now()
        if _CLAIM_ALLOWED[for_another].run(pks, token, now, now + lease()):
            return Claim(token, tuple(pks))
        if CodingLink.objects.filter(pk__in=pks, next_attempt_at__lte=timezone.now()).exists():
            return None  # there are as many claims as there may be
    return None


def keep_until(link: CodingLink, until: datetime) -> float | None:
    """Keep the claim of a row whose slot is at `until`. Returns after how many seconds a worker is to take it over.

    None where the row was released: the wait is too long, or another row of the queue waits already. One is enough,
    since the worker that gets a slot sends for the next row.
    """
    now = timezone.now()
    after = max((until - now).total_seconds() - MAX_WAIT / 2, 0.05)
    # Claimed rows that no worker has yet: their message is on the way, or held back until their slot.
    others = _claimed(link.integration_id, now).filter(claimed_at=None).exclude(pk=link.pk)
    if after > MAX_HOLD or (link.priority > CLICK and others.exists()):
        release(link, now)
        return None
    token, at = new_claim(), now + timedelta(seconds=after) + lease()
    if not compare_and_set(link, claim=token, claimed_at=None, next_attempt_at=at):
        return None  # changed by somebody else, who has seen to it
    link.claim = token
    return after


Claiming = tuple[QuerySet[CodingLink], dict[str, Any]]


def _claimed_with(token: str, now: datetime | None, until: datetime) -> dict[str, Any]:
    """The columns of a claimed row. A create in flight keeps its claim until its lease is over; only then is its timer
    due."""
    return {"claim": token, "claimed_at": now, "next_attempt_at": until}


def _of_one(pk: int, token: str, now: datetime, until: datetime) -> Claiming:
    return CodingLink.objects.filter(pk=pk, next_attempt_at__lte=now), _claimed_with(token, now, until)


def _of_claim(pk: int, token: str, new: str, now: datetime, until: datetime) -> Claiming:
    rows = CodingLink.objects.filter(integration=Subquery(_key_of(pk)), claim=token).exclude(claim="")
    return rows, _claimed_with(new, now, until)


def _allowed(pks: list[int], token: str, now: datetime, until: datetime, *, waits: bool) -> Claiming:
    """Due rows of a key that has fewer claims than it may have."""
    due = CodingLink.objects.filter(among("pk", pks), next_attempt_at__lte=now)
    rows = due.annotate(claims=_number_of_claims(now)).filter(claims__lt=MAX_CLAIMS)
    return rows, _claimed_with(token, None if waits else now, until)


_CLAIM: Final = CompiledUpdate(_of_one, int, str, datetime, datetime)
_TAKE_OVER: Final = CompiledUpdate(_of_claim, int, str, str, datetime, datetime)
_CLAIM_ALLOWED: Final = {
    waits: CompiledUpdate(partial(_allowed, waits=waits), list, str, datetime, datetime) for waits in (False, True)
}


def _read(token: str, pks: Sequence[int]) -> list[CodingLink]:
    """Read the claimed rows with their key, as both are now; `pks` is the order of those that it names."""
    order = {pk: place for place, pk in enumerate(pks)}
    integration = _KEY_OF.first(pks[0])
    if integration is None:
        return []  # deleted since
    links = sorted(_CLAIMED_LINKS.all(integration.pk, token), key=lambda link: order.get(link.pk, len(order)))
    for link in links:
        link.integration = integration
    return links


def _key_of(pk: int) -> QuerySet[CodingLink, Any]:
    return CodingLink.objects.filter(pk=pk).values("integration")[:1]


_KEY_OF: Final = Compiled(
    lambda pk: Integration.objects.defer(*_NOT_OF_KEY).filter(pk=Subquery(_key_of(pk))).order_by()[:1], int
)
_CLAIMED_LINKS: Final = Compiled(
    lambda integration, token: (
        CodingLink.objects.select_related("interview")
        .filter(integration=integration, claim=token)
        .order_by("priority", "id")
    ),
    int,
    str,
)
# The columns of a key that choosing needs.
_KEY: Final = Compiled(lambda pk: Integration.objects.filter(pk=pk).order_by().values_list(*_OF_KEY)[:1], int)


def _next(integration: Integration) -> list[int]:
    """The rows to work on next: one that a look-up goes ahead with when few are looked up, else the most urgent ones.

    Where only rows that have to wait for the rate limit are left, one of them, unless one waits already. None too when
    the key has enough claims.
    """
    now, key = timezone.now(), _KEY.first(integration.pk)
    if key is None:
        return []
    for name, value in zip(_OF_KEY, key, strict=True):
        setattr(integration, name, value)
    claimed = [_Row(*row) for row in _CLAIMED.all(integration.pk, now, now - lookups.FRESH)]
    if len({row.claim for row in claimed}) >= MAX_CLAIMS or not may_work(integration, LinkState.CANCELLING):
        return []
    if len({row.claim for row in claimed if row.creates}) >= MAX_CREATING:
        return []  # the first of them to end sees to what is next
    looking = any(row.needs_look_up for row in claimed)
    due = _first(integration, MAX_WAIT)
    unknown = next((row.pk for row in due if row.needs_look_up), None)
    if unknown is not None and not looking and sum(row.is_known for row in due) < ENOUGH_LOOKED_UP:
        return [unknown]
    chosen = [row for row in due if not row.needs_look_up]
    if chosen or not all(row.claimed_at for row in claimed):
        return _together(chosen, integration)
    later = _first(integration, MAX_HOLD)
    return [row.pk for row in later if not (looking and row.needs_look_up)][:1]


def _together(rows: list[_Row], integration: Integration) -> list[int]:
    """The first row; where its create only has to be sent, others like it, for as many slots as a worker may wait for.

    Of one candidate only one is created at a time.
    """
    if not rows or not rows[0].is_known:
        return [row.pk for row in rows[:1]]
    by_candidate: dict[str, int] = {}
    for row in rows:
        if row.is_known:
            by_candidate.setdefault(row.candidate_key, row.pk)
    most = min(MAX_TOGETHER, rate_limit.slots_within(integration, "write", MAX_WAIT))
    return list(by_candidate.values())[: max(1, most)]


def _first(integration: Integration, within: float) -> list[_Row]:
    """The first affordable rows."""
    now = timezone.now()
    found = _first_of(_shut(integration, within)).all(integration.pk, now, now - lookups.FRESH)
    return [_Row(*row) for row in found]


@cache
def _first_of(shut: _Shut) -> Compiled[Any]:
    def build(integration: int, now: datetime, since: datetime) -> QuerySet[CodingLink, Any]:
        rows = _affordable(shut, integration, now, since).order_by("priority", "next_attempt_at", "id")
        return _rows(rows[:WINDOW], since)

    return Compiled(build, int, datetime, datetime)


def _rows(links: QuerySet[CodingLink], since: datetime) -> QuerySet[CodingLink, Any]:
    """The values of `_Row`."""
    columns = ("pk", "state", "candidate_key", "claim", "claimed_at")
    return links.values_list(*columns, Exists(lookups.fresh_snapshots(since)))


def _claimed(integration: int | OuterRef, now: datetime) -> QuerySet[CodingLink]:
    return CodingLink.objects.filter(integration=integration, next_attempt_at__gt=now).exclude(claim="")


_CLAIMED: Final = Compiled(
    lambda integration, now, since: _rows(_claimed(integration, now).order_by("id"), since), int, datetime, datetime
)


def _number_of_claims(now: datetime) -> Coalesce:
    """How many claims there are on the outer row's key."""
    rows = _claimed(OuterRef("integration"), now).order_by().values("integration")
    return Coalesce(Subquery(rows.annotate(number=Count("claim", distinct=True)).values("number")), 0)

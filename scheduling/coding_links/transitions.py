"""State changes of links, by conditional UPDATE, each with its line of history; claims, leases and timers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, Field, QuerySet
from django.db.models.functions import Cast
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone

from integrations.registry import TOOLS
from organizations.models import User
from scheduling.models import CodingLink, LinkEvent, LinkState, VendorEvent

S = LinkState
# Takes a row out of a worker's hands: what it knows is out of date, and its last word does not count.
RELEASED: dict[str, Any] = {"claim": "", "claimed_at": None}

# Every transition there is. Any other is a mistake in the code, and raises.
TRANSITIONS: dict[str, set[str]] = {
    "": {S.PENDING, S.CANCELLING},
    S.PENDING: {S.CREATING, S.UNKNOWN, S.CANCELLED, S.FAILED},
    S.CREATING: {S.READY, S.PENDING, S.UNKNOWN, S.FAILED},
    S.UNKNOWN: {S.READY, S.PENDING, S.FAILED, S.CANCELLED},
    S.FAILED: {S.PENDING, S.CANCELLED},
    S.READY: {S.ACTIVE, S.FINISHED, S.CANCELLING, S.CANCELLED, S.EXPIRED},
    S.ACTIVE: {S.FINISHED, S.CANCELLED, S.READY, S.CANCELLING},
    S.FINISHED: {S.CANCELLING},
    S.CANCELLING: {S.CANCELLED, S.ACTIVE, S.FINISHED},
    S.CANCELLED: {S.CANCELLING},
    S.EXPIRED: {S.FINISHED, S.CANCELLED, S.CANCELLING},
}
# What a row of an erased candidate keeps of them once only its deletion at the vendor is left: nothing.
NOTHING_OF_THEM: dict[str, Any] = {
    "candidate_name": "",
    "candidate_email": "",
    "candidate_key": "",
    "feedback": [],
    "known_ids": None,
}


def transition(
    link: CodingLink,
    to: str,
    *,
    code: str,
    because: str = "",
    params: Mapping[str, Any] | None = None,
    actor: User | None = None,
    **fields: Any,
) -> bool:
    """Move a link from the state and claim it was read with; False when somebody else has moved it since.

    Writes the LinkEvent in the same transaction and brings `link` up to date. `because` and its `params` become a
    sentence in `problems`. `fields` are set with the state; the claim is given up unless a new one is among them.
    """
    if to not in TRANSITIONS[link.state]:
        raise ValueError(f"A link does not go from {link.state} to {to}.")
    fields = RELEASED | fields | {"state": to}
    with transaction.atomic():
        if not compare_and_set(link, **fields):
            return False
        reason = {"because": because, **(params or {})} if because else {}
        LinkEvent.objects.create(link=link, from_state=link.state, to_state=to, code=code, params=reason, actor=actor)
        if to == S.CANCELLED:
            _end_erasure(link, because)
        elif to == S.FAILED:
            _end_erasure(link, "left_elsewhere" if code == "company_changed" else "")
    for name, value in fields.items():
        setattr(link, name, value)
    return True


class SomeMoved(Exception):
    """Of several links that were to be moved together, somebody has moved some. One by one, the others can be."""


def transition_all(
    links: Sequence[CodingLink], to: str, *, code: str, each: Mapping[int, Mapping[str, Any]]
) -> list[CodingLink]:
    """Move links of one claim from the state they were read in; return them, or none where all were moved since.

    As `transition`, in two statements for all of them. `each`: the fields of each link, by its id. Raises SomeMoved,
    and the transaction is to be undone, where somebody has moved some of them since.
    """
    state, claim, pks = links[0].state, links[0].claim, [link.pk for link in links]
    if to not in TRANSITIONS[state] or to in {S.CANCELLED, S.FAILED}:
        raise ValueError(f"Links do not go from {state} to {to} together.")
    fields = {pk: {**RELEASED, "state": to, **each[pk]} for pk in pks}
    with transaction.atomic(savepoint=False):
        rows = CodingLink.objects.filter(pk__in=pks, state=state, claim=claim)
        changed = rows.update(**_columns(fields), changed_at=timezone.now())
        if not changed:
            return []
        if changed < len(links):
            raise SomeMoved
        LinkEvent.objects.bulk_create(LinkEvent(link=link, from_state=state, to_state=to, code=code) for link in links)
    for link in links:
        for name, value in fields[link.pk].items():
            setattr(link, name, value)
    return list(links)


def _columns(fields: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    """The columns of an UPDATE of several rows: one value where it is the same for all, else by the rows' ids."""
    first = next(iter(fields.values()))
    columns: dict[str, Any] = {}
    for name, value in first.items():
        if all(of_row[name] == value for of_row in fields.values()):
            columns[name] = value
            continue
        column = cast("Field[Any, Any]", CodingLink._meta.get_field(name))
        columns[name] = Cast(_ByRow({pk: of_row[name] for pk, of_row in fields.items()}, column), output_field=column)
    return columns


class _ByRow(Expression):
    """A value of a column for each row, by its id. As `Case` with a `When` for each, in a tenth of its time."""

    def __init__(self, values: Mapping[int, Any], column: Field[Any, Any]) -> None:
        super().__init__(output_field=column)
        self.values = values

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        name = compiler.quote_name_unless_alias("id")
        params: list[Any] = []
        for pk, value in self.values.items():
            params += (pk, self.output_field.get_db_prep_save(value, connection))
        return f"CASE {name} {'WHEN %s THEN %s ' * len(self.values)}END", params


def _end_erasure(link: CodingLink, because: str) -> None:
    """Delete the row of an erased candidate; or keep it for an admin where `because` says that the vendor has it still.

    Reads the row anew: the erasure may have been asked for since `link` was read.
    """
    erased = CodingLink.objects.filter(pk=link.pk, erase_asked_at__isnull=False)
    if because:
        erased.update(state=S.CANCELLING, problem_code=because, problem_params={}, **NOTHING_OF_THEM)
    elif erased.exists():
        delete_row(link)


def delete_row(link: CodingLink) -> None:
    """Delete a link with its history, and with the events that its vendor sent about it."""
    if link.external_id:
        VendorEvent.objects.filter(integration=link.integration_id, external_id=link.external_id).delete()
    CodingLink.objects.filter(pk=link.pk).delete()


def compare_and_set(link: CodingLink, **fields: Any) -> bool:
    """Set columns of a link that still is in the state, and under the claim, it was read with; False when it is not."""
    return bool(
        CodingLink.objects.filter(pk=link.pk, state=link.state, claim=link.claim).update(
            **fields, changed_at=timezone.now()
        )
    )


def record_event(link: CodingLink, *, code: str, actor: User | None = None) -> None:
    """Write a line of history without a transition: a decision made while the vendor is being called."""
    LinkEvent.objects.create(link=link, from_state=link.state, to_state=link.state, code=code, actor=actor)


def insert(link: CodingLink, *, code: str, actor: User | None = None) -> None:
    """Store a new link and the first line of its history."""
    insert_all([link], code=code, actor=actor)


def insert_all(links: Sequence[CodingLink], *, code: str, actor: User | None = None) -> None:
    """Store new links, each with the first line of its history, with two queries."""
    with transaction.atomic(savepoint=False):
        CodingLink.objects.bulk_create(links)
        LinkEvent.objects.bulk_create(
            LinkEvent(link=link, from_state="", to_state=link.state, code=code, actor=actor) for link in links
        )


def lease() -> timedelta:
    """How long a worker may be silent before it counts as dead: one call of the slowest tool, and some."""
    return timedelta(seconds=max(entry.info.limits.timeout for entry in TOOLS.values()) * 1.25 + 5)


def extend_lease(link: CodingLink, until: datetime) -> None:
    """Extend the lease of a claimed link: its worker will not report again before `until`."""
    compare_and_set(link, next_attempt_at=until + lease())


def release(link: CodingLink, at: datetime | None, **fields: Any) -> bool:
    """Release a link's claim; it is due again `at`, None: never. `fields` as for `compare_and_set`."""
    return compare_and_set(link, claim="", claimed_at=None, next_attempt_at=at, **fields)


def release_all(links: QuerySet[CodingLink]) -> None:
    """Release claims: the rows are due at once."""
    now = timezone.now()
    links.update(claim="", claimed_at=None, next_attempt_at=now, changed_at=now)


def release_locked(links: Sequence[CodingLink]) -> None:
    """Release the claims of locked links, which are due at their `next_attempt_at`, with one query.

    Their `not_before` is stored too. No condition: none of them can have changed since it was locked.
    """
    for link in links:
        link.claim, link.claimed_at, link.changed_at = "", None, timezone.now()
    CodingLink.objects.bulk_update(links, ["claim", "claimed_at", "not_before", "next_attempt_at", "changed_at"])

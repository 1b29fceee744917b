"""Adopt what the vendor has made: the link becomes READY, and catches up on what changed while it was made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from integrations.base import VendorLink
from organizations.compiled import Compiled, among
from scheduling.coding_links import lookups, validity
from scheduling.coding_links.dispatch import dispatch_queue, enqueue
from scheduling.coding_links.removal import cancel_at_vendor
from scheduling.coding_links.transitions import (
    NOTHING_OF_THEM,
    RELEASED,
    SomeMoved,
    compare_and_set,
    insert,
    transition,
    transition_all,
)
from scheduling.models import CodingLink, LinkState

# Seconds until a link is tried again whose candidate has another create on its way.
RETRY_BUSY_CANDIDATE = 3.0


def adopted_fields(link: CodingLink, *, external_id: str, url: str, now: datetime | None = None) -> dict[str, Any]:
    """Columns of a link that becomes READY. Its lifetime counts from when the create was sent: the safe reading."""
    now = now or timezone.now()
    sent = link.sent_at or now
    fields: dict[str, Any] = {
        "external_id": external_id,
        "url": url,
        "ready_at": now,
        "expires_at": validity.expires_at(link.integration.kind, sent),
        "company_id": link.integration.company_id,
        "problem_code": "",
        "problem_params": {},
        "choices": [],
        "attempts": 0,
        "next_attempt_at": now,
    }
    trial = CodingLink(state=LinkState.READY, expires_at=fields["expires_at"])
    fields["next_attempt_at"] = validity.next_fetch(trial, link.interview, now=now)
    return fields


def mark_ready(link: CodingLink, made: VendorLink, *, code: str = "made") -> None:
    """Make a link READY with the vendor's answer. Where its claim was lost since, the answer is an orphan."""
    mark_all_ready([(link, made)], code=code)


def mark_all_ready(answers: Sequence[tuple[CodingLink, VendorLink]], *, code: str = "made") -> None:
    """Make links of one claim READY, each with the vendor's answer, as `mark_ready` does."""
    links, at = [link for link, _made in answers], timezone.now()
    fields = {
        link.pk: adopted_fields(link, external_id=made.external_id, url=made.url, now=at) for link, made in answers
    }
    before = [{name: getattr(link, name) for name in (*fields[link.pk], "state", *RELEASED)} for link in links]
    try:
        with transaction.atomic():
            moved = transition_all(links, LinkState.READY, code=code, each=fields)
            now = _now(links)
            for link in moved:
                catch_up(link, now[link.pk].link)
    except (IntegrityError, SomeMoved):
        for link, columns in zip(links, before, strict=True):
            for name, value in columns.items():
                setattr(link, name, value)
        if len(answers) > 1:
            for link, made in answers:
                mark_ready(link, made, code=code)
        else:
            _fail_as_given_twice(links[0])
        return
    for link, made in answers:
        if link not in moved:
            _keep_or_delete_orphan(link, made)
        if link.pk not in now or now[link.pk].others_wait:
            wake_same_candidate(link)


def _fail_as_given_twice(link: CodingLink) -> None:
    transition(
        link,
        LinkState.FAILED,
        code="given_twice",
        problem_code="given_twice",
        problem_params={},
        next_attempt_at=None,
    )


@dataclass(frozen=True, slots=True)
class _Now:
    """A link as it is now, not as it was when a worker claimed it. `others_wait`: for the same candidate."""

    link: CodingLink
    others_wait: bool


def _now(links: Sequence[CodingLink]) -> dict[int, _Now]:
    """Read links of one key anew; one that was deleted is left out.

    Raises IntegrityError where the vendor gave one of their ids for another request.
    """
    integration, soon = links[0].integration, timezone.now() + timedelta(seconds=RETRY_BUSY_CANDIDATE)
    pks, company = [link.pk for link in links], integration.company_id
    if company:
        rows = _OF_COMPANY.all(pks, integration.pk, soon, integration.kind, company)
    else:
        rows = _OF_KEY.all(pks, integration.pk, soon)
    found = {row.pk: row for row in rows}
    if any(getattr(row, "given_before") for row in found.values()):  # noqa: B009 - an annotation
        raise IntegrityError("another organization's link")
    return {pk: _Now(row, getattr(row, "others_wait")) for pk, row in found.items()}  # noqa: B009 - an annotation


def _as_they_are(
    pks: list[int], integration: int, soon: datetime, kind: str = "", company_id: str | None = None
) -> QuerySet[CodingLink]:
    """Links of a key with what `catch_up` reads of them."""
    others = lookups.made_at(integration, kind, company_id).filter(external_id=OuterRef("external_id"))
    waiting = _waiting_for(OuterRef("candidate_key"), integration, soon)
    rows = CodingLink.objects.filter(among("pk", pks)).select_related("interview__schedule__candidate")
    person, interview = "interview__schedule__candidate", "interview"
    columns = ["cancel_asked", *(f"{interview}__{name}" for name in ("state", "starts_at", "ends_at"))]
    return (
        rows.only(*columns, f"{person}__name", f"{person}__email")
        .annotate(
            given_before=Exists(others.exclude(pk=OuterRef("pk"))),
            others_wait=Exists(waiting.exclude(pk=OuterRef("pk"))),
        )
        .order_by()
    )


_OF_KEY: Final = Compiled(_as_they_are, list, int, datetime)
_OF_COMPANY: Final = Compiled(_as_they_are, list, int, datetime, str, str)


def catch_up(link: CodingLink, now: CodingLink | None = None) -> None:
    """Do for a READY link what changed while its create was on its way. Call in the transaction that made it READY.

    `now`: the link as it was read in this transaction.
    """
    now = now or CodingLink.objects.select_related("interview__schedule__candidate").filter(pk=link.pk).first()
    known = link.interview
    if drop_if_unwanted(link, now) or known is None or now is None or now.interview is None:
        return
    interview = link.interview = now.interview
    candidate = interview.schedule.candidate
    if (candidate.name, candidate.email) != (link.candidate_name, link.candidate_email):
        compare_and_set(link, edit_due=True, next_attempt_at=timezone.now())
        enqueue(link)
    elif validity.dies_too_early(link, interview):
        compare_and_set(link, next_attempt_at=timezone.now())
        enqueue(link)
    elif known.starts_at != interview.starts_at:
        compare_and_set(link, next_attempt_at=validity.next_fetch(link, interview))


def is_unwanted(link: CodingLink) -> bool:
    """Whether nobody wants the link any more, as things are now, not as they were when the row was read."""
    return _unwanted(CodingLink.objects.select_related("interview").filter(pk=link.pk).first())


def _unwanted(now: CodingLink | None) -> bool:
    return now is None or now.interview is None or now.interview.is_cancelled or now.cancel_asked


def drop_if_unwanted(link: CodingLink, now: CodingLink | None = None) -> bool:
    """Remove a link whose interview was cancelled, or which somebody removed, while the vendor was called.

    `now`: the link as it was read a moment ago.
    """
    if not (_unwanted(now) if now is not None else is_unwanted(link)):
        return False
    if link.state == LinkState.READY:
        cancel_at_vendor(link, code="removed_meanwhile", actor=None)
    elif link.state in {LinkState.PENDING, LinkState.FAILED}:
        transition(link, LinkState.CANCELLED, code="removed_meanwhile", next_attempt_at=None)
    return True


@transaction.atomic
def _keep_or_delete_orphan(link: CodingLink, made: VendorLink) -> None:
    """Adopt the answer of a create whose worker counted as dead where it is still looked for, else delete it there."""
    rows = CodingLink.objects.select_for_update(of=("self",)).select_related("integration", "interview")
    current = rows.filter(pk=link.pk).first()
    if CodingLink.objects.filter(integration=link.integration, external_id=made.external_id).exists():
        return
    if current is not None and current.state == LinkState.UNKNOWN:
        fields = adopted_fields(current, external_id=made.external_id, url=made.url)
        if transition(current, LinkState.READY, code="late_answer", **fields):
            catch_up(current)
        return
    orphan = CodingLink(
        organization_id=link.organization_id,
        integration=link.integration,
        interview=None,
        candidate=current.candidate if current is not None else None,
        state=LinkState.CANCELLING,
        candidate_key=link.candidate_key,
        candidate_name=link.candidate_name,
        candidate_email=link.candidate_email,
        external_id=made.external_id,
        url=made.url,
        company_id=link.integration.company_id,
    )
    if current is None or current.erase_asked_at is not None:  # its row was deleted with the candidate
        orphan.erase_asked_at = timezone.now()
        for name, value in NOTHING_OF_THEM.items():
            setattr(orphan, name, value)
    insert(orphan, code="stray")
    enqueue(orphan)


def wake_same_candidate(link: CodingLink) -> None:
    """Let links go on that waited for the end of this one's create, which is over."""
    if link.state in {LinkState.UNKNOWN, LinkState.CREATING}:
        return
    soon = timezone.now() + timedelta(seconds=RETRY_BUSY_CANDIDATE)
    waiting = _waiting_for(link.candidate_key, link.integration_id, soon).exclude(pk=link.pk)
    if waiting.update(next_attempt_at=timezone.now()):
        dispatch_queue(link.integration_id)


def _waiting_for(candidate_key: str | OuterRef, integration_id: int, soon: datetime) -> QuerySet[CodingLink]:
    """Links that wait because another create for their candidate was on its way."""
    return CodingLink.objects.filter(
        integration=integration_id,
        candidate_key=candidate_key,
        state=LinkState.PENDING,
        claim="",
        next_attempt_at__lte=soon,
        attempts=0,
    )

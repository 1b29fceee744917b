"""Links after a change elsewhere: of their interview, of its candidate, or at the vendor."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from integrations.models import Integration
from organizations.models import User
from scheduling.coding_links import validity
from scheduling.coding_links.candidate_keys import candidate_key_of
from scheduling.coding_links.dispatch import enqueue
from scheduling.coding_links.removal import cancel_at_vendor, remove_link
from scheduling.coding_links.requests import replacement, retry_link
from scheduling.coding_links.transitions import RELEASED, compare_and_set, release, release_locked
from scheduling.models import Candidate, CodingLink, Interview, LinkState
from scheduling.models.coding_links import LIVE, USABLE


@transaction.atomic
def interviews_changed(*, interviews: Collection[Interview], actor: User | None) -> None:
    """Keep, replace or request the links of interviews after their times changed.

    Call in the same transaction, after saving. Links that stay take the same queries for one as for many.
    """
    known = {interview.pk: interview for interview in interviews}
    rows = CodingLink.objects.filter(interview__in=known).select_related("integration").order_by("id")
    # The latest of each interview, in the order of the interviews: it is the last one that the dictionary is given.
    latest = {link.interview_id: link for link in rows.select_for_update(of=("self",))}
    kept = []
    for pk, interview in known.items():
        link = latest.get(pk)
        if link is None or validity.is_over(interview) or interview.is_cancelled:
            continue
        if link.state == LinkState.PENDING:
            now, earliest = timezone.now(), validity.not_before(interview, link.integration.kind)
            link.not_before, link.next_attempt_at = earliest, max(now, earliest or now)
            kept.append(link)
            enqueue(link)
        elif link.state == LinkState.READY and needs_another(link, interview):
            cancel_at_vendor(link, code="dies_too_early", actor=actor)
            replacement(link, interview, code="replaces")
        elif link.state in {LinkState.READY, LinkState.ACTIVE}:
            link.next_attempt_at = _due_at(link) if link.edit_due else validity.next_fetch(link, interview)
            kept.append(link)
        elif link.state == LinkState.FAILED and link.problem_code == "too_late":
            retry_link(link=link, actor=actor)
        elif needs_another(link, interview):
            replacement(link, interview, code="moved")
    release_locked(kept)


def interview_changed(*, interview: Interview, actor: User | None) -> None:
    """Do as `interviews_changed` for one."""
    interviews_changed(interviews=[interview], actor=actor)


def needs_another(link: CodingLink, interview: Interview) -> bool:
    """Return whether a link that was made can't be used at the interview's time, so that another takes its place."""
    if link.state == LinkState.READY:
        return validity.dies_too_early(link, interview)
    return link.state in {LinkState.EXPIRED, LinkState.FINISHED} and interview.starts_at > timezone.now()


@transaction.atomic
def interviews_cancelled(*, interviews: Iterable[Interview], actor: User | None) -> None:
    """Remove the links of interviews that will not take place. Call once they are cancelled, or before a deletion."""
    links = CodingLink.objects.filter(interview__in=[interview.pk for interview in interviews]).order_by("id")
    for link in links.filter(state__in=LIVE):
        if link.state != LinkState.ACTIVE:
            remove_link(link=link, actor=actor, code="interview_cancelled")
    # Once an interview is deleted, no page of its is left that could offer to try again.
    for link in links.filter(state=LinkState.CANCELLING):
        retry_link(link=link, actor=actor)


def interview_cancelled(*, interview: Interview, actor: User | None) -> None:
    """Do as `interviews_cancelled` for one."""
    interviews_cancelled(interviews=[interview], actor=actor)


@transaction.atomic
def candidate_changed(*, candidate: Candidate) -> None:
    """Give waiting links a candidate's new name and address, and tell the vendor of them for those that are made."""
    links = CodingLink.objects.filter(interview__schedule__candidate=candidate, state__in=LIVE)
    for link in links.select_for_update(of=("self",)).order_by("id"):
        if link.candidate_name == candidate.name and link.candidate_email == candidate.email:
            continue
        if link.state in {LinkState.PENDING, LinkState.FAILED}:
            compare_and_set(
                link,
                candidate_name=candidate.name,
                candidate_email=candidate.email,
                candidate_key=candidate_key_of(candidate.email),
                known_ids=None,
                **_at_once(link),
            )
            enqueue(link)
        elif link.state in {LinkState.READY, LinkState.ACTIVE} and release(
            link, _due_at(link), edit_due=True, attempts=0
        ):
            link.edit_due = True
            enqueue(link)


@transaction.atomic
def vendor_says(*, integration: Integration, external_id: str) -> None:
    """Fetch a link now that the vendor sent an event about. What the event said is not believed."""
    known = CodingLink.objects.filter(integration=integration, external_id=external_id).exclude(external_id="")
    for link in known.filter(state__in=[*USABLE, LinkState.EXPIRED]).order_by("id"):
        if release(link, _due_at(link) if link.edit_due else timezone.now()):
            enqueue(link)


def _due_at(link: CodingLink) -> datetime:
    """Now; or, where a worker talks to the vendor about it, when its lease is over: edits must not overtake."""
    now = timezone.now()
    return max(now, link.next_attempt_at) if link.claimed_at and link.next_attempt_at else now


def _at_once(link: CodingLink) -> dict[str, Any]:
    """Columns that take a request from the worker that is about to send it as it was."""
    return RELEASED | {"next_attempt_at": timezone.now()} if link.claim else {}

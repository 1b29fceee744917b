"""Requests of people for links. Fast, atomic, and without a call of the vendor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.models import Integration
from integrations.registry import tool_name
from organizations.audit import Person, record
from organizations.models import User
from scheduling.coding_links import lookups, validity
from scheduling.coding_links.candidate_keys import candidate_key_of
from scheduling.coding_links.dispatch import enqueue, enqueue_look_up
from scheduling.coding_links.removal import LinkError
from scheduling.coding_links.transitions import compare_and_set, insert, insert_all, transition
from scheduling.models import Candidate, CodingLink, Interview, LinkState
from scheduling.models.coding_links import BULK, CLICK, LIVE


@transaction.atomic
def request_link(
    *,
    interview: Interview,
    integration: Integration,
    actor: User | None,
    template_id: str = "",
    template_name: str = "",
    template_locked: bool = False,
    by_default: bool = False,
) -> CodingLink:
    """Request the interview's link; it is made in the background. A live link, of any tool, is returned as it is.

    Raises LinkError for an interview that is cancelled or over, and where no key is stored.
    """
    if not integration.is_connected:
        tool = {"tool": tool_name(integration.kind)}
        raise LinkError(_("%(tool)s is not connected. Ask an admin to connect it.") % tool)
    if interview.is_cancelled:
        raise LinkError(_("This interview is cancelled. It needs no link."))
    if validity.is_over(interview):
        raise LinkError(_("This interview is over. Move it to a future time, then add a link."))
    existing = live_link(interview)
    if existing is None:
        try:
            with transaction.atomic():
                link = _new_link(
                    interview, integration, actor, (template_id, template_name, template_locked), by_default=by_default
                )
                _insert(link, code="by_default" if by_default else "asked", actor=actor, in_bulk=by_default)
                return link
        except IntegrityError:
            # Somebody clicked at the same moment: theirs is the one.
            existing = CodingLink.objects.get(interview=interview, state__in=LIVE)
    if existing.cancel_asked and compare_and_set(existing, cancel_asked=False):
        existing.cancel_asked = False
    if not by_default:
        _bring_forward(existing)
    return existing


def _bring_forward(link: CodingLink) -> None:
    """Give a request that waits among many the priority of a click: now somebody waits for it."""
    if link.state == LinkState.PENDING and link.priority > CLICK and compare_and_set(link, priority=CLICK):
        link.priority = CLICK
        if not link.claim:
            enqueue(link)


@transaction.atomic
def retry_link(*, link: CodingLink, actor: User | None) -> CodingLink:
    """Try at once what had failed or waits for its next try. Anything else is left alone."""
    link = CodingLink.objects.select_for_update().get(pk=link.pk)
    now = timezone.now()
    fresh: dict[str, Any] = {"attempts": 0, "problem_code": "", "problem_params": {}, "priority": CLICK}
    if link.state == LinkState.FAILED:
        at = max(now, link.not_before or now)
        moved = transition(link, LinkState.PENDING, code="retried", actor=actor, next_attempt_at=at, **fresh)
        if moved and at == now:
            enqueue(link)
    elif link.state in {LinkState.CANCELLING, LinkState.PENDING} and link.problem_code:
        if compare_and_set(link, next_attempt_at=max(now, link.not_before or now), **fresh):
            link.refresh_from_db()
            enqueue(link)
    elif link.is_usable and link.problem_code and compare_and_set(link, edit_due=True, next_attempt_at=now, **fresh):
        link.refresh_from_db()
        enqueue(link)
    return link


@transaction.atomic
def retry_for_support(*, link: CodingLink, actor: User) -> bool:
    """Try a link again for whoever runs the server; the organization's trail has it. False: nothing to try again."""
    before = CodingLink.objects.select_for_update().get(pk=link.pk)
    after = retry_link(link=link, actor=actor)
    if (before.state, before.problem_code, before.edit_due) == (after.state, after.problem_code, after.edit_due):
        return False
    schedule = link.interview.schedule if link.interview else None
    record(
        organization=link.organization,
        actor=actor,
        action="admin.link_retried",
        subject=schedule or link,
        person=Person("candidate", schedule.candidate_id) if schedule else None,
    )
    return True


def replacement(link: CodingLink, interview: Interview, *, code: str) -> CodingLink | None:
    """Request another link for an interview that its link can't serve any more; None where it has a live one.

    Without a connection the request waits for the next one.
    """
    if live_link(interview) is not None:
        return None
    template = (link.template_id, link.template_name, link.template_locked)
    another = _new_link(interview, link.integration, link.requested_by, template, by_default=link.by_default)
    _insert(another, code=code, actor=link.requested_by)
    return another


def prepare(*, candidate: Candidate, integration: Integration) -> None:
    """Have the candidate looked up for a person who is about to ask for their link.

    Every create needs the look-up; this only saves the wait.
    """
    if integration.state == Integration.State.CONNECTED and not lookups.has_snapshot(
        integration, candidate_key_of(candidate.email)
    ):
        enqueue_look_up(integration.pk, candidate.pk)


def insert_by_default(wanted: Sequence[tuple[Interview, Integration]], actor: User | None) -> list[CodingLink]:
    """Insert the links of interviews that have no live one, with two queries.

    Each interview asks for a link of its connected integration. The caller has workers begin.
    """
    links = [
        _new_link(interview, integration, actor, interview.link_template, by_default=True)
        for interview, integration in wanted
    ]
    if links:
        insert_all(links, code="by_default", actor=actor)
    return links


def _insert(link: CodingLink, *, code: str, actor: User | None, in_bulk: bool = False) -> None:
    insert(link, code=code, actor=actor)
    if link.next_attempt_at == link.created_at and not in_bulk:
        enqueue(link)


def _new_link(
    interview: Interview,
    integration: Integration,
    actor: User | None,
    template: tuple[str, str, bool],
    *,
    by_default: bool,
) -> CodingLink:
    """Return a PENDING link that is not stored yet. Where it can be made at once, it is due when it was created."""
    candidate = interview.schedule.candidate
    now, earliest = timezone.now(), validity.not_before(interview, integration.kind)
    return CodingLink(
        organization_id=interview.organization_id,
        integration=integration,
        interview=interview,
        candidate=candidate,
        requested_by=actor,
        by_default=by_default,
        priority=BULK if by_default else CLICK,
        candidate_key=candidate_key_of(candidate.email),
        candidate_name=candidate.name,
        candidate_email=candidate.email,
        template_id=template[0],
        template_name=template[1],
        template_locked=template[2],
        not_before=earliest,
        next_attempt_at=max(now, earliest or now),
        created_at=now,
    )


def live_link(interview: Interview) -> CodingLink | None:
    """The interview's live link, of whichever tool; there is never more than one."""
    return CodingLink.objects.filter(interview=interview, state__in=LIVE).first()

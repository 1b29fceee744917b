"""What people and the rest of the product ask of links. Fast, atomic, and without a word to the vendor."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.models import Integration
from integrations.registry import tool_name
from organizations import audit
from organizations.models import User
from scheduling.coding_links import lookups, validity
from scheduling.coding_links.candidate_keys import candidate_key_of
from scheduling.coding_links.dispatch import nudge, nudge_look
from scheduling.coding_links.transitions import begin, change, move
from scheduling.models import Candidate, CodingLink, Interview, LinkState
from scheduling.models.coding_links import BULK, CLICK, LIVE, USABLE

# Takes a row out of the hands of who works on it: what they know is out of date, and their last word does not count.
FREED: dict[str, Any] = {"claim": "", "claimed_at": None}


class LinkError(Exception):
    """The request makes no sense as things are; `args[0]` is one sentence for the person who made it."""


def is_elsewhere(link: CodingLink) -> bool:
    """It was made, or asked for, at another company of the vendor's than the one that the key of today is for."""
    return bool(link.company_id and link.integration.company_id and link.company_id != link.integration.company_id)


def live_link(interview: Interview) -> CodingLink | None:
    """The interview's live link, of whichever tool; there is never more than one."""
    return CodingLink.objects.filter(interview=interview, state__in=LIVE).first()


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
        raise LinkError(_("This interview is over. Move it to a time to come before you add a link."))
    existing = live_link(interview)
    if existing is None:
        try:
            with transaction.atomic():
                return _new_link(
                    interview,
                    integration,
                    actor,
                    code="by_default" if by_default else "asked",
                    template=(template_id, template_name, template_locked),
                    by_default=by_default,
                    in_bulk=by_default,
                )
        except IntegrityError:
            # Somebody clicked at the same moment: theirs is the one.
            existing = CodingLink.objects.get(interview=interview, state__in=LIVE)
    if existing.cancel_asked and change(existing, cancel_asked=False):
        existing.cancel_asked = False
    return existing


def _new_link(
    interview: Interview,
    integration: Integration,
    actor: User | None,
    *,
    code: str,
    template: tuple[str, str, bool],
    by_default: bool,
    in_bulk: bool = False,
) -> CodingLink:
    candidate = interview.schedule.candidate
    now, earliest = timezone.now(), validity.not_before(interview, integration.kind)
    link = CodingLink(
        organization_id=interview.organization_id,
        integration=integration,
        interview=interview,
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
    )
    begin(link, code=code, actor=actor)
    if link.next_attempt_at == now and not in_bulk:
        nudge(link)
    return link


def prepare(*, candidate: Candidate, integration: Integration) -> None:
    """Somebody is about to ask for this candidate's links: has the look-up that every create needs made ahead.

    It only saves the person the wait; what is not ready in time is done then.
    """
    if integration.state == Integration.State.CONNECTED and not lookups.has_snapshot(
        integration, candidate_key_of(candidate.email)
    ):
        nudge_look(integration.pk, candidate.pk)


@transaction.atomic
def remove_link(*, link: CodingLink, actor: User | None, code: str = "removed") -> CodingLink:
    """Takes a link away, here and at the vendor. Does nothing to one that is gone, and never to a used one."""
    link = CodingLink.objects.select_for_update().get(pk=link.pk)
    if link.state in {LinkState.PENDING, LinkState.FAILED}:
        move(link, LinkState.CANCELLED, code=code, actor=actor, next_attempt_at=None)
    elif link.state == LinkState.READY:
        cancel_at_vendor(link, code=code, actor=actor)
    elif link.state == LinkState.UNKNOWN and link.problem_code == "ambiguous":
        leave_all(link, code=code, actor=actor)
    elif link.state in {LinkState.CREATING, LinkState.UNKNOWN}:
        change(link, cancel_asked=True)
        link.cancel_asked = True
    elif link.state == LinkState.ACTIVE and code == "removed":
        raise LinkError(_("This interview is in progress. Its link can't be removed now."))
    if code == "removed":
        audit.record(
            organization=link.organization, actor=actor, action="link.removed", subject=link, summary=_("Link removed")
        )
    return link


def leave_all(link: CodingLink, *, code: str, actor: User | None) -> None:
    """A lost answer that nobody wants any more, and that can't be told: nothing of what is there is touched."""
    move(link, LinkState.CANCELLED, code=code, because="left_as_is", actor=actor, next_attempt_at=None)


def cancel_at_vendor(link: CodingLink, *, code: str, actor: User | None) -> None:
    """READY to CANCELLING; or straight to CANCELLED where the key is of another company and can't delete it."""
    if is_elsewhere(link):
        leave_there(link, code=code, actor=actor)
        return
    now = timezone.now()
    moved = move(
        link,
        LinkState.CANCELLING,
        code=code,
        actor=actor,
        attempts=0,
        edit_due=False,
        problem_code="",
        problem_params={},
        next_attempt_at=now,
    )
    if moved:
        nudge(link)


def leave_there(link: CodingLink, *, code: str, actor: User | None) -> None:
    """To CANCELLED without a word to the vendor, which would not know it under the key of today."""
    move(link, LinkState.CANCELLED, code=code, because="left_elsewhere", actor=actor, next_attempt_at=None)


def leave_without_key(link: CodingLink) -> None:
    """To CANCELLED where no key is left that could settle or delete what the vendor may have."""
    move(link, LinkState.CANCELLED, code="key_gone", because="left_without_key", next_attempt_at=None)


@transaction.atomic
def retry_link(*, link: CodingLink, actor: User | None) -> CodingLink:
    """Tries again at once what had failed or is waiting for its next try. Anything else is left alone."""
    link = CodingLink.objects.select_for_update().get(pk=link.pk)
    now = timezone.now()
    fresh: dict[str, Any] = {"attempts": 0, "problem_code": "", "problem_params": {}, "priority": CLICK}
    if link.state == LinkState.FAILED:
        at = max(now, link.not_before or now)
        moved = move(link, LinkState.PENDING, code="retried", actor=actor, next_attempt_at=at, **fresh)
        if moved and at == now:
            nudge(link)
    elif link.state in {LinkState.CANCELLING, LinkState.PENDING} and link.problem_code:
        if change(link, next_attempt_at=max(now, link.not_before or now), **fresh):
            link.refresh_from_db()
            nudge(link)
    elif link.is_usable and link.problem_code and change(link, edit_due=True, next_attempt_at=now, **fresh):
        link.refresh_from_db()
        nudge(link)
    return link


@transaction.atomic
def choose_link(*, link: CodingLink, external_id: str, actor: User | None) -> CodingLink:
    """A person settles what could not be told: `external_id` is ours, or (empty) none of them is, make a new one."""
    from scheduling.coding_links.creation import adopted_fields, after_ready

    link = CodingLink.objects.select_for_update().select_related("integration").get(pk=link.pk)
    if link.state != LinkState.UNKNOWN or link.problem_code != "ambiguous":
        return link
    fresh: dict[str, Any] = {"problem_code": "", "problem_params": {}, "choices": [], "attempts": 0}
    chosen = next((choice for choice in link.choices if choice["id"] == external_id), None)
    if external_id and chosen is None:
        raise LinkError(_("That is not one of the links to choose from. Reload the page and choose again."))
    if chosen is not None:
        if lookups.made_here(link.integration).filter(external_id=external_id).exists():
            raise LinkError(_("That link belongs to another interview by now. Choose again."))
        fields = adopted_fields(link, external_id=external_id, url=chosen["url"]) | fresh
        if move(link, LinkState.READY, code="chosen", actor=actor, **fields):
            after_ready(link)
    else:
        move(link, LinkState.PENDING, code="none_chosen", actor=actor, next_attempt_at=timezone.now(), **fresh)
        nudge(link)
    return link


def replacement(link: CodingLink, interview: Interview, *, code: str) -> CodingLink | None:
    """A new request in the place of a link that can't serve its interview any more; None if one is there already.

    Without a connection it waits for the next one.
    """
    if live_link(interview) is not None:
        return None
    return _new_link(
        interview,
        link.integration,
        link.requested_by,
        code=code,
        template=(link.template_id, link.template_name, link.template_locked),
        by_default=link.by_default,
    )


@transaction.atomic
def interview_changed(*, interview: Interview, actor: User | None) -> None:
    """Its time changed. Call in the same transaction, after saving."""
    latest = CodingLink.objects.filter(interview=interview).select_related("integration").order_by("-id")
    for link in latest.select_for_update(of=("self",))[:1]:
        if validity.is_over(interview) or interview.is_cancelled:
            continue
        if link.state == LinkState.PENDING:
            earliest = validity.not_before(interview, link.integration.kind)
            now = timezone.now()
            at = max(now, earliest or now)
            if change(link, not_before=earliest, next_attempt_at=at, **FREED):
                link.not_before, link.next_attempt_at = earliest, at
                nudge(link)
        elif link.state == LinkState.READY and validity.dies_too_early(link, interview):
            cancel_at_vendor(link, code="dies_too_early", actor=actor)
            replacement(link, interview, code="replaces")
        elif link.state in {LinkState.READY, LinkState.ACTIVE}:
            change(link, next_attempt_at=_soon(link) if link.edit_due else validity.next_look(link, interview), **FREED)
        elif link.state == LinkState.FAILED and link.problem_code == "too_late":
            retry_link(link=link, actor=actor)
        elif link.state in {LinkState.EXPIRED, LinkState.FINISHED} and interview.starts_at > timezone.now():
            replacement(link, interview, code="moved")


@transaction.atomic
def interview_cancelled(*, interview: Interview, actor: User | None) -> None:
    """It will not take place. Call after it is marked so, or before its row is deleted."""
    links = CodingLink.objects.filter(interview=interview, state__in=LIVE).order_by("id")
    for link in links:
        if link.state != LinkState.ACTIVE:
            remove_link(link=link, actor=actor, code="interview_cancelled")
    # Once the interview is deleted, no page of its is left that could offer to try again.
    for link in CodingLink.objects.filter(interview=interview, state=LinkState.CANCELLING).order_by("id"):
        retry_link(link=link, actor=actor)


@transaction.atomic
def vendor_says(*, integration: Integration, external_id: str) -> None:
    """The vendor told of something about one of its interviews. It is not believed: the link is looked at now."""
    known = CodingLink.objects.filter(integration=integration, external_id=external_id).exclude(external_id="")
    for link in known.filter(state__in=[*USABLE, LinkState.EXPIRED]).order_by("id"):
        if change(link, next_attempt_at=_soon(link) if link.edit_due else timezone.now(), **FREED):
            nudge(link)


def _soon(link: CodingLink) -> datetime:
    """Now; or, where a worker talks to the vendor about it, when its lease is over: edits must not overtake."""
    now = timezone.now()
    return max(now, link.next_attempt_at) if link.claimed_at and link.next_attempt_at else now


def _at_once(link: CodingLink) -> dict[str, Any]:
    """For a request that somebody is just about to send as it was: it is due again, as it is now."""
    return FREED | {"next_attempt_at": timezone.now()} if link.claim else {}


@transaction.atomic
def candidate_changed(*, candidate: Candidate, actor: User | None) -> None:
    """Name or address changed. Waiting links take it over; the vendor is told of it for those that are made."""
    del actor
    links = CodingLink.objects.filter(interview__schedule__candidate=candidate, state__in=LIVE)
    for link in links.select_for_update(of=("self",)).order_by("id"):
        if link.candidate_name == candidate.name and link.candidate_email == candidate.email:
            continue
        if link.state in {LinkState.PENDING, LinkState.FAILED}:
            change(
                link,
                candidate_name=candidate.name,
                candidate_email=candidate.email,
                candidate_key=candidate_key_of(candidate.email),
                known_ids=None,
                **_at_once(link),
            )
            nudge(link)
        elif link.state in {LinkState.READY, LinkState.ACTIVE} and change(
            link, edit_due=True, attempts=0, next_attempt_at=_soon(link), **FREED
        ):
            link.edit_due = True
            nudge(link)

"""Delete a candidate: everything here at once, and what coding tools have as soon as they confirm it.

The one act behind the button on the candidate's page and behind retention. People who expect an interview are told
first, if that is wanted: the candidate then stays, marked and in no list, until the cancellations are sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from organizations import audit
from organizations.mail_server import can_leave
from organizations.models import Organization, User
from scheduling.coding_links import erasure as links
from scheduling.erasure import traces
from scheduling.messages import queueing
from scheduling.messages import services as message_services
from scheduling.messages.compose import compose
from scheduling.messages.message_context import load_message_context
from scheduling.models import (
    CalendarEntry,
    Candidate,
    Interview,
    Message,
    MessageKind,
    MessageState,
    Schedule,
)
from scheduling.models.messages import TROUBLED
from scheduling.schedules import services as schedule_services
from scheduling.schedules.trail_rows import GivenReason

log = structlog.get_logger(__name__)

#: Deletions finished in one round of beat.
BATCH = 200
ON_THEIR_WAY = [MessageState.QUEUED, MessageState.SENDING]
#: What clears somebody's calendar.
_CLEARING = [kind for kind in MessageKind if kind.occasion in {"cancellation", "withdrawal"}]
_NOT_TOLD = Q(kind__in=_CLEARING, state__in=TROUBLED, replaced_at__isnull=True)


@dataclass(frozen=True, slots=True)
class Summary:
    """The rows that go with a candidate. `links` are coding interviews by kind of tool; `expecting` are names."""

    schedules: int
    interviews: int
    messages: int
    events: int
    links: dict[str, int]
    expecting: Sequence[str]
    can_tell: bool


def summary(candidate: Candidate) -> Summary:
    """Count what a deletion deletes and cancels, for whoever confirms it."""
    now = timezone.now()
    coming = Interview.objects.filter(schedule__candidate=candidate, ends_at__gt=now)
    events = CalendarEntry.objects.filter(schedule__candidate=candidate, cancelled=False)
    at_tools: dict[str, int] = {}
    for kind in links.may_be_there(links.links_of(candidate)).values_list("integration__kind", flat=True).order_by():
        at_tools[kind] = at_tools.get(kind, 0) + 1
    expecting = message_services.still_invited(candidate.schedules.all())
    return Summary(
        schedules=candidate.schedules.count(),
        interviews=coming.filter(state=Interview.State.SCHEDULED).count(),
        messages=Message.objects.filter(schedule__candidate=candidate).exclude(state=MessageState.DRAFT).count(),
        events=events.filter(schedule__last_ends_at__gt=now).count(),
        links=dict(sorted(at_tools.items())),
        expecting=list(dict.fromkeys(name for names in expecting.values() for name in names)),
        can_tell=can_leave(),
    )


@transaction.atomic
def delete_candidate(*, candidate: Candidate, actor: User | None, tell: bool = False) -> bool:
    """Delete a candidate with everything that is held on them. False: it waits for cancellations to be sent.

    `tell`: cancel what people expect, and tell them. Raises NotQueued where a cancellation can't be sent, and
    Candidate.DoesNotExist for one who is gone. Nothing has happened then.
    """
    locked = _locked(candidate.pk)
    if tell:
        _cancel_all(locked, actor)
        if _messages(locked).filter(state__in=ON_THEIR_WAY).exists():
            Candidate.objects.filter(pk=locked.pk).update(erase_asked_at=timezone.now(), erase_asked_by=actor)
            audit.record(
                organization=locked.organization, actor=actor, action="candidate.deletion_asked", subject=locked
            )
            return False
    _delete(locked, actor)
    return True


def finish_deletions() -> None:
    """Delete candidates whose cancellations are sent. Called by beat; several workers may do it at once."""
    asked = Candidate.objects.filter(erase_asked_at__isnull=False).order_by("erase_asked_at", "pk")
    for pk in list(asked.values_list("pk", flat=True)[:BATCH]):
        _finish(pk)


@transaction.atomic
def _finish(pk: int) -> None:
    candidate = Candidate.objects.select_for_update(of=("self",), skip_locked=True).filter(pk=pk).first()
    if candidate is None or _messages(candidate).filter(state__in=ON_THEIR_WAY).exists():
        return
    if not _not_told(candidate).exists():
        _delete(candidate, candidate.erase_asked_by)


def unfinished(organization: Organization) -> QuerySet[Candidate]:
    """Candidates whose deletion was asked for, and waits for messages, the oldest first."""
    # Of all organizations first: few, with an index of their own, which SQLite passes over for one of the organization.
    everywhere = Candidate.objects.filter(erase_asked_at__isnull=False).order_by().values("pk")
    return Candidate.objects.filter(organization=organization, pk__in=everywhere).order_by("erase_asked_at", "pk")


def there_are() -> Q:
    """Whether a membership's organization has deletions that may wait for a person: a mark on each reader."""
    organization: Any = OuterRef("organization")
    refused = links.failed(organization).select_related(None).order_by()
    return Exists(refused) | Exists(unfinished(organization).order_by())


def stuck(organization: Organization) -> QuerySet[Candidate]:
    """Candidates whose deletion waits for a person: a cancellation could not be sent."""
    theirs = Message.objects.filter(schedule__candidate=OuterRef("pk")).order_by()
    not_told, on_its_way = theirs.filter(_NOT_TOLD), theirs.filter(state__in=ON_THEIR_WAY)
    return unfinished(organization).filter(Exists(not_told), ~Exists(on_its_way))


def _messages(candidate: Candidate) -> QuerySet[Message]:
    return Message.objects.filter(schedule__candidate=candidate)


def _not_told(candidate: Candidate) -> QuerySet[Message]:
    return _messages(candidate).filter(_NOT_TOLD)


def _locked(pk: int) -> Candidate:
    """Lock the candidate before all else, as bookings do: they wait, and find nobody."""
    return Candidate.objects.select_for_update(of=("self",)).select_related("organization").get(pk=pk)


def _cancel_all(candidate: Candidate, actor: User | None) -> None:
    expected = message_services.still_invited(candidate.schedules.all(), lock=True)
    for schedule in candidate.schedules.select_related("organization").filter(pk__in=expected).order_by("id"):
        cancel_and_tell(schedule, actor)


def cancel_and_tell(schedule: Schedule, actor: User | None) -> None:
    """Cancel a schedule and queue the cancellations, in the caller's transaction. Raises NotQueued."""
    schedule_services.cancel_schedule(schedule=schedule, actor=actor, reason=GivenReason())
    drafts = message_services.propose_updates(schedule=schedule, actor=actor)
    context, now = load_message_context(schedule.pk), timezone.now()
    picks = {
        draft.pk: compose(context=context, message=draft, actor=actor, now=now).digest
        for draft in drafts
        if MessageKind(draft.kind).occasion == "cancellation"
    }
    queueing.queue_messages(schedule=schedule, actor=actor, picks=picks, overridden=True)


def _delete(candidate: Candidate, actor: User | None) -> None:
    """Delete a locked candidate. The trail keeps what happened, when and by whom, with ids that lead nowhere."""
    message_ids = list(_messages(candidate).values_list("message_id", flat=True))
    mentions = traces.Mentions(candidate)
    links.erase_links(links=links.links_of(candidate), actor=actor)
    links.forget_look_ups(candidate)
    for schedule in candidate.schedules.select_related("candidate", "organization").order_by("id"):
        schedule_services.delete_unasked(schedule=schedule, actor=actor)
    traces.forget(candidate)
    audit.record(organization=candidate.organization, actor=actor, action="candidate.removed", subject=candidate)
    audit.forget(candidate.organization, audit.Person("candidate", candidate.pk))
    log.info("candidate_deleted", candidate=candidate.pk)
    candidate.delete()
    transaction.on_commit(partial(traces.delete_mail_files, mentions, message_ids))

"""Writes of candidates, each in one transaction with its row in the trail. `erasure.services` deletes them."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from organizations import audit
from organizations.models import User
from scheduling import coding_links
from scheduling.calendar_events.following import renamed as events_of_renamed
from scheduling.messages import services as message_services
from scheduling.models import Candidate, Schedule

CANDIDATE_FIELDS = ("name", "email", "phone", "time_zone", "job", "stage")


@transaction.atomic(savepoint=False)
def add_candidate(*, candidate: Candidate, actor: User) -> Candidate:
    """Save a new candidate, whose `organization` is set."""
    candidate.email = candidate.email.strip()
    candidate.save(force_insert=True)
    organization = candidate.organization
    audit.record(organization=organization, actor=actor, action="candidate.added", subject=candidate, detail={})
    return candidate


@transaction.atomic
def save_candidate(*, candidate: Candidate, actor: User) -> Candidate:
    """Save a new or changed candidate, whose `organization` is set. Coding links follow a new name or address, and
    calendars a new name.

    Raises Candidate.DoesNotExist for one who was deleted since: saving would bring them back.
    """
    if candidate.pk is None:
        return add_candidate(candidate=candidate, actor=actor)
    kept = Candidate.objects.select_for_update().filter(erase_asked_at__isnull=True)
    before = kept.get(pk=candidate.pk)
    candidate.email = candidate.email.strip()
    candidate.save()
    changed = [name for name in CANDIDATE_FIELDS if getattr(before, name) != getattr(candidate, name)]
    if changed:
        audit.record(
            organization=candidate.organization,
            actor=actor,
            action="candidate.changed",
            subject=candidate,
            detail={"fields": changed},
        )
    if {"name", "email"} & set(changed):
        coding_links.candidate_changed(candidate=candidate)
        # Of a cancelled one the old mailbox may not know yet.
        coming = Q(state=Schedule.State.SCHEDULED) | Q(last_ends_at__gt=timezone.now())
        for schedule in candidate.schedules.filter(coming).order_by("id"):
            message_services.propose_updates(schedule=schedule, actor=actor)
    if "name" in changed:
        events_of_renamed(candidate)
    return candidate

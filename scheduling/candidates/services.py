"""Writes of candidates, each in one transaction with its row in the trail. `erasure.services` deletes them."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from organizations import audit
from organizations.models import User
from scheduling import coding_links
from scheduling.messages import services as message_services
from scheduling.models import Candidate, Schedule

CANDIDATE_FIELDS = ("name", "email", "phone", "time_zone", "job", "stage")


@transaction.atomic(savepoint=False)
def save_candidate(*, candidate: Candidate, actor: User) -> Candidate:
    """Save a new or changed candidate, whose `organization` is set. Coding links follow a new name or address.

    Raises Candidate.DoesNotExist for one who was deleted since: saving would bring them back.
    """
    kept = Candidate.objects.select_for_update().filter(erase_asked_at__isnull=True)
    before = kept.get(pk=candidate.pk) if candidate.pk else None
    candidate.email = candidate.email.strip()
    candidate.save()
    changed = [name for name in CANDIDATE_FIELDS if before and getattr(before, name) != getattr(candidate, name)]
    if before is None or changed:
        audit.record(
            organization=candidate.organization,
            actor=actor,
            action="candidate.changed" if before else "candidate.added",
            subject=candidate,
            detail={"fields": changed} if before else {},
        )
    if {"name", "email"} & set(changed):
        coding_links.candidate_changed(candidate=candidate)
        # Of a cancelled one the old mailbox may not know yet.
        coming = Q(state=Schedule.State.SCHEDULED) | Q(last_ends_at__gt=timezone.now())
        for schedule in candidate.schedules.filter(coming).order_by("id"):
            message_services.propose_updates(schedule=schedule, actor=actor)
    return candidate

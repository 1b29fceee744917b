"""Everything that changes schedules and candidates: each function is one transaction, with its row in the trail.

What a change means for coding links is `scheduling.coding_links`' to do; it is told in the same transaction and reaches
the vendor later, so that no vendor's trouble ever keeps a schedule from being saved. Whom it concerns finds a draft of
a message in `scheduling.messages.services`; a person reads and sends it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, Min, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jobs.models import Job, PlanInterview, Stage
from organizations import audit
from organizations.bidi import isolated
from organizations.models import Membership, Organization, User
from scheduling import coding_links
from scheduling.messages import services as message_services
from scheduling.models import Candidate, ChangeReason, Interview, InterviewerAssignment, Schedule
from scheduling.models.change_reasons import reasons_of

CANDIDATE_FIELDS = ("name", "email", "phone", "time_zone", "job", "stage")


@dataclass(frozen=True)
class Draft:
    """One interview as a person wants it. Times are aware; `interviewers` are memberships of the organization."""

    name: str
    kind: str
    starts_at: datetime
    ends_at: datetime
    place: str = ""
    interviewers: tuple[Membership, ...] = ()
    plan_interview: PlanInterview | None = None
    # Sentences of the conflicts that were overruled knowingly; they go into the trail.
    overruled: tuple[str, ...] = ()


@dataclass(frozen=True)
class Why:
    """Why something was moved or cancelled: a reason of the organization's list, and a note."""

    reason: str = ""
    note: str = ""

    def as_detail(self) -> dict[str, str]:
        return {key: value for key, value in (("reason", self.reason), ("note", self.note)) if value}


def lock_people(people: Iterable[Membership], candidate: Candidate | None) -> None:
    """Makes bookings of the same people wait for each other until the transaction ends.

    Called before conflicts are looked up for the last time, so that two recruiters can't book one person at once.
    Everybody locks in this order: candidate, interviewers, schedule, interview.
    """
    if candidate is not None and candidate.pk is not None:
        list(Candidate.objects.select_for_update(no_key=True).filter(pk=candidate.pk).values_list("pk"))
    ids = sorted({person.pk for person in people})
    list(Membership.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))


@transaction.atomic
def create_schedule(
    *,
    organization: Organization,
    actor: User,
    candidate: Candidate,
    job: Job | None,
    stage: Stage | None,
    time_zone: str,
    drafts: Sequence[Draft],
) -> Schedule:
    """A schedule with its interviews and people; asks for the links that are there by default."""
    schedule = Schedule.objects.create(
        organization=organization,
        candidate=candidate,
        job=job,
        stage=stage,
        time_zone=time_zone,
        created_by=actor,
    )
    for position, draft in enumerate(drafts):
        _add(schedule, draft, position)
    set_span(schedule)
    words = ngettext("Scheduled %(count)d interview", "Scheduled %(count)d interviews", len(drafts))
    detail: dict[str, Any] = {"interviews": [draft.name for draft in drafts]}
    if overruled := {draft.name: list(draft.overruled) for draft in drafts if draft.overruled}:
        detail["overruled"] = overruled
    audit.record(
        organization=organization,
        actor=actor,
        action="schedule.created",
        subject=schedule,
        summary=words % {"count": len(drafts)},
        detail=detail,
    )
    coding_links.request_default_links(schedule=schedule, actor=actor)
    message_services.propose_updates(schedule=schedule, actor=actor)
    return schedule


@transaction.atomic
def add_interview(*, schedule: Schedule, draft: Draft, actor: User) -> Interview:
    """One more interview in a schedule. Refuses a cancelled schedule with ValueError."""
    locked = Schedule.objects.select_for_update().get(pk=schedule.pk)
    if locked.state == Schedule.State.CANCELLED:
        raise ValueError("The schedule is cancelled.")
    last = locked.interviews.aggregate(last=Max("position"))["last"]
    interview = _add(locked, draft, 0 if last is None else last + 1)
    set_span(locked)
    audit.record(
        organization=locked.organization,
        actor=actor,
        action="interview.added",
        subject=interview,
        summary=_("Added “%(interview)s”") % {"interview": isolated(interview.name)},
        detail={"schedule": locked.pk, "to": times_of(interview)} | _overruled(draft),
    )
    message_services.propose_updates(schedule=locked, actor=actor)
    return interview


@transaction.atomic
def edit_interview(*, interview: Interview, draft: Draft, actor: User, why: Why) -> Interview:
    """Moves or changes an interview. Refuses a cancelled one with ValueError. Writes nothing when nothing changed."""
    locked = locked_interview(interview)
    if locked.is_cancelled:
        raise ValueError("The interview is cancelled.")
    before = _facts(locked)
    old_times = times_of(locked)
    moved = (locked.starts_at, locked.ends_at) != (draft.starts_at, draft.ends_at)
    locked.name, locked.kind, locked.place = draft.name, draft.kind, draft.place
    locked.starts_at, locked.ends_at = draft.starts_at, draft.ends_at
    locked.save()
    _assign(locked, draft.interviewers)
    after = _facts(locked)
    changes = {key: [before[key], after[key]] for key in before if before[key] != after[key]}
    if not changes and not moved:
        return locked
    set_span(locked.schedule)
    detail: dict[str, Any] = {"schedule": locked.schedule_id, "changes": changes}
    if moved:
        detail |= {"from": old_times, "to": times_of(locked)}
    words = _("Moved “%(interview)s”") if moved else _("Changed “%(interview)s”")
    audit.record(
        organization=locked.organization,
        actor=actor,
        action="interview.moved" if moved else "interview.changed",
        subject=locked,
        summary=words % {"interview": isolated(locked.name)},
        detail=detail | why.as_detail() | _overruled(draft),
    )
    if moved:
        coding_links.interview_changed(interview=locked, actor=actor)
    message_services.propose_updates(schedule=locked.schedule, actor=actor, reason=why.reason)
    return locked


@transaction.atomic
def cancel_interview(*, interview: Interview, actor: User, why: Why) -> None:
    """Cancels one interview. What is cancelled already stays as it is."""
    locked = locked_interview(interview)
    if locked.is_cancelled:
        return
    _cancel(locked, actor)
    set_span(locked.schedule)
    audit.record(
        organization=locked.organization,
        actor=actor,
        action="interview.cancelled",
        subject=locked,
        summary=_("Cancelled “%(interview)s”") % {"interview": isolated(locked.name)},
        detail={"schedule": locked.schedule_id, "from": times_of(locked)} | why.as_detail(),
    )
    message_services.propose_updates(schedule=locked.schedule, actor=actor, reason=why.reason)


@transaction.atomic
def cancel_schedule(*, schedule: Schedule, actor: User, why: Why) -> None:
    """Cancels a schedule and all its interviews."""
    locked = Schedule.objects.select_for_update().get(pk=schedule.pk)
    if locked.state == Schedule.State.CANCELLED:
        return
    due = locked.interviews.select_for_update().filter(state=Interview.State.SCHEDULED)
    names = []
    for interview in due.order_by("starts_at", "id"):
        _cancel(interview, actor)
        names.append(interview.name)
    locked.state = Schedule.State.CANCELLED
    locked.save(update_fields=["state"])
    audit.record(
        organization=locked.organization,
        actor=actor,
        action="schedule.cancelled",
        subject=locked,
        summary=_("Cancelled the schedule"),
        detail={"interviews": names} | why.as_detail(),
    )
    message_services.propose_updates(schedule=locked, actor=actor, reason=why.reason)


class StillExpected(Exception):
    """Nothing was deleted: people were invited and do not know that it is off. `names` are theirs.

    `cancel_first`: it still takes place; otherwise it is cancelled, and nobody has told them yet.
    """

    def __init__(self, names: Sequence[str], *, cancel_first: bool) -> None:
        super().__init__("still expected")
        self.names = list(names)
        self.cancel_first = cancel_first


@transaction.atomic
def delete_schedule(*, schedule: Schedule, actor: User, untold: bool = False) -> None:
    """Deletes a schedule with its interviews. Their links are let go first, so that the vendor's side follows.

    Raises StillExpected while people who were invited expect it: what is deleted can tell nobody. `untold` overrules
    that for a schedule that is cancelled, where a message can't get through or nobody needs one.
    """
    locked = Schedule.objects.select_for_update().get(pk=schedule.pk)
    expected = message_services.still_invited(Schedule.objects.filter(pk=locked.pk), lock=True).get(locked.pk, [])
    takes_place = locked.state == Schedule.State.SCHEDULED
    if expected and (takes_place or not untold):
        raise StillExpected(expected, cancel_first=takes_place)
    for interview in schedule.interviews.select_for_update().order_by("id"):
        coding_links.interview_cancelled(interview=interview, actor=actor)
    audit.record(
        organization=schedule.organization,
        actor=actor,
        action="schedule.deleted",
        subject=schedule,
        summary=_("Deleted a schedule of %(candidate)s") % {"candidate": isolated(schedule.candidate)},
        detail={"candidate": schedule.candidate_id} | ({"untold": len(expected)} if expected else {}),
    )
    schedule.delete()


@transaction.atomic
def save_candidate(*, candidate: Candidate, actor: User) -> Candidate:
    """Saves a new or changed candidate, whose `organization` is set. Links hear of a new name or address."""
    before = Candidate.objects.select_for_update().filter(pk=candidate.pk).first() if candidate.pk else None
    candidate.email = candidate.email.strip()
    candidate.save()
    changed = [name for name in CANDIDATE_FIELDS if before and getattr(before, name) != getattr(candidate, name)]
    if before is None or changed:
        words = _("Changed %(candidate)s") if before else _("Added %(candidate)s")
        audit.record(
            organization=candidate.organization,
            actor=actor,
            action="candidate.changed" if before else "candidate.added",
            subject=candidate,
            summary=words % {"candidate": isolated(candidate)},
            detail={"fields": changed} if before else {},
        )
    if {"name", "email"} & set(changed):
        coding_links.candidate_changed(candidate=candidate, actor=actor)
        # Of a cancelled one the old mailbox may not know yet.
        coming = Q(state=Schedule.State.SCHEDULED) | Q(last_ends_at__gt=timezone.now())
        for schedule in candidate.schedules.filter(coming).order_by("id"):
            message_services.propose_updates(schedule=schedule, actor=actor)
    return candidate


@transaction.atomic
def remove_candidate(*, candidate: Candidate, actor: User, untold: bool = False) -> None:
    """Deletes a candidate with all schedules, or nothing. Raises StillExpected as `delete_schedule` does."""
    lock_people([], candidate)
    for schedule in candidate.schedules.select_related("candidate", "organization").order_by("id"):
        delete_schedule(schedule=schedule, actor=actor, untold=untold)
    audit.record(
        organization=candidate.organization,
        actor=actor,
        action="candidate.removed",
        subject=candidate,
        summary=_("Removed a candidate"),
    )
    candidate.delete()


@transaction.atomic
def save_reasons(*, organization: Organization, actor: User, texts: Sequence[str]) -> None:
    """Makes `texts` (without repetitions) the organization's reasons for changes, in this order."""
    before = reasons_of(organization)
    if before == list(texts):
        return
    ChangeReason.objects.filter(organization=organization).exclude(text__in=texts).delete()
    for position, text in enumerate(texts):
        ChangeReason.objects.update_or_create(organization=organization, text=text, defaults={"position": position})
    audit.record(
        organization=organization,
        actor=actor,
        action="reasons.changed",
        subject=organization,
        summary=_("Changed the reasons for moving and cancelling"),
        detail={"from": before, "to": list(texts)},
    )


def locked_interview(interview: Interview) -> Interview:
    """The row as it is now, with its schedule locked first: everybody takes the two in this order."""
    Schedule.objects.select_for_update().get(pk=interview.schedule_id)
    return Interview.objects.select_for_update(of=("self",)).select_related("schedule").get(pk=interview.pk)


def _add(schedule: Schedule, draft: Draft, position: int) -> Interview:
    interview = Interview.objects.create(
        organization=schedule.organization,
        schedule=schedule,
        plan_interview=draft.plan_interview,
        position=position,
        name=draft.name,
        kind=draft.kind,
        place=draft.place,
        starts_at=draft.starts_at,
        ends_at=draft.ends_at,
    )
    _assign(interview, draft.interviewers)
    return interview


def _assign(interview: Interview, people: Sequence[Membership]) -> None:
    wanted = {person.pk for person in people}
    interview.assignments.exclude(membership__in=wanted).delete()
    there = set(interview.assignments.values_list("membership", flat=True))
    InterviewerAssignment.objects.bulk_create(
        InterviewerAssignment(interview=interview, membership=person) for person in people if person.pk not in there
    )


def _cancel(interview: Interview, actor: User) -> None:
    interview.state = Interview.State.CANCELLED
    interview.save(update_fields=["state"])
    coding_links.interview_cancelled(interview=interview, actor=actor)


def set_span(schedule: Schedule) -> None:
    """Keeps the list's times: of what is not cancelled or, when all is, of what was planned."""
    interviews = schedule.interviews.filter(state=Interview.State.SCHEDULED)
    ends = interviews.aggregate(first=Min("starts_at"), last=Max("ends_at"))
    if ends["first"] is None:
        ends = schedule.interviews.aggregate(first=Min("starts_at"), last=Max("ends_at"))
    schedule.first_starts_at, schedule.last_ends_at = ends["first"], ends["last"]
    schedule.save(update_fields=["first_starts_at", "last_ends_at"])


def _facts(interview: Interview) -> dict[str, str]:
    """What people compare before and after a change."""
    assignments = interview.assignments.select_related("membership__user").order_by(
        "membership__user__search_key", "id"
    )
    return {
        "name": interview.name,
        "kind": interview.kind,
        "place": interview.place,
        "people": ", ".join(str(assignment.membership.user) for assignment in assignments),
    }


def times_of(interview: Interview) -> list[str]:
    return [interview.starts_at.isoformat(), interview.ends_at.isoformat()]


def _overruled(draft: Draft) -> dict[str, list[str]]:
    return {"overruled": list(draft.overruled)} if draft.overruled else {}

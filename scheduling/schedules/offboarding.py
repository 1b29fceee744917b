"""Changes to upcoming interviews when a member leaves, or gets a new address (`organizations.hooks`)."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils import timezone

from organizations.models import Membership, User
from scheduling.messages import queueing
from scheduling.messages import services as message_services
from scheduling.messages.compose import compose
from scheduling.messages.former_members import forget_comments
from scheduling.messages.message_context import load_message_context
from scheduling.models import Interview, InterviewerAssignment, Message, Schedule
from scheduling.schedules import trail_rows


def member_leaves(membership: Membership, actor: User | None) -> None:
    """Remove the member from upcoming interviews, in the caller's transaction, before the membership is deleted.

    Their cancellations are queued at once, since nobody could send them later. Everybody else gets drafts.
    """
    assignments = InterviewerAssignment.objects.filter(membership=membership, interview__in=coming_interviews())
    schedules = Schedule.objects.filter(interviews__assignments__in=assignments).distinct()
    for schedule in Schedule.objects.select_related("organization").filter(pk__in=schedules).order_by("id"):
        Schedule.objects.select_for_update().get(pk=schedule.pk)
        for assignment in assignments.filter(interview__schedule=schedule).select_related("interview").order_by("id"):
            trail_rows.record(
                schedule,
                actor,
                "interview.member_left",
                interview=assignment.interview,
                detail={"user": membership.user_id},
            )
            assignment.delete()
        drafts = message_services.propose_updates(schedule=schedule, actor=actor)
        for draft in drafts:
            if draft.membership_id == membership.pk:
                _send(draft, actor)
    forget_comments(Q(membership=membership))  # without the membership, nothing tells whose they were


def coming_interviews() -> QuerySet[Interview]:
    """Return the interviews that are not over, and take place as things are."""
    return Interview.objects.filter(state=Interview.State.SCHEDULED, ends_at__gt=timezone.now())


def address_changes(user: User, actor: User | None) -> None:
    """Draft withdrawals for the old address and invitations for the new one, in the caller's transaction."""
    notified = Message.objects.filter(membership__user=user).values("schedule")
    for schedule in Schedule.objects.filter(pk__in=notified, last_ends_at__gt=timezone.now()).order_by("id"):
        message_services.propose_updates(schedule=schedule, actor=actor)


def _send(draft: Message, actor: User | None) -> None:
    context = load_message_context(draft.schedule_id)
    content = compose(context=context, message=draft, actor=actor, now=timezone.now())
    try:
        queueing.queue_messages(schedule=draft.schedule, actor=actor, picks={draft.pk: content.digest}, overridden=True)
    except queueing.NotQueued:
        draft.delete()  # without an address or with invalid text it can't be sent: the draft would stay for ever

"""Changing one interview: the common part of the dialogs in `replacing` and `moving`, and taking a change back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from organizations import htmx
from organizations.access import Access, AccessRequest, allowed, post_only
from organizations.permissions import Permission
from scheduling.availability.local_time import format_span
from scheduling.models import Interview, InterviewerAssignment, MessageState
from scheduling.planning import booking, changes
from scheduling.planning.booking import Booked, Booking
from scheduling.planning.changes import NotTakenBack
from scheduling.planning.movable import version_of
from scheduling.schedules.interviews import InterviewDetails
from scheduling.schedules.trail_rows import GivenReason
from scheduling.views.interviews import done, summary_of

if TYPE_CHECKING:
    from scheduling.views.moving import TimeDialog
    from scheduling.views.replacing import PersonDialog


def find_interview(access: Access, pk: int) -> Interview:
    """Return the interview with its schedule and its people, in order of name; 404 for one of another job."""
    people = InterviewerAssignment.objects.select_related("membership__user")
    ordered = Prefetch("assignments", people.order_by("membership__user__search_key", "id"))
    rows = access.all(Interview).select_related("schedule__candidate", "schedule__organization", "plan_interview")
    return get_object_or_404(rows.prefetch_related(ordered), pk=pk)


def why_closed(interview: Interview) -> str:
    """Return why the interview can't be changed any more; empty when it can."""
    if interview.is_cancelled:
        return _("This interview is cancelled. Nothing was saved.")
    return _("This interview is over. Nothing was saved.") if interview.ends_at <= timezone.now() else ""


def change(dialog: PersonDialog | TimeDialog, wanted: Booking, reason: GivenReason) -> Booked | None:
    """Save an interview; None when it was not saved, and then the dialog knows why."""
    access, interview = dialog.request.access, dialog.interview
    try:
        result = booking.change_interview(
            access=access, interview=interview, booking=wanted, reason=reason, version=dialog.version
        )
    except booking.Missing:
        dialog.problem = _("This person left the organization. Choose another.")
    except booking.Cancelled:
        dialog.closed = _("This interview is cancelled. Nothing was saved.")
    except booking.ChangedSince as newer:
        dialog.interview = find_interview(access, interview.pk)
        dialog.current = summary_of(dialog.interview, interview.schedule)
        dialog.version = version_of(newer.current)
    else:
        if isinstance(result, Booked):
            return result
        dialog.found = result.found
    return None


def _schedule_of(request: AccessRequest, pk: int) -> str:
    return request.access.url("schedule", pk=request.access.find(Interview, pk).schedule_id)


@allowed(Permission.CHANGE_SCHEDULES)
@post_only(_schedule_of)
def interview_undo(request: AccessRequest, pk: int) -> HttpResponse:
    """Take back a change of time or people, as long as nobody was told of it. `state` comes from its notice."""
    interview = find_interview(request.access, pk)
    try:
        changes.take_back(access=request.access, interview=interview, signed=request.POST.get("state", ""))
    except NotTakenBack as refusal:
        return answered(request, interview.schedule_id, str(refusal))
    return answered(request, interview.schedule_id, _("Undone."))


def finish(
    request: AccessRequest, message: str, before: InterviewDetails, after: Interview, overridden: dict[str, str]
) -> HttpResponse:
    """Close the dialog. The notice offers to undo the change, and to send the messages that it needs."""
    access = request.access
    signed = changes.receipt(access, before, after, overridden)
    undo = htmx.Undo(access.url("interview-undo", pk=after.pk), signed)
    return answered(request, after.schedule_id, message, undo=undo, then=next_step(access, after))


def answered(request: AccessRequest, schedule: int, message: str, **offers: Any) -> HttpResponse:
    """Answer as `done`; without scripts, lead to the schedule, which says what was done."""
    if htmx.is_asked(request):
        return done(request, schedule, message, **offers)
    messages.success(request, message)
    return redirect(request.access.url("schedule", pk=schedule))


def next_step(access: Access, interview: Interview) -> htmx.NextStep | None:
    """Return the link to the messages that wait to be sent; None without any."""
    number = interview.schedule.messages.filter(state=MessageState.DRAFT).count()
    if not number:
        return None
    label = ngettext("Send %(number)d message", "Send %(number)d messages", number) % {"number": number}
    return htmx.NextStep(f"{access.url('schedule-communications', pk=interview.schedule_id)}#messages", label)


def when_of(interview: Interview) -> str:
    return format_span(interview.starts_at, interview.ends_at, interview.schedule.time_zone)

"""Put an interviewer's event back into the calendar in which it was moved or deleted."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from organizations.access import AccessRequest, allowed, post_only
from organizations.permissions import Permission
from scheduling.models import CalendarEvent, Interview
from scheduling.schedules.calendar_events import put_back
from scheduling.views.changing import answered


def _schedule_of(request: AccessRequest, pk: int) -> str:
    return request.access.url("schedule", pk=_interview_of(_find(request, pk)).schedule_id)


def _find(request: AccessRequest, pk: int) -> CalendarEvent:
    return request.access.find(CalendarEvent, pk, "membership", "interview__schedule__organization")


def _interview_of(event: CalendarEvent) -> Interview:
    """Return its interview; 404 once that is deleted, and the event is only there to be removed."""
    if event.interview is None:
        raise Http404
    return event.interview


@allowed(Permission.CHANGE_SCHEDULES)
@post_only(_schedule_of)
def calendar_event_restore(request: AccessRequest, pk: int) -> HttpResponse:
    """Write an event into its calendar again, as the schedule has it, whatever its owner did to it."""
    event = _find(request, pk)
    interview = _interview_of(event)
    is_written = put_back(event=event, actor=request.access.user)
    if is_written:
        return answered(request, interview.schedule_id, _("It will be back in the calendar in a moment."))
    return answered(request, interview.schedule_id, _("It is being written to the calendar already."))

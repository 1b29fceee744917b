"""Decide about an interviewer's event: put it back into its calendar, or remove what is still there."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from organizations import htmx
from organizations.access import AccessRequest, allowed, post_only
from organizations.permissions import Permission
from scheduling.models import CalendarEvent, Interview
from scheduling.schedules.calendar_events import leave_there, put_back, put_call_back, remove_again
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


def _schedule_of_interview(request: AccessRequest, pk: int) -> str:
    return request.access.url("schedule", pk=request.access.find(Interview, pk).schedule_id)


@allowed(Permission.CHANGE_SCHEDULES)
@post_only(_schedule_of_interview)
def interview_call_restore(request: AccessRequest, pk: int) -> HttpResponse:
    """Have the video call of an interview made again that somebody took out of its event."""
    interview = request.access.find(Interview, pk, "schedule__organization")
    if put_call_back(interview=interview, actor=request.access.user):
        return answered(request, interview.schedule_id, _("The video call will be back in a moment."))
    return answered(request, interview.schedule_id, _("Nothing was changed. Somebody changed the event since."))


def _home_of(request: AccessRequest, pk: int) -> str:
    return request.access.url("home") if request.access.find(CalendarEvent, pk) else ""


@allowed(Permission.CHANGE_SCHEDULES)
@post_only(_home_of)
def calendar_event_remove(request: AccessRequest, pk: int) -> HttpResponse:
    """Try once more to remove an event from a calendar."""
    event = request.access.find(CalendarEvent, pk, "membership", "organization")
    is_asked = remove_again(event=event, actor=request.access.user)
    return _on_home(request, _("It will be removed in a moment.") if is_asked else _("Nothing is left to remove."))


@allowed(Permission.CHANGE_SCHEDULES)
@post_only(_home_of)
def calendar_event_leave(request: AccessRequest, pk: int) -> HttpResponse:
    """Leave an event in a calendar from which it can't be removed."""
    event = request.access.find(CalendarEvent, pk, "membership", "organization")
    leave_there(event=event, actor=request.access.user)
    return _on_home(request, _("Dismissed."))


def _on_home(request: AccessRequest, message: str) -> HttpResponse:
    if htmx.is_asked(request):
        return htmx.trigger(htmx.no_content(), "homeChanged", notice=message)
    messages.success(request, message)
    return redirect(request.access.url("home"))

"""Decide about an interviewer's event: put it back into its calendar, or remove what is still there."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from integrations.models import CalendarConnection
from organizations import htmx
from organizations.access import AccessRequest, allowed, post_only
from organizations.permissions import Permission
from scheduling.models import CalendarEvent, Interview
from scheduling.schedules.calendar_events import leave_there, put_back, put_call_back, remove_again
from scheduling.views.changing import answered


def _schedule_of(request: AccessRequest, pk: int) -> str:
    return request.access.url("schedule", pk=_interview_of(_find(request, pk)).schedule_id)


def _find(request: AccessRequest, pk: int) -> CalendarEvent:
    return request.access.find(CalendarEvent, pk, "membership", "connection", "interview__schedule__organization")


def _is_paused(event: CalendarEvent) -> bool:
    """Whether its calendar can't be written until the connection works again."""
    return event.connection is not None and event.connection.state == CalendarConnection.State.PAUSED


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
    message = _("It is being written to the calendar already.")
    if put_back(event=event, actor=request.access.user):
        message = _("It will be back in the calendar in a moment.")
    if _is_paused(event):
        message = _("It will be back once the calendar's connection works again.")
    return answered(request, interview.schedule_id, message)


def _schedule_of_interview(request: AccessRequest, pk: int) -> str:
    return request.access.url("schedule", pk=request.access.find(Interview, pk).schedule_id)


@allowed(Permission.CHANGE_SCHEDULES)
@post_only(_schedule_of_interview)
def interview_call_restore(request: AccessRequest, pk: int) -> HttpResponse:
    """Have the video call of an interview made again that somebody took out of its event."""
    interview = request.access.find(Interview, pk, "schedule__organization")
    event = put_call_back(interview=interview, actor=request.access.user)
    message = _("Nothing was changed. Somebody changed the event since.")
    if event is not None:
        message = _("The video call will be back in a moment.")
        if _is_paused(event):
            message = _("The video call will be back once the calendar's connection works again.")
    return answered(request, interview.schedule_id, message)


def _home_of(request: AccessRequest, pk: int) -> str:
    return request.access.url("home") if request.access.find(CalendarEvent, pk) else ""


@allowed(Permission.CHANGE_SCHEDULES)
@post_only(_home_of)
def calendar_event_remove(request: AccessRequest, pk: int) -> HttpResponse:
    """Try once more to remove an event from a calendar."""
    event = request.access.find(CalendarEvent, pk, "membership", "organization", "connection")
    message = _("Nothing is left to remove.")
    if remove_again(event=event, actor=request.access.user):
        message = _("It will be removed in a moment.")
        if _is_paused(event):
            message = _("It will be removed once the calendar's connection works again.")
    return _on_home(request, message)


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

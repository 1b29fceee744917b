"""The list of schedules, and one schedule's "Details"."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from organizations.access import AccessRequest, any_member_view
from scheduling.views.frame import schedule_context, visible_interviews


@any_member_view
def schedule(request: AccessRequest, pk: int) -> HttpResponse:
    """The tab "Details"; an interviewer finds only their own interviews here."""
    context = schedule_context(request, pk)
    context["interviews"] = visible_interviews(request.access, context["schedule"])
    return render(request, "scheduling/schedule.html", context)

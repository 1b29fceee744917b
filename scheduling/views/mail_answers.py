"""Decline another time that somebody proposed by mail."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _

from organizations.access import AccessRequest, allowed, post_only
from organizations.bidi import isolated
from organizations.permissions import Permission
from scheduling.models import MailAnswer
from scheduling.schedules.mail_answers import Settled, keep_time
from scheduling.views.changing import answered


def _find(request: AccessRequest, pk: int) -> MailAnswer:
    return request.access.find(
        MailAnswer, pk, "entry", "membership__user", "schedule__organization", "schedule__candidate"
    )


def _schedule_of(request: AccessRequest, pk: int) -> str:
    return request.access.url("schedule", pk=_find(request, pk).schedule_id)


@allowed(Permission.CHANGE_SCHEDULES)
@post_only(_schedule_of)
def mail_answer_keep(request: AccessRequest, pk: int) -> HttpResponse:
    """Leave the interview where it is, and send the invitation again to whom proposed another time."""
    answer = _find(request, pk)
    try:
        is_told = keep_time(answer=answer, actor=request.access.user)
    except Settled:
        return answered(request, answer.schedule_id, _("Somebody settled this already."))
    if is_told:
        return answered(request, answer.schedule_id, _("The time stays. The invitation is sent again."))
    person = answer.membership.user if answer.membership else answer.schedule.candidate
    text = _("The time stays. %(person)s hasn't been told.") % {"person": isolated(person.name or person.email)}
    return answered(request, answer.schedule_id, text)

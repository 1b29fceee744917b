"""Decline another time that somebody proposed by mail."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _

from organizations.access import AccessRequest, allowed, post_only
from organizations.permissions import Permission
from scheduling.models import MailAnswer
from scheduling.schedules.mail_answers import keep_time
from scheduling.views.changing import answered


def _find(request: AccessRequest, pk: int) -> MailAnswer:
    return request.access.find(MailAnswer, pk, "entry", "membership", "schedule__organization", "schedule__candidate")


def _schedule_of(request: AccessRequest, pk: int) -> str:
    return request.access.url("schedule", pk=_find(request, pk).schedule_id)


@allowed(Permission.CHANGE_SCHEDULES)
@post_only(_schedule_of)
def mail_answer_keep(request: AccessRequest, pk: int) -> HttpResponse:
    """Leave the interview where it is, and send the invitation again to whom proposed another time."""
    answer = _find(request, pk)
    if keep_time(answer=answer, actor=request.access.user):
        return answered(request, answer.schedule_id, _("The time stays. The invitation is sent again."))
    return answered(request, answer.schedule_id, _("Somebody settled this already."))

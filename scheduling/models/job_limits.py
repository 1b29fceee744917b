"""The limits of a coordinator's rows, for `organizations.hooks.job_limits`. `tests/test_job_limits.py` lists the rest.

A candidate belongs to the job that they are considered for, and to those that they have schedules for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.db.models import Model, Q, QuerySet

from jobs.coordinators import ids_of_jobs, through
from organizations.models import AuditEvent, Membership
from scheduling.models import (
    CalendarEntry,
    CalendarEvent,
    Candidate,
    CodingLink,
    FormDraft,
    Interview,
    JoinLink,
    LinkRun,
    MailAnswer,
    MailNote,
    Message,
    Room,
    Schedule,
)


def _schedules(membership: Membership) -> QuerySet[Schedule]:
    return Schedule.objects.filter(job__in=ids_of_jobs(membership)).order_by()


def _candidates(membership: Membership) -> Q:
    scheduled = _schedules(membership).values("candidate")
    return Q(job__in=ids_of_jobs(membership)) | Q(pk__in=scheduled)


def _trail(membership: Membership) -> Q:
    """Events of the schedules and of their interviews, for the "History" tab; nothing of the organization's trail."""
    schedules = _schedules(membership)
    interviews = Interview.objects.filter(schedule__in=schedules.values("pk")).order_by()
    return Q(subject_type="schedule", subject_id__in=schedules.values("pk")) | Q(
        subject_type="interview", subject_id__in=interviews.values("pk")
    )


JOB_LIMITS: Mapping[type[Model], Callable[[Membership], Q]] = {
    Schedule: through("job"),
    Candidate: _candidates,
    Interview: through("schedule__job"),
    CodingLink: through("interview__schedule__job"),
    JoinLink: through("interview__schedule__job"),
    LinkRun: through("job"),
    Message: through("schedule__job"),
    CalendarEntry: through("schedule__job"),
    CalendarEvent: through("interview__schedule__job"),
    MailAnswer: through("schedule__job"),
    MailNote: through("schedule__job"),
    FormDraft: lambda membership: Q(membership=membership),
    Room: lambda _membership: Q(),  # everybody's, as members are
    AuditEvent: _trail,
}

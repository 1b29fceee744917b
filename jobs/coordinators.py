"""Coordinators: members who have the rows of the jobs that they are assigned to, and no others.

`through` makes the limit of a model for `organizations.hooks.job_limits`; `has_job` answers for a row that was read in
another way, such as a busy time of another job. The rest is for `organizations.hooks.coordinated_jobs`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from jobs.models import Job, JobCoordinator
from organizations.access import Access
from organizations.hooks.coordinated_jobs import CoordinatedJob
from organizations.models import Invitation, Membership, Organization

_MEMO = "coordinated jobs"


def ids_of_jobs(membership: Membership) -> QuerySet[JobCoordinator, Any]:
    """The ids of a coordinator's jobs, as a subquery."""
    return JobCoordinator.objects.filter(membership=membership).order_by().values("job")


def through(path: str) -> Callable[[Membership], Q]:
    """The limit of a model whose rows have their job at `path`, such as `schedule__job`."""
    return lambda membership: Q(**{f"{path}__in": ids_of_jobs(membership)})


def has_job(access: Access, job: int | None) -> bool:
    """Whether the rows of a job, by its id, are among the reader's. One query a request, and only for coordinators."""
    if not access.is_limited:
        return True
    if _MEMO not in access.memo:
        mine = JobCoordinator.objects.filter(membership=access.membership)
        access.memo[_MEMO] = frozenset(mine.values_list("job_id", flat=True))
    return job in access.memo[_MEMO]


def choices(organization: Organization) -> list[CoordinatedJob]:
    """All jobs of an organization by title; closed ones say so."""
    jobs = Job.objects.filter(organization=organization).order_by("search_key", "id")
    return [CoordinatedJob(job.pk, _title(job)) for job in jobs]


def _title(job: Job) -> str:
    return job.title if job.state == Job.State.OPEN else _("%(job)s (closed)") % {"job": job.title}


def of(people: Sequence[Membership] | Sequence[Invitation]) -> dict[int, list[CoordinatedJob]]:
    """The jobs of memberships or of invitations, by title, in one query."""
    if not people:
        return {}
    column = _column(people[0])
    rows = JobCoordinator.objects.filter(**{f"{column}__in": people}).select_related("job")
    found: dict[int, list[CoordinatedJob]] = {}
    for row in rows.order_by("job__search_key", "job_id"):
        found.setdefault(getattr(row, f"{column}_id"), []).append(CoordinatedJob(row.job_id, row.job.title))
    return found


def assign(person: Membership | Invitation, jobs: Collection[int]) -> None:
    """Make these jobs of the person's organization their jobs, and no others."""
    mine = JobCoordinator.objects.filter(**{_column(person): person})
    mine.exclude(job__in=jobs).delete()
    there = set(mine.values_list("job_id", flat=True))
    new = Job.objects.filter(organization=person.organization_id, pk__in=jobs).exclude(pk__in=there)
    JobCoordinator.objects.bulk_create(
        [JobCoordinator(job=job, **{_column(person): person}) for job in new.order_by("id")], ignore_conflicts=True
    )


def hand_over(invitation: Invitation, membership: Membership) -> None:
    """Turn the jobs of an invitation into the new member's."""
    JobCoordinator.objects.filter(invitation=invitation).update(invitation=None, membership=membership)


def _column(person: Membership | Invitation) -> str:
    return "membership" if isinstance(person, Membership) else "invitation"

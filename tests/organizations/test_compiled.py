"""Queries whose SQL is kept find what Django's own find."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Count, F, QuerySet, Value
from django.db.models.functions import Concat, Lower
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobs.coordinators import assign
from jobs.models import Job
from organizations.access import access_for
from organizations.compiled import Compiled, CompiledUpdate, among
from organizations.models import DayOff, Membership, Organization
from organizations.reader_queries import ReaderQuery
from tests.conftest import Team
from tests.jobs.rows import make_job

pytestmark = pytest.mark.django_db


def rows(user: int, slug: str) -> QuerySet[Membership]:
    found = Membership.objects.select_related("organization", "user").annotate(shouted=Lower("role"), one=Value(1))
    return found.filter(user=user, organization__slug=slug)[:1]


def test_a_row_comes_with_what_is_joined_and_annotated(team: Team, other_team: Team) -> None:
    kept = Compiled(rows, int, str)
    for where in (team, other_team, team):
        asked = where.recruiter.user_id, where.organization.slug
        with CaptureQueriesContext(
            connection,
        ) as context:
            found = kept.first(*asked)
            assert found is not None
            assert (found.organization.name, found.user.email) == (where.organization.name, where.recruiter.user.email)
            assert (found.shouted, found.one) == ("recruiter", 1)  # type: ignore[attr-defined]
        assert [one["sql"] for one in context] == [str(_asked(rows(*asked)))]
        assert found == rows(*asked).get()
        assert not found._state.adding and found._state.db == "default"


def _asked(found: QuerySet[Membership]) -> str:
    """The SQL that Django sends for the first row."""
    with CaptureQueriesContext(connection) as context:
        list(found)
    return str(context[0]["sql"])


def test_what_is_not_there_and_what_looks_like_sql_finds_nothing(team: Team) -> None:
    kept = Compiled(rows, int, str)
    assert kept.first(team.recruiter.user_id, "nowhere") is None
    assert kept.first(team.recruiter.user_id, f"{team.organization.slug}' OR '1'='1") is None
    assert kept.first(team.recruiter.user_id, team.organization.slug) == team.recruiter


def closing(ids: list[int], since: datetime, state: str, at: datetime) -> tuple[QuerySet[Job], dict[str, object]]:
    """The only open job of an organization is closed."""
    alone = Count("organization__jobs")
    rows = Job.objects.filter(among("pk", ids), created_at__gte=since).annotate(beside=alone)
    few = Job.objects.filter(pk__in=rows.filter(beside__lt=2).values("pk"), state=Job.State.OPEN)
    return few, {"state": state, "created_at": at, "location": ""}


def test_rows_are_updated_and_counted(team: Team, other_team: Team) -> None:
    kept = CompiledUpdate(closing, list, datetime, str, datetime)
    jobs = [make_job(team, title=f"Job {number}") for number in range(2)]
    jobs.append(make_job(other_team))
    now, ids = timezone.now(), [job.pk for job in jobs]
    long_ago = now - timedelta(days=400)
    assert kept.run(ids, now + timedelta(days=1), Job.State.CLOSED, long_ago) == 0
    for chosen, number in (([], 0), (ids, 1), (ids, 0)):
        assert kept.run(chosen, now - timedelta(days=1), Job.State.CLOSED, long_ago) == number
    closed = Job.objects.get(state=Job.State.CLOSED)
    assert (closed, closed.created_at) == (jobs[2], long_ago)


def test_an_update_that_uses_a_value_otherwise_is_refused(team: Team) -> None:
    def longer(name: str) -> tuple[QuerySet[Job], dict[str, object]]:
        return Job.objects.all(), {"title": Concat(Value("new "), Value(name + "!"))}

    with pytest.raises(ValueError, match="in another form"):
        CompiledUpdate(longer, str).run("x")


def of_jobs(since: datetime, day: date, state: str, ids: list[int]) -> QuerySet[Job, tuple[str, datetime]]:
    """Open jobs of organizations in which nobody has that day off."""
    found = Job.objects.filter(among("pk", ids), created_at__gte=since, state=state)
    return found.exclude(organization__memberships__days_off__day=day).order_by("pk").values_list("title", "created_at")


def test_tuples_come_by_moments_days_and_any_number_of_ids(team: Team, other_team: Team) -> None:
    kept = Compiled(of_jobs, datetime, date, str, list)
    both = [make_job(one).pk for one in (team, other_team)]
    DayOff.objects.create(membership=team.admin, day=timezone.localdate())
    now, found = timezone.now(), []
    for moment in (now - timedelta(days=1), now + timedelta(days=1)):
        for day in (timezone.localdate(), timezone.localdate() + timedelta(days=1)):
            for ids in (both, both[:1], []):
                asked = moment, day, Job.State.OPEN, ids
                assert kept.all(*asked) == list(of_jobs(*asked))
                found.append(len(kept.all(*asked)))
    assert found == [1, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0]


def test_tuples_have_names(team: Team) -> None:
    job = make_job(team)

    def titled(pk: int) -> QuerySet[Any, Any]:
        return Job.objects.filter(pk=pk).annotate(one=Value(1)).values_list("pk", "title", "one", named=True)

    [row] = Compiled(titled, int).all(job.pk)
    assert (row.pk, row.title, row.one) == (job.pk, job.title, 1)


def test_a_reader_finds_what_their_role_may_see(team: Team, other_team: Team) -> None:
    kept = ReaderQuery(lambda access, since: access.all(Job).filter(created_at__gt=since).order_by("pk"), datetime)
    since = timezone.now() - timedelta(days=1)
    mine, _another, elsewhere = make_job(team), make_job(team), make_job(other_team)
    coordinator = team.add(Membership.Role.COORDINATOR)
    assign(coordinator, [mine.pk])
    for member in (team.recruiter, coordinator, other_team.recruiter, team.interviewer, team.recruiter):
        access = access_for(member.user, member.organization.slug)
        assert kept.all(access, since) == list(access.all(Job).order_by("pk"))
    assert kept.all(access_for(coordinator.user, team.slug), since) == [mine]
    assert kept.all(access_for(other_team.recruiter.user, other_team.slug), since) == [elsewhere]


def test_where_there_can_be_no_rows_nothing_is_asked(team: Team) -> None:
    kept = ReaderQuery(lambda access: access.all(Job).filter(pk__in=[]))
    access = access_for(team.add(Membership.Role.COORDINATOR).user, team.slug)
    with CaptureQueriesContext(connection) as context:
        assert kept.all(access) == []
    assert not context.captured_queries


def test_a_query_reads_no_more_of_its_reader_than_the_role_and_ids(team: Team) -> None:
    named = ReaderQuery(lambda access: access.all(Job).filter(title=access.organization.name))
    with pytest.raises(Organization.DoesNotExist):
        named.all(access_for(team.recruiter.user, team.slug))


def test_a_query_that_does_not_send_its_values_as_they_are_is_refused(team: Team) -> None:
    shouting = Compiled(lambda slug: Organization.objects.filter(slug=slug.upper()), str)
    with pytest.raises(ValueError, match="another form"):
        shouting.first(team.organization.slug)


def test_a_query_that_is_another_for_other_values_is_refused(team: Team) -> None:
    fields = {True: F("slug"), False: F("name")}
    by_length = Compiled(lambda slug: Organization.objects.filter(slug=slug, name=fields["0" in slug]), str)
    with pytest.raises(ValueError, match="another for other values"):
        by_length.first(team.organization.slug)

"""Lists with more rows than they sort: the first ones come along an index, and every page is the one of the whole."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from jobs.models import Job
from organizations import filters, lists, search, trail_filters
from organizations.append_only import erasing
from organizations.audit import Person, record
from organizations.models import AuditEvent
from scheduling.models import Candidate, Schedule
from tests.conftest import Team

pytestmark = pytest.mark.django_db

ROWS = 60


@pytest.fixture
def many(team: Team, monkeypatch: pytest.MonkeyPatch) -> list[Schedule]:
    """Past schedules, more than are sorted here: of two jobs and of none, of candidates from Z to A."""
    for module, name, number in [(lists, "MOST_LISTED", 100), (filters, "MOST_LISTED", 100), (filters, "FEW", 10)]:
        monkeypatch.setattr(module, name, number)
    monkeypatch.setattr(search, "FEW", 10)
    jobs = [Job.objects.create(organization=team.organization, title=title) for title in ("Zookeeper", "Actor")]
    made = []
    for number in range(ROWS):
        name = f"Person {ROWS - number:03}"
        job = [*jobs, None][number % 3]
        person = Candidate.objects.create(organization=team.organization, name=name, job=job)
        at = timezone.now() - timedelta(days=number + 1)
        made.append(
            Schedule.objects.create(
                organization=team.organization,
                candidate=person,
                job=job,
                first_starts_at=at,
                last_ends_at=at + timedelta(hours=1),
            )
        )
    return made


def pages(client: Client, address: str) -> list[int]:
    """The rows of the list's first two pages, by their ids."""
    found = []
    for number in (1, 2):
        page = client.get(f"{address}&page={number}").context["page"]
        assert page.number == number
        found += ids(page.object_list)
    return found


def ids(rows: Iterable[Any]) -> list[int]:
    return [row.pk for row in rows]


def by_job(row: Any, then: Any) -> tuple[bool, int, Any]:
    return row.job_id is None, row.job_id or 0, then


@pytest.mark.parametrize("words", ["", "&q=person"])
def test_schedules_come_by_candidate(words: str, many: list[Schedule], team: Team, as_recruiter: Client) -> None:
    address = team.url(f"schedules/?show=past&order=candidate{words}")
    assert pages(as_recruiter, address) == ids(sorted(many, key=lambda row: row.candidate.name))
    falling = pages(as_recruiter, address.replace("=candidate", "=-candidate"))
    assert falling == ids(sorted(many, key=lambda row: row.candidate.name, reverse=True))


def test_a_search_by_candidate_finds_jobs_too(many: list[Schedule], team: Team, as_recruiter: Client) -> None:
    found = as_recruiter.get(team.url("schedules/?show=past&order=candidate&q=actor")).context["page"].object_list
    wanted = [row for row in many if row.job is not None and row.job.title == "Actor"]
    assert ids(found) == ids(sorted(wanted, key=lambda row: row.candidate.name))


def test_schedules_come_by_the_age_of_their_job(many: list[Schedule], team: Team, as_recruiter: Client) -> None:
    rows = {row.pk: row for row in many}
    shown = [rows[pk] for pk in pages(as_recruiter, team.url("schedules/?show=past&order=job"))]
    assert [by_job(row, row.first_starts_at) for row in shown if row.job_id] == sorted(
        by_job(row, row.first_starts_at) for row in many if row.job_id
    )
    assert {row.pk for row in shown[-ROWS // 3 :]} == {row.pk for row in many if row.job_id is None}


@pytest.mark.parametrize("sign", ["", "-"])
def test_candidates_come_by_the_age_of_their_job(
    sign: str, many: list[Schedule], team: Team, as_recruiter: Client
) -> None:
    shown = pages(as_recruiter, team.url(f"candidates/?order={sign}job"))
    factor = -1 if sign else 1
    people = Candidate.objects.filter(organization=team.organization)
    wanted = sorted(people, key=lambda row: (row.job_id is None, factor * (row.job_id or 0), factor * row.pk))
    assert shown == ids(wanted)


def test_past_the_end_is_the_last_page(many: list[Schedule], team: Team, as_recruiter: Client) -> None:
    page = as_recruiter.get(team.url("schedules/?show=past&page=999")).context["page"]
    assert (page.number, page.paginator.count, len(page.object_list)) == (2, ROWS, ROWS - 50)


def noted(team: Team, number: int) -> list[AuditEvent]:
    """So many rows, and no others, of the trail: by the admin, about the admin, and of others, one after the other."""
    with erasing():
        AuditEvent._base_manager.all().delete()
    admin, other = team.admin.user, team.recruiter.user
    rows = []
    for place in range(number):
        actor, about = [(admin, other), (other, admin), (other, other)][place % 3]
        row = record(
            organization=team.organization,
            actor=actor,
            action="member.joined",
            subject=team.organization,
            person=Person("user", about.pk),
        )
        rows.append(row)
    return rows


def test_the_trail_of_a_person_has_what_they_did_and_what_is_about_them(team: Team, as_admin: Client) -> None:
    rows = noted(team, 120)
    page = as_admin.get(team.url(f"settings/security/?person={team.admin.pk}&page=2")).context["page"]
    wanted = [row.pk for row in reversed(rows) if team.admin.user_id in {row.actor_id, row.person_id}]
    assert [row.pk for row in page.object_list] == wanted[50:]
    assert page.paginator.count == len(wanted) == 80


def test_words_are_searched_in_the_newest_rows_of_the_days(
    team: Team, as_admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted(team, 6)
    address = team.url("settings/security/?q=joined")
    assert len(as_admin.get(address).context["page"].object_list) == 6
    assert "entries were searched" not in as_admin.get(address).content.decode()
    monkeypatch.setattr(trail_filters, "SEARCHED", 4)
    monkeypatch.setattr("organizations.views.security.SEARCHED", 4)
    answer = as_admin.get(address)
    assert len(answer.context["page"].object_list) == 4
    assert "Only the newest 4 entries were searched" in " ".join(answer.content.decode().split())
    exported = as_admin.post(team.url("settings/security/export/?q=joined"), {"format": "jsonl"})
    assert len(exported.getvalue().decode().splitlines()) == 6

"""The index of letters by which candidates are found holds what the table holds, and finds what reading all would."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from jobs.models import Job
from organizations import audit, filters, search, search_index, tasks, trail_filters
from organizations.models import Organization
from organizations.search import is_found
from scheduling.models import Candidate, Schedule
from tests.conftest import Team

pytestmark = pytest.mark.django_db

GRAMS = search_index.table_of("scheduling_candidate")
LETTERS = [*"aneÉößłİ'\"%_\\- ЖאעЪ田🎉*^"]
only_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's index belongs to its table")


@pytest.fixture(params=[2000, 3], ids=["few", "many"])
def most(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """The number of rows that count as few: rows that are found are read by their ids, or in the list's order."""
    for module in (search, filters, trail_filters):
        monkeypatch.setattr(module, "FEW", request.param)
    return int(request.param)


def names(rolls: random.Random, number: int) -> Iterator[str]:
    for place in range(number):
        yield "".join(rolls.choices(LETTERS, k=rolls.randint(1, 12))).strip() + f" x{place}"


def found_on(client: Client, team: Team, words: str) -> list[int]:
    return sorted(row.pk for row in client.get(team.url("candidates/"), {"q": words}).context["page"])


def all_with(organization: Organization, words: str) -> list[int]:
    rows = Candidate.objects.filter(organization=organization)
    return sorted(row.pk for row in rows if is_found(row.search_key, words))


@pytest.mark.parametrize("seed", range(2))
def test_the_index_finds_what_reading_all_rows_finds(seed: int, most: int, team: Team, as_recruiter: Client) -> None:
    rolls = random.Random(seed)
    other = Organization.objects.create(name="Other", slug="other")
    for organization in (team.organization, other):
        Candidate.objects.bulk_create(
            Candidate(organization=organization, name=name, email=f"p{place}@x.example" if place % 2 else "")
            for place, name in enumerate(names(rolls, 40))
        )
    keys = [row.search_key for row in Candidate.objects.filter(organization=team.organization).order_by("pk")]
    asked = ["x.example", "p1", "田", '"', "%", "nothing of the kind"]
    for key in rolls.sample(keys, 8):
        begins = rolls.randrange(len(key))
        asked.append(key[begins : begins + rolls.randint(1, 6)])
    for words in asked:
        assert found_on(as_recruiter, team, words) == all_with(team.organization, words), words


def test_the_index_follows_every_change(team: Team, as_recruiter: Client) -> None:
    person = Candidate.objects.create(organization=team.organization, name="Quentin Example")
    assert found_on(as_recruiter, team, "uenti") == [person.pk]
    person.name = "Barnaby"
    person.save()
    assert found_on(as_recruiter, team, "uenti") == []
    assert found_on(as_recruiter, team, "arnab") == [person.pk]
    Candidate.objects.filter(pk=person.pk).update(search_key="written by a program")
    assert found_on(as_recruiter, team, "progra") == [person.pk]
    person.name = "Zebedee"
    person.renew_search_key()
    Candidate.objects.bulk_update([person], ["name", "search_key"])
    assert found_on(as_recruiter, team, "ebede") == [person.pk]
    other = Organization.objects.create(name="Other", slug="other")
    Candidate.objects.filter(pk=person.pk).update(organization=other)
    assert found_on(as_recruiter, team, "ebede") == []
    Candidate.objects.filter(pk=person.pk).delete()
    assert grams_of("ebede", other) == []


def grams_of(words: str, organization: Organization) -> list[int]:
    """The rows that the index names, whether or not the table has them."""
    near = search_index.near(Candidate, organization.pk, words.split(), 100)
    if near is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(near.sql, near.params)
        return [pk for (pk,) in cursor.fetchall()]


@only_sqlite
def test_nothing_of_a_deleted_candidate_is_left_in_the_index(team: Team) -> None:
    kept = Candidate.objects.create(organization=team.organization, name="Kept")
    tasks.refresh_statistics()
    before = blocks()
    gone = Candidate.objects.create(organization=team.organization, name="Zyxwvut Qponml")
    assert grams_of("xwv", team.organization) == [gone.pk]
    gone.delete()
    assert grams_of("xwv", team.organization) == []
    tasks.refresh_statistics()
    assert blocks() == before
    assert grams_of("ept", team.organization) == [kept.pk]


def blocks() -> Any:
    """The letters in the index, without the numbering of its parts."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT block FROM {GRAMS}_data WHERE id > 10 ORDER BY id")
        return [bytes(block) for (block,) in cursor.fetchall()]


@only_sqlite
def test_a_migration_that_made_the_table_anew_has_made_the_index_again() -> None:
    """See `AddSearchIndex`: SQLite drops a table's triggers with it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'scheduling_candidate'")
        there = {name for (name,) in cursor.fetchall()}
    assert there == {f"{GRAMS}_{when}" for when in ("added", "changed", "deleted")}


def test_postgresql_has_the_index(team: Team) -> None:
    with connection.cursor() as cursor:
        known = connection.introspection.get_constraints(cursor, "scheduling_candidate")
    assert (GRAMS in known) == (connection.vendor == "postgresql")


def test_schedules_are_found_by_candidate_or_job(most: int, team: Team, as_recruiter: Client) -> None:
    """The list and the palette, among others' schedules of the same names."""
    other = Organization.objects.create(name="Other", slug="other")
    expected = {}
    for organization in (other, team.organization):
        jobs = [Job.objects.create(organization=organization, title=f"Role {letter * 3}") for letter in "abc"]
        people = [Candidate.objects.create(organization=organization, name=f"Per {place:03}") for place in range(6)]
        expected = {
            (person.name, job.title): Schedule.objects.create(
                organization=organization, candidate=person, job=job, state=Schedule.State.CANCELLED
            ).pk
            for place, person in enumerate(people)
            for job in [jobs[place % 3]]
        }
    for words in ("per", "003", "role", "bbb", "role ccc", "per bbb", "per 00 004", "zzz"):
        wanted = {
            pk
            for (person, job), pk in expected.items()
            if is_found(person.casefold(), words) or is_found(job.casefold(), words)
        }
        for order in ("", "candidate", "-candidate"):
            asked = {"q": words, "show": "cancelled", "order": order}
            page = as_recruiter.get(team.url("schedules/"), asked).context["page"]
            assert {row.pk for row in page} == wanted, words
        hits = as_recruiter.get(team.url("find/"), {"q": words}, headers={"HX-Request": "true"}).content.decode()
        linked = {pk for pk in expected.values() if team.url(f"schedules/{pk}/") in hits}
        assert len(linked) == min(len(wanted), 5) and linked <= wanted, words


def test_a_list_of_many_says_that_it_goes_on(team: Team, as_recruiter: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "FEW", 60)
    Candidate.objects.bulk_create(Candidate(organization=team.organization, name=f"Many {n:03}") for n in range(120))

    def page(number: int, words: str = "many") -> str:
        answer = as_recruiter.get(team.url("candidates/"), {"q": words, "page": str(number)})
        return " ".join(answer.content.decode().split())

    assert "1 to 50 of more than 50 " in page(1)
    assert "51 to 100 of more than 100 " in page(2)
    assert "101 to 120 of 120 " in page(3)
    assert "101 to 120 of 120 " in page(9)
    assert "1 to 12 of 12 " in page(1, "many 03")


def test_the_trail_of_one_subject_is_the_same_however_it_is_read(most: int, team: Team, as_admin: Client) -> None:
    for number in range(60):
        code = "job.created" if number % 3 else "candidate.added"
        audit.record(
            organization=team.organization,
            actor=team.admin.user,
            action=code,
            subject=team.organization,
            person=audit.Person("candidate", 1) if number % 3 == 0 else None,
        )

    def actions(**query: str) -> list[str]:
        page = as_admin.get(team.url("settings/security/"), query).context["page"]
        return [event.action for event in page]

    assert actions(about="candidates") == ["candidate.added"] * 20
    assert actions(about="jobs", act="added") == ["job.created"] * 40
    assert actions(about="candidates", act="removed") == []
    assert len(actions(act="added")) == 50


def test_schedules_by_candidate_are_sorted_alike_however_they_are_read(
    most: int, team: Team, as_recruiter: Client
) -> None:
    rolls = random.Random(7)
    people = [Candidate.objects.create(organization=team.organization, name=rolls.choice("abc") * 3) for _ in range(8)]
    rows = [
        Schedule.objects.create(organization=team.organization, candidate=rolls.choice(people), state="cancelled")
        for _ in range(70)
    ]

    def shown(order: str, page: int) -> list[int]:
        asked = {"show": "cancelled", "order": order, "page": str(page)}
        return [row.pk for row in as_recruiter.get(team.url("schedules/"), asked).context["page"]]

    wanted = [row.pk for row in sorted(rows, key=lambda row: (row.candidate.search_key, row.candidate_id, row.pk))]
    assert shown("candidate", 1) + shown("candidate", 2) == wanted
    assert shown("-candidate", 1) + shown("-candidate", 2) == wanted[::-1]

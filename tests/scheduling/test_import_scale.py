"""An import of thousands: the same few queries for each thousand rows, whoever is there already."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from scheduling.candidates.import_csv import MOST_ROWS
from scheduling.candidates.imports import plan, run_import
from scheduling.models import Candidate, CandidateImport
from tests.conftest import Team
from tests.scheduling.test_candidates_csv_pages import imported_from

pytestmark = pytest.mark.django_db


def stored(team: Team, count: int, prefix: str = "p") -> CandidateImport:
    return CandidateImport.objects.create(
        organization=team.organization,
        uploaded_by=team.recruiter.user,
        rows=[
            [
                number + 2,
                {"name": f"Person {number} new", "email": f"{prefix}{number}@example.com", "phone": "+1"},
                "",
            ]
            for number in range(count)
        ],
    )


def queries(work: Callable[[], object]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as caught:
        work()
    return len(caught)


def test_a_preview_asks_once_for_each_thousand(team: Team) -> None:
    one, two, three = (stored(team, count) for count in (1000, 2000, 3000))
    first, second, third = (queries(lambda row=row: plan(row, "skip")) for row in (one, two, three))  # type: ignore[misc]
    assert first <= 4
    assert (second - first, third - second) == (1, 1)


@pytest.mark.thorough
def test_adding_takes_the_same_for_each_thousand(team: Team) -> None:
    def run(count: int, prefix: str) -> int:
        row = stored(team, count, prefix)
        return queries(lambda: run_import(stored=row, duplicates="skip", expected=count, actor=team.recruiter.user))

    first, second, third = run(1000, "a"), run(2000, "b"), run(3000, "c")
    assert third - second == pytest.approx(second - first, abs=1)  # a last batch may be one more, half full
    assert second - first < 20
    assert Candidate.objects.filter(organization=team.organization).count() == 6000


@pytest.mark.thorough
def test_updating_takes_the_same_for_each_thousand(team: Team) -> None:
    def run(count: int, prefix: str) -> int:
        Candidate.objects.bulk_create(
            Candidate(organization=team.organization, name=f"Person {n}", email=f"{prefix}{n}@example.com")
            for n in range(count)
        )
        row = stored(team, count, prefix)
        return queries(lambda: run_import(stored=row, duplicates="update", expected=count, actor=team.recruiter.user))

    first, second, third = run(1000, "a"), run(2000, "b"), run(3000, "c")
    assert third - second == pytest.approx(second - first, abs=1)
    assert second - first < 60
    assert Candidate.objects.filter(organization=team.organization, phone="+1").count() == 6000


@pytest.mark.thorough
def test_the_most_rows_take_seconds(team: Team, as_recruiter: Client) -> None:
    text = "Name,E-mail,Phone,Time zone\n" + "".join(
        f"Person {n},p{n}@example.com,+49 {n},Europe/Berlin\n" for n in range(MOST_ROWS)
    )
    start = time.perf_counter()
    address = imported_from(as_recruiter, team, text)
    page = as_recruiter.get(address).content.decode()
    answer = as_recruiter.post(address, {"action": "import", "duplicates": "skip", "expected": MOST_ROWS})
    content = as_recruiter.post(team.url("candidates/export/")).getvalue()
    took = time.perf_counter() - start
    print(f"upload, preview, import and export of {MOST_ROWS:,} candidates: {took:.1f} s")
    assert "Import 10,000 candidates" in page
    assert answer.status_code == 302
    assert content.count(b"\r\n") == MOST_ROWS + 1
    assert took < 60
    assert len(page) < 200_000  # one page of rows, whatever the file

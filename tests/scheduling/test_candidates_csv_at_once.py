"""Two people, or two clicks, at the very same moment: on a database that lets both in."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from scheduling.candidates.imports import ImportRefused, run_import
from scheduling.models import Candidate, CandidateImport
from tests.conftest import Team

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def a_database_with_row_locks(transactional_db: None) -> None:
    if not connection.features.has_select_for_update:
        pytest.skip("SQLite lets one writer in at a time; `make test-all` runs this on PostgreSQL")


def stored(team: Team) -> CandidateImport:
    rows = [[n + 2, {"name": f"Person {n}", "email": f"p{n}@example.com"}, ""] for n in range(50)]
    return CandidateImport.objects.create(organization=team.organization, uploaded_by=team.admin.user, rows=rows)


def all_at_once(team: Team, imports: list[CandidateImport]) -> list[str]:
    """Confirm each in its own thread and connection. Return how each ended."""
    start = Barrier(len(imports))

    def confirm(stored: CandidateImport) -> str:
        try:
            start.wait(timeout=20)
            run_import(stored=stored, duplicates="skip", expected=50, actor=team.admin.user)
        except (ImportRefused, CandidateImport.DoesNotExist) as error:
            return type(error).__name__
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(imports)) as pool:
        return sorted(pool.map(confirm, imports))


def test_clicks_at_once_import_once(team: Team) -> None:
    once = stored(team)
    assert all_at_once(team, [once] * 4) == ["DoesNotExist"] * 3 + ["done"]
    assert Candidate.objects.filter(organization=team.organization).count() == 50


def test_the_same_file_of_two_people_imports_once(team: Team) -> None:
    assert all_at_once(team, [stored(team), stored(team)]) == ["ImportRefused", "done"]
    assert Candidate.objects.filter(organization=team.organization).count() == 50

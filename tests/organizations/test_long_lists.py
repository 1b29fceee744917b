"""A list of more rows than anybody pages through is counted to a bound, and says so."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from organizations.lists import MOST_LISTED
from scheduling.models import Candidate
from tests.conftest import Team

pytestmark = pytest.mark.django_db


def page(client: Client, team: Team, query: str = "") -> str:
    return " ".join(client.get(f"/o/{team.slug}/candidates/{query}").content.decode().split())


def candidates(team: Team, number: int) -> None:
    Candidate.objects.bulk_create(
        Candidate(organization=team.organization, name=f"Person {one:05}") for one in range(number)
    )


def test_a_list_within_the_bound_names_its_number(team: Team, as_recruiter: Client) -> None:
    candidates(team, MOST_LISTED)
    assert "1 to 50 of 2,000 " in page(as_recruiter, team)
    last = page(as_recruiter, team, "?page=40")
    assert "1,951 to 2,000 of 2,000 " in last
    assert "list ends here" not in last


def test_a_longer_one_says_more_and_ends(team: Team, as_recruiter: Client) -> None:
    candidates(team, MOST_LISTED + 1)
    assert "1 to 50 of more than 2,000 " in page(as_recruiter, team)
    last = page(as_recruiter, team, "?page=20000")
    assert "1,951 to 2,000. The list ends here: search, or sort the other way, to see more." in last
    assert "Person 01999" in last and "Person 02000" not in last
    assert not re.search(r'rel="next"', last)
    assert "Person 02000" in page(as_recruiter, team, "?q=02000")
    assert "Person 02000" in page(as_recruiter, team, "?order=-name")

"""Queries whose SQL is kept find what Django's own find."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.models import QuerySet, Value
from django.db.models.functions import Lower
from django.test.utils import CaptureQueriesContext

from organizations.compiled import Compiled
from organizations.models import Membership, Organization
from tests.conftest import Team

pytestmark = pytest.mark.django_db


def rows(user: int, slug: str) -> QuerySet[Membership]:
    found = Membership.objects.select_related("organization", "user").annotate(shouted=Lower("role"), one=Value(1))
    return found.filter(user=user, organization__slug=slug)


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
        list(found[:1])
    return str(context[0]["sql"])


def test_what_is_not_there_and_what_looks_like_sql_finds_nothing(team: Team) -> None:
    kept = Compiled(rows, int, str)
    assert kept.first(team.recruiter.user_id, "nowhere") is None
    assert kept.first(team.recruiter.user_id, f"{team.organization.slug}' OR '1'='1") is None
    assert kept.first(team.recruiter.user_id, team.organization.slug) == team.recruiter


def test_a_query_that_does_not_send_its_values_as_they_are_is_refused(team: Team) -> None:
    shouting = Compiled(lambda slug: Organization.objects.filter(slug=slug.upper()), str)
    with pytest.raises(ValueError, match="another form"):
        shouting.first(team.organization.slug)

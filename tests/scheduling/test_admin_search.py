"""Searches of the Django admin use an index: on tables of a million rows each is answered at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scheduling.admin import search
from scheduling.models import Candidate
from tests.conftest import Team
from tests.everything import one_of_each

pytestmark = pytest.mark.django_db

BIG = {str(model._meta.model_name) for model in apps.get_app_config("scheduling").get_models()}
FINDERS = [
    search.candidates,
    search.schedules,
    search.interviews,
    search.assignments,
    search.coding_links,
    search.join_links,
    search.messages,
    search.calendar_entries,
]


def plan(sql: str) -> str:
    """How the database would answer, told not to read a table whole where an index serves."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            return "\n".join(str(row[3]) for row in cursor.fetchall())
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {sql}")
        return "\n".join(str(row[0]) for row in cursor.fetchall())


def read_whole(how: str) -> list[str]:
    """The big tables that a plan reads from end to end."""
    found = re.findall(r"(?:SCAN|Seq Scan on) (?:scheduling_)(\w+)(?! USING)\b(.*)", how)
    return [table for table, rest in found if table in BIG and "USING" not in rest]


@pytest.mark.parametrize("words", ["ada@example.com", "ada osei", "4711"])
@pytest.mark.parametrize("find", FINDERS, ids=lambda find: find.__name__)
def test_a_search_reads_no_big_table_whole(find: Callable[[str], Iterable[Any]], words: str, team: Team) -> None:
    one_of_each(team)
    with CaptureQueriesContext(connection) as asked:
        list(find(words))
    questions = [one["sql"] for one in asked if one["sql"].startswith("SELECT")]
    assert questions
    assert [(sql, how) for sql in questions if read_whole(how := plan(sql))] == []


def test_a_search_without_an_index_would_be_noticed(team: Team) -> None:
    one_of_each(team)
    with CaptureQueriesContext(connection) as asked:
        list(Candidate.objects.filter(phone="1").order_by())
    assert read_whole(plan(asked[0]["sql"])) == ["candidate"]

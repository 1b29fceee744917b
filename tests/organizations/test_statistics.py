"""SQLite's planner knows the sizes of tables, and finds the rows of one schedule by an index of it."""

from __future__ import annotations

import pytest
from django.db import connection

from benchmarks.organization import fill
from organizations.tasks import refresh_statistics
from scheduling.models import CodingLink, Interview, Message, Schedule

pytestmark = pytest.mark.django_db


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps its statistics itself")
def test_the_rows_of_one_schedule_are_found_by_an_index_of_it() -> None:
    organization = fill("many", interviews=300)
    refresh_statistics()
    schedule = Schedule.objects.filter(organization=organization).order_by("id")[0]
    of_it = Interview.objects.filter(organization=organization, schedule=schedule)
    links = CodingLink.objects.filter(organization=organization, interview__in=list(of_it.order_by("id")))
    told = Message.objects.filter(organization=organization, schedule=schedule)
    for rows, index in ((of_it, "schedule"), (links, "link_of_interview"), (told, "schedule")):
        plan = rows.order_by().explain()
        assert index in plan and "SCAN" not in plan, plan

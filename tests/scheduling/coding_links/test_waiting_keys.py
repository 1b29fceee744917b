"""A look-up takes along those whose links are made next, and reads a few rows for it, however many wait."""

from __future__ import annotations

import pytest
from django.db import connection

from scheduling.coding_links import lookups
from scheduling.models import CodingLink, VendorSnapshot
from tests.reading import reading
from tests.scheduling.coding_links.conftest import Bench

pytestmark = [pytest.mark.django_db, pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"])]

#: Steps of SQLite, or rows of PostgreSQL, for the first few waiting rows and what is known of each.
MOST_READ = {"sqlite": 20_000, "postgresql": 1_000}


def waiting(bench: Bench, numbers: range) -> None:
    CodingLink.objects.bulk_create(
        CodingLink(
            organization=bench.integration.organization,
            integration=bench.integration,
            candidate_key=f"c{number}@mail.example",
            candidate_email=f"c{number}@mail.example",
            candidate_name=f"Candidate {number}",
        )
        for number in numbers
    )


def test_a_look_up_reads_few_of_many_waiting_rows_though_statistics_are_old(bench: Bench) -> None:
    waiting(bench, range(100))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    waiting(bench, range(100, 10_400))
    link = CodingLink.objects.select_related("integration").order_by("id")[0]
    with reading() as found:
        taken = lookups.snapshot_with_others(link)
    assert taken.candidate_key == "c0@mail.example"
    assert VendorSnapshot.objects.count() > 1, "others were looked up in the same request"
    most = max(found.statements, key=lambda one: one.read)
    assert most.read <= MOST_READ[connection.vendor], f"{most.read:,} read: {most}"

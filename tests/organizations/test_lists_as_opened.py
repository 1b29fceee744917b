"""A list as people open it comes by SQL that is kept, and shows what the same list without it shows."""

from __future__ import annotations

import pytest
from django.test import Client

from benchmarks.organization import fill
from organizations.models import Membership, Organization
from tests.test_query_counts import one_with_role

pytestmark = pytest.mark.django_db

LISTS = {
    "admin": ("schedules", "candidates", "jobs"),
    "coordinator": ("schedules", "candidates", "jobs"),
    "read_only": ("schedules", "candidates", "jobs"),
    "interviewer": ("schedules",),
}


def reader(organization: Organization, role: str) -> Client:
    """Sign in as a member with interviews of their own."""
    member = Membership.objects.filter(organization=organization, assignments__isnull=False).order_by("id")[0]
    member.role = role
    member.save()
    if role == "coordinator":
        return one_with_role(organization, role)
    client = Client()
    client.force_login(member.user)
    return client


@pytest.mark.parametrize("role", LISTS)
def test_a_list_shows_the_same_where_its_address_says_so(role: str) -> None:
    for organization in (fill("few", interviews=30), fill("more", interviews=80)):
        client = reader(organization, role)
        for name in LISTS[role]:
            opened, asked = (client.get(f"/o/{organization.slug}/{name}/{query}").context for query in ("", "?q="))
            assert str(opened["drawn"]).count("<tr>") > 0, name
            assert opened["drawn"] == asked["drawn"], name
            assert opened["page"].paginator.count == asked["page"].paginator.count
            assert opened["page"].has_next() == asked["page"].has_next()

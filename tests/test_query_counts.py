"""Every page asks the database the same number of questions however much there is: at most twelve."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.addresses import PARTS, member_pages
from benchmarks.organization import fill
from organizations.models import Membership, Organization

MOST = 12


def counts(organization: Organization) -> dict[str, int]:
    """Queries of each page, asked for a second time: the first answer may fill caches."""
    client = Client()
    client.force_login(Membership.objects.filter(organization=organization, role="admin").get().user)
    found = {}
    for name, address in member_pages(organization).items():
        headers = {"HX-Request": "true"} if name in PARTS else {}
        client.get(address, headers=headers)
        with CaptureQueriesContext(connection) as captured:
            response = client.get(address, headers=headers)
        assert response.status_code == 200, (name, address, response.status_code)
        found[name] = len(captured)
    return found


@pytest.mark.django_db
def test_pages_ask_the_same_however_much_there_is() -> None:
    few, many = counts(fill("few", interviews=60)), counts(fill("many", interviews=900))
    assert few == many
    assert {name: number for name, number in many.items() if number > MOST} == {}

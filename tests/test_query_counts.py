"""Every page asks the database the same number of questions however much there is: at most twelve."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import pytest
from django.db import connection
from django.http import StreamingHttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver

from benchmarks.addresses import ONLY_IN_DEMO, PARTS, member_pages
from benchmarks.organization import fill
from organizations.models import Membership, Organization
from tests.conftest import Team

MOST = 12
MEMBERS = "o/<slug:organization>/"
_SIGNS = {"int": "[0-9]+", "slug": "[-\\w]+", "str": "[^/]+"}


def admin_of(organization: Organization) -> Client:
    client = Client()
    client.force_login(Membership.objects.filter(organization=organization, role="admin").get().user)
    return client


def counts(organization: Organization) -> dict[str, int]:
    """Queries of each page, asked for a second time: the first answer may fill caches."""
    client = admin_of(organization)
    found = {}
    for name, address in member_pages(organization).items():
        headers = {"HX-Request": "true"} if name in PARTS else {}
        client.get(address, headers=headers)
        with CaptureQueriesContext(connection) as captured:
            response = client.get(address, headers=headers)
            if isinstance(response, StreamingHttpResponse):
                assert response.getvalue()
        # Some have no news (204), or only lead elsewhere.
        assert response.status_code in {200, 204, 302}, (name, address, response.status_code)
        found[name] = len(captured)
    return found


@pytest.mark.django_db
def test_pages_ask_the_same_however_much_there_is() -> None:
    few, many = counts(fill("few", interviews=60)), counts(fill("many", interviews=900))
    assert few == many
    assert {name: number for name, number in many.items() if number > MOST} == {}


def patterns(level: Sequence[URLPattern | URLResolver], before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address with what stands before it."""
    for one in level:
        if isinstance(one, URLResolver):
            yield from patterns(one.url_patterns, before + str(one.pattern))
        else:
            yield before + str(one.pattern), one


def filled(route: str, signs: dict[str, str]) -> str:
    """The route with something in the place of each of its values."""
    return re.sub(r"<(\w+):\w+>", lambda found: signs[found[1]], route)


def test_each_member_page_is_among_those_that_are_counted(team: Team, as_admin: Client) -> None:
    """A new page that nobody counts fails here: give it an address in `benchmarks.addresses`."""
    addresses = [address.partition("?")[0] for address in member_pages(fill("all", interviews=60)).values()]
    uncounted, pages = [], 0
    for route, pattern in patterns(get_resolver().url_patterns):
        if not route.startswith(MEMBERS) or pattern.name in ONLY_IN_DEMO:
            continue
        anything = route.replace(MEMBERS, f"o/{team.slug}/")
        if as_admin.get("/" + filled(anything, {"int": "1", "slug": "x", "str": "x"})).status_code == 405:
            continue  # only changes something
        pages += 1
        if not any(re.fullmatch("/" + filled(route, _SIGNS), address) for address in addresses):
            uncounted.append(pattern.name)
    assert uncounted == []
    assert pages > 50

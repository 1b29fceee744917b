"""No page offers what its reader may not do: links, buttons and forms lead only to addresses that are open to them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import Resolver404, resolve

from benchmarks.addresses import PARTS, member_pages
from benchmarks.organization import fill
from jobs.models import Job, JobCoordinator
from organizations.access import NEEDS
from organizations.models import Membership, Organization
from organizations.permissions import Permission, Role, rights_of

pytestmark = pytest.mark.django_db

READS = ("href", "src", "hx-get", "data-dialog", "data-address")
POSTS = ("hx-post", "formaction")


@dataclass
class Offers(HTMLParser):
    """The offers of a page: addresses to read, and addresses to post to, each where it stands in the page."""

    page: str
    reads: set[str] = field(default_factory=set)
    posts: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()
        self._disabled = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.reads |= {values[name] for name in READS if name in values}
        self.posts |= {values[name] for name in POSTS if name in values}
        if tag == "fieldset" and "disabled" in values:
            self._disabled = True
        if tag == "form":
            self._form = values
        posting = getattr(self, "_form", {}).get("method") == "post"
        if tag == "button" and posting and values.get("type", "submit") == "submit" and not self._disabled:
            self.posts.add(self._form.get("action") or self.page)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = {}
        if tag == "fieldset":
            self._disabled = False


def needed(address: str, *, posted: bool) -> Permission | None:
    """The permission that a member page asks for; None for other addresses."""
    try:
        view = resolve(urlsplit(address).path).func
    except Resolver404:
        return None
    reading, changing = getattr(view, NEEDS, (None, None))
    return changing if posted else reading


def offered(client: Client, name: str, address: str) -> Offers | None:
    """The offers of a page; None where the reader may not open it."""
    headers = {"HX-Request": "true"} if name in PARTS else {}
    response = client.get(address, headers=headers)
    if response.status_code in {403, 404}:
        return None
    assert response.status_code in {200, 204, 302}, (name, response.status_code)
    found = Offers(address)
    if not response.streaming:
        found.feed(response.content.decode())
    return found


def a_member(organization: Organization, role: str) -> Client:
    membership = Membership.objects.filter(organization=organization, role="recruiter").order_by("id")[0]
    Membership.objects.filter(pk=membership.pk).update(role=role)
    client = Client()
    client.force_login(membership.user)
    if role == Role.COORDINATOR:
        jobs = Job.objects.filter(organization=organization)
        JobCoordinator.objects.bulk_create([JobCoordinator(job=job, membership=membership) for job in jobs])
    return client


@pytest.mark.parametrize("role", list(Role))
def test_pages_offer_only_what_their_reader_may(role: str) -> None:
    organization = fill("acme", interviews=60)
    client, rights = a_member(organization, role), rights_of(role)
    wrong, opened, checked = set(), 0, 0
    for name, address in member_pages(organization).items():
        if (offers := offered(client, name, address)) is None:
            continue
        opened += 1
        for addresses, posted in ((offers.reads, False), (offers.posts, True)):
            for one in addresses:
                permission = needed(urljoin(address, one), posted=posted)
                checked += permission is not None
                if permission is not None and permission not in rights:
                    wrong.add((name, "POST" if posted else "GET", re.sub(r"\d+", "N", one)))
    assert sorted(wrong) == []
    assert opened >= {Role.COORDINATOR: 40, Role.READ_ONLY: 20, Role.INTERVIEWER: 3}.get(Role(role), 50)
    assert checked > opened * 5

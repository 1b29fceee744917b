"""Every page asks the database the same number of questions however much there is: at most twelve, and writes nothing.

Counted is the first view of each page, with nothing in any cache, of an organization that nobody has looked at yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import pytest
from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth.tokens import default_token_generator
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponseBase, StreamingHttpResponse
from django.test import Client, TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse

from benchmarks.addresses import ONLY_IN_DEMO, PARTS, member_pages
from benchmarks.organization import fill
from integrations.models import Integration
from jobs.models import Job, JobCoordinator
from organizations import invitations
from organizations.models import Invitation, Membership, Organization, User
from scheduling.join_links.services import renew
from scheduling.models import JoinLink
from scheduling.views import moved_addresses
from tests.conftest import Team
from tests.everything import one_of_each

MOST = 12
MEMBERS = "o/<slug:organization>/"
_SIGNS = {"int": "[0-9]+", "slug": "[-\\w]+", "str": "[^/]+"}


def member_of(organization: Organization, role: str) -> Client:
    """Sign in as a member of the role who interviews in the loop that `member_pages` shows."""
    if role in {"coordinator", "read_only"}:
        return one_with_role(organization, role)
    client = Client()
    members = Membership.objects.filter(organization=organization, role=role)
    if role == "interviewer":
        shown = resolve(member_pages(organization)["Own join link"]).kwargs["pk"]
        members = members.filter(assignments__interview=shown)
    client.force_login(members.order_by("id")[0].user)
    return client


def one_with_role(organization: Organization, role: str) -> Client:
    """Sign in as a new member of a role; a coordinator has all jobs, and interviews nowhere."""
    user = User.objects.create_user(f"{role}@{organization.slug}.example", "demo", name=role)
    member = Membership.objects.create(organization=organization, user=user, role=role)
    jobs = Job.objects.filter(organization=organization) if role == "coordinator" else []
    JobCoordinator.objects.bulk_create([JobCoordinator(job=job, membership=member) for job in jobs])
    client = Client()
    client.force_login(user)
    return client


def first_view(client: Client, address: str, **headers: str) -> tuple[HttpResponseBase, list[str]]:
    """The answer and the statements of a page, with those that run after it: nothing was asked before."""
    cache.clear()
    ContentType.objects.clear_cache()
    with CaptureQueriesContext(connection) as captured, TestCase.captureOnCommitCallbacks(execute=True):
        response = client.get(address, headers=headers)
        if isinstance(response, StreamingHttpResponse):
            assert response.getvalue()
    return response, [str(query["sql"]) for query in captured.captured_queries]


def statements(organization: Organization, role: str = "admin") -> dict[str, list[str]]:
    """The statements of each page that this role may see, when it is opened for the first time."""
    client = member_of(organization, role)
    Integration.objects.filter(organization=organization).update(templates_fetched_at=None)
    found = {}
    for name, address in member_pages(organization).items():
        headers = {"HX-Request": "true"} if name in PARTS else {}
        response, found[name] = first_view(client, address, **headers)
        if role != "admin" and response.status_code in {403, 404}:
            del found[name]
            continue
        # Some have no news (204), or only lead elsewhere.
        assert response.status_code in {200, 204, 302}, (name, address, response.status_code)
    return found


def writes(asked: Sequence[str]) -> list[str]:
    return [one for one in asked if one.startswith(("INSERT", "UPDATE", "DELETE", "SAVEPOINT"))]


@pytest.mark.django_db
def test_pages_ask_the_same_however_much_there_is_and_write_nothing() -> None:
    few, many = statements(fill("few", interviews=60)), statements(fill("many", interviews=300))
    assert {name: wrote for name, asked in few.items() if (wrote := writes(asked))} == {}
    assert {name: len(asked) for name, asked in many.items() if len(asked) > MOST} == {}
    assert {name: len(asked) for name, asked in few.items()} == {name: len(asked) for name, asked in many.items()}


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["recruiter", "coordinator", "interviewer", "read_only"])
def test_reading_writes_nothing_for_others_either(role: str) -> None:
    asked = statements(fill("few", interviews=60), role)
    assert {"Home", "Schedules", "Schedule, Details", "Settings, You"} <= set(asked)
    assert {name: wrote for name, one in asked.items() if (wrote := writes(one))} == {}
    assert {name: len(one) for name, one in asked.items() if len(one) > MOST} == {}


@pytest.mark.django_db
def test_what_visitors_read_writes_nothing(team: Team) -> None:
    rows = one_of_each(team)
    invitation, user = rows[Invitation], team.admin.user
    assert isinstance(invitation, Invitation)
    link = renew(link=JoinLink.objects.get(), actor=None)
    new_password = [user_pk_to_url_str(user), default_token_generator.make_token(user)]
    addresses = [
        *(reverse(name) for name in ("healthz", "readyz", "start", "sign-in", "password-forgotten")),
        invitations.link(invitation).removeprefix("http://testserver"),
        reverse("join", args=[link.token]),
        reverse("password-new", args=new_password),
    ]
    for address in addresses:
        response, asked = first_view(Client(), address)
        assert response.status_code in {200, 302} or address == reverse("readyz"), address
        wrote = writes(asked)
        # The mail's address is exchanged for one without its token, which the visitor's new session keeps.
        assert ("organizations_session" in "".join(wrote)) is (address == addresses[-1]), wrote
        assert [one for one in wrote if "organizations_session" not in one and "SAVEPOINT" not in one] == []


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
        only_leads_on = pattern.callback.__module__ == moved_addresses.__name__
        if not route.startswith(MEMBERS) or pattern.name in ONLY_IN_DEMO or only_leads_on:
            continue
        anything = route.replace(MEMBERS, f"o/{team.slug}/")
        # Asked in a way that no view answers: the refusal names those that it does.
        refused = as_admin.options("/" + filled(anything, {"int": "1", "slug": "x", "str": "x"}))
        if refused.status_code == 405 and refused["Allow"] == "POST":
            continue  # only changes something
        pages += 1
        if not any(re.fullmatch("/" + filled(route, _SIGNS), address) for address in addresses):
            uncounted.append(pattern.name)
    assert uncounted == []
    assert pages > 50

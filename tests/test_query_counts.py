"""Every page costs the same however much there is: it asks at most twelve questions, reads no more, and writes nothing.

Counted is the first view of each page, with nothing in any cache, of an organization that nobody has looked at yet:
its statements, how much each of them reads (`tests.reading`), and the bytes of the answer. No clock is read, so what
fails here fails everywhere.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest
from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth.tokens import default_token_generator
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import connection
from django.db.models import F
from django.http import HttpResponseBase, StreamingHttpResponse
from django.test import Client, TestCase
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse
from django.utils import timezone

from benchmarks.addresses import LEADS_AWAY, ONLY_IN_DEMO, PARTS, member_pages
from benchmarks.organization import fill
from benchmarks.pages import pages_of
from integrations.models import Integration
from jobs import views as jobs_views
from jobs.models import Job, JobCoordinator, Stage
from organizations import filters, invitations, lists, search, trail_filters
from organizations.models import Invitation, Membership, Organization, User
from organizations.tasks import refresh_statistics
from scheduling.erasure import retention
from scheduling.join_links.services import renew
from scheduling.models import Candidate, JoinLink, Schedule
from scheduling.schedules import job_usage
from scheduling.views import candidates as candidates_views
from scheduling.views import moved_addresses
from scheduling.views import schedules as schedules_views
from tests.conftest import Team
from tests.everything import one_of_each
from tests.reading import Statement, reading

MOST = 12
#: Interviews of two organizations, both with full pages and as much to come. The smaller one is read first, alone, so
#: that a page that reads the whole of a table reads more in the larger one.
FEW, MANY = 1_000, 5_000
GROWTH = 1.2
#: Steps or rows that no statement is blamed for.
FLOOR = {"sqlite": 400, "postgresql": 200}
#: Pages that PostgreSQL reads in another way in small tables than in large ones. `benchmarks.pages` measures them at a
#: million.
OTHERWISE_IF_SMALL = {"Calendar, searched", "Schedules, found many"}
#: Options that a page sends: those of a menu, of time zones in it, and no list of rows. What is more, is searched for.
MOST_OPTIONS = 60
#: Bytes of a page on the wire. `tests/browser/test_weight.py` counts its files, too.
LARGEST = 25_000
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


@dataclass(frozen=True)
class View:
    """The answer of a page, and its statements, with those that run after it."""

    response: HttpResponseBase
    asked: list[Statement]
    body: bytes

    @property
    def size(self) -> int:
        return len(self.body)

    @property
    def texts(self) -> list[str]:
        return [one.sql for one in self.asked]


def first_view(client: Client, address: str, **headers: str) -> View:
    """The view of a page of which nothing was asked before."""
    cache.clear()
    ContentType.objects.clear_cache()
    with reading() as found, TestCase.captureOnCommitCallbacks(execute=True):
        response = client.get(address, headers=headers)
        body = response.getvalue() if isinstance(response, StreamingHttpResponse) else response.content
    return View(response, found.statements, body)


def first_views(organization: Organization, role: str = "admin") -> dict[str, View]:
    """The view of each page that this role may see, when it is opened for the first time."""
    client = member_of(organization, role)
    Integration.objects.filter(organization=organization).update(templates_fetched_at=None)
    found = {}
    for name, address in pages_of(organization, member_pages(organization)).items():
        headers = {"HX-Request": "true"} if name in PARTS else {}
        view = first_view(client, address, **headers)
        if role != "admin" and view.response.status_code in {403, 404}:
            continue
        # Some have no news (204), or only lead elsewhere.
        assert view.response.status_code in {200, 204, 302}, (name, address, view.response.status_code)
        found[name] = view
    return found


def statements(organization: Organization, role: str = "admin") -> dict[str, list[str]]:
    """The statements of each page that this role may see, when it is opened for the first time."""
    return {name: view.texts for name, view in first_views(organization, role).items()}


def writes(asked: Sequence[str]) -> list[str]:
    return [one for one in asked if one.startswith(("INSERT", "UPDATE", "DELETE", "SAVEPOINT"))]


def growth(name: str, few: View, many: View) -> list[str]:
    """Compare a page in both organizations: a sentence for each cost that is higher in the larger one."""
    if len(few.asked) != len(many.asked):
        return [f"{name} asks {len(few.asked)} questions of {FEW:,} interviews and {len(many.asked)} of {MANY:,}."]
    said = [
        f"{name} reads {more.read:,} instead of {less.read:,} when there are {MANY:,} interviews instead of {FEW:,}: "
        f"{more}"
        for less, more in zip(few.asked, many.asked, strict=True)
        if more.read > GROWTH * less.read + FLOOR[connection.vendor]
    ]
    if many.size > GROWTH * few.size:
        said.append(f"{name} has {many.size:,} bytes instead of {few.size:,} when there are {MANY:,} interviews.")
    return said


@pytest.mark.django_db
def test_pages_cost_the_same_however_much_there_is_and_write_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    # Lists count and search so far and no further. Here that is less than the smaller organization has.
    for module in (lists, filters):
        monkeypatch.setattr(module, "MOST_LISTED", 100)
    monkeypatch.setattr(filters, "FEW", 100)
    for name in ("FEW", "SUGGESTED"):
        monkeypatch.setattr(search, name, 30)
    monkeypatch.setattr(job_usage, "MOST_COUNTED", 5)
    monkeypatch.setattr(retention, "COUNTED", 5)
    monkeypatch.setattr(trail_filters, "SEARCHED", 500)
    for view in (schedules_views, candidates_views, jobs_views):  # their kept SQL has the usual bounds
        monkeypatch.setattr(view._OPENED, "_of_roles", {})
    few = first_views(_filled(FEW))
    many = first_views(_filled(MANY))
    assert {name: wrote for name, view in few.items() if (wrote := writes(view.texts))} == {}
    assert {name: len(view.asked) for name, view in many.items() if len(view.asked) > MOST} == {}
    options = {name: view.body.count(b"<option") for name, view in many.items()}
    assert {name: more for name, more in options.items() if more > MOST_OPTIONS} == {}
    packed = {name: len(gzip.compress(view.body, 6)) for name, view in many.items()}
    assert {name: size for name, size in packed.items() if size > LARGEST} == {}
    unlike = OTHERWISE_IF_SMALL if connection.vendor == "postgresql" else set()
    grown = [line for name, view in few.items() if name not in unlike for line in growth(name, view, many[name])]
    assert not grown, "\n\n".join(grown)


def _give_a_job_its_share(organization: Organization) -> None:
    """Let a third of all that is over be of the first job, so that its lists are full in both organizations."""
    stage = Stage.objects.filter(organization=organization).order_by("job_id", "position")[0]
    candidates = Candidate.objects.annotate(rest=F("pk") % 3).filter(organization=organization, rest=0)
    candidates.update(job=stage.job, stage=stage)
    schedules = Schedule.objects.annotate(rest=F("pk") % 3).filter(organization=organization, rest=0)
    schedules.filter(last_ends_at__lt=timezone.now()).update(job=stage.job, stage=stage)


def _filled(interviews: int) -> Organization:
    """An organization of this size, whose tables the planner knows as they are: beat sees to that each day."""
    organization = fill(f"size-{interviews}", interviews=interviews)
    _give_a_job_its_share(organization)
    if connection.vendor == "sqlite":
        refresh_statistics()
    else:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return organization


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
        view = first_view(Client(), address)
        assert view.response.status_code in {200, 302} or address == reverse("readyz"), address
        wrote = writes(view.texts)
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
        if not route.startswith(MEMBERS) or pattern.name in ONLY_IN_DEMO | LEADS_AWAY or only_leads_on:
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

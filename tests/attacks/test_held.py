"""Attacks that held when they were tried, and have no test elsewhere. `findings.py` has the whole list."""

from __future__ import annotations

import threading
import time
from html.parser import HTMLParser
from typing import Any

import pytest
from django.conf import settings
from django.contrib.messages import get_messages
from django.core import mail
from django.db import connection, models
from django.test import Client
from pytest_django import Settings

from integrations.codesignal import shapes
from organizations import invitations
from organizations import members as actions
from organizations.models import DayOff, Membership, User
from scheduling.messages.render import render
from scheduling.messages.render_context import RenderContext
from scheduling.messages.snapshot import Recipient
from scheduling.models import Candidate
from tests.attacks.foreign import TEXTS
from tests.conftest import Team
from tests.everything import Rows, one_of_each
from tests.fuzz.conftest import the_demos_pages_too  # noqa: F401 - a fixture
from tests.organizations.member_forms import profile_of
from tests.scheduling.message_steps import assign, colleague, staffed_loop
from tests.test_addresses import OURS, address_of

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def test_an_interviewer_sees_only_own_interviews_and_own_days(
    team: Team, as_interviewer: Client, as_recruiter: Client
) -> None:
    theirs = colleague(team, "Noor")
    schedule = staffed_loop(team, "Design")
    schedule.interviews.get().assignments.all().delete()
    assign(schedule.interviews.get(), theirs)
    assert as_interviewer.get(team.url(f"schedules/{schedule.pk}/")).status_code == 404
    day = DayOff.objects.create(membership=theirs, day="2027-05-03")
    for rest, sent in (
        ("", {"role": "admin", "work_from": "00:00", "work_until": "23:00", "work_days": ["7"]}),
        ("days-off/", {"first_day": "2099-01-01"}),
        ("days-off/remove/", {"first": "2027-05-03", "last": "2027-05-03"}),
    ):
        assert as_interviewer.post(team.url(f"settings/members/{theirs.pk}/{rest}"), sent).status_code == 403
        assert as_recruiter.post(team.url(f"settings/members/{theirs.pk}/{rest}"), sent).status_code == 403
    assert Membership.objects.get(pk=theirs.pk).work_days == theirs.work_days
    assert list(DayOff.objects.filter(membership=theirs)) == [day]


def test_fields_that_a_form_does_not_have_are_not_written(team: Team, as_interviewer: Client) -> None:
    more = {
        "is_superuser": "on",
        "is_staff": "on",
        "is_active": "",
        "email": "evil@example.org",
        "password": "x",
        "role": "admin",
        "organization": "1",
    }
    before: dict[str, Any] = dict(User.objects.values().get(pk=team.interviewer.user.pk))
    sent = profile_of(team.interviewer, name="Interviewer A. Acme", work_days=["1"])
    assert as_interviewer.post(team.url("settings/profile/"), {**sent, **more}).status_code == 302
    after: dict[str, Any] = dict(User.objects.values().get(pk=team.interviewer.user.pk))
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {"name", "search_key"}
    membership = Membership.objects.get(pk=team.interviewer.pk)
    assert (membership.role, membership.organization) == ("interviewer", team.organization)
    assert membership.work_days == "1"


def test_the_id_of_a_session_changes_when_somebody_signs_in(team: Team) -> None:
    client = Client()
    client.get("/sign-in/")
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    planted = session.session_key or ""
    client.cookies[settings.SESSION_COOKIE_NAME] = planted
    signed_in = client.post("/sign-in/", {"login": team.recruiter.user.email, "password": "demo"})
    assert signed_in.status_code == 302
    assert client.session.session_key != planted
    assert client.get(team.url("home/")).status_code == 200
    assert Client(headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={planted}"}).get("/").status_code == 302


@pytest.mark.parametrize(
    "host",
    ["evil.example", "testserver.evil.example", "testserver@evil.example", "evil.example:80@testserver", "a b", ""],
)
def test_a_host_that_is_not_ours_is_refused(host: str) -> None:
    assert Client().get("/sign-in/", headers={"Host": host}).status_code == 400


def test_mails_lead_to_our_own_address_whatever_the_host(team: Team, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    invitation = invitations.invite(
        organization=team.organization, email="new@example.org", role="recruiter", actor=team.admin.user
    )
    page = team.client(team.admin).get(team.url("settings/members/"), headers={"Host": "evil.example"})
    assert "evil.example" not in page.content.decode()
    invitations.mail(invitation.pk)
    assert f"{settings.BASE_URL}/invitations/" in str(mail.outbox[-1].body)
    forwarded = Client().get(
        "/sign-in/", headers={"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    )
    assert "evil.example" not in forwarded.content.decode()


NEXT = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "https:evil.example",
    "http:///evil.example",
    "javascript:alert(1)",
    "/\tevil.example//evil.example",
    "https://testserver@evil.example/",
]


@pytest.mark.parametrize("address", NEXT)
def test_nothing_leads_to_another_site(team: Team, as_recruiter: Client, address: str) -> None:
    answers = [
        Client().get("/sign-in/", {"next": address}),
        as_recruiter.get("/sign-in/", {"next": address}),
        as_recruiter.post("/sign-out/", {"next": address}),
    ]
    for answer in answers:
        assert not answer.headers.get("Location", "/").startswith(("http", "//", "/\\", "\\", "javascript"))
        assert f'href="{address}"' not in answer.content.decode()


def test_no_form_of_another_site_is_taken(team: Team) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(team.admin.user)
    address = team.url("settings/members/invite/")
    sent = {"email": "new@example.org", "role": "admin"}
    for headers in ({}, HTMX, {"Origin": "https://evil.example"}, {"Origin": "null"}, {"X-CSRFToken": "x" * 32}):
        assert client.post(address, sent, headers=headers).status_code == 403
    assert Client(enforce_csrf_checks=True).post("/sign-in/", {"login": "a", "password": "b"}).status_code == 403
    assert not team.organization.invitations.exists()


MARKUP = "\"'><img src=x onerror=alert(1)><script>alert(1)</script>{{ 7*7 }}{% now 'Y' %}"


class Tags(HTMLParser):
    """The names of elements and attributes that a browser finds."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {f"{tag} {name}" for name, _value in attrs if name.startswith("on")}
        self.found |= {f"{tag} x" for name, value in attrs if name == "src" and value == "x"}


@pytest.fixture
def rows(team: Team) -> Rows:
    return one_of_each(team)


def test_no_text_becomes_markup_on_any_page(team: Team, rows: Rows, as_admin: Client) -> None:
    """Markup in every text of the organization, and in every search: no page has an element of it."""
    for model, names in TEXTS.items():
        for name in names:
            if name != "html":
                column = model._meta.get_field(name)
                longest = column.max_length if isinstance(column, models.CharField) else None
                setattr(rows[model], name, MARKUP[:longest])
        rows[model].save()
    seen = 0
    for name in OURS:
        for headers in ({}, HTMX):
            address = address_of(name, team.slug, rows)
            response = as_admin.get(f"{address}?q={MARKUP[:60]}", headers=headers)
            if response.streaming or not response.headers.get("Content-Type", "").startswith("text/html"):
                continue
            page = response.content.decode()
            if name not in {"message-html", "outbox-html"}:
                assert "<script>alert(1)" not in page, name
            assert Tags(page).found == set(), name
            seen += "onerror=alert(1)" in page
    assert seen > 40  # escaped, it is there


def test_a_search_finds_its_own_signs_only(as_recruiter: Client, team: Team) -> None:
    """Neither SQL nor the wildcards of LIKE nor a format string: they are letters like others, or none."""
    Candidate.objects.create(organization=team.organization, name="Ada Osei", email="ada@example.com")
    attacks = [
        "' OR 1=1 --",
        '") OR ("1"="1',
        "ada' UNION SELECT password FROM organizations_user --",
        "%(x)s{0.__class__}x",
    ]
    for attack in attacks:
        page = as_recruiter.get(team.url("candidates/"), {"q": attack})
        assert page.status_code == 200
        assert "ada@example.com" not in page.content.decode()
        assert "pbkdf2" not in page.content.decode()


def test_nothing_is_read_outside_its_folder(as_recruiter: Client, team: Team) -> None:
    for name in ("../../../etc/passwd", "..%2f..%2fetc%2fpasswd", "....//etc/passwd", "/etc/passwd"):
        for start in (team.url("outbox/"), "/static/", "/"):
            response = as_recruiter.get(f"{start}{name}")
            assert response.status_code in {301, 302, 404}
    for path in ("/static/", "/.env", "/.git/config", "/panelist.sqlite3", "/static/../config/settings.py"):
        assert Client().get(path).status_code == 404
    assert Client().generic("TRACE", "/sign-in/").status_code in {403, 405}


def test_an_unknown_page_tells_nothing_of_the_server() -> None:
    page = Client().get("/nothing/here/").content.decode()
    for word in ("Traceback", "DEBUG", "settings", "urlpatterns", "django"):
        assert word not in page
    assert not settings.DEBUG


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "ftp://x.example/", "//x.example", "", 7]
)
def test_a_vendor_leads_to_the_web_only(address: object) -> None:
    assert shapes.web_address(address) == ""
    assert shapes.web_address("https://x.example/live/7") == "https://x.example/live/7"


def test_a_text_of_8000_signs_is_rendered_in_a_moment() -> None:
    context = RenderContext(
        recipient=Recipient("candidate", None, "Ada Osei", "ada@example.com", "UTC"),  # type: ignore[arg-type]
        candidate="Ada",
        candidate_email="",
        organization="Acme",
        sender="",
        interviews=(),
    )
    for piece in ("{", "}", "{{", "{first_name}", "https://", "(", "a@", "www.", "\n", "{first_name", "<", "&", "[x]("):
        start = time.process_time()
        render("Hello", (piece * 8000)[:8000], context)
        assert time.process_time() - start < 5, piece


def at_once(work: list[Any]) -> list[Any]:
    """Run functions in threads at the same moment. Return what they returned, or the errors they raised."""
    if not connection.features.has_select_for_update:
        pytest.skip("SQLite lets one writer in at a time; `make test-all` runs this on PostgreSQL")
    start, found = threading.Barrier(len(work)), list[Any]()

    def run(function: Any) -> None:
        start.wait(timeout=20)
        try:
            found.append(function())
        except Exception as error:
            found.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(function,)) for function in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.mark.django_db(transaction=True)
def test_two_admins_who_demote_each_other_leave_one(team: Team) -> None:
    other = team.add("admin")

    def demote(actor: Membership, target: Membership) -> Any:
        fresh = Membership.objects.select_related("user", "organization").get(pk=target.pk)
        return actions.change_role(membership=fresh, role="interviewer", actor=actor.user)

    found = at_once([lambda: demote(team.admin, other), lambda: demote(other, team.admin)])
    assert sum(isinstance(one, actions.LastAdmin) for one in found) == 1
    assert team.organization.memberships.filter(role="admin").count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_invitation_that_six_browsers_accept_makes_one_account(team: Team) -> None:
    invitation = invitations.invite(
        organization=team.organization, email="new@example.org", role="recruiter", actor=team.admin.user
    )
    path = invitations.link(invitation).removeprefix("http://testserver")
    form = {"name": "Nia New", "password": "tall-ships-sail-9", "time_zone": "UTC"}
    found = at_once([lambda: Client().post(path, form).status_code] * 6)
    assert sorted(found)[:1] == [302]
    assert all(status in {200, 302, 404} for status in found)
    assert User.objects.filter(email="new@example.org").count() == 1


def test_no_notice_repeats_what_a_stranger_wrote(team: Team) -> None:
    response = Client().post("/sign-in/", {"login": MARKUP, "password": MARKUP})
    assert Tags(response.content.decode()).found == set()
    assert [str(one) for one in get_messages(response.wsgi_request)] == []

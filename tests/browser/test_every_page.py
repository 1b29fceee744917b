"""Every address that answers with a page or a dialog, for each role: inspected in a real browser.

The addresses are those of `tests.test_addresses`, so that a new one can't be forgotten. `tests.browser.test_pages` sees
the demo's pages with much on them; here stand those that nobody would think of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth.tokens import default_token_generator
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from jobs.models import Job, JobCoordinator, PlanInterview, Stage
from organizations import invitations, limits
from organizations.models import GroupRole, Invitation, Membership, Organization, SavedFilter, User
from scheduling.candidates import import_files
from scheduling.join_links import services as join_links
from scheduling.models import Candidate, CandidateImport, ChangeReason, Interview, JoinLink, Schedule
from tests.browser.inspection import WIDE, Inspector, close_dialog, layout, open_dialog
from tests.browser.posts import TEMPLATES
from tests.browser.uninspected import LEFT_OUT, OWN
from tests.browser.visitor import PHONE, Visitor, show
from tests.chromium import IN_BROWSER
from tests.conftest import Team
from tests.everything import Rows, one_of_each
from tests.organizations.second_steps import add_app, code, confirm
from tests.test_addresses import OPENED, a_calendar_vendor, address_of, the_demos_pages_too

__all__ = ["a_calendar_vendor", "the_demos_pages_too"]

pytestmark = IN_BROWSER

#: Pages that are alike for two roles, or lie behind two addresses, are inspected once.
INSPECTOR: Final = Inspector()
KINDS: Final[dict[str, str]] = {}


@dataclass
class Reader:
    """A member at a window who has confirmed that it is them, and a client of the same session."""

    visitor: Visitor
    client: Client

    def kind(self, name: str, address: str) -> str:
        """`page` or `dialog`; "" for an address that is only posted to. It is the same for every role."""
        if name not in KINDS:
            KINDS[name] = self._kind(address)
        return KINDS[name]

    def _kind(self, address: str) -> str:
        allowed = self.client.options(address)
        if allowed.status_code == 405 and allowed["Allow"] == "POST":
            return ""
        answer = self.client.get(address, headers={"HX-Request": "true"})
        text = answer.content.decode() if not answer.streaming else ""
        return "dialog" if "modal-" in text and "<html" not in text else "page"


@pytest.fixture
def inspector() -> Iterator[Inspector]:
    """The inspector of all pages. Fails with all that it found in one test."""
    expect.set_options(timeout=30_000)
    INSPECTOR.found.clear()
    yield INSPECTOR
    assert not INSPECTOR.found, "\n".join(INSPECTOR.found)


@pytest.fixture
def rows(team: Team) -> Rows:
    """A row of each model, all of one job, and a table to import."""
    made = one_of_each(team)
    job, stage = made[Job], made[Stage]
    Schedule.objects.update(job=job.pk, stage=stage.pk)
    Candidate.objects.update(job=job.pk, stage=stage.pk)
    table = b"name,email,extra\nAda Osei,ada@example.com,1\nEve,wrong,2\n"
    made[CandidateImport] = import_files.store_upload(
        organization=team.organization, actor=team.admin.user, data=table, pasted=""
    )
    return made


@pytest.fixture
def reader(chromium: Browser, live_server: LiveServer, team: Team, rows: Rows, role: str) -> Iterator[Reader]:
    member = team.admin if role == "admin" else team.interviewer if role == "interviewer" else team.add(role)
    if role == "coordinator":
        JobCoordinator.objects.create(job_id=rows[Job].pk, membership=member)
    client = team.client(member)
    confirm(client)
    visitor = Visitor(chromium, live_server.url, viewport=WIDE)
    cookie = client.cookies["sessionid"].value
    visitor.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    yield Reader(visitor, client)
    visitor.close()
    unexpected = [one for one in visitor.complaints if not re.search(r"status of 40[34]", one)]
    assert unexpected == []


@pytest.mark.parametrize("role", ["admin", "recruiter", "coordinator", "interviewer", "read_only"])
def test_every_page_and_dialog(role: str, reader: Reader, inspector: Inspector, team: Team, rows: Rows) -> None:
    page, pages, dialogs = reader.visitor.page, 0, 0
    for name in OPENED[role]:
        address = address_of(name, team.slug, rows)
        kind = "" if name in LEFT_OUT else reader.kind(name, address)
        if kind == "page":
            page.goto(address)
            reader.visitor.quiet()
            assert page.locator("h1").count() == 1, name
            inspector.inspect(page, f"{role}, {name}")
            pages += 1
        elif kind == "dialog":
            if not page.url.endswith("/roles/"):
                page.goto(team.url("settings/roles/"))
            open_dialog(page, address)
            inspector.inspect(page, f"{role}, {name}", "#dialog")
            close_dialog(page)
            dialogs += 1
    assert (pages, dialogs) > (5, 0)


def addresses_for_visitors(team: Team, rows: Rows) -> dict[str, str]:
    """Addresses with what a mail or a colleague would have given to the visitor."""
    link, invitation = rows[JoinLink], rows[Invitation]
    assert isinstance(link, JoinLink) and isinstance(invitation, Invitation)
    user = team.recruiter.user
    return {
        "sign-in": reverse("sign-in"),
        "single-sign-on": reverse("single-sign-on"),
        "password-forgotten": reverse("password-forgotten"),
        "password-new": reverse(
            "password-new", args=[user_pk_to_url_str(user), default_token_generator.make_token(user)]
        ),
        "invitation": invitations.link(invitation).removeprefix("http://testserver"),
        "join": reverse("join", args=[join_links.renew(link=link, actor=None).token]),
    }


def test_every_page_of_visitors(
    inspector: Inspector, chromium: Browser, live_server: LiveServer, team: Team, rows: Rows
) -> None:
    visitor = Visitor(chromium, live_server.url, viewport=WIDE)
    page = visitor.page
    for name, address in addresses_for_visitors(team, rows).items():
        page.goto(address)
        inspector.inspect(page, f"visitor, {name}")
    page.goto("/join/a-token-that-nobody-has-been-given/")
    inspector.inspect(page, "visitor, no join link")
    page.goto("/sign-in/")
    page.get_by_label("E-mail").fill("nobody@example.com")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    inspector.inspect(page, "visitor, a wrong password")
    secret = add_app(team.recruiter.user)
    page.get_by_label("E-mail").fill(team.recruiter.user.email)
    page.get_by_label("Password").fill("demo")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Second step")
    inspector.inspect(page, "visitor, mfa_authenticate")
    page.get_by_role("textbox").first.fill(code(secret))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    visitor.close()


def test_every_page_of_an_account(
    inspector: Inspector, chromium: Browser, live_server: LiveServer, team: Team, rows: Rows
) -> None:
    visitor = Visitor(chromium, live_server.url, viewport=WIDE)
    visitor.sign_in(team.admin.user.email)
    page = visitor.page
    for name in OWN:
        page.goto(reverse(name))
        inspector.inspect(page, f"account, {name}")
    add_app(team.admin.user)
    for name in ("mfa_index", "mfa_view_recovery_codes"):
        page.goto(reverse(name))
        inspector.inspect(page, f"account with a second step, {name}")
    visitor.close()


def test_every_error_page(inspector: Inspector, chromium: Browser, live_server: LiveServer, team: Team) -> None:
    visitor = Visitor(chromium, live_server.url, viewport=WIDE)
    reached = limits.Reached(limits.EXPORTS, timezone.now() + timedelta(hours=1))
    for path in [*sorted(TEMPLATES.glob("[45]*.html")), Path("scheme_unknown.html")]:
        visitor.page.goto("/sign-in/")
        visitor.page.set_content(render_to_string(path.name, {"reached": reached}))
        expect(visitor.page.locator("h1")).to_be_visible()
        inspector.inspect(visitor.page, f"error, {path.name}")
    visitor.close()


def shown(page: Page, what: str) -> None:
    """Open something above the page, as a person does."""
    if what == "palette":
        page.keyboard.press("Control+k")
        expect(page.locator("#palette [role='option']").first).to_be_visible()
    elif what == "keys":
        page.keyboard.press("?")
        expect(page.locator("#keys")).to_be_visible()
    elif what == "account":
        page.get_by_role("button", name="Account:").click()
    else:
        page.locator(f"main [data-bs-toggle='dropdown'][aria-label^='{what}']").first.click()


@pytest.mark.parametrize("role", ["admin"])
def test_what_opens_above_a_page(role: str, reader: Reader, inspector: Inspector, team: Team, rows: Rows) -> None:
    page = reader.visitor.page
    for address, what in (
        ("home/", "palette"),
        ("home/", "keys"),
        ("home/", "account"),
        ("schedules/", "Actions for"),
        ("candidates/", "Actions for"),
        ("jobs/", "Actions for"),
    ):
        page.goto(team.url(address))
        shown(page, what)
        inspector.inspect(page, f"{address} with {what}")
    page.goto(team.url("candidates/"))
    page.get_by_role("checkbox", name="Select all on this page").check()
    inspector.inspect(page, "selected rows")


LONG: Final = "Wolfeschlegelsteinhausenbergerdorff " * 3 + "and sisters"  # 119 letters
#: The rows of the lists on a page that are too high, but for those whose words are read to their end.
_HIGH: Final = """most => [...document.querySelectorAll(".list-table > tbody > tr:not(:has(.list-whole))")]
  .filter(row => row.checkVisibility() && row.getBoundingClientRect().height > most)
  .map(row => `a row of ${row.getBoundingClientRect().height} px: ${row.innerText.slice(0, 60)}`)"""


@pytest.fixture
def crowded(team: Team, rows: Rows) -> Rows:
    """200 rows in the lists, and names of 120 letters everywhere."""
    here, job, stage = team.organization, rows[Job].pk, rows[Stage].pk
    Candidate.objects.bulk_create(
        Candidate(
            organization=here, name=f"{LONG} {number}", email=f"c{number}@example.com", job_id=job, stage_id=stage
        )
        for number in range(200)
    )
    Job.objects.bulk_create(Job(organization=here, title=f"{LONG} {number}") for number in range(200))
    start = timezone.now() + timedelta(days=1)
    for person in Candidate.objects.filter(name__startswith=LONG)[:60]:
        loop = {"job_id": job, "stage_id": stage, "first_starts_at": start, "last_ends_at": start}
        Schedule.objects.create(organization=here, candidate=person, time_zone="Asia/Kolkata", **loop)
    for number in range(60):
        user = User(email=f"{'m' * 60}{number}@example.com", name=f"{LONG} {number}")
        user.save()
        Membership.objects.create(organization=here, user=user, role="interviewer")
    User.objects.filter(name__endswith=here.name).update(name=LONG)
    Organization.objects.update(name=LONG)
    Job.objects.update(title=LONG)
    for model in (Stage, PlanInterview, Interview, Candidate):
        model.objects.update(name=LONG)
    ChangeReason.objects.update(text=LONG)
    GroupRole.objects.update(group=LONG)
    SavedFilter.objects.update(name=LONG[:60])
    return rows


@pytest.mark.parametrize("role", ["admin"])
def test_long_names_and_many_rows(role: str, reader: Reader, crowded: Rows, team: Team) -> None:
    page, found, rows = reader.visitor.page, list[str](), 0
    for name in OPENED[role]:
        address = address_of(name, team.slug, crowded)
        kind = "" if name in LEFT_OUT else reader.kind(name, address)
        if kind == "page":
            page.goto(address)
        elif kind == "dialog":
            if not page.url.endswith("/roles/"):
                page.goto(team.url("settings/roles/"))
            open_dialog(page, address)
        else:
            continue
        found += [f"{name}: {one}" for one in layout(page)]
        rows += page.locator(".list-table > tbody > tr").count()
        for size, most in ((WIDE, 45), (PHONE, 120)):
            show(page, size, "light")
            found += [f"{name}, {size['width']} px: {one}" for one in page.evaluate(_HIGH, most)]
        if kind == "dialog":
            close_dialog(page)
    assert rows > 200
    assert not found, "\n".join(found)


def test_the_inspection_finds_faults(inspector: Inspector, chromium: Browser, live_server: LiveServer) -> None:
    visitor = Visitor(chromium, live_server.url, viewport=WIDE)
    page = visitor.page
    page.goto("/sign-in/")
    page.evaluate(
        """() => {
          const main = document.querySelector("main");
          const add = (tag, words, style) => {
            const made = main.appendChild(document.createElement(tag));
            Object.assign(made.style, style);
            made.append(words);
            return made;
          };
          add("p", "pale", { color: "#eee" });
          add("button", "x", { width: "9px", height: "9px", padding: "0", outline: "none", border: "0" });
          add("button", "y", { width: "9px", height: "9px", padding: "0" });
          add("div", "A long name that nobody can read", { width: "60px", overflow: "hidden", whiteSpace: "nowrap" });
          add("div", "wide", { width: "2000px" });
          add("div", "moving", {}).animate([{ opacity: 0 }, { opacity: 1 }], { duration: 10000 });
        }"""
    )
    inspector.inspect(page, "broken")
    visitor.close()
    words = "\n".join(inspector.found)
    inspector.found.clear()
    for fault in (
        "color-contrast",
        "target-size",
        "no focus ring",
        "is cut: A long name",
        "ltr: HTML",
        "moves:",
    ):
        assert fault in words, (fault, words)

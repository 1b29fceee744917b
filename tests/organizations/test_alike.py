"""Parts of pages that are drawn once for all pages alike: each reader has their own, and always as it is now."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from organizations.alike import drawn_alike
from organizations.models import Membership, Organization, User
from tests.conftest import Team

pytestmark = pytest.mark.django_db
TEMPLATES = Path(settings.BASE_DIR) / "templates"


def menus(client: Client, team: Team, page: str = "settings/profile/") -> str:
    """The menus around a page, and the search and the shortcuts below it."""
    text = client.get(team.url(page)).content.decode()
    frame, palette = (
        re.search(r"<aside.*?</aside>", text, re.DOTALL),
        re.search(r'<dialog class="palette".*', text, re.S),
    )
    assert frame is not None and palette is not None
    return frame[0] + palette[0]


def test_a_new_name_logo_role_and_address_are_there_at_once(as_admin: Client, team: Team) -> None:
    before = menus(as_admin, team)
    assert team.organization.name in before and "Settings" in before
    Organization.objects.filter(pk=team.organization.pk).update(name="Renamed <b>", logo_token="a-logo")
    User.objects.filter(pk=team.admin.user.pk).update(name="Grace & Co", email="grace@new.example")
    Membership.objects.filter(pk=team.admin.pk).update(role=Membership.Role.INTERVIEWER)
    after = menus(as_admin, team, "calendar/")
    for shown in ("Renamed <b>", "Grace & Co", "grace@new.example", "a-logo", "Interviewer"):
        assert escape(shown) in after
    assert team.organization.name not in after
    assert "settings/members/" not in after


def test_each_member_has_their_own_menus(as_admin: Client, as_interviewer: Client, team: Team) -> None:
    for _again in range(2):
        mine, theirs = menus(as_admin, team), menus(as_interviewer, team)
        assert team.admin.user.email in mine and team.interviewer.user.email not in mine
        assert team.interviewer.user.email in theirs and team.admin.user.email not in theirs
        assert "/schedules/new/" in mine and "/schedules/new/" not in theirs


def test_each_reader_has_their_own_language(as_admin: Client, as_recruiter: Client, team: Team) -> None:
    User.objects.filter(pk=team.recruiter.user.pk).update(language="de")
    for _again in range(2):
        assert "Keyboard shortcuts" in menus(as_admin, team)
        german = menus(as_recruiter, team)
        assert "Abmelden" in german and "Keyboard shortcuts" not in german


def test_the_open_page_is_marked(as_admin: Client, team: Team) -> None:
    for page in ("schedules/", "candidates/", "schedules/"):
        marked = re.findall(
            r'<a class="nav-link active"\s+href="([^"]+)" aria-current="page"', menus(as_admin, team, page)
        )
        assert marked == [team.url(page)]


def test_what_can_be_alike_is_said() -> None:
    """A row is alike whatever stands in it: whoever was given it would see old values. So it is refused."""
    with pytest.raises(TypeError, match="organization"):
        drawn_alike("partials/navigation.html", organization=Organization(pk=1, name="Acme"))


def _drawn_alike() -> set[str]:
    text = "\n".join(path.read_text() for path in TEMPLATES.rglob("*.html"))
    named = set(re.findall(r'{% alike "([^"]+)"', text)) | set(re.findall(r' menu="([^"]+)"', text))
    waiting = list(named)
    while waiting:
        included = set(re.findall(r'{% include "([^"]+)"', (TEMPLATES / waiting.pop()).read_text()))
        waiting += included - named
        named |= included
    return named


def test_their_templates_ask_for_nothing_of_the_page() -> None:
    found = _drawn_alike()
    assert {"partials/navigation.html", "partials/mark.html", "jobs/_row_menu.html"} <= found
    of_page = re.compile(r"csrf_token|\brequest\b|\buser\.|\baccess\b|\bform\.|{% for message|{% now|localtime|_date\b")
    asks = {name: of_page.findall((TEMPLATES / name).read_text()) for name in found}
    assert {name: said for name, said in asks.items() if said} == {}

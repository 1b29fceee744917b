"""Each text is in its reader's language: pages, mails, and dates."""

from __future__ import annotations

import re
from datetime import date
from importlib import import_module
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.utils import translation
from django.utils.formats import date_format

from organizations import account_notices, languages
from organizations.models import Organization, User
from tests.conftest import Team
from tests.organizations.member_forms import profile_of

pytestmark = pytest.mark.django_db

TEMPLATES = Path(settings.BASE_DIR) / "templates"
APPS = ("organizations", "integrations", "jobs", "scheduling")
GERMAN_BROWSER = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}
PROFILE = "settings/profile/"


def test_visitors_get_what_their_browser_asks_for(client: Client) -> None:
    german = client.get("/sign-in/", headers=GERMAN_BROWSER)
    assert '<html lang="de" dir="ltr">' in german.text
    assert german.headers["Content-Language"] == "de"
    assert '<html lang="en" dir="ltr">' in client.get("/sign-in/", headers={"Accept-Language": "fr"}).text


def test_a_member_s_own_language_counts_before_the_browser_s(as_interviewer: Client, team: Team) -> None:
    home = team.url()
    assert '<html lang="de"' in as_interviewer.get(home, headers=GERMAN_BROWSER).text
    sent = profile_of(team.interviewer, language="en")
    assert as_interviewer.post(team.url(PROFILE), sent, headers=GERMAN_BROWSER).status_code == 302
    page = as_interviewer.get(home, headers=GERMAN_BROWSER)
    assert '<html lang="en"' in page.text
    assert page.headers["Content-Language"] == "en"
    assert '<html lang="de"' in Client().get("/sign-in/", headers=GERMAN_BROWSER).text
    assert as_interviewer.post(team.url(PROFILE), sent | {"language": ""}).status_code == 302
    assert '<html lang="de"' in as_interviewer.get(home, headers=GERMAN_BROWSER).text


def test_a_language_that_is_not_offered_is_an_error_beside_the_field(as_interviewer: Client, team: Team) -> None:
    for wrong in ("fr", "<b>", "x" * 300):
        response = as_interviewer.post(team.url(PROFILE), profile_of(team.interviewer, language=wrong))
        assert response.status_code == 200
        assert 'aria-invalid="true"' in response.text
    assert User.objects.get(pk=team.interviewer.user_id).language == ""


def test_one_that_is_no_longer_offered_counts_as_none(as_interviewer: Client, team: Team) -> None:
    User.objects.filter(pk=team.interviewer.user_id).update(language="qq")
    assert '<html lang="en"' in as_interviewer.get(team.url()).text
    assert languages.of_person(User.objects.get(pk=team.interviewer.user_id)) == "en"


@pytest.mark.parametrize(
    ("own", "of_organization", "expected"), [("", "de", "de"), ("en", "de", "en"), ("", "en", "en")]
)
def test_a_mail_is_in_its_reader_s_language_whatever_the_request_s_is(
    team: Team, own: str, of_organization: str, expected: str
) -> None:
    Organization.objects.filter(pk=team.organization.pk).update(language=of_organization)
    User.objects.filter(pk=team.interviewer.user_id).update(language=own)
    other = "en" if expected == "de" else "de"
    with translation.override(other):
        account_notices.mail(team.interviewer.user_id, account_notices.Kind.PASSWORD_CHANGED)
        assert translation.get_language() == other
    [message] = mail.outbox
    assert isinstance(message, EmailMultiAlternatives)
    assert f'<html lang="{expected}"' in str(message.alternatives[0][0])


def test_each_language_writes_dates_its_own_way() -> None:
    with translation.override("de"):
        assert date_format(date(2026, 11, 27), "LONG_DAY_YEAR_FORMAT") == "Freitag, 27. November 2026"
        assert date_format(date(2026, 11, 27), "DAY_FORMAT") == "Fr, 27. Nov"
    with translation.override("en"):
        assert date_format(date(2026, 11, 27), "DAY_FORMAT") == "Fri 27 Nov"


def test_each_language_has_all_formats() -> None:
    english = {name for name in vars(import_module("config.formats.en.formats")) if name.isupper()}
    for code, _name in settings.LANGUAGES:
        formats = vars(import_module(f"config.formats.{code}.formats"))
        assert {name for name in formats if name.isupper()} == english, code


def test_no_page_writes_a_date_in_one_language_s_way() -> None:
    """“27 Nov” is “27. Nov” in German: a page names a format of config/formats/. A week day alone is alike in all."""
    raw = re.compile(
        r"""(?:\|(?:date|time):|date_format\([^\n]*?, )["'](?!\w["']|[A-Z_]+["'])[^"']*[DFMNlb][^"']*["']"""
    )
    sources = [*TEMPLATES.rglob("*.*"), *(path for app in APPS for path in (TEMPLATES.parent / app).rglob("*.py"))]
    found = [f"{path}: {one[0]}" for path in sources for one in raw.finditer(path.read_text())]
    assert found == []

"""The pages of words in calendars: admins change the organization's, everybody their own, and entries follow."""

from __future__ import annotations

from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from scheduling import tasks
from scheduling.availability.weights import DEFAULT_SOFT, DEFAULT_WORDS
from scheduling.models import CalendarTime, CalendarWords
from tests.conftest import Team
from tests.scheduling.calendars import Vendor, calendar_for, entry

pytestmark = pytest.mark.django_db

EVERYBODYS, OWN = "settings/scheduling/calendar-words/", "settings/profile/calendars/words/"


def weight(team: Team) -> str:
    tasks.weigh_calendars_again(team.organization.pk)
    return CalendarTime.objects.get(title="Yoga").weight


@pytest.fixture
def _yoga(team: Team, calendar_vendor: Vendor) -> None:
    calendar = calendar_for(team.interviewer)
    calendar_vendor.book(calendar.external_id).put(entry(timezone.now(), title="Yoga"))
    tasks.read_calendars(calendar.connection_id)


@pytest.mark.usefixtures("_yoga")
def test_own_words_win_over_the_organizations(team: Team, as_admin: Client, as_interviewer: Client) -> None:
    assert weight(team) == "hard"
    assert as_admin.post(team.url(EVERYBODYS), {"soft": "yoga\n\nyoga\n"}).status_code == 302
    assert CalendarWords.objects.get(membership=None).soft == "yoga"
    assert weight(team) == "soft"
    assert as_interviewer.post(team.url(OWN), {"ignored": "Yoga"}).status_code == 302
    assert weight(team) == "ignored"
    assert as_interviewer.post(team.url(OWN), {}).status_code == 302
    assert weight(team) == "soft"


def test_the_organization_begins_with_words_that_people_expect(team: Team, as_admin: Client) -> None:
    page = unescape(as_admin.get(team.url(EVERYBODYS)).content.decode())
    assert "out of office" in page
    assert "Fokuszeit" in page
    defaults = {"hard": DEFAULT_WORDS.hard, "soft": DEFAULT_SOFT, "ignored": DEFAULT_WORDS.ignored}
    as_admin.post(team.url(EVERYBODYS), defaults)
    assert not CalendarWords.objects.exists()  # nothing was changed


def test_others_read_the_organizations_words_and_change_none(
    team: Team, as_recruiter: Client, as_interviewer: Client
) -> None:
    page = as_recruiter.get(team.url(EVERYBODYS)).content.decode()
    assert "out of office" in page
    assert "<textarea" not in page
    assert as_recruiter.post(team.url(EVERYBODYS), {"soft": "yoga"}).status_code == 403
    assert as_interviewer.get(team.url(EVERYBODYS)).status_code == 403
    assert not CalendarWords.objects.exists()


def test_members_see_their_own_words_alone(team: Team, as_recruiter: Client, as_interviewer: Client) -> None:
    as_interviewer.post(team.url(OWN), {"soft": "therapy"})
    assert "therapy" in as_interviewer.get(team.url(OWN)).content.decode()
    assert "therapy" not in as_recruiter.get(team.url(OWN)).content.decode()


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("\n".join(f"word {number}" for number in range(101)), "Keep the list to 100 words."),
        ("x" * 81, "Keep each word or phrase to 80 characters."),
    ],
)
def test_what_is_too_much_is_said(team: Team, as_interviewer: Client, words: str, problem: str) -> None:
    answer = as_interviewer.post(team.url(OWN), {"hard": words})
    assert answer.status_code == 422
    assert problem in unescape(answer.content.decode())

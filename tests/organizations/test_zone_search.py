"""A time zone is found by what people call it, and typed without scripts, too."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from django import forms
from django.http import QueryDict
from django.test import Client

from organizations.models import Organization
from organizations.zone_fields import ZoneField
from organizations.zone_search import MOST, nearest, search
from tests.conftest import Team

WINTER = datetime(2027, 1, 15, tzinfo=UTC)


class PlaceForm(forms.Form):
    zone = ZoneField()


def form_of(query: str, stored: str = "") -> PlaceForm:
    return PlaceForm(QueryDict(query), initial={"zone": stored})


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("berl", "Europe/Berlin"),
        ("Germany", "Europe/Berlin"),
        ("de", "Europe/Berlin"),
        ("usa", "America/New_York"),
        ("uk", "Europe/London"),
        ("India", "Asia/Kolkata"),
        ("Calcutta", "Asia/Kolkata"),
        ("kiev", "Europe/Kyiv"),
        ("são paulo", "America/Sao_Paulo"),
        ("San Fr", "America/Los_Angeles"),
        ("america/argentina", "America/Argentina/Buenos_Aires"),
        ("europe/berlin", "Europe/Berlin"),
        ("CET", "Europe/Berlin"),
        ("+5:30", "Asia/Kolkata"),
        ("Tokyo (GMT+9)", "Asia/Tokyo"),
        ("utc", "UTC"),
    ],
)
def test_what_people_call_a_place_finds_it_first(typed: str, first: str) -> None:
    found = search(typed)
    assert found[0].zone == first
    assert len(found) <= MOST
    assert len({place.zone for place in found}) == len(found)


def test_the_offset_is_that_of_now() -> None:
    with time_machine.travel(WINTER):
        assert search("berlin")[0].label == "Berlin (GMT+1)"
    with time_machine.travel(datetime(2027, 7, 15, tzinfo=UTC)):
        assert search("berlin")[0].label == "Berlin (GMT+2)"


def test_before_anything_is_typed_the_browser_s_place_comes_first() -> None:
    assert search("", "Asia/Calcutta")[0].zone == "Asia/Kolkata"
    assert "Europe/Berlin" in [place.zone for place in search("", "Mars/Base")]


def test_what_is_nearly_a_place_is_asked_about() -> None:
    assert nearest("Berlim")[0].zone == "Europe/Berlin"
    assert nearest("Mars/Base") == []


@pytest.mark.parametrize("typed", ["Tokyo", "tokyo (gmt+9)", "Asia/Tokyo", "japan", "Osaka", "toky"])
def test_without_scripts_a_city_or_a_country_is_understood(typed: str) -> None:
    query = QueryDict(mutable=True)
    query.update({"zone": "Europe/Berlin", "zone-typed": typed})
    form = PlaceForm(query)
    assert form.is_valid()
    assert form.cleaned_data["zone"] == "Asia/Tokyo"


def test_the_chosen_zone_counts_while_the_text_says_the_same() -> None:
    form = form_of("zone=Asia/Calcutta&zone-typed=Calcutta (GMT%2B4)", stored="Asia/Calcutta")
    assert form.is_valid()
    assert form.cleaned_data["zone"] == "Asia/Calcutta"
    assert not form.has_changed()


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", "Enter a city, such as Berlin."),
        ("Berlim", "“Berlim” is not a time zone. Did you mean Berlin"),
        ("Germany", "“Germany” is not a time zone. Did you mean Berlin or Busingen?"),
        ("EST", "“EST” doesn't follow summer time. Enter New York."),
        ("Mars/Base", "“Mars/Base” is not a time zone. Enter a city, such as Berlin."),
        ("9" * 5000, "is not a time zone. Enter a city, such as Berlin."),
    ],
)
def test_what_is_no_zone_is_said_with_the_nearest_ones(typed: str, problem: str) -> None:
    form = form_of(f"zone=Europe/Berlin&zone-typed={typed}")
    assert not form.is_valid()
    assert problem in form.errors["zone"][0]


@pytest.mark.django_db
def test_the_list_is_for_visitors_too_and_escapes_what_was_typed(client: Client) -> None:
    assert 'data-value="Europe/Berlin"' in client.get("/zones/?q=berl").content.decode()
    assert "<script>" not in client.get("/zones/?q=<script>").content.decode()
    assert client.get("/zones/", {"q": "x" * 9000, "here": "../../etc/passwd"}).status_code == 200
    assert client.post("/zones/").status_code == 405


@pytest.mark.django_db
def test_a_page_sends_one_zone_and_not_the_list_of_all(as_admin: Client, team: Team) -> None:
    page = as_admin.get(team.url("settings/")).content.decode()
    assert 'value="Europe/Berlin"' in page
    assert "Asia/Tokyo" not in page
    assert len(page) < 60_000


@pytest.mark.django_db
def test_the_organization_s_zone_can_be_typed(as_admin: Client, team: Team) -> None:
    sent = {
        "name": "Acme",
        "time_zone": "UTC",
        "time_zone-typed": "buenos aires",
        "join_opens_minutes": "30",
        "language": "en",
    }
    answer = as_admin.post(
        team.url("settings/"), sent | {"invitation_grouping": "day", "interviewer_invitations": "calendar"}
    )
    assert answer.status_code == 302
    assert Organization.objects.get(pk=team.organization.pk).time_zone == "America/Argentina/Buenos_Aires"

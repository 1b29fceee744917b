"""The one list of time zones: each place once, by its city, with its offset."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest
from django.test import Client

from organizations import zones
from scheduling.models import Candidate
from tests.conftest import Team

WINTER, SUMMER = datetime(2027, 1, 15, tzinfo=UTC), datetime(2027, 7, 15, tzinfo=UTC)


def test_places_are_offered_once() -> None:
    offered = zones.names()
    assert {"UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Europe/Kyiv"} <= set(offered)
    assert not {"Asia/Calcutta", "Europe/Kiev", "US/Eastern", "localtime", "Factory", "EST"} & set(offered)
    cities = Counter(zones.city(name) for name in offered)
    assert not [name for name, times in cities.items() if times > 1]


def test_places_stand_in_the_order_of_their_cities() -> None:
    cities = [zones.city(name) for name in zones.names()]
    assert cities[0] == "UTC"
    assert cities[1:] == sorted(cities[1:])


@pytest.mark.parametrize(
    ("name", "at", "words"),
    [
        ("Europe/Berlin", WINTER, "Berlin (GMT+1)"),
        ("Europe/Berlin", SUMMER, "Berlin (GMT+2)"),
        ("America/New_York", WINTER, "New York (GMT-5)"),
        ("America/Argentina/Buenos_Aires", WINTER, "Buenos Aires (GMT-3)"),
        ("America/St_Johns", WINTER, "St Johns (GMT-3:30)"),
        ("Asia/Kathmandu", WINTER, "Kathmandu (GMT+5:45)"),
        ("Europe/London", WINTER, "London (GMT)"),
        ("UTC", WINTER, "UTC"),
    ],
)
def test_a_zone_is_named_by_city_and_offset(name: str, at: datetime, words: str) -> None:
    assert zones.label(name, at) == words


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        (" america/new york ", "America/New_York"),
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("Europe/Kiev", "Europe/Kyiv"),
        ("US/Eastern", "America/New_York"),
        ("America/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("utc", "UTC"),
        ("Etc/UTC", "UTC"),
        ("Zulu", "UTC"),
        ("GMT", "UTC"),
        ("Europe/Oslo", "Europe/Oslo"),
    ],
)
def test_older_spellings_are_known(written: str, meant: str) -> None:
    assert zones.known(written) == meant


@pytest.mark.parametrize(
    "written", ["", "EST", "MST", "HST", "CET", "EST5EDT", "Etc/GMT+5", "localtime", "Factory", "Mars/Base", "../UTC"]
)
def test_what_is_no_place_is_not_known(written: str) -> None:
    assert zones.known(written) is None


def test_a_stored_older_spelling_is_offered_beside_the_places(as_recruiter: Client, team: Team) -> None:
    person = Candidate.objects.create(organization=team.organization, name="Asha Rao", time_zone="Asia/Calcutta")
    page = as_recruiter.get(team.url(f"candidates/{person.pk}/edit/")).content.decode()
    assert 'value="Asia/Calcutta"' in page
    assert 'value="Calcutta (GMT+5:30)"' in page
    sent = {"name": "Asha Rao", "email": "", "phone": "", "job": "", "stage": "", "time_zone": "Asia/Calcutta"}
    assert (
        as_recruiter.post(team.url(f"candidates/{person.pk}/edit/"), sent, headers={"HX-Request": "true"}).status_code
        == 200
    )
    person.refresh_from_db()
    assert person.time_zone == "Asia/Calcutta"


@pytest.mark.parametrize("nonsense", ["localtime", "Factory", "EST", "MST", "Etc/GMT+5", "Mars/Base", "²", "9" * 5000])
def test_a_form_takes_no_zone_without_clocks(as_recruiter: Client, team: Team, nonsense: str) -> None:
    sent = {"name": "Asha Rao", "email": "", "phone": "", "job": "", "stage": "", "time_zone": nonsense}
    answer = as_recruiter.post(team.url("candidates/new/"), sent)
    assert 'aria-invalid="true"' in answer.content.decode()


def test_older_spellings_name_places_on_offer() -> None:
    assert zones.older()["Asia/Calcutta"] == "Asia/Kolkata"
    assert set(zones.older().values()) <= set(zones.names())


def test_what_is_no_place_stays_only_where_it_is_stored(as_recruiter: Client, team: Team) -> None:
    person = Candidate.objects.create(organization=team.organization, name="Asha Rao", time_zone="EST")
    sent = {"name": "Asha Rao", "email": "", "phone": "", "job": "", "stage": ""}
    address = team.url(f"candidates/{person.pk}/edit/")
    assert as_recruiter.post(address, sent | {"time_zone": "EST"}, headers={"HX-Request": "true"}).status_code == 200
    assert as_recruiter.post(address, sent | {"time_zone": "MST"}).status_code == 422
    person.refresh_from_db()
    assert person.time_zone == "EST"

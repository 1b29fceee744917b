"""B24 to B28: the requests that were answered with an error page, as they were sent."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from scheduling.models import Message
from tests.conftest import Team
from tests.everything import Rows, one_of_each

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
NUMBERS = ["²", "٣", "9" * 5000, "-1", "1.5"]
#: An id that no column can hold, and the largest that one can.
HUGE = ["9223372036854775808", "9223372036854775807", "9" * 40]


@pytest.fixture
def rows(team: Team) -> Rows:
    return one_of_each(team)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("field", ["message", "shown"])
def test_b24_ids_that_are_no_numbers(as_recruiter: Client, team: Team, rows: Rows, number: str, field: str) -> None:
    """`str.isdigit` takes "²", and `int` does not; nor does it take 5,000 digits."""
    message = rows[Message]
    assert isinstance(message, Message)
    schedule = f"schedules/{message.schedule_id}/messages/"
    for rest in ("again/", "discard/", "arrived/"):
        sent = {field: [number, f"{number}:digest"]}
        response = as_recruiter.post(team.url(f"messages/{message.pk}/{rest}"), sent, headers=HTMX)
        # A discarded draft is gone, and so is its address.
        assert response.status_code in ({200, 404} if rest == "arrived/" else {200})
    for rest in ("send/", "prepare/"):
        assert as_recruiter.post(team.url(schedule + rest), {field: number}, headers=HTMX).status_code in {200, 422}
    assert as_recruiter.get(team.url(schedule), {field: number}, headers=HTMX).status_code == 200


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2027-02-30", "10000-01-01"])
def test_b25_days_at_the_end_of_time(team: Team, rows: Rows, zone: str, day: str) -> None:
    """Readers east and west of UTC: the first and last day overflow in their zones."""
    team.recruiter.user.time_zone = zone
    team.recruiter.user.save()
    client = team.client(team.recruiter)
    for field in ("day_from", "day_until"):
        assert client.get(team.url("schedules/"), {field: day, "when": "all"}).status_code == 200
    day_view = {"day": day, "entry_zone": zone, "people": str(team.interviewer.pk)}
    assert client.get(team.url("schedules/new/day/"), day_view).status_code < 500
    days = {"first_day": day, "last_day": day}
    assert client.post(team.url(f"settings/members/{team.recruiter.pk}/days-off/"), days).status_code < 500


@pytest.mark.parametrize("zone", ["2147483648", "\0", "x" * 3000, "../../etc/passwd", "Europe/Atlantis", "/etc/passwd"])
def test_b26_zones_that_are_none(as_recruiter: Client, team: Team, rows: Rows, zone: str) -> None:
    """A zone's name is a file's name: each of these made its own error."""
    sent = {"part": "form", "changed": "stage", "time_zone": zone, "rows-count": "1", "rows-zone": zone}
    for changed in ("stage", "time_zone", ""):
        response = as_recruiter.post(team.url("schedules/new/"), sent | {"changed": changed}, headers=HTMX)
        assert response.status_code in {200, 422}
    assert as_recruiter.post(team.url("candidates/new/"), {"name": "Ada", "time_zone": zone}).status_code < 500


@pytest.mark.parametrize("number", HUGE)
def test_b27_ids_that_no_column_can_hold(as_recruiter: Client, team: Team, rows: Rows, number: str) -> None:
    progress = [f"schedules/{number}/{part}/progress/" for part in ("codesignal", "communications")]
    for rest in (*progress, f"schedules/{number}/", f"candidates/{number}/"):
        for headers in ({}, HTMX):
            assert as_recruiter.get(team.url(rest), headers=headers, follow=True).status_code == 404
    for field in ("candidate", "job", "stage"):
        sent = {field: number, "part": "form", "changed": field}
        assert as_recruiter.post(team.url("schedules/new/"), sent, headers=HTMX).status_code in {200, 422}


@pytest.mark.parametrize("number", [*HUGE, *NUMBERS])
def test_b27_ids_among_several(as_admin: Client, team: Team, rows: Rows, number: str) -> None:
    """Several ids are looked up with `IN`, which Django does not guard as it guards one."""
    chosen = {"is_required": "on", "exempt": [str(team.admin.pk), number]}
    assert as_admin.post(team.url("settings/single-sign-on/required/"), chosen).status_code < 500
    chosen = {"role": "coordinator", "jobs": [number], "email": "new@example.org"}
    assert as_admin.post(team.url("settings/members/invite/"), chosen).status_code < 500
    assert as_admin.post(team.url(f"settings/members/{team.recruiter.pk}/"), chosen).status_code < 500


def test_b28_nul_in_any_search(as_recruiter: Client, as_admin: Client, team: Team, rows: Rows) -> None:
    """PostgreSQL takes no NUL in a text: run this there, too."""
    for address in (
        "settings/members/",
        "candidates/find/",
        "candidates/",
        "schedules/",
        "jobs/",
        "settings/security/",
    ):
        for value in ("%00", "a%00b", "%2500", "%25%30%30"):
            response = as_admin.get(f"{team.url(address)}?q={value}", headers=HTMX)
            assert response.status_code == 200, (address, value)
    for value in ("\0", "a\0b"):
        for part in ("form", "people", ""):
            sent = {"q": value, "rows-0-find": value, "rows-count": "1", "part": part}
            assert as_recruiter.post(team.url("schedules/new/"), sent, headers=HTMX).status_code in {200, 204, 422}
    assert Client().post(reverse("sign-in"), {"username": "a\0b", "password": "\0"}).status_code < 500
    assert Client().get("/invitations/a%00b/").status_code == 404

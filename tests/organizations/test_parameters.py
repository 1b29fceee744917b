"""Values from outside are read, or count as none: no value raises."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from django.test import Client

from organizations import parameters
from tests.conftest import Team

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ("organizations", "integrations", "jobs", "scheduling")
#: What reads numbers without the product: its vendor's stand-in, and a vendor's client, which knows none of our apps.
OTHERS = ("integrations/sandbox/", "integrations/codesignal/")

NONSENSE = ["", " ", "²", "٣", "1e5", "1.0", "-1", "+1", " 1", "1 ", "1\n", "0x1", "NaN", "\0", "\ud800", "9" * 5000]


@pytest.mark.parametrize("text", [*NONSENSE, None, 1, ["1"], {}, "9" * 19, str(2**63)])
def test_what_is_no_id_is_none(text: object) -> None:
    assert parameters.row_id(text) is None
    assert parameters.row_ids(["7", text, "7", "3"]) == [7, 3]


def test_numbers_keep_within_their_bounds() -> None:
    assert parameters.row_id(str(2**63 - 1)) == 2**63 - 1
    assert parameters.row_id("0") is None
    assert parameters.whole_number("0") == 0
    assert parameters.whole_number("007", most=7) == 7
    assert parameters.whole_number("8", most=7) is None
    assert parameters.whole_number("4", least=5) is None


def test_choices_and_zones_fall_back() -> None:
    assert parameters.choice("b", ["a", "b"]) == "b"
    assert [parameters.choice(text, ["a"], "z") for text in ("c", None, ["a"])] == ["z", "z", "z"]
    assert parameters.time_zone("Asia/Tokyo", "UTC") == "Asia/Tokyo"
    for text in ("", "Mars/Olympus", "../../etc/passwd", "\0", "x" * 5000, None):
        assert parameters.time_zone(text, "UTC") == "UTC"


def test_words_can_be_looked_for_in_any_database() -> None:
    assert parameters.short_text("  a\0da\ud800 ") == "ada"
    assert parameters.short_text("x" * 1_000_000) == "x" * 100
    assert parameters.short_text(None) == ""
    assert [parameters.is_storable(text) for text in ("ada", "a\0", "\udfff")] == [True, False, False]


def test_days() -> None:
    assert parameters.day("2027-03-31") == date(2027, 3, 31)
    assert [parameters.day(text) for text in ("2027-02-30", "10000-01-01", "", None, "²", "\0")] == [None] * 6


def test_numbers_are_read_nowhere_else() -> None:
    """`str.isdigit` takes "²", of which `int` knows nothing: there were eight ways to read a number, and one failed."""
    by_hand = re.compile(r"\.is(digit|decimal|numeric)\(|int\(\w*\.?(GET|POST)\b")
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for app in APPS
        for path in sorted((ROOT / app).rglob("*.py"))
        if not str(path.relative_to(ROOT)).startswith(OTHERS)
        for line in path.read_text().splitlines()
        if by_hand.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("charset", "body"), [("utf-7", b"+2AA-"), ("hex", b"00"), ("idna", b"xn--a"), ("utf-16", b"\x00\xd8")]
)
def test_what_is_sent_is_read_as_utf_8_whatever_it_says_it_is(client: Client, charset: str, body: bytes) -> None:
    """Half a character can't be stored, and "hex" is no charset at all: each was a server error."""
    part = b'--b\r\nContent-Disposition: form-data; name="login"\r\n\r\n' + body + b"\r\n--b--\r\n"
    answer = client.generic("POST", "/sign-in/", part, f"multipart/form-data; boundary=b; charset={charset}")
    assert answer.status_code == 200
    assert "Sign in" in answer.content.decode()


def test_a_cookie_that_can_not_be_looked_up_is_none(client: Client, db: None) -> None:
    answer = client.get("/home/", headers={"Cookie": 'sessionid="abcdefgh\\000ijklmnop"'})
    assert answer.status_code == 404
    assert client.get("/", headers={"Cookie": 'sessionid="abcdefgh\\000ijklmnop"'}).status_code == 302


@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "2101-01-01", "9999-12-31"])
def test_years_that_nobody_means_are_refused_or_passed_over(team: Team, as_admin: Client, day: str) -> None:
    for name in ("day_from", "day_until"):
        assert as_admin.get(team.url("schedules/"), {name: day}).status_code == 200
    off = as_admin.post(team.url(f"settings/members/{team.admin.pk}/days-off/"), {"first_day": day})
    assert "Check the year." in off.content.decode()


@pytest.mark.parametrize("nul", ["%00", "%0%000", "%00%00"])
def test_nobody_searches_for_a_nul(team: Team, as_admin: Client, nul: str) -> None:
    page = as_admin.get(f"{team.url('schedules/')}?q=a{nul}da&show=past").content.decode()
    assert 'value="ada"' in page


@pytest.mark.parametrize("job", ["2:0", "²", "nonsense", "9" * 20])
def test_a_new_schedule_of_no_job_is_one_without_a_job(team: Team, as_admin: Client, job: str) -> None:
    page = as_admin.get(team.url("schedules/new/"), {"job": job})
    assert page.status_code == 200
    assert "This job has no stages yet." not in page.content.decode()

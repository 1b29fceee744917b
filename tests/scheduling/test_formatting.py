"""How messages write names and times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from organizations.names import first_name
from scheduling.messages.formatting import first_start, start, zone_name
from tests.scheduling.test_message_text import interview

NOON = datetime(2026, 12, 3, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Ann Lee", "Ann"),
        ("  Zoë van der Berg ", "Zoë"),
        ("Madonna", "Madonna"),
        ("Mary-Jane Watson", "Mary-Jane"),
        ("Lee, Ann", "Lee, Ann"),
        ("Osei, Ada", "Osei, Ada"),
        ("Dr. Lee", "Dr. Lee"),
        ("Dr. Ada Osei", "Dr. Ada Osei"),
        ("Prof Ada Osei", "Prof Ada Osei"),
        ("Frau Ada Osei", "Frau Ada Osei"),
        ("J. R. Lee", "J. R. Lee"),
        ("J Lee", "J Lee"),
        ("A.J. Lee", "A.J. Lee"),
        ("de la Cruz Ana", "de la Cruz Ana"),
        ("Watanabe Yuki", "Watanabe Yuki"),
        ("Nguyễn Văn An", "Nguyễn Văn An"),
        ("Kovács Anna", "Kovács Anna"),
        ("OSEI Ada", "OSEI Ada"),
        ("ADA OSEI", "ADA"),
        ("ada osei", "ada"),
        ("Yuki Watanabe", "Yuki"),
        ("O'Neill Shaquille", "O'Neill"),
        ("(Ada) Osei", "(Ada) Osei"),
        ("  Ada   Osei ", "Ada"),
        ("渡辺 由紀", "渡辺 由紀"),
        ("김 민준", "김 민준"),
        ("محمد علي", "محمد"),
        ("", ""),
    ],
)
def test_people_are_greeted_by_their_first_name_where_it_can_be_told(name: str, first: str) -> None:
    assert first_name(name) == first


@pytest.mark.parametrize(
    ("zone", "says"),
    [
        ("Europe/Berlin", "Berlin, GMT+1"),
        ("America/New_York", "New York, GMT-5"),
        ("Asia/Kolkata", "Kolkata, GMT+5:30"),
        ("Europe/London", "London, GMT"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires, GMT-3"),
        ("UTC", "UTC"),
        ("Etc/GMT+5", "GMT-5"),
    ],
)
def test_a_zone_is_a_city_with_its_offset_never_an_id(zone: str, says: str) -> None:
    assert zone_name(ZoneInfo(zone), NOON) == says


def test_a_subject_says_when_the_first_interview_starts() -> None:
    london = ZoneInfo("Europe/London")
    assert start(NOON, london) == "Thu 3 Dec, 12:30 GMT"
    later = interview(starts_at=NOON + timedelta(hours=2))
    assert first_start([later, interview(starts_at=NOON)], london) == "Thu 3 Dec, 12:30 GMT"
    assert first_start([interview(starts_at=NOON)], ZoneInfo("Asia/Kolkata")) == "Thu 3 Dec, 18:00 GMT+5:30"
    tomorrow = interview(starts_at=NOON + timedelta(days=1))
    assert first_start([interview(starts_at=NOON), tomorrow], london) == "Thu 3 Dec – Fri 4 Dec"
    assert first_start([], london) == ""

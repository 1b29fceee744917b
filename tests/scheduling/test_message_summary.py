"""A message in one line, as its reader would be told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduling.messages.snapshot import InterviewSnapshot
from scheduling.messages.summary import summary

TOKYO = ZoneInfo("Asia/Tokyo")
DESIGN = InterviewSnapshot(
    interview_id=1,
    name="System design",
    kind="video",
    location="Room 7",
    starts_at=datetime(2026, 12, 3, 9, tzinfo=UTC),
    ends_at=datetime(2026, 12, 3, 10, tzinfo=UTC),
    people=((1, "Ann"),),
    join_link_id=0,
)
CODING = replace(DESIGN, interview_id=2, name="Coding", starts_at=DESIGN.starts_at + timedelta(days=1))
LATER = replace(DESIGN, starts_at=DESIGN.starts_at + timedelta(hours=1), ends_at=DESIGN.ends_at + timedelta(hours=1))
WITH_LINK = replace(DESIGN, join_link_id=7)


@pytest.mark.parametrize(
    ("occasion", "notified", "now", "said"),
    [
        ("invitation", [], [DESIGN], "Invitation: System design, Thu 3 Dec, 18:00 GMT+9"),
        ("invitation", [], [DESIGN, CODING], "Invitation: 2 interviews, Thu 3 Dec – Fri 4 Dec"),
        ("cancellation", [DESIGN], [], "Cancelled: System design, Thu 3 Dec, 18:00 GMT+9"),
        ("cancellation", [DESIGN, CODING], [], "Cancelled: 2 interviews, Thu 3 Dec – Fri 4 Dec"),
        ("update", [DESIGN], [LATER], "Moved: System design, Thu 3 Dec, 19:00 GMT+9"),
        ("update", [DESIGN], [DESIGN, CODING], "New: Coding, Fri 4 Dec, 18:00 GMT+9"),
        ("update", [DESIGN, CODING], [CODING], "Cancelled: System design, Thu 3 Dec, 18:00 GMT+9"),
        ("update", [DESIGN], [replace(DESIGN, people=((2, "Bob"),))], "System design: Ann → Bob"),
        ("update", [DESIGN], [WITH_LINK], "Coding link added: System design"),
        ("update", [WITH_LINK], [DESIGN], "Coding link removed: System design"),
        ("update", [WITH_LINK], [replace(DESIGN, join_link_id=8)], "New join link: System design"),
        ("", [DESIGN], [DESIGN], ""),
    ],
)
def test_a_line_says_what_is_new(
    occasion: str, notified: list[InterviewSnapshot], now: list[InterviewSnapshot], said: str
) -> None:
    assert summary(occasion, notified, now, TOKYO) == said


def test_many_changes_are_counted() -> None:
    before = [replace(DESIGN, interview_id=number) for number in range(5)]
    after = [replace(one, starts_at=LATER.starts_at, ends_at=LATER.ends_at) for one in before]
    moved = "Moved: System design, Thu 3 Dec, 19:00 GMT+9"
    assert summary("update", before, after, TOKYO) == f"{moved}; {moved}; 3 more changes"

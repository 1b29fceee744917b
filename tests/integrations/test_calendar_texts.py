"""Sentences about calendar connections."""

from __future__ import annotations

from pathlib import Path

from integrations import calendar_texts
from integrations.calendar_texts import CALENDAR_PROBLEMS
from integrations.error_texts import KEY_UNREADABLE

#: Written as a constant where they are raised.
BY_NAME = {KEY_UNREADABLE, calendar_texts.OWNER_INACTIVE}


def test_each_code_with_a_sentence_can_come_up() -> None:
    root = Path(__file__).parents[2]
    texts = {root / "integrations/calendar_texts.py", root / "integrations/error_texts.py"}
    sources = [path for app in ("integrations", "scheduling") for path in (root / app).rglob("*.py")]
    written = "".join(path.read_text() for path in sources if path not in texts and "codesignal" not in path.parts)
    assert [code for code in CALENDAR_PROBLEMS if code not in BY_NAME and f'"{code}"' not in written] == []

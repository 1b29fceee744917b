"""Rows of interviews as form data: `rows-0-name`, `rows-0-date`, ..., and how many there are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta

from django.http import QueryDict

from organizations.parameters import whole_number
from scheduling.availability.local_time import WallClockError, moment, to_wall_clock

ROWS = "rows"
ROW_COUNT = "rows-count"
MOST_ROWS = 30
_ROW_FIELD = re.compile(rf"{ROWS}-([0-9]{{1,3}})-(\w+)")

Values = dict[str, list[str]]


def counts_rows(data: QueryDict) -> bool:
    """Return whether the data says how many rows it holds, as everything does that `write_rows` has written."""
    return whole_number(data.get(ROW_COUNT), most=999) is not None


def row_count(data: QueryDict) -> int:
    """Return the number of rows that were sent, between 0 and MOST_ROWS."""
    return min(whole_number(data.get(ROW_COUNT), most=999) or 0, MOST_ROWS)


def read_rows(data: QueryDict) -> list[Values]:
    rows: list[Values] = [{} for _ in range(row_count(data))]
    for key in data:
        match = _ROW_FIELD.fullmatch(key)
        if match and int(match[1]) < len(rows):
            rows[int(match[1])][match[2]] = data.getlist(key)
    return rows


def write_rows(data: QueryDict, rows: Iterable[Values]) -> None:
    """Replace all rows in the data by these."""
    for key in [key for key in data if _ROW_FIELD.fullmatch(key)]:
        del data[key]
    kept = list(rows)[:MOST_ROWS]
    for index, row in enumerate(kept):
        for name, values in row.items():
            data.setlist(f"{ROWS}-{index}-{name}", values)
    data[ROW_COUNT] = str(len(kept))


def clock_fields(at: datetime, zone: str) -> Values:
    """Return the date and time fields for a moment in a zone."""
    day, clock, fold = to_wall_clock(at, zone)
    return {"date": [day.isoformat()], "time": [f"{clock:%H:%M}"], "fold": ["" if fold is None else str(fold)]}


def moment_of(row: Mapping[str, list[str]], zone: str) -> datetime | None:
    """Return the moment that a row's date and time mean in a zone; None while they mean none, or one of two."""
    try:
        day, clock = date.fromisoformat(row["date"][0]), time.fromisoformat(row["time"][0])
        fold = whole_number((row.get("fold") or [""])[-1], most=1)
        return moment(day, clock.replace(tzinfo=None), zone, fold)
    except (KeyError, IndexError, ValueError, OverflowError, WallClockError):
        return None


def shifted(data: QueryDict, by: timedelta, prefix: str = "") -> QueryDict:
    """Return the data with its date and time `by` later on the clock; as they are where they can't be read."""
    shown = data.copy()
    try:
        at = datetime.fromisoformat(f"{data[f'{prefix}date']}T{data[f'{prefix}time']}") + by
    except (KeyError, ValueError, OverflowError):
        return shown
    shown[f"{prefix}date"], shown[f"{prefix}time"] = at.date().isoformat(), f"{at:%H:%M}"
    shown[f"{prefix}fold"] = ""
    return shown

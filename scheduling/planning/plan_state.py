"""State of the page "Edit plan" as form data: the interviews of a schedule that are due, and what is wanted of them.

The page sends all its fields with every choice, and the answer is made of them and of the interviews as they are.
Rows know their interview, and how it was when the reader saw it: so a colleague's changes can be followed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import QueryDict

from organizations.access import Access
from organizations.parameters import row_id
from scheduling.models import Interview, Schedule
from scheduling.planning import form_state
from scheduling.planning.form_rows import Values, moment_of, read_rows, write_rows
from scheduling.planning.movable import version_of
from scheduling.schedules.interview_forms import LINK, OPEN

#: Fields of a row: its interview's id, empty for one that is added; and a digest of how the reader saw that interview.
INTERVIEW, SEEN = "interview", "seen"
#: Hidden fields: the version of the interviews that the reader knows, and the ids of those that saving cancels.
VERSION, REMOVED = "version", "removed"
#: The value of the button that takes a removal back: `keep:<id>`.
_KEEP = "keep:"
_ADD = "add"


@dataclass(frozen=True)
class Followed:
    """Data on top of the interviews as they are now.

    `met` are interviews that both the reader and somebody else changed; `gone` the names of rows that the reader
    changed, and whose interview is cancelled or over.
    """

    data: QueryDict
    met: list[Interview]
    gone: list[str]


def as_it_is(schedule: Schedule, current: Sequence[Interview]) -> QueryDict:
    """Return the data of the interviews as they are. Reads their assignments."""
    data = QueryDict(mutable=True)
    write_rows(data, [_row_of(one, schedule.time_zone) for one in current])
    return _completed(data, schedule, current)


def rearranged(
    access: Access, sent: QueryDict, schedule: Schedule, current: Sequence[Interview], now: datetime
) -> QueryDict:
    """Return the data after all buttons since the page was rendered: `do` is as in `form_state.changed`, or keep:<id>.

    A row that is removed leaves its interview's id in REMOVED. The rows are put in order of time, and one that is added
    comes after the last of them.
    """
    data = sent.copy()
    data["candidate"], data["time_zone"] = str(schedule.candidate_id), schedule.time_zone
    data.setlist("changed", [])
    before = _interviews_in(read_rows(data))
    pressed = data.getlist("do")
    data.setlist("do", [button for button in pressed if button != _ADD])
    data = form_state.changed(access, data, now)
    rows = read_rows(data)
    gone = [pk for pk in before if pk not in _interviews_in(rows)]
    kept = {row_id(value.removeprefix(_KEEP)) for value in pressed if value.startswith(_KEEP)}
    removed = [pk for pk in [*removed_in(data), *gone] if pk not in kept]
    there = set(_interviews_in(rows))
    again = [one for one in current if one.pk in kept and one.pk not in there]
    rows += [_row_of(one, schedule.time_zone) for one in again]
    write_rows(data, sorted(rows, key=_when(schedule.time_zone)))
    data.setlist(REMOVED, [str(pk) for pk in removed])
    data.setlist("do", [button for button in pressed if button == _ADD])
    return form_state.changed(access, data, now)


def followed(sent: QueryDict, schedule: Schedule, current: Sequence[Interview]) -> Followed:
    """Return what was typed, on top of the interviews as they are now.

    A row that the reader did not touch shows its interview as it is now, and one that is new gets a row. What the
    reader changed stays as typed.
    """
    known, zone, removed = {one.pk: one for one in current}, schedule.time_zone, removed_in(sent)
    rows: list[Values] = []
    met: list[Interview] = []
    gone: list[str] = []
    for row in read_rows(sent):
        one, now = known.get(_interview_of(row) or 0), Values()
        is_touched, seen = _digest(row) != _text(row, SEEN), _text(row, SEEN)
        if one is not None:
            now = _row_of(one, zone)
            met += [one] if is_touched and seen != _text(now, SEEN) else []
            rows.append(row | {SEEN: now[SEEN]} if is_touched else now | {OPEN: row.get(OPEN, [""])})
        elif not _text(row, INTERVIEW):
            rows.append(row)
        elif is_touched:
            gone.append(_text(row, "name"))
    there = {*_interviews_in(rows), *removed}
    rows += [_row_of(one, zone) for one in current if one.pk not in there]
    data = sent.copy()
    write_rows(data, rows)
    data.setlist(REMOVED, [str(pk) for pk in removed if pk in known])
    return Followed(_completed(data, schedule, current), met, gone)


def removed_in(data: QueryDict) -> list[int]:
    """Return the ids of the interviews that saving cancels, each once."""
    found = (row_id(text) for text in data.getlist(REMOVED))
    return list(dict.fromkeys(pk for pk in found if pk is not None))


def interviews_in(data: QueryDict, current: Iterable[Interview]) -> list[Interview | None]:
    """Return the interview of each row; None for one that is added, or whose interview is not among `current`."""
    known = {one.pk: one for one in current}
    found: list[Interview | None] = []
    for row in read_rows(data):
        # Each once: a second row of one interview is one more interview.
        found.append(known.pop(_interview_of(row) or 0, None))
    return found


def is_changed(row: Values, interview: Interview | None, zone: str) -> bool:
    """Return whether a row wants something else than what there is."""
    return interview is None or _digest(row) != _digest(_row_of(interview, zone))


def is_switched_only(row: Values, interview: Interview | None, zone: str) -> bool:
    """Return whether a row wants nothing else than there is but another setting of its coding link."""
    if interview is None or not is_changed(row, interview, zone):
        return False
    now = _row_of(interview, zone)
    return _digest(row | {LINK: [""]}) == _digest(now | {LINK: [""]})


def _completed(data: QueryDict, schedule: Schedule, current: Sequence[Interview]) -> QueryDict:
    data["candidate"], data["time_zone"] = str(schedule.candidate_id), schedule.time_zone
    data[VERSION] = version_of(current)
    return data


def _when(zone: str) -> Callable[[Values], tuple[bool, float]]:
    """Return the key that puts rows in order of time, those without one last."""

    def key(row: Values) -> tuple[bool, float]:
        at = moment_of(row, zone)
        return at is None, at.timestamp() if at is not None else 0

    return key


def _row_of(interview: Interview, zone: str) -> Values:
    row = read_rows(form_state.data_of(interview, zone))[0]
    return row | {INTERVIEW: [str(interview.pk)], SEEN: [_digest(row)]}


def _interviews_in(rows: Iterable[Values]) -> list[int]:
    found = (_interview_of(row) for row in rows)
    return [pk for pk in found if pk is not None]


def _interview_of(row: Values) -> int | None:
    return row_id(_text(row, INTERVIEW))


def _text(row: Values, name: str) -> str:
    return (row.get(name) or [""])[-1]


def _digest(row: Values) -> str:
    """Return a short text that differs after any change of a field that is saved."""
    names = ("name", "kind", "minutes", "date", "time", "fold", "meeting", "place", "room", LINK)
    fields = [" ".join(_text(row, name).split()) for name in names]
    people = {part for value in row.get("interviewers", []) for part in value.split(",") if part}
    return hashlib.sha256(repr((fields, sorted(people))).encode()).hexdigest()[:16]

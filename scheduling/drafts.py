"""What is typed on "New schedule", as form data: its first values, and what buttons and choices change in it.

The page sends all that is typed with every choice; nothing is kept on the server until it is saved.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta

from django.http import QueryDict

from jobs.models import PlanInterview, Stage
from organizations.access import Access
from organizations.parameters import row_id, time_zone, whole_number
from scheduling.forms import ScheduleForm, find_candidate
from scheduling.models import Candidate, Interview
from scheduling.proposals import propose, propose_after
from scheduling.times import typed

ROWS = "rows"
COUNT = "rows-count"
#: Hidden fields: the stage whose plan the rows come from, and whether job and stage came with the candidate.
STAGE = "rows-stage"
TAKEN = "job-taken"
MOST_ROWS = 30
_ROW_FIELD = re.compile(rf"{ROWS}-([0-9]{{1,3}})-(\w+)")

Values = dict[str, list[str]]


def row_count(data: QueryDict) -> int:
    """How many rows were sent, between 0 and MOST_ROWS."""
    return min(whole_number(data.get(COUNT), most=999) or 0, MOST_ROWS)


def with_defaults(access: Access, asked: QueryDict, candidate: Candidate | None, now: datetime) -> QueryDict:
    """The first data of the page; the address may name a candidate (as found), a job and a stage."""
    data = QueryDict(mutable=True)
    data["time_zone"] = access.organization.time_zone
    for name in ("candidate", "job", "stage"):
        data[name] = asked.get(name, "")
    if candidate is not None and not data["job"]:
        _take_job_of(access, candidate, data)
    _fill_from_plan(access, data, now)
    return data


def changed(access: Access, sent: QueryDict, now: datetime) -> QueryDict:
    """The data after all that was pressed and chosen since the page was drawn, in whatever order that was answered.

    `do`: values of the rows' buttons, of which the numbers are those of the rows as sent; `changed`: names of fields.
    """
    data = sent.copy()
    pressed = data.getlist("do")
    if data.get("candidate") == ScheduleForm.NEW:
        data.setdefault("new-time_zone", access.organization.time_zone)
    _press(data, pressed)
    for name in data.getlist("changed"):
        _choose(access, data, name, now)
    for _again in range(pressed.count("add")):
        rows = _rows(data)
        zone = time_zone(data.get("time_zone"), access.organization.time_zone)
        _write_rows(data, [*rows, _next_row(rows, zone, now)])
    return data


def _choose(access: Access, data: QueryDict, name: str, now: datetime) -> None:
    """A chosen candidate brings job and stage along, until somebody chooses these; a stage brings its plan's rows."""
    if name == "candidate" and (not data.get("job") or data.get(TAKEN)):
        if candidate := find_candidate(access, data.get("candidate", "")):
            _take_job_of(access, candidate, data)
        _fill_from_plan(access, data, now)
    elif name in {"job", "stage"}:
        data[TAKEN] = ""
        if not _stage_fits(access, data):
            data["stage"] = _only_stage(access, data)
        _fill_from_plan(access, data, now)


def _press(data: QueryDict, buttons: Sequence[str]) -> None:
    """What buttons beside rows do: remove:<row>, seat:<row>[:<membership>], nearest:<row>:<local time>."""
    removed = set()
    for button in buttons:
        action, _, rest = button.partition(":")
        number, _, value = rest.partition(":")
        place = whole_number(number, most=row_count(data) - 1)
        if place is None:
            continue
        if action == "remove":
            removed.add(place)
        elif action == "seat":
            _seat(data, place, value)
        elif action == "nearest":
            _use(data, place, value)
    if removed:
        _write_rows(data, [row for index, row in enumerate(_rows(data)) if index not in removed])


def _seat(data: QueryDict, place: int, person: str) -> None:
    """One more place, or somebody in the first that is empty. The page shows every place that is sent."""
    name = f"{ROWS}-{place}-interviewers"
    seats = data.getlist(name)
    if person and person in seats:
        return
    if person and "" in seats:
        seats[seats.index("")] = person
    else:
        seats.append(person)
    data.setlist(name, seats)
    if person:
        data[f"{ROWS}-{place}-filled"] = str(seats.index(person))
        data[f"{ROWS}-{place}-find"] = ""


def _take_job_of(access: Access, candidate: Candidate, data: QueryDict) -> None:
    if candidate.job_id:
        data[TAKEN] = "yes"
        data["job"], data["stage"] = str(candidate.job_id), str(candidate.stage_id or "")
        if not candidate.stage_id:
            data["stage"] = _only_stage(access, data)


def _stage_fits(access: Access, data: QueryDict) -> bool:
    """Whether the stage is one of the job's: not, once another job is chosen."""
    stage, job = row_id(data.get("stage")), row_id(data.get("job"))
    return access.all(Stage).filter(pk=stage, job_id=job).exists() if stage and job else False


def _only_stage(access: Access, data: QueryDict) -> str:
    """The job's stage when it has just one; else it is to be chosen."""
    job = row_id(data.get("job"))
    stages = list(access.all(Stage).filter(job_id=job).order_by("id")[:2]) if job else []
    return str(stages[0].pk) if len(stages) == 1 else ""


def _fill_from_plan(access: Access, data: QueryDict, now: datetime) -> None:
    """Replaces the rows by those of the chosen stage's plan, with a first proposal of times.

    Rows that are this plan's already stay, with what was typed into them.
    """
    stage = data.get("stage", "")
    if stage and stage == data.get(STAGE) and row_count(data):
        return
    data[STAGE] = stage
    plan: Sequence[PlanInterview] = []
    stage_id, job_id = row_id(stage), row_id(data.get("job"))
    if stage_id and job_id:
        chosen = access.all(PlanInterview).filter(plan__stage_id=stage_id, plan__stage__job_id=job_id)
        plan = list(chosen.order_by("position", "id")[:MOST_ROWS])
    zone = time_zone(data.get("time_zone"), access.organization.time_zone)
    times = propose([item.minutes for item in plan], zone, now)
    rows = [
        _row(day, clock, item.minutes) | {"plan_interview": [str(item.pk)], "name": [item.name], "kind": [item.kind]}
        for item, (day, clock) in zip(plan, times, strict=True)
    ]
    _write_rows(data, rows)


def _row(day: date, clock: time, minutes: int) -> Values:
    return {
        "name": [""],
        "kind": ["video"],
        "minutes": [str(minutes)],
        "date": [day.isoformat()],
        "time": [f"{clock:%H:%M}"],
        "place": [""],
    }


def _next_row(rows: Sequence[Mapping[str, list[str]]], zone: str, now: datetime) -> Values:
    """An empty row, after the last one that has a time."""
    for row in reversed(rows):
        try:
            day, clock = date.fromisoformat(row["date"][0]), time.fromisoformat(row["time"][0])
            if (minutes := whole_number(row["minutes"][0])) is not None:
                return _row(*propose_after(day, clock, min(minutes, 600)), 60)
        except (KeyError, IndexError, ValueError, OverflowError):
            continue
    return _row(*propose([60], zone, now)[0], 60)


def _rows(data: QueryDict) -> list[Values]:
    rows: list[Values] = [{} for _ in range(row_count(data))]
    for key in data:
        match = _ROW_FIELD.fullmatch(key)
        if match and int(match[1]) < len(rows):
            rows[int(match[1])][match[2]] = data.getlist(key)
    return rows


def _write_rows(data: QueryDict, rows: Iterable[Values]) -> None:
    for key in [key for key in data if _ROW_FIELD.fullmatch(key)]:
        del data[key]
    kept = list(rows)[:MOST_ROWS]
    for index, row in enumerate(kept):
        for name, values in row.items():
            data.setlist(f"{ROWS}-{index}-{name}", values)
    data[COUNT] = str(len(kept))


def _use(data: QueryDict, place: int, nearest: str) -> None:
    """Takes the time that the page proposed instead of one that does not exist."""
    try:
        at = datetime.fromisoformat(nearest)
    except ValueError:
        return
    data[f"{ROWS}-{place}-date"] = at.date().isoformat()
    data[f"{ROWS}-{place}-time"] = f"{at:%H:%M}"


def first_row(last: Interview | None, zone: str, now: datetime) -> QueryDict:
    """The data of one more interview: after the `last` one, or as for a first one."""
    data = QueryDict(mutable=True)
    if last is None:
        row = _row(*propose([60], zone, now)[0], 60)
    else:
        day, clock, _fold = typed(last.starts_at, zone)
        row = _row(*propose_after(day, clock, last.minutes), 60)
    _write_rows(data, [row])
    return data


def data_of(interview: Interview, zone: str) -> QueryDict:
    """The data of an interview as it is, with its time as typed in `zone`. Reads its seats."""
    day, clock, fold = typed(interview.starts_at, zone)
    row = _row(day, clock, interview.minutes) | {
        "plan_interview": [str(interview.plan_interview_id or "")],
        "name": [interview.name],
        "kind": [interview.kind],
        "place": [interview.place],
        "fold": ["" if fold is None else str(fold)],
        "interviewers": [str(seat.membership_id) for seat in interview.seats.all()],
    }
    data = QueryDict(mutable=True)
    _write_rows(data, [row])
    return data


def moved_by(interviews: Sequence[Interview], zone: str, shift: timedelta, sent: QueryDict) -> QueryDict:
    """The data of interviews whose clock times in `zone` are all shifted alike, with what was ticked in `sent`.

    One query for each one's seats, unless they were prefetched in order of id.
    """
    data = QueryDict(mutable=True)
    for index, interview in enumerate(interviews):
        now = data_of(interview, zone)
        row = {match[2]: now.getlist(key) for key in now if (match := _ROW_FIELD.fullmatch(key))}
        at = datetime.combine(date.fromisoformat(row["date"][0]), time.fromisoformat(row["time"][0])) + shift
        ticked = {name: sent.getlist(f"{ROWS}-{index}-{name}") for name in ("anyway", "fold")}
        fold = ticked["fold"] or ([""] if shift else row["fold"])
        row |= {"date": [at.date().isoformat()], "time": [f"{at:%H:%M}"], "fold": fold, "anyway": ticked["anyway"]}
        for name, values in row.items():
            data.setlist(f"{ROWS}-{index}-{name}", values)
    return data


def version_of(shown: QueryDict | str) -> str:
    """Says which state of interviews was shown: `data_of` them, in few letters."""
    text = shown if isinstance(shown, str) else shown.urlencode()
    return hashlib.sha256(text.encode()).hexdigest()[:16]

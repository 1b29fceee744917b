"""State of the page "New schedule" as form data: its first values, and how buttons and choices change it.

The page sends all its fields with every choice, and the answer is made of nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.http import QueryDict

from integrations.registry import TOOLS
from jobs.models import PlanInterview, Stage
from organizations.access import Access
from organizations.parameters import choice, row_id, time_zone, whole_number
from scheduling.availability.buffers import planned_buffer
from scheduling.candidates.forms import find_candidate
from scheduling.models import Candidate, Interview, Schedule
from scheduling.planning.default_times import Length, PlanZones, propose, propose_after
from scheduling.planning.form_rows import (
    MOST_ROWS,
    ROWS,
    Values,
    clock_fields,
    moment_of,
    read_rows,
    row_count,
    write_rows,
)
from scheduling.planning.kept_rows import remember_rows, remembered_rows
from scheduling.planning.zone_change import ZONE, follow_zone
from scheduling.schedules.forms import ScheduleForm
from scheduling.schedules.interview_forms import LINK, OFF, OPEN

#: Hidden fields: the stage whose plan the rows come from, whether job and stage came with the candidate, and the times
#: that were proposed: as long as nobody changed one, others are proposed for another candidate.
ROWS_STAGE = "rows-stage"
JOB_FROM_CANDIDATE = "job-from-candidate"
PROPOSED = "rows-proposed"


def with_defaults(access: Access, asked: QueryDict, now: datetime) -> tuple[QueryDict, Candidate | None]:
    """Return the first data of the page, and the candidate. The address may name a candidate, a job and a stage."""
    data = QueryDict(mutable=True)
    data["time_zone"] = data[ZONE] = access.organization.time_zone
    for name in ("candidate", "job", "stage"):
        data[name] = asked.get(name, "")
    candidate = _candidate(access, data)
    if candidate is not None and not data["job"]:
        _take_job_of(access, candidate, data)
    _fill_from_plan(access, data, now)
    return data, candidate


def changed(access: Access, sent: QueryDict, now: datetime) -> QueryDict:
    """Return the data after all buttons and choices since the page was rendered, in whatever order they were answered.

    `do`: values of the rows' buttons, of which the numbers are those of the rows as sent; `changed`: names of fields.
    """
    data = sent.copy()
    pressed = data.getlist("do")
    if data.get("candidate") == ScheduleForm.NEW:
        data.setdefault("new-time_zone", access.organization.time_zone)
    _press(data, pressed)
    untouched = _is_as_proposed(data)
    follow_zone(data, access.organization.time_zone)
    if untouched:
        _note_proposal(data)
    for name in data.getlist("changed"):
        _choose(access, data, name, now)
    for _again in range(pressed.count("add")):
        _add_row(access, data, now)
    return data


def resumed(access: Access, kept: QueryDict, now: datetime) -> QueryDict:
    """Return the data of a draft, after the choices that were not answered yet when the page was left."""
    data = kept.copy()
    left = {"candidate": not data.get("job"), "stage": data.get("stage", "") != data.get(ROWS_STAGE, "")}
    data.setlist("changed", [name for name, unanswered in left.items() if unanswered])
    return changed(access, data, now)


def _choose(access: Access, data: QueryDict, name: str, now: datetime) -> None:
    """Fill in a candidate's job and stage, until these are chosen by hand; and the rows of a stage's plan."""
    if name == "candidate" and (not data.get("job") or data.get(JOB_FROM_CANDIDATE)):
        if candidate := _candidate(access, data):
            _take_job_of(access, candidate, data)
        _fill_from_plan(access, data, now)
    elif name in {"job", "stage"}:
        data[JOB_FROM_CANDIDATE] = ""
        if not _stage_fits(access, data):
            data["stage"] = _only_stage(access, data)
        _fill_from_plan(access, data, now)
    if name in {"candidate", "new-time_zone"} and _is_as_proposed(data):
        _propose_again(access, data, now)


def _press(data: QueryDict, buttons: Sequence[str]) -> None:
    """Press buttons beside rows: remove:<row>, move:<row>:<place>, nearest:<row>:<local time>, link:<row>:<setting>,
    room:<row>:<id>.

    Rows and places are numbered as sent, from 0. A moved row keeps its people and its time.
    """
    removed = set()
    order = list(range(row_count(data)))
    for button in buttons:
        action, _, rest = button.partition(":")
        number, _, value = rest.partition(":")
        place = whole_number(number, most=row_count(data) - 1)
        if place is None:
            continue
        if action == "remove":
            removed.add(place)
        elif action == "move":
            _move(order, place, value)
        elif action == "nearest":
            _use(data, place, value)
        elif action == "link":
            data[f"{ROWS}-{place}-{LINK}"] = choice(value, [OFF, *TOOLS])
        elif action == "room":
            data[f"{ROWS}-{place}-room"] = str(row_id(value) or "")
    if removed or order != sorted(order):
        rows = read_rows(data)
        write_rows(data, [rows[index] for index in order if index not in removed])


def _move(order: list[int], row: int, to: str) -> None:
    """Put a row where the one numbered `to` stands now; the rows between move up or down by one."""
    other = whole_number(to, most=len(order) - 1)
    if other is not None:
        place = order.index(other)
        order.remove(row)
        order.insert(place, row)


def _take_job_of(access: Access, candidate: Candidate, data: QueryDict) -> None:
    if candidate.job_id:  # one of another job is no choice of a coordinator's form, which leaves it out
        data[JOB_FROM_CANDIDATE] = "yes"
        data["job"], data["stage"] = str(candidate.job_id), str(candidate.stage_id or "")
        if not candidate.stage_id:
            data["stage"] = _only_stage(access, data)


def _stage_fits(access: Access, data: QueryDict) -> bool:
    """Return whether the stage is one of the job's: not, once another job is chosen."""
    stage, job = row_id(data.get("stage")), row_id(data.get("job"))
    return access.all(Stage).filter(pk=stage, job_id=job).exists() if stage and job else False


def _only_stage(access: Access, data: QueryDict) -> str:
    """Return the job's stage when it has just one, else an empty text."""
    job = row_id(data.get("job"))
    stages = list(access.all(Stage).filter(job_id=job).order_by("id")[:2]) if job else []
    return str(stages[0].pk) if len(stages) == 1 else ""


def _fill_from_plan(access: Access, data: QueryDict, now: datetime) -> None:
    """Replace the rows by those of the chosen stage: as they were left, or its plan's with default times.

    Rows that are this stage's already stay. Rows from before any stage was chosen stay below the plan's.
    """
    stage, left = data.get("stage", ""), data.get(ROWS_STAGE, "")
    if stage == left and (row_count(data) or not stage):
        return
    own = read_rows(data) if not left else []
    if row_count(data):
        remember_rows(data, left)
    data[ROWS_STAGE] = stage
    zone = time_zone(data.get("time_zone"), access.organization.time_zone)
    remembered = remembered_rows(data, stage, zone)
    if remembered is not None:
        write_rows(data, remembered)
        return
    rows = _planned_rows(access, data, zone, now)
    write_rows(data, [*rows, *(row for row in own if "".join(row.get("name", [])).strip())])
    if len(rows) == row_count(data):
        _note_proposal(data)


def _planned_rows(access: Access, data: QueryDict, zone: str, now: datetime) -> list[Values]:
    """Return the rows of the chosen stage's plan, with default times."""
    stage_id, job_id = row_id(data.get("stage")), row_id(data.get("job"))
    plan = [item for item in plan_of(access, stage_id or 0) if item.plan.stage.job_id == job_id][:MOST_ROWS]
    lengths = [_length(access, item.minutes, item) for item in plan]
    times = propose(lengths, _zones_of(access, data), now) if plan else []
    return [
        _row(at, zone, item.minutes)
        | {
            "plan_interview": [str(item.pk)],
            "name": [item.name],
            "kind": [item.kind],
            "meeting": [item.meeting],
            "place": [item.place],
        }
        for item, at in zip(plan, times, strict=True)
    ]


def plan_of(access: Access, stage: int) -> list[PlanInterview]:
    """Return the interviews of a stage's plan in their order. They are read once per request."""
    key = f"plan of stage {stage}"
    if key not in access.memo:
        planned = access.all(PlanInterview).filter(plan__stage_id=stage).select_related("plan__stage")
        access.memo[key] = list(planned.order_by("position", "id"))
    found: list[PlanInterview] = access.memo[key]
    return found


def _zones_of(access: Access, data: QueryDict) -> PlanZones:
    """Return the zones of the organization, of the chosen or new candidate, and of entry."""
    entry = time_zone(data.get("time_zone"), access.organization.time_zone)
    if data.get("candidate") == ScheduleForm.NEW:
        return zones_of(access, time_zone(data.get("new-time_zone"), ""), entry)
    candidate = _candidate(access, data)
    return zones_of(access, candidate.time_zone if candidate else "", entry)


def zones_of(access: Access, candidate: str, entry: str) -> PlanZones:
    """Return the organization's zone and public holidays beside the zones of a candidate and of entry."""
    return PlanZones(access.organization.time_zone, candidate, entry, access.organization.holidays_of)


def _length(access: Access, minutes: int, plan: PlanInterview | None = None) -> Length:
    return Length(minutes, planned_buffer(access.organization, plan), plan)


def _candidate(access: Access, data: QueryDict) -> Candidate | None:
    """Return the chosen candidate. They are read once per request."""
    chosen = data.get("candidate", "")
    key = f"chosen candidate {chosen}"
    if key not in access.memo:
        access.memo[key] = find_candidate(access, chosen)
    found: Candidate | None = access.memo[key]
    return found


def _propose_again(access: Access, data: QueryDict, now: datetime) -> None:
    """Replace default times that nobody changed: another candidate may have other days and nights."""
    rows = read_rows(data)
    zone = time_zone(data.get("time_zone"), access.organization.time_zone)
    plan = {str(item.pk): item for item in plan_of(access, row_id(data.get(ROWS_STAGE)) or 0)}
    lengths = [
        _length(
            access,
            min(whole_number("".join(row.get("minutes", []))) or 60, 600),
            plan.get("".join(row.get("plan_interview", []))),
        )
        for row in rows
    ]
    times = propose(lengths, _zones_of(access, data), now)
    write_rows(data, [row | clock_fields(at, zone) for row, at in zip(rows, times, strict=True)])
    _note_proposal(data)


def _note_proposal(data: QueryDict) -> None:
    data[PROPOSED] = _times(data)


def _is_as_proposed(data: QueryDict) -> bool:
    return bool(row_count(data)) and data.get(PROPOSED) == _times(data)


def _times(data: QueryDict) -> str:
    return ",".join("T".join("".join(row.get(name, [])) for name in ("date", "time")) for row in read_rows(data))


def _row(at: datetime, zone: str, minutes: int) -> Values:
    empty = {"name": [""], "kind": ["video"], "minutes": [str(minutes)], "meeting": [""], "place": [""]}
    return empty | clock_fields(at, zone)


def _add_row(access: Access, data: QueryDict, now: datetime) -> None:
    """Add an empty row, after the last one that has a time."""
    rows, zones = read_rows(data), _zones_of(access, data)
    zone = time_zone(data.get("time_zone"), access.organization.time_zone)
    at = None
    for row in reversed(rows):
        begins, minutes = moment_of(row, zone), whole_number("".join(row.get("minutes", [])))
        if begins is not None and minutes is not None:
            at = _after(begins, _length(access, min(minutes, 600)), _length(access, 60), zones)
            break
    write_rows(data, [*rows, _row(at or propose([_length(access, 60)], zones, now)[0], zone, 60) | {OPEN: ["yes"]}])


def _after(begins: datetime, last: Length, length: Length, zones: PlanZones) -> datetime | None:
    """Return a beginning for what follows the last one; None at the end of the calendar."""
    try:
        return propose_after(begins, last, length, zones)
    except OverflowError:
        return None


def _use(data: QueryDict, place: int, nearest: str) -> None:
    """Enter the nearest time, which the page offers, in place of one that does not exist."""
    try:
        at = datetime.fromisoformat(nearest)
    except ValueError:
        return
    data[f"{ROWS}-{place}-date"] = at.date().isoformat()
    data[f"{ROWS}-{place}-time"] = f"{at:%H:%M}"


def first_row(access: Access, schedule: Schedule, last: Interview | None, now: datetime) -> QueryDict:
    """Return the data of one more interview of a schedule: after the `last` one, or as for a first one."""
    data, length, zone = QueryDict(mutable=True), _length(access, 60), schedule.time_zone
    zones = zones_of(access, schedule.candidate.time_zone, zone)
    at = None
    if last is not None:
        at = _after(last.starts_at, _length(access, last.minutes, last.plan_interview), length, zones)
    write_rows(data, [_row(at or propose([length], zones, now)[0], zone, 60)])
    return data


def data_of(interview: Interview, zone: str) -> QueryDict:
    """Return the data of an interview as it is, with its time in `zone`. Reads its assignments."""
    row = _row(interview.starts_at, zone, interview.minutes) | {
        "plan_interview": [str(interview.plan_interview_id or "")],
        "name": [interview.name],
        "kind": [interview.kind],
        "meeting": [interview.meeting],
        "place": [interview.place],
        "room": [str(interview.room_id or "")],
        LINK: [OFF if interview.link_tool == "" else interview.link_tool or ""],
        "interviewers": [str(assignment.membership_id) for assignment in interview.assignments.all()],
    }
    data = QueryDict(mutable=True)
    write_rows(data, [row])
    return data


def moved_by(interviews: Sequence[Interview], zone: str, shift: timedelta, sent: QueryDict) -> QueryDict:
    """Return the data of interviews whose wall-clock times in `zone` are all shifted alike, with the ticks in `sent`.

    One query for each one's assignments, unless they were prefetched in order of id.
    """
    data = QueryDict(mutable=True)
    for index, interview in enumerate(interviews):
        now = data_of(interview, zone)
        row = read_rows(now)[0]
        at = datetime.combine(date.fromisoformat(row["date"][0]), time.fromisoformat(row["time"][0])) + shift
        ticked = {name: sent.getlist(f"{ROWS}-{index}-{name}") for name in ("override", "fold")}
        fold = ticked["fold"] or ([""] if shift else row["fold"])
        row |= {"date": [at.date().isoformat()], "time": [f"{at:%H:%M}"], "fold": fold, "override": ticked["override"]}
        for name, values in row.items():
            data.setlist(f"{ROWS}-{index}-{name}", values)
    return data

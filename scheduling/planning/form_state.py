"""What is typed on "New schedule", as form data: its first values, and what buttons and choices change in it.

The page sends all that is typed with every choice, and the answer is made of nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.http import QueryDict

from jobs.models import PlanInterview, Stage
from organizations.access import Access
from organizations.parameters import row_id, time_zone, whole_number
from scheduling.candidates.forms import find_candidate
from scheduling.models import Candidate, Interview
from scheduling.planning.default_times import PlanZones, propose, propose_after
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
from scheduling.planning.kept_rows import put_away, taken_out
from scheduling.planning.zone_change import ZONE, follow_zone
from scheduling.schedules.forms import ScheduleForm

#: Hidden fields: the stage whose plan the rows come from, whether job and stage came with the candidate, and the times
#: that were proposed: as long as nobody changed one, others are proposed for another candidate.
ROWS_STAGE = "rows-stage"
JOB_FROM_CANDIDATE = "job-from-candidate"
PROPOSED = "rows-proposed"


def with_defaults(access: Access, asked: QueryDict, now: datetime) -> tuple[QueryDict, Candidate | None]:
    """The first data of the page, and the candidate; the address may name one, a job and a stage."""
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
    """The data after all that was pressed and chosen since the page was drawn, in whatever order that was answered.

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
    """What was kept of the page, after choices that it was left with before they were answered."""
    data = kept.copy()
    left = {"candidate": not data.get("job"), "stage": data.get("stage", "") != data.get(ROWS_STAGE, "")}
    data.setlist("changed", [name for name, unanswered in left.items() if unanswered])
    return changed(access, data, now)


def _choose(access: Access, data: QueryDict, name: str, now: datetime) -> None:
    """A chosen candidate brings job and stage along, until somebody chooses these; a stage brings its plan's rows."""
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
        write_rows(data, [row for index, row in enumerate(read_rows(data)) if index not in removed])


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
        data[JOB_FROM_CANDIDATE] = "yes"
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
    """Replaces the rows by those of the chosen stage: as they were typed for it, or its plan's with proposed times.

    Rows that are this stage's already stay. Those that were typed before any stage was chosen stay below the plan's.
    """
    stage, left = data.get("stage", ""), data.get(ROWS_STAGE, "")
    if stage == left and (row_count(data) or not stage):
        return
    own = read_rows(data) if not left else []
    if row_count(data):
        put_away(data, left)
    data[ROWS_STAGE] = stage
    zone = time_zone(data.get("time_zone"), access.organization.time_zone)
    typed_before = taken_out(data, stage, zone)
    if typed_before is not None:
        write_rows(data, typed_before)
        return
    rows = _planned_rows(access, data, zone, now)
    write_rows(data, [*rows, *(row for row in own if "".join(row.get("name", [])).strip())])
    if len(rows) == row_count(data):
        _note_proposal(data)


def _planned_rows(access: Access, data: QueryDict, zone: str, now: datetime) -> list[Values]:
    """The rows of the chosen stage's plan, with a first proposal of times."""
    stage_id, job_id = row_id(data.get("stage")), row_id(data.get("job"))
    plan = [item for item in plan_of(access, stage_id or 0) if item.plan.stage.job_id == job_id][:MOST_ROWS]
    times = propose([item.minutes for item in plan], _places(access, data), now) if plan else []
    return [
        _row(at, zone, item.minutes) | {"plan_interview": [str(item.pk)], "name": [item.name], "kind": [item.kind]}
        for item, at in zip(plan, times, strict=True)
    ]


def plan_of(access: Access, stage: int) -> list[PlanInterview]:
    """The interviews of a stage's plan in their order, read once for all that is made of one request."""
    key = f"plan of stage {stage}"
    if key not in access.memo:
        planned = access.all(PlanInterview).filter(plan__stage_id=stage).select_related("plan__stage")
        access.memo[key] = list(planned.order_by("position", "id"))
    found: list[PlanInterview] = access.memo[key]
    return found


def _places(access: Access, data: QueryDict) -> PlanZones:
    """Where the organization is, and the candidate: one who is chosen, or somebody new with the zone that is typed."""
    home = access.organization.time_zone
    if data.get("candidate") == ScheduleForm.NEW:
        return PlanZones(home, time_zone(data.get("new-time_zone"), ""))
    candidate = _candidate(access, data)
    return PlanZones(home, candidate.time_zone if candidate else "")


def _candidate(access: Access, data: QueryDict) -> Candidate | None:
    """The chosen candidate, read once for all that is made of one request."""
    chosen = data.get("candidate", "")
    key = f"chosen candidate {chosen}"
    if key not in access.memo:
        access.memo[key] = find_candidate(access, chosen)
    found: Candidate | None = access.memo[key]
    return found


def _propose_again(access: Access, data: QueryDict, now: datetime) -> None:
    """Other times for rows whose times nobody changed: another candidate may have other days and nights."""
    rows = read_rows(data)
    zone = time_zone(data.get("time_zone"), access.organization.time_zone)
    minutes = [min(whole_number("".join(row.get("minutes", []))) or 60, 600) for row in rows]
    times = propose(minutes, _places(access, data), now)
    write_rows(data, [row | clock_fields(at, zone) for row, at in zip(rows, times, strict=True)])
    _note_proposal(data)


def _note_proposal(data: QueryDict) -> None:
    data[PROPOSED] = _times(data)


def _is_as_proposed(data: QueryDict) -> bool:
    return bool(row_count(data)) and data.get(PROPOSED) == _times(data)


def _times(data: QueryDict) -> str:
    return ",".join("T".join("".join(row.get(name, [])) for name in ("date", "time")) for row in read_rows(data))


def _row(at: datetime, zone: str, minutes: int) -> Values:
    return {"name": [""], "kind": ["video"], "minutes": [str(minutes)], "place": [""]} | clock_fields(at, zone)


def _add_row(access: Access, data: QueryDict, now: datetime) -> None:
    """An empty row, after the last one that has a time."""
    rows, places = read_rows(data), _places(access, data)
    zone = time_zone(data.get("time_zone"), access.organization.time_zone)
    at = None
    for row in reversed(rows):
        begins, minutes = moment_of(row, zone), whole_number("".join(row.get("minutes", [])))
        if begins is not None and minutes is not None:
            at = _after(begins, min(minutes, 600), places)
            break
    write_rows(data, [*rows, _row(at or propose([60], places, now)[0], zone, 60)])


def _after(begins: datetime, minutes: int, places: PlanZones) -> datetime | None:
    """When an hour may follow; None at the end of time."""
    try:
        return propose_after(begins, minutes, 60, places)
    except OverflowError:
        return None


def _use(data: QueryDict, place: int, nearest: str) -> None:
    """Takes the time that the page proposed instead of one that does not exist."""
    try:
        at = datetime.fromisoformat(nearest)
    except ValueError:
        return
    data[f"{ROWS}-{place}-date"] = at.date().isoformat()
    data[f"{ROWS}-{place}-time"] = f"{at:%H:%M}"


def first_row(last: Interview | None, zone: str, places: PlanZones, now: datetime) -> QueryDict:
    """The data of one more interview, with its time as typed in `zone`: after the `last` one, or as for a first one."""
    data = QueryDict(mutable=True)
    at = _after(last.starts_at, last.minutes, places) if last is not None else None
    write_rows(data, [_row(at or propose([60], places, now)[0], zone, 60)])
    return data


def data_of(interview: Interview, zone: str) -> QueryDict:
    """The data of an interview as it is, with its time as typed in `zone`. Reads its assignments."""
    row = _row(interview.starts_at, zone, interview.minutes) | {
        "plan_interview": [str(interview.plan_interview_id or "")],
        "name": [interview.name],
        "kind": [interview.kind],
        "place": [interview.place],
        "interviewers": [str(assignment.membership_id) for assignment in interview.assignments.all()],
    }
    data = QueryDict(mutable=True)
    write_rows(data, [row])
    return data


def moved_by(interviews: Sequence[Interview], zone: str, shift: timedelta, sent: QueryDict) -> QueryDict:
    """The data of interviews whose clock times in `zone` are all shifted alike, with what was ticked in `sent`.

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

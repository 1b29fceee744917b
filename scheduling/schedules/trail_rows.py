"""Write the trail of schedules and interviews: ids and times in `detail`, what people wrote in `texts`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from organizations import audit
from organizations.models import AuditEvent, User
from scheduling.availability.conflict_kinds import Overridden
from scheduling.models import Interview, InterviewerAssignment, Schedule

#: By the interview's name.
NamedConflicts = Iterable[tuple[str, Sequence[Overridden]]]


@dataclass(frozen=True)
class GivenReason:
    """The reason given for moving or cancelling, one of the organization's list, and a note."""

    text: str = ""
    note: str = ""


def event(  # noqa: PLR0913 - keyword-only: what a row is made of
    schedule: Schedule,
    actor: User | None,
    action: str,
    *,
    interview: Interview | None = None,
    detail: dict[str, Any] | None = None,
    texts: dict[str, Any] | None = None,
    reason: GivenReason | None = None,
    overridden: NamedConflicts = (),
) -> AuditEvent:
    """Return a row about the schedule, or about one of its interviews, for `audit.record_all`.

    Its texts are erased with the candidate.
    """
    told, written = dict(detail or {}), dict(texts or {})
    if interview is not None:
        told["schedule"], written["interview"] = schedule.pk, interview.name
    if reason is not None and reason.text:
        told["reason"] = reason.text
    if reason is not None and reason.note:
        written["note"] = reason.note
    if conflicts := [(name, one) for name, several in overridden for one in several]:
        told["overridden"] = [_conflict(one) for _name, one in conflicts]
        written["overridden"] = [[name, one.reason] for name, one in conflicts]
    return audit.event(
        organization=schedule.organization,
        actor=actor,
        action=action,
        subject=interview or schedule,
        person=audit.Person("candidate", schedule.candidate_id),
        detail=told,
        texts=written,
    )


def _conflict(one: Overridden) -> dict[str, Any]:
    return {"conflict": one.kind.value} | ({"user": one.user} if one.user else {})


def record(schedule: Schedule, actor: User | None, action: str, **fields: Any) -> None:
    """Add a row. The arguments are those of `event`."""
    audit.record_all([event(schedule, actor, action, **fields)])


def shown(interviews: Collection[Interview]) -> dict[int, dict[str, Any]]:
    """The fields that the history compares before and after a change, by the interview's id.

    `people` are accounts, in order of name.
    """
    people: dict[int, list[int]] = {}
    assignments = InterviewerAssignment.objects.filter(interview__in=[one.pk for one in interviews])
    ordered = assignments.order_by("membership__user__search_key", "id")
    for interview, user in ordered.values_list("interview", "membership__user"):
        people.setdefault(interview, []).append(user)
    columns = ("name", "kind", "meeting", "place")
    return {
        one.pk: {name: getattr(one, name) for name in columns}
        | {"room": one.room.name if one.room else "", "people": people.get(one.pk, [])}
        for one in interviews
    }


def times_of(interview: Interview) -> list[str]:
    return [interview.starts_at.isoformat(), interview.ends_at.isoformat()]


def differences(before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The differences between two `shown`, for `detail` and for `texts`."""
    differ = {key: [before[key], after[key]] for key in before if before[key] != after[key]}
    told = {
        key: {"user": differ[key]} if key == "people" else differ[key]
        for key in ("kind", "meeting", "people")
        if key in differ
    }
    written = {key: differ[key] for key in ("name", "place", "room") if key in differ}
    return ({"changes": told} if told else {}), ({"changes": written} if written else {})

"""Write the trail of schedules and interviews: ids and times in `detail`, what people wrote in `texts`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from organizations import audit
from organizations.models import User
from scheduling.availability.conflicts import Overridden
from scheduling.models import Interview, Schedule

#: By the interview's name.
NamedConflicts = Iterable[tuple[str, Sequence[Overridden]]]


@dataclass(frozen=True)
class GivenReason:
    """The reason given for moving or cancelling, one of the organization's list, and a note."""

    text: str = ""
    note: str = ""


def record(  # noqa: PLR0913 - keyword-only: what a row is made of
    schedule: Schedule,
    actor: User | None,
    action: str,
    *,
    interview: Interview | None = None,
    detail: dict[str, Any] | None = None,
    texts: dict[str, Any] | None = None,
    reason: GivenReason | None = None,
    overridden: NamedConflicts = (),
) -> None:
    """Add a row about the schedule, or about one of its interviews. Its texts are erased with the candidate."""
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
    audit.record(
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


def shown(interview: Interview) -> dict[str, Any]:
    """The fields that the history compares before and after a change. `people` are accounts, in order of name."""
    assignments = interview.assignments.order_by("membership__user__search_key", "id")
    return {
        "name": interview.name,
        "kind": interview.kind,
        "place": interview.place,
        "people": list(assignments.values_list("membership__user", flat=True)),
    }


def times_of(interview: Interview) -> list[str]:
    return [interview.starts_at.isoformat(), interview.ends_at.isoformat()]


def changes(before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The differences between two `shown`, for `detail` and for `texts`."""
    differ = {key: [before[key], after[key]] for key in before if before[key] != after[key]}
    told = {
        key: {"user": differ[key]} if key == "people" else differ[key] for key in ("kind", "people") if key in differ
    }
    written = {key: differ[key] for key in ("name", "place") if key in differ}
    return ({"changes": told} if told else {}), ({"changes": written} if written else {})

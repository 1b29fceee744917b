"""The list below "Add interviewer": people for one row of a schedule, free ones first, the least loaded on top."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render

from organizations import parameters
from organizations.access import AccessRequest
from organizations.models import Membership
from organizations.search import is_found
from scheduling.availability import conflicts
from scheduling.availability.conflict_kinds import Conflict
from scheduling.availability.load import interviews_in_week, is_same_week
from scheduling.views.shown_rows import ShownRow

SHOWN = 8


@dataclass(frozen=True)
class FoundPerson:
    """A person to choose, with their first conflict at that time, and how many interviews they have that week."""

    member: Membership
    conflict: Conflict | None
    load: int


def found_people(
    request: AccessRequest,
    people: Sequence[Membership],
    rows: Sequence[ShownRow],
    zone: str,
    excluded: Collection[int] = (),
) -> HttpResponse:
    """Show the people for the row that `row` names, whose name or address has all words that were typed.

    `excluded`: ids of interviews that keep nobody busy.
    """
    number = request.POST.get("row", "")
    row = next((row for row in rows if row.key == number), None)
    if row is None:
        return HttpResponse(status=204)
    words = parameters.short_text(request.POST.get(f"{row.prefix}-find"))
    chosen = {member.pk for member in row.form.chosen}
    matching = [member for member in people if member.pk not in chosen and is_found(member.user.search_key, words)]
    found = _in_order(request, matching, row, rows, zone, excluded)
    context = {
        "row": row,
        "words": words,
        "has_time": row.planned.starts_at is not None,
        "found": found[:SHOWN],
        "more": len(found) > SHOWN,
    }
    return render(request, "scheduling/planning/_people_found.html", context)


def _in_order(
    request: AccessRequest,
    people: Sequence[Membership],
    row: ShownRow,
    rows: Sequence[ShownRow],
    zone: str,
    excluded: Collection[int],
) -> list[FoundPerson]:
    """Return free people first, interviewers before other roles, then who has the fewest interviews that week.

    The interviews of other rows count, too, once each: those that are saved already are in the week's number.
    `people` come by name.
    """
    planned, others = row.planned, [other.planned for other in rows if other.key != row.key]
    asked = [member.pk for member in people]
    against = conflicts.first_conflicts(
        access=request.access, planned=planned, others=others, people=asked, zone=zone, excluded=excluded
    )
    load = interviews_in_week(request.access, planned.starts_at, zone) if planned.starts_at else {}
    for other in others:
        if other.interview is not None:
            continue
        if planned.starts_at and other.starts_at and is_same_week(planned.starts_at, other.starts_at, zone):
            for person in other.interviewers:
                load[person] = load.get(person, 0) + 1
    found = [FoundPerson(one, against.get(one.pk), load.get(one.pk, 0)) for one in people]
    return sorted(
        found,
        key=lambda one: (conflicts.how_free(one.conflict), one.member.role != Membership.Role.INTERVIEWER, one.load),
    )

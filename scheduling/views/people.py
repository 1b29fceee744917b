"""Search for interviewers by a part of their name, for one row of a schedule: free people come first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render

from organizations import parameters
from organizations.access import AccessRequest
from organizations.models import Membership
from organizations.search import is_found
from scheduling.availability import conflicts
from scheduling.views.rows import ShownRow

SHOWN = 8


@dataclass(frozen=True)
class FoundPerson:
    """A person to choose. `against` is the message of a conflict, empty for somebody who is free."""

    member: Membership
    against: str


def found_people(
    request: AccessRequest, people: Sequence[Membership], rows: Sequence[ShownRow], zone: str
) -> HttpResponse:
    """Show buttons that put a person into the row that `row` names. Without words: everybody who is free then."""
    number = request.POST.get("row", "")
    row = next((row for row in rows if row.key == number), None)
    if row is None:
        return HttpResponse(status=204)
    words = parameters.short_text(request.POST.get(f"{row.prefix}-find"))
    chosen = set(row.planned.interviewers)
    matching = [member for member in people if member.pk not in chosen and is_found(member.user.search_key, words)]
    asked = [member.pk for member in matching]
    others = [other.planned for other in rows]
    against = conflicts.unavailable(access=request.access, planned=row.planned, others=others, people=asked, zone=zone)
    if not words:
        matching = [member for member in matching if member.pk not in against]
    matching.sort(key=lambda member: member.pk in against)  # else by name, as they came
    context = {
        "row": row,
        "words": words,
        "has_time": row.planned.starts_at is not None,
        "found": [FoundPerson(member, against.get(member.pk, "")) for member in matching[:SHOWN]],
        "more": len(matching) > SHOWN,
    }
    return render(request, "scheduling/planning/_people_found.html", context)

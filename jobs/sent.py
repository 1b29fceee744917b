"""Read what the forms of a job's page send."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, QueryDict

from organizations import parameters

#: So many lines can be pasted at once: more interviews are no plan.
MOST_LINES = 40
#: A line such as "Coding 60", "Coding, 60 min" or a row of a spreadsheet: the name stands before the minutes.
_LINE = re.compile(r"(?P<name>.*?)[\s,;:–-]+(?P<minutes>[0-9]{1,3})\s*(?:m|min|mins|minutes|')?", re.IGNORECASE)


def form_data(request: HttpRequest) -> QueryDict | None:
    """The data for a form: what was sent, or None on GET."""
    return request.POST if request.method == "POST" else None


def is_line(request: HttpRequest) -> bool:
    """Whether the form is a line of the page, which says itself what is wrong with it."""
    return request.POST.get("line") == "1"


def steps(request: HttpRequest) -> int:
    """-1 for the button "up", 1 for "down", 0 for anything else."""
    return {"up": -1, "down": 1}.get(request.POST.get("direction", ""), 0)


def orders(request: HttpRequest) -> dict[str, list[int]]:
    """The order in which the page showed rows, and the one into which they were dragged, by id."""
    seen = parameters.row_ids(request.POST.get("seen", "").split(","))
    return {"seen": seen, "order": parameters.row_ids(request.POST.getlist("row"))}


def pasted_lines(request: HttpRequest) -> list[tuple[str, int | None]]:
    """Name and minutes of each line that was pasted into the line of a plan, at most one more than `MOST_LINES`."""
    lines = [line.strip() for line in request.POST.get("pasted", "").splitlines()]
    return [_name_and_minutes(line) for line in [line for line in lines if line][: MOST_LINES + 1]]


def _name_and_minutes(line: str) -> tuple[str, int | None]:
    """Minutes are a number at the end that an interview may last: that of "System design 2" belongs to its name."""
    found = _LINE.fullmatch(line)
    minutes = int(found["minutes"]) if found else 0
    is_time = bool(found and found["name"]) and 5 <= minutes <= 600 and minutes % 5 == 0
    return (found["name"], minutes) if found and is_time else (line, None)


def with_line(data: QueryDict, name: str, minutes: int | None) -> dict[str, Any]:
    """The values of the plan's line for one of the pasted ones."""
    return {**data.dict(), "name": name} | ({} if minutes is None else {"minutes": minutes})

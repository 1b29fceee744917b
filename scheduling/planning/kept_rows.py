"""Rows of a stage while another one is chosen: they come back with their stage.

The form carries it along in hidden fields, one for each stage that was left: an encoded text with the stage, the zone
of entry and the rows.
"""

from __future__ import annotations

from django.core.exceptions import TooManyFieldsSent
from django.http import QueryDict

from organizations.parameters import time_zone
from scheduling.planning.form_rows import Values, counts_rows, read_rows, write_rows
from scheduling.planning.zone_change import ZONE, in_zone

KEPT_ROWS = "rows-kept"
#: More stages than anybody compares, and more than their rows take.
MOST_STAGES = 12
LONGEST = 30_000


def remember_rows(data: QueryDict, stage: str) -> None:
    """Remember the rows as those of a stage, in place of the ones remembered before."""
    kept = [text for text in data.getlist(KEPT_ROWS) if _stage_of(text) != stage]
    box = QueryDict(mutable=True)
    write_rows(box, read_rows(data))
    box["stage"], box[ZONE] = stage, data.get(ZONE, "")
    data.setlist(KEPT_ROWS, [*kept, box.urlencode()][-MOST_STAGES:])


def remembered_rows(data: QueryDict, stage: str, zone: str) -> list[Values] | None:
    """Return the remembered rows of a stage, at the same moments in `zone`; None when there are none."""
    for text in data.getlist(KEPT_ROWS):
        if _stage_of(text) == stage:
            box = QueryDict(text)
            stood = time_zone(box.get(ZONE), zone)
            return [in_zone(row, stood, zone) for row in read_rows(box)]
    return None


def _stage_of(text: str) -> str | None:
    """Return the stage of a remembered text; None for any other text, such as one that doesn't count its rows."""
    try:
        box = QueryDict(text) if len(text) <= LONGEST else QueryDict()
    except (ValueError, TooManyFieldsSent):
        return None
    return box.get("stage") if counts_rows(box) else None

"""Draw the lines of the list of jobs: see `organizations.drawn`."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, Final

from django.utils.formats import localize
from django.utils.safestring import SafeString
from django.utils.translation import npgettext

from jobs.hooks.usage import MOST_COUNTED
from jobs.models import Job
from organizations.access import Access
from organizations.drawn import days, drawn_once, filled, joined, row_menus

#: What a row needs of a job, beside its totals, with which `JobFilter` finds it.
COLUMNS: Final = ("pk", "title", "location", "state", "created_at")


def drawn_jobs(access: Access, rows: Sequence[Any]) -> SafeString:
    """The rows of the list, of tuples of `COLUMNS`."""
    address, day, menu, state = access.addresses("job"), days(), row_menus(), drawn_once("jobs/_state.html")
    states = {value: state(value, job=Job(state=value)) for value in Job.State.values}
    # Rows have the same few numbers.
    stages, schedules = functools.cache(_stages), functools.cache(_schedules)

    def draw(row: Any) -> SafeString:
        place = row.location
        return filled(
            '<tr><td class="list-text list-title"><div><span><a class="fw-bold" href="{}"><bdi>{}</bdi></a> {}</span>'
            '</div></td><td class="list-fixed list-side">{}</td>{}{}<td class="list-fixed list-late">{}</td>{}</tr>',
            address(row.pk),
            row.title,
            filled('<span class="text-secondary">· <bdi>{}</bdi></span>', place) if place else "",
            states[row.state],
            stages(row.stage_total),
            schedules(row.schedule_total),
            day(row.created_at),
            menu(row.pk, row.title, row.state) if access.may.change_plans else "",
        )

    return joined(rows, draw)


def _stages(number: int) -> SafeString:
    return _number(str(localize(number)), npgettext("counted", "stage", "stages", number))


def _schedules(number: int) -> SafeString:
    return _number(_bounded(number), npgettext("counted", "schedule", "schedules", number))


def _number(number: str, unit: str) -> SafeString:
    return filled(
        '<td class="list-fixed"><span class="list-number">{}</span> <span class="list-unit">{}</span></td>',
        number,
        unit,
    )


def _bounded(number: int) -> str:
    return f"{localize(MOST_COUNTED)}+" if number > MOST_COUNTED else str(localize(number))

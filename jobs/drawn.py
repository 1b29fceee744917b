"""Draw the lines of the list of jobs: see `organizations.drawn`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.formats import localize
from django.utils.safestring import SafeString
from django.utils.translation import npgettext

from jobs.hooks.usage import MOST_COUNTED
from jobs.models import Job
from organizations.access import Access
from organizations.drawn import days, drawn_once, filled, joined, row_menus

if TYPE_CHECKING:

    class CountedJob(Job):
        """A job with its totals: see `jobs.views`."""

        stage_total: int
        schedule_total: int

        class Meta:
            abstract = True


def drawn_jobs(access: Access, rows: Sequence[CountedJob]) -> SafeString:
    """The rows of the list."""
    address, day, state = access.addresses("job"), days(), drawn_once("jobs/_state.html")
    menu = row_menus()

    def draw(row: CountedJob) -> SafeString:
        place = row.location
        return filled(
            '<tr><td class="list-text list-title"><div><span><a class="fw-bold" href="{}"><bdi>{}</bdi></a> {}</span>'
            '</div></td><td class="list-fixed list-side">{}</td>{}{}<td class="list-fixed list-late">{}</td>{}</tr>',
            address(row.pk),
            row.title,
            filled('<span class="text-secondary">· <bdi>{}</bdi></span>', place) if place else "",
            state(row.state, job=row),
            _number(str(localize(row.stage_total)), npgettext("counted", "stage", "stages", row.stage_total)),
            _number(_bounded(row.schedule_total), npgettext("counted", "schedule", "schedules", row.schedule_total)),
            day(row.created_at),
            menu(row.pk, row.title, row.state) if access.may.change_plans else "",
        )

    return joined(rows, draw)


def _number(number: str, unit: str) -> SafeString:
    return filled(
        '<td class="list-fixed"><span class="list-number">{}</span> <span class="list-unit">{}</span></td>',
        number,
        unit,
    )


def _bounded(number: int) -> str:
    return f"{localize(MOST_COUNTED)}+" if number > MOST_COUNTED else str(localize(number))

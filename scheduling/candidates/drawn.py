"""Draw the lines of the list of candidates: see `organizations.drawn`."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, Final

from django.utils.safestring import SafeString

from jobs.coordinators import has_job
from organizations import addresses, zones
from organizations.access import Access
from organizations.drawn import days, filled, joined, list_picks, row_menus

#: What a row needs of a candidate.
COLUMNS: Final = ("pk", "name", "email", "time_zone", "created_at", "job_id", "job__title", "stage__name")
_NO_JOB: Final = SafeString('<td class="list-text list-empty"><div><span><bdi>–</bdi> </span></div></td>')


def drawn_candidates(access: Access, rows: Sequence[Any], *, picks: str = "") -> SafeString:
    """The rows of the list, of tuples of `COLUMNS`. `picks`: as `list_picks` has it.

    A coordinator doesn't learn that one is also considered for another job.
    """
    address, day, zone = access.addresses("candidate"), days(), functools.cache(zones.label)
    pick, menu = list_picks(picks), row_menus()

    def draw(row: Any) -> SafeString:
        return filled(
            '<tr>{}<td class="list-text list-title"><div><a class="fw-bold" href="{}"><bdi>{}</bdi></a></div></td>'
            '<td class="list-text{}"><div><span>{}</span></div></td>{}<td class="list-fixed">{}</td>'
            '<td class="list-fixed list-late">{}</td>{}</tr>',
            pick(row.pk, row.name) if picks else "",
            address(row.pk),
            row.name,
            "" if row.email else " list-empty",
            addresses.readable(row.email or "") or "–",
            _job(row) if row.job_id is not None and has_job(access, row.job_id) else _NO_JOB,
            zone(row.time_zone) if row.time_zone else "",
            day(row.created_at),
            menu(row.pk, row.name) if access.may.change_candidates else "",
        )

    return joined(rows, draw)


def _job(row: Any) -> SafeString:
    name = row.stage__name
    stage = filled('<span class="text-secondary">· <bdi>{}</bdi></span>', name) if name is not None else ""
    return filled('<td class="list-text"><div><span><bdi>{}</bdi> {}</span></div></td>', row.job__title or "–", stage)

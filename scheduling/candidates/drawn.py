"""Draw the lines of the list of candidates: see `organizations.drawn`."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from django.utils.safestring import SafeString

from organizations import addresses, zones
from organizations.access import Access
from organizations.drawn import days, filled, joined, list_picks, row_menus
from scheduling.models import Candidate


def drawn_candidates(access: Access, rows: Sequence[Candidate], *, picks: str = "") -> SafeString:
    """The rows of the list. `picks`: as `list_picks` has it."""
    address, day, zone = access.addresses("candidate"), days(), functools.cache(zones.label)
    pick, menu = list_picks(picks), row_menus()

    def draw(row: Candidate) -> SafeString:
        return filled(
            '<tr>{}<td class="list-text list-title"><div><a class="fw-bold" href="{}"><bdi>{}</bdi></a></div></td>'
            '<td class="list-text{}"><div><span>{}</span></div></td>{}<td class="list-fixed">{}</td>'
            '<td class="list-fixed list-late">{}</td>{}</tr>',
            pick(row.pk, row.name) if picks else "",
            address(row.pk),
            row.name,
            "" if row.email else " list-empty",
            addresses.readable(row.email or "") or "–",
            _job(row),
            zone(row.time_zone) if row.time_zone else "",
            day(row.created_at),
            menu(row.pk, row.name) if access.may.change_candidates else "",
        )

    return joined(rows, draw)


def _job(row: Candidate) -> SafeString:
    if row.job is None:
        return SafeString('<td class="list-text list-empty"><div><span><bdi>–</bdi> </span></div></td>')
    stage = filled('<span class="text-secondary">· <bdi>{}</bdi></span>', row.stage.name) if row.stage else ""
    return filled('<td class="list-text"><div><span><bdi>{}</bdi> {}</span></div></td>', row.job.title or "–", stage)

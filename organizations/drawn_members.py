"""Draw the lines of the list of members: see `organizations.drawn`."""

from __future__ import annotations

import functools
from collections.abc import Collection, Sequence

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from organizations import addresses, zones
from organizations.access import Access
from organizations.drawn import days, filled, joined
from organizations.icons import icon
from organizations.models import Membership


def drawn_members(
    access: Access, lines: Sequence[tuple[Membership, str]], *, unproven: Collection[int] = ()
) -> SafeString:
    """The rows of the list: memberships, with the titles of a coordinator's jobs. `unproven`: users by their ids."""
    address, day, zone = access.addresses("settings-member"), days(), functools.cache(zones.label)
    manages, role_name = access.may.manage_members, functools.cache(lambda role: Membership.Role(role).label)

    def draw(line: tuple[Membership, str]) -> SafeString:
        member, jobs = line
        return filled(
            '<tr><td class="list-text list-title"><div>{}</div></td><td class="list-text"><div><span>{}</span> {}</div>'
            '</td><td class="list-fixed">{}–{} <span class="text-secondary">{}</span></td>'
            '<td class="list-fixed list-late">{}</td>{}</tr>',
            _person(access, member, is_unproven=member.user_id in unproven),
            role_name(member.role),
            _jobs(member, jobs, manages=manages),
            f"{member.work_from:%H:%M}",
            f"{member.work_until:%H:%M}",
            zone(member.user.time_zone) if member.user.time_zone else "",
            day(member.created_at),
            _edit(member, address(member.pk)) if manages else "",
        )

    return joined(lines, draw)


def _person(access: Access, member: Membership, *, is_unproven: bool) -> SafeString:
    is_me = member.pk == access.membership.pk
    return filled(
        '<span><span class="fw-bold"><bdi>{}</bdi></span> {}</span> <span class="text-secondary small">{} {}</span>',
        member.user.name,
        filled('<span class="text-secondary">{}</span>', _("(you)")) if is_me else "",
        addresses.readable(member.user.email),
        filled("· {}", _("Address not confirmed")) if is_unproven else "",
    )


def _jobs(member: Membership, jobs: str, *, manages: bool) -> SafeString:
    if jobs:
        return filled('<span class="text-secondary small"><bdi>{}</bdi></span>', jobs)
    if member.role == Membership.Role.COORDINATOR and manages:
        return filled('<span class="text-secondary small">{}</span>', _("No jobs yet"))
    return SafeString()


def _edit(member: Membership, address: str) -> SafeString:
    return filled(
        '<td class="list-menu"><a class="btn btn-icon btn-ghost-secondary" href="{}" title="{}" aria-label="{}">{}</a>'
        "</td>",
        address,
        _("Edit"),
        _("Edit %(name)s") % {"name": member.user},
        icon("pencil"),
    )

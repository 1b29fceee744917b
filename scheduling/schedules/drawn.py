"""Draw the lines of a list of schedules: see `organizations.drawn`."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from organizations.access import Access
from organizations.drawn import drawn_once, filled, joined, list_picks, row_menus
from organizations.icons import icon
from scheduling.coding_links.display import LinkView
from scheduling.schedules.listed import ListedSchedule, Told

_BADGE: Final = "scheduling/coding_links/_badge.html"
_STATE: Final = "scheduling/schedules/_state.html"
_NOTHING: Final = (
    '<td class="list-fixed list-empty"><span class="text-secondary" aria-hidden="true">–</span> '
    '<span class="visually-hidden">{}</span></td>'
)


def drawn_schedules(
    access: Access, lines: Sequence[ListedSchedule], *, picks: str = "", shows_candidate: bool = False
) -> SafeString:
    """The rows of a list. `picks`: as `list_picks` has it; `shows_candidate`: where they are of several people."""
    address, state, badge = access.addresses("schedule"), drawn_once(_STATE), drawn_once(_BADGE)
    no_links, no_messages = (filled(_NOTHING, words) for words in (_("No links"), _("No messages")))
    pick, menu = list_picks(picks), row_menus()
    told = functools.cache(_told)
    has_messages, has_menu = access.may.see_schedules, access.may.change_schedules and shows_candidate

    def links(view: LinkView, further: int) -> SafeString:
        drawn = badge((view.word, view.icon, view.severity), view=view)
        return filled('<td class="list-fixed">{} {}</td>', drawn, _further(further))

    def draw(line: ListedSchedule) -> SafeString:
        return filled(
            '<tr>{}{}<td class="list-fixed">{}</td>{}{}<td class="list-fixed list-side">{}</td>{}</tr>',
            _of_whole(line, "list-pick", pick) if picks else "",
            _about(line, address(line.pk), shows_candidate=shows_candidate),
            _when(line),
            links(line.link, line.further) if line.link else no_links,
            (told(line.told) if line.told else no_messages) if has_messages else "",
            state(line.state, state=line.state, flush=True),
            _of_whole(line, "list-menu", menu, "" if line.is_over else "due") if has_menu else "",
        )

    return joined(lines, draw)


def _of_whole(line: ListedSchedule, css: str, draw: Callable[..., SafeString], *more: str) -> SafeString:
    """A cell for what can be done with the whole schedule; empty for readers who see their own part of it."""
    if not line.is_whole:
        return SafeString(f'<td class="{css}"></td>')
    return draw(line.pk, line.candidate, *more)


def _about(line: ListedSchedule, address: str, *, shows_candidate: bool) -> SafeString:
    """The cells with the candidate, and with the job and its stage; the first of them leads to the schedule."""
    if not shows_candidate:
        named = filled("· <bdi>{}</bdi>", line.stage) if line.stage is not None else ""
        return filled(
            '<td class="list-text list-title"><div><a class="fw-bold" href="{}"><bdi>{}</bdi> {}</a></div></td>',
            address,
            line.job or _("Schedule"),
            named,
        )
    named = filled('<span class="text-secondary">· <bdi>{}</bdi></span>', line.stage) if line.stage is not None else ""
    return filled(
        '<td class="list-text list-title"><div><a class="fw-bold" href="{}"><bdi>{}</bdi></a></div></td>'
        '<td class="list-text"><div><span><bdi>{}</bdi> {}</span></div></td>',
        address,
        line.candidate,
        line.job or "–",
        named,
    )


def _when(line: ListedSchedule) -> str:
    if not line.when:
        return filled('<span class="text-secondary">{}</span>', _("No interviews"))
    if not line.offset:
        return line.when
    return filled('{} <span class="text-secondary">{}</span>', line.when, line.offset)


def _further(number: int) -> SafeString:
    """How many links there are beside the one that is shown."""
    if not number:
        return SafeString()
    # Translators: follows a number, for screen readers: "+2 further links".
    words = ngettext(
        '+%(number)s<span class="visually-hidden">further link</span>',
        '+%(number)s<span class="visually-hidden">further links</span>',
        number,
    )
    return filled('<span class="text-secondary">{}</span>', SafeString(words % {"number": number}))


def _told(told: Told) -> SafeString:
    mark = icon(told.icon)
    return filled('<td class="list-fixed"><span class="text-{}">{}</span> {}</td>', told.severity, mark, told.text)

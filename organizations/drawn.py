"""Draw what stands in each row of a list, without templates: fifty rows of one take ten times as long.

A list of many rows has a module `drawn.py` beside its queries, whose function returns all rows as they stand in the
table. Everything goes through `filled`, which escapes it. A piece that other pages show too has a template; its
`drawn_once` renders it once for all rows that look alike.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Hashable, Iterable
from datetime import date, datetime
from html import escape
from typing import Any, Final, TypeVar

from django.http import QueryDict
from django.template.loader import get_template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from organizations.icons import icon
from organizations.lists import Head

RowT = TypeVar("RowT")
#: What `escape` looks for, five times.
_SPECIAL: Final = re.compile("[&<>\"']")


def escaped(value: object) -> str:
    """A value as it stands in HTML: as it is where it is safe, else escaped.

    Django's `conditional_escape`, in a fifth of its time: that one can also be asked for a text to be made later.
    """
    text = value if isinstance(value, str) else str(value)
    return text if isinstance(text, SafeString) or not _SPECIAL.search(text) else escape(text)


def filled(pattern: str, *values: object) -> SafeString:
    """The pattern with `escaped` values in place of its `{}`."""
    return SafeString(pattern.format(*map(escaped, values)))


def joined(rows: Iterable[RowT], draw: Callable[[RowT], SafeString]) -> SafeString:
    """All rows, one below the other."""
    return SafeString("\n".join(map(draw, rows)))


def drawn_once(template: str) -> Callable[..., SafeString]:
    """A function that renders a template: once for all rows that are `alike`, which is all that the piece depends on.

    Keep it for one page: what it returns is in the reader's language.
    """
    found, drawn = get_template(template), dict[Hashable, SafeString]()

    def draw(alike: Hashable, **context: Any) -> SafeString:
        if alike not in drawn:
            drawn[alike] = SafeString(found.render(context).strip())
        return drawn[alike]

    return draw


def drawn_heads(heads: Iterable[Head], asked: QueryDict) -> SafeString:
    """The heads of a list. One that sorts leads to what the address `asked`, from its first row in another order."""
    address = asked.copy()
    address.pop("page", None)

    def draw(head: Head) -> SafeString:
        css = filled(' class="{}"', head.column.css) if head.column.css else ""
        order = filled(' aria-sort="{}"', head.sorted) if head.sorted else ""
        return filled('<th{} scope="col"{}>{}</th>', css, order, _head(head, address))

    return joined(heads, draw)


def _head(head: Head, address: QueryDict) -> SafeString:
    if head.next:
        address["order"] = head.next
        arrow = icon("arrow-down" if head.sorted == "descending" else "arrow-up")
        return filled('<a class="list-sort" href="?{}">{} {}</a>', address.urlencode(), head.column.heading, arrow)
    return filled("{}" if head.column.is_named else '<span class="visually-hidden">{}</span>', head.column.heading)


def list_picks(picks: str) -> Callable[[int, str], SafeString]:
    """A function that draws the cell with the box that selects a row; `picks` is the name under which it is sent."""
    words = _("Select %(name)s")

    def draw(pk: int, name: str) -> SafeString:
        return filled(
            '<td class="list-pick"><input class="form-check-input" type="checkbox" form="list-selected" name="{}" '
            'value="{}" autocomplete="off" aria-label="{}"></td>',
            picks,
            pk,
            words % {"name": name},
        )

    return draw


def row_menus() -> Callable[..., SafeString]:
    """A function that draws the cell with the button of a row's menu.

    When it opens, `static/js/lists.js` fills it from the list's `menu`. Of that, entries with `data-if` are left out
    where the row does not have this word (`has`).
    """
    words, dots = _("Actions for %(name)s"), icon("dots-vertical")

    def draw(pk: int, name: str, has: str = "") -> SafeString:
        return filled(
            '<td class="list-menu"><div class="dropdown"><button type="button" '
            'class="btn btn-icon btn-ghost-secondary" data-bs-toggle="dropdown" aria-expanded="false" '
            'aria-label="{}">{}</button>'
            '<div class="dropdown-menu dropdown-menu-end" data-row="{}" data-row-has="{}"></div></div></td>',
            words % {"name": name},
            dots,
            pk,
            has,
        )

    return draw


def days() -> Callable[[datetime], SafeString]:
    """A function that draws the reader's day of a moment as a `<time>`."""
    language, zone = get_language(), timezone.get_current_timezone()

    def draw(moment: datetime) -> SafeString:
        local = moment.astimezone(zone)
        return filled('<time datetime="{}">{}</time>', local.isoformat(), _day(local.date(), language))

    return draw


# Lists say the same days to everybody: kept, as it depends on nothing but what it is given.
@functools.lru_cache(maxsize=4096)
def _day(day: date, language: str | None) -> str:  # noqa: ARG001 - the format's language
    return date_format(day, "DATE_FORMAT")

"""Draw the entries of the list "Needs attention" on Home: see `organizations.drawn`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.template.loader import get_template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from organizations.access import Access
from organizations.drawn import filled
from organizations.icons import icon

if TYPE_CHECKING:
    from scheduling.home.attention import Group
    from scheduling.home.items import AttentionItem


class Drawing:
    """The entries of one page: what concerns the whole organization, and schedules with their items."""

    def __init__(self, access: Access) -> None:
        self.acts = access.may.change_schedules
        self.urgent = filled('<span class="visually-hidden">{}</span> ', _("Urgent:"))

    def whole(self, number: int, item: AttentionItem) -> SafeString:
        return filled(
            '<li class="list-group-item" id="attention-all-{}" tabindex="-1" data-focus-home>{}</li>',
            number,
            self._item(item, str(number)),
        )

    def next_step(self, item: AttentionItem) -> SafeString:
        return filled('<li class="list-group-item">{}</li>', self._item(item, "next"))

    def group(self, group: Group) -> SafeString:
        schedule = group.schedule
        items = [self._item(item, f"{schedule.pk}-{number}") for number, item in enumerate(group.items, 1)]
        return filled(
            '<li class="list-group-item" id="attention-{}" tabindex="-1" data-focus-home>'
            '<div class="d-flex flex-wrap column-gap-2 row-gap-1 align-items-center">{}'
            '<h3 class="h4 mb-0 text-break-anywhere"><a class="text-reset text-decoration-underline" id="group-{}" '
            'href="{}"><bdi>{}</bdi></a></h3></div>{}<ul class="list-unstyled mb-0">{}</ul></li>',
            schedule.pk,
            _when(group),
            schedule.pk,
            group.address,
            schedule.name,
            _job(schedule.job, schedule.stage),
            SafeString("".join(f'<li class="mt-2">{item}</li>' for item in items)),
        )

    def _item(self, item: AttentionItem, key: str) -> SafeString:
        """An entry, with what resolves it, for those who may. `key` is its own."""
        return filled(
            '<div class="d-flex gap-2"><span class="text-{}">{}</span> <div class="text-break-anywhere">{}{} {}{}</div>'
            "</div>",
            item.severity,
            icon(item.icon),
            self.urgent if item.is_red else "",
            item.text,
            filled('<div class="text-secondary small">{}</div>', item.detail) if item.detail else "",
            filled('<div class="mt-2">{}</div>', _ways(item, key)) if self.acts and item.action else "",
        )


def _when(group: Group) -> SafeString | str:
    css = " home-when-red" if group.is_red else ""
    return filled('<span class="home-when{}">{}</span> ', css, group.when) if group.when else ""


def _job(job: str, stage: str) -> SafeString | str:
    if not job:
        return ""
    beside = filled(" · <bdi>{}</bdi>", stage) if stage else ""
    return filled('<div class="text-secondary small text-break-anywhere"><bdi>{}</bdi>{}</div>', job, beside)


def _ways(item: AttentionItem, key: str) -> SafeString:
    """The buttons of an entry."""
    ways = []
    if item.post:
        ways.append(_form("scheduling/home/_item_form.html", item, key))
    elif item.address:
        ways.append(_link(item, key))
    if item.instead:
        ways.append(_form("scheduling/home/_item_instead.html", item, key))
    if item.more:
        ways.append(filled('<a class="btn btn-sm" id="more-{}" href="{}">{}</a>', key, *item.more))
    return SafeString(" ".join(ways))


def _form(template: str, item: AttentionItem, key: str) -> SafeString:
    return SafeString(get_template(template).render({"item": item, "key": key}))


def _link(item: AttentionItem, key: str) -> SafeString:
    return filled(
        '<a class="btn btn-sm{}" id="act-{}"{} href="{}">{}</a>',
        " btn-primary" if item.is_red else "",
        key,
        filled(' hx-get="{}" hx-target="#dialog-content"', item.dialog) if item.dialog else "",
        item.address,
        item.action,
    )

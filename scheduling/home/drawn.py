"""Draw the interviews of a day on Home and on the calendar's list: see `organizations.drawn`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from integrations.meetings import way_name
from organizations.access import Access
from organizations.drawn import drawn_once, filled
from organizations.icons import icon
from scheduling.models import Interview

if TYPE_CHECKING:
    from scheduling.home.agenda import AgendaRow, Attendee


def drawn_rows(rows: Sequence[AgendaRow]) -> list[SafeString]:
    """The rows of one day, each an `<li>`."""
    if not rows:
        return []
    memo = rows[0].access.memo
    drawing = memo.get("agenda_rows") or memo.setdefault("agenda_rows", _Drawing(rows[0].access))
    return [drawing.row(row) for row in rows]


class _Drawing:
    """The pieces that all rows of a page have in common, and the rows."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self.schedule, self.join = access.addresses("schedule"), access.addresses("interview-join")
        self.badge = drawn_once("scheduling/coding_links/_badge.html")
        self.dialogs: dict[str, Callable[[int], str]] = {}
        self.done, self.now, self.no_link, self.copy = _("done"), _("now"), _("No link needed"), _("Copy link")
        self.zone = timezone.get_current_timezone()
        self.video, self.room = icon("video", "icon-sm"), icon("map-pin", "icon-sm")

    def row(self, row: AgendaRow) -> SafeString:
        interview, left = row.interview, row.left
        return filled(
            '<li class="home-row{}" id="row-{}" tabindex="-1" data-focus-home data-starts="{}" data-ends="{}"{}>'
            '{}{}<div class="home-people small">{}</div><div class="home-link">{}</div>'
            '<div class="home-act">{}</div></li>',
            " home-row-next" if row.is_now or left else "",
            interview.pk,
            int(interview.starts_at.timestamp()),
            int(interview.ends_at.timestamp()),
            " data-busy" if row.link_row.busy else "",
            self._time(interview, self.done if row.is_over else self.now if row.is_now else left),
            self._what(row),
            _people(row) if row.people else _nobody(),
            self._link(row),
            self._act(row),
        )

    def _time(self, interview: Interview, state: str) -> SafeString:
        return filled(
            '<div class="home-time"><span class="fw-bold">{}–{}</span> '
            '<span class="small" data-state data-over="{}" data-running="{}">{}</span></div>',
            self._clock(interview.starts_at),
            self._clock(interview.ends_at),
            self.done,
            self.now,
            state,
        )

    def _clock(self, moment: datetime) -> str:
        local = moment.astimezone(self.zone)
        return f"{local.hour:02}:{local.minute:02}"

    def _what(self, row: AgendaRow) -> SafeString:
        return filled(
            '<div class="home-what"><a class="fw-bold text-break-anywhere" id="open-{}" href="{}"><bdi>{}</bdi></a>'
            '<div class="text-secondary small text-break-anywhere"><bdi>{}</bdi> {}</div></div>',
            row.interview.pk,
            self.schedule(row.interview.schedule_id),
            row.candidate,
            row.interview.name,
            filled("· <bdi>{}</bdi>", row.job) if row.job else "",
        )

    def _link(self, row: AgendaRow) -> SafeString:
        view, tool = row.link_row.view, row.link_row.tool
        if not row.has_badge:
            return self._place(row)
        badge = self.badge((view.word, view.icon, view.severity), view=view)
        if not (row.access.may.change_schedules and tool):
            return badge
        if tool not in self.dialogs:
            self.dialogs[tool] = self.access.addresses("links-dialog", tool=tool)
        return filled(
            '<button type="button" class="btn btn-link p-0 text-reset" id="links-{}" aria-haspopup="dialog" '
            'hx-get="{}" hx-target="#dialog-content">{}</button>',
            row.interview.pk,
            self.dialogs[tool](row.interview.schedule_id),
            badge,
        )

    def _place(self, row: AgendaRow) -> SafeString:
        """How people meet, for an interview without a coding link."""
        interview = row.interview
        if interview.meeting:
            mark, words = self.video, way_name(interview.meeting)
        elif interview.room is not None:
            mark, words = self.room, interview.room.name
        else:
            return filled('<span class="text-secondary small">{}</span>', self.no_link)
        return filled('<span class="text-secondary small text-break-anywhere">{} <bdi>{}</bdi></span>', mark, words)

    def _act(self, row: AgendaRow) -> SafeString:
        """The button for what the reader can do here: join, hand the link on, or add the one that is missing."""
        pk = row.interview.pk
        if row.joins:
            # The page has both ways in; where there is one, it is left out.
            enter = "" if row.interview.meeting else "?enter=now"
            return _join(row, self.join(pk) + enter, "noopener")
        if row.calls:
            return _join(row, f"{self.join(pk)}?enter=call", "noopener")
        if row.meeting:
            return _join(row, row.meeting, "noopener noreferrer")
        if row.copies:
            return filled(
                '<button type="button" class="btn btn-sm" id="copy-{}" data-copy="{}">{}{}</button>',
                pk,
                row.copies,
                self.copy,
                _about(row),
            )
        if not row.can_add:
            return SafeString()
        context = {"interview": row.interview, "link_row": row.link_row, "organization": self.access.organization}
        return render_to_string("scheduling/home/_add_link.html", context)


def _about(row: AgendaRow) -> SafeString:
    """The interview that a button is about, for screen readers."""
    return filled('<span class="visually-hidden">: <bdi>{}</bdi></span>', row.interview.name)


def _join(row: AgendaRow, address: str, rel: str) -> SafeString:
    return filled(
        '<a class="btn btn-sm{}" id="join-{}" href="{}" target="_blank" rel="{}">{}{}</a>',
        " btn-primary" if row.is_open else "",
        row.interview.pk,
        address,
        rel,
        _("Join"),
        _about(row),
    )


def _people(row: AgendaRow) -> SafeString:
    shown, others = row.shown_people, row.more_people
    return filled(
        '<span class="home-faces" aria-hidden="true">{}</span> <span class="text-break-anywhere">{} {}</span>',
        SafeString("".join(filled('<span class="home-face">{}</span>', one.initials) for one in shown)),
        _names(shown),
        _others(others) if others else "",
    )


def _others(people: Sequence[Attendee]) -> SafeString:
    return filled(
        '<span aria-hidden="true">+{}</span> <span class="visually-hidden">, {}</span>',
        len(people),
        _names(people),
    )


def _names(people: Sequence[Attendee]) -> SafeString:
    return SafeString(", ".join(filled("<bdi>{}</bdi>{}", one.name, _answer(one)) for one in people))


def _answer(person: Attendee) -> SafeString:
    mark = person.answer
    if mark is None:
        return SafeString("")
    return filled(
        ' <span class="text-{}" title="{}">{}<span class="visually-hidden">({})</span></span>',
        mark.severity,
        mark.words,
        icon(mark.icon, "icon-sm"),
        mark.words,
    )


def _nobody() -> SafeString:
    mark, words = icon("user-question", "icon-sm"), _("No interviewer assigned")
    return filled('<span class="text-danger d-inline-flex">{}</span> {}', mark, words)

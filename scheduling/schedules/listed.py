"""Lines of the list of schedules: the next interview, the worst state of the links, and who has been told.

A page of the list takes three more queries, however many lines it has.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from organizations import zones
from organizations.access import Access
from organizations.compiled import among
from organizations.reader_queries import ReaderQuery
from scheduling.availability.local_time import format_start
from scheduling.coding_links.display import LinkView
from scheduling.coding_links.rows import LinkRow, link_rows
from scheduling.models import Interview, Message, MessageState, Schedule, ShownState
from scheduling.models.messages import TROUBLED
from scheduling.schedules.queries import is_whole, state_for, times_for, visible_interviews

#: What a line shows of a schedule and of what is joined in. No more is read: fifty lines have two hundred rows.
COLUMNS: Final = ("state", "first_starts_at", "last_ends_at", "candidate__name", "job__title", "stage__name")
#: The severities of links, the worst first.
_WORST_FIRST = ("danger", "warning", "azure", "secondary", "success")


@dataclass(frozen=True)
class Told:
    """Whether everyone has been told, as an icon with its colour and words."""

    icon: str
    severity: str
    text: str


@dataclass(frozen=True)
class ListedSchedule:
    """One line of the list. `when` is the time in the column, `further` the number of links behind the worst one.

    `offset` is the reader's offset from GMT at that time where it isn't the one of today, which the page says.
    `is_whole`: the reader may see all of the schedule, not only their own interviews.
    """

    schedule: Schedule
    state: ShownState
    when: str
    offset: str
    link: LinkView | None
    further: int
    told: Told | None
    is_whole: bool

    @property
    def is_over(self) -> bool:
        return self.state in {ShownState.DONE, ShownState.CANCELLED}


def listed_schedules(access: Access, rows: Sequence[Schedule]) -> list[ListedSchedule]:
    """Return the lines of one page. `rows` come from `visible_schedules`."""
    now = timezone.now()
    known = {row.pk: row for row in rows}
    found = _INTERVIEWS.all(access, list(known)) if known else []
    interviews = sorted(found, key=lambda one: (one.starts_at, one.position, one.pk))
    for interview in interviews:
        interview.schedule = known[interview.schedule_id]
    of_schedule: dict[int, list[LinkRow]] = defaultdict(list)
    for row in link_rows(interviews, access, only_badges=True):
        of_schedule[row.interview.schedule_id].append(row)
    messages = _messages(access, rows)
    return [_listed(access, row, of_schedule[row.pk], messages.get(row.pk, {}), now) for row in rows]


def _interviews(access: Access, schedules: list[int]) -> QuerySet[Interview]:
    """The reader's interviews of schedules, in no order.

    A planner that is asked for one reads the organization's interviews from the first one on.
    """
    found = visible_interviews(access).filter(among("schedule_id", schedules))
    columns = ("schedule", "position", "starts_at", "ends_at", "state", "link_tool", "plan_interview__link_tool")
    return found.select_related("plan_interview").only(*columns).order_by()


_INTERVIEWS: Final = ReaderQuery(_interviews, list)


def _listed(
    access: Access, row: Schedule, links: Sequence[LinkRow], messages: Mapping[str, int], now: datetime
) -> ListedSchedule:
    state, place = state_for(access, row), access.user.time_zone
    due = [one.interview for one in links if not one.interview.is_cancelled]
    at: datetime | None = getattr(row, times_for(access).at)
    if state == ShownState.IN_PROGRESS:
        at = min((one.starts_at for one in due if one.ends_at > now), default=at)
    shown = [one for one in links if one.link is not None or one.is_missing]
    return ListedSchedule(
        schedule=row,
        state=state,
        when=format_start(at, place) if at else "",
        offset=_other_offset(place, at, now) if at else "",
        link=min((one.view for one in shown), key=_badness, default=None),
        further=max(len(shown) - 1, 0),
        told=_told(messages, state),
        is_whole=is_whole(access, row),
    )


def _badness(view: LinkView) -> int:
    return _WORST_FIRST.index(view.severity)


def _other_offset(place: str, at: datetime, now: datetime) -> str:
    then = zones.offset(place, at)
    return then if then != zones.offset(place, now) else ""


def _messages(access: Access, rows: Sequence[Schedule]) -> dict[int, Counter[str]]:
    """The numbers of messages by state, of schedules whose messages the reader may know of.

    Parts of messages and those that a newer one replaced are left out.
    """
    known = [row.pk for row in rows if is_whole(access, row)]
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for schedule, state, number in _NUMBERS.all(access, known) if known else ():
        found[schedule][state] = number
    return found


def _numbers(access: Access, schedules: list[int]) -> QuerySet[Message, tuple[int, str, int]]:
    newest = access.whole(Message).filter(
        among("schedule_id", schedules), part_of__isnull=True, replaced_at__isnull=True
    )
    return newest.order_by().values_list("schedule", "state").annotate(Count("pk"))


_NUMBERS: Final = ReaderQuery(_numbers, list)


def _told(messages: Mapping[str, int], state: ShownState) -> Told | None:
    """The worst there is to say, None where nobody was to be told. What is over needs no message any more."""
    if state != ShownState.DONE:
        if failed := sum(messages.get(one, 0) for one in TROUBLED):
            text = ngettext("%(number)d not delivered", "%(number)d not delivered", failed)
            return Told("alert-triangle", "danger", text % {"number": failed})
        if drafts := messages.get(MessageState.DRAFT, 0):
            return Told("send", "warning", _("%(number)d not told") % {"number": drafts})
    on_its_way = {MessageState.QUEUED, MessageState.SENDING}
    if any(messages.get(one, 0) for one in on_its_way):
        return Told("clock", "azure", _("Sending"))
    return Told("circle-check", "success", _("Told")) if messages.get(MessageState.SENT, 0) else None

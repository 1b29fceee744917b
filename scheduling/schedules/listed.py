"""Lines of the list of schedules: the next interview, the worst state of the links, and who has been told.

A page of the list takes three more queries, however many lines it has.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

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
from scheduling.coding_links.rows import link_badges
from scheduling.coding_links.validity import has_passed
from scheduling.models import Interview, Message, MessageState, Schedule, ShownState
from scheduling.models.messages import TROUBLED
from scheduling.models.schedule_states import state_at
from scheduling.schedules.queries import TimeFields, is_whole, times_for, visible_interviews

#: What a line needs of a schedule. Not models: fifty lines would make two hundred.
COLUMNS: Final = (
    "pk",
    "state",
    "first_starts_at",
    "last_ends_at",
    "job_id",
    "candidate__name",
    "job__title",
    "stage__name",
)
#: The severities of links, the worst first.
_WORST_FIRST = ("danger", "warning", "azure", "secondary", "success")


class Told(NamedTuple):
    """Whether everyone has been told, as an icon with its colour and words."""

    icon: str
    severity: str
    text: str


class ListedSchedule(NamedTuple):
    """One line of the list. `when` is the time in the column, `further` the number of links behind the worst one.

    `job` and `stage` are None where it has none. `offset` is the reader's offset from GMT at that time where it isn't
    the one of today, which the page says. `is_whole`: the reader may see all of the schedule, not only their own
    interviews.
    """

    pk: int
    candidate: str
    job: str | None
    stage: str | None
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


class _Interview(NamedTuple):
    """The columns of an interview that a line needs. Interviews are sorted by the first three."""

    starts_at: datetime
    position: int
    pk: int
    schedule: int
    ends_at: datetime
    state: str
    own_tool: str | None
    plan_tool: str | None

    @property
    def is_cancelled(self) -> bool:
        return self.state == Interview.State.CANCELLED

    def asks_for(self, now: datetime) -> str:
        """The kind of tool whose link it needs, "" for none."""
        if self.is_cancelled or has_passed(self.ends_at, now):
            return ""
        return (self.plan_tool or "") if self.own_tool is None else self.own_tool


def listed_schedules(access: Access, rows: Sequence[Any]) -> list[ListedSchedule]:
    """Return the lines of one page. `rows` come from `visible_schedules`, as tuples of `COLUMNS`."""
    now, known = timezone.now(), [row.pk for row in rows]
    found = sorted(map(_Interview._make, _INTERVIEWS.all(access, known) if known else ()))
    badges = link_badges({one.pk: one.asks_for(now) for one in found}, access)
    interviews: dict[int, list[_Interview]] = defaultdict(list)
    for one in found:
        interviews[one.schedule].append(one)
    whole = {row.pk for row in rows if is_whole(access, row)}
    messages = _messages(access, [pk for pk in known if pk in whole])
    times, place = times_for(access), access.user.time_zone
    today, told = zones.offset(place, now), functools.cache(_told)

    def listed(row: Any) -> ListedSchedule:
        own = interviews[row.pk]
        links = [badges[one.pk] for one in own if one.pk in badges]
        state = _state(row, times, now, is_whole=row.pk in whole)
        at = _shown_time(row, times, state, own, now)
        offset = zones.offset(place, at) if at else today
        return ListedSchedule(
            pk=row.pk,
            candidate=row.candidate__name,
            job=row.job__title,
            stage=row.stage__name,
            state=state,
            when=format_start(at, place) if at else "",
            offset=offset if offset != today else "",
            link=min(links, key=_badness, default=None),
            further=max(len(links) - 1, 0),
            told=told(frozenset(messages[row.pk].items()), is_over=state == ShownState.DONE),
            is_whole=row.pk in whole,
        )

    return list(map(listed, rows))


def _interviews(access: Access, schedules: list[int]) -> QuerySet[Interview, tuple[Any, ...]]:
    """The reader's interviews of schedules, in no order.

    A planner that is asked for one reads the organization's interviews from the first one on.
    """
    found = visible_interviews(access).filter(among("schedule_id", schedules)).order_by()
    columns = ("starts_at", "position", "pk", "schedule", "ends_at", "state", "link_tool", "plan_interview__link_tool")
    return found.values_list(*columns)


_INTERVIEWS: Final = ReaderQuery(_interviews, list)


def _state(row: Any, times: TimeFields, now: datetime, *, is_whole: bool) -> ShownState:
    """The state to show: as `state_for` has it of a row with all its columns."""
    starts_at, ends_at = getattr(row, times.starts), getattr(row, times.ends)
    cancelled = row.state == Schedule.State.CANCELLED or (starts_at is None and not is_whole)
    return state_at(now, cancelled=cancelled, starts_at=starts_at, ends_at=ends_at)


def _shown_time(
    row: Any, times: TimeFields, state: ShownState, interviews: Sequence[_Interview], now: datetime
) -> datetime | None:
    """The time in the column: of a schedule in progress, its next interview."""
    at: datetime | None = getattr(row, times.at)
    if state != ShownState.IN_PROGRESS:
        return at
    return min((one.starts_at for one in interviews if not one.is_cancelled and one.ends_at > now), default=at)


def _badness(view: LinkView) -> int:
    return _WORST_FIRST.index(view.severity)


def _messages(access: Access, known: list[int]) -> Mapping[int, Mapping[str, int]]:
    """The numbers of messages by state, of schedules whose messages the reader may know of.

    Parts of messages and those that a newer one replaced are left out.
    """
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for schedule, state, number in _NUMBERS.all(access, known) if known else ():
        found[schedule][state] = number
    return found


def _numbers(access: Access, schedules: list[int]) -> QuerySet[Message, tuple[int, str, int]]:
    newest = access.whole(Message).filter(
        among("schedule_id", schedules), part_of__isnull=True, replaced_at__isnull=True
    )
    return newest.order_by().values_list("schedule", "state").annotate(Count("pk"))


_NUMBERS: Final = ReaderQuery(_numbers, list)


def _told(numbers: Iterable[tuple[str, int]], *, is_over: bool) -> Told | None:
    """The worst there is to say, None where nobody was to be told. What is over needs no message any more.

    `numbers` of messages by state.
    """
    messages = dict(numbers)
    if not is_over:
        if failed := sum(messages.get(one, 0) for one in TROUBLED):
            text = ngettext("%(number)d not delivered", "%(number)d not delivered", failed)
            return Told("alert-triangle", "danger", text % {"number": failed})
        if drafts := messages.get(MessageState.DRAFT, 0):
            return Told("send", "warning", _("%(number)d not told") % {"number": drafts})
    on_its_way = {MessageState.QUEUED, MessageState.SENDING}
    if any(messages.get(one, 0) for one in on_its_way):
        return Told("clock", "azure", _("Sending"))
    return Told("circle-check", "success", _("Told")) if messages.get(MessageState.SENT, 0) else None

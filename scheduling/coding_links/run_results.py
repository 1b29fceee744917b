"""The progress of a run in numbers and sentences, and its results as a list to search, to narrow and to export."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import models
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django_filters import ChoiceFilter

from integrations.connections import integrations_of
from integrations.error_texts import problem_of
from integrations.models import Integration
from integrations.registry import tool_name
from organizations.access import Access, AccessRequest
from organizations.filters import ListFilter, OrderFilter, SearchFilter
from organizations.lists import Column, Sorts
from scheduling.availability.local_time import format_start
from scheduling.coding_links.display import LinkView, connection_step
from scheduling.coding_links.problems import problem_of as problem_of_link
from scheduling.coding_links.rows import LinkRow, link_rows
from scheduling.coding_links.run_plan import at_limit, in_words
from scheduling.coding_links.runs import FAILING, MAKING, NEEDS_PERSON, too_early
from scheduling.models import Interview, LinkRun, LinkRunItem, LinkState, RunState, Skipped


class Result(models.TextChoices):
    """The result for one interview. `PLANNED`: its link would expire if it were made now."""

    READY = "ready", _lazy("Ready")
    MAKING = "making", _lazy("Generating")
    PLANNED = "planned", _lazy("Planned")
    FAILED = "failed", _lazy("Failed")
    SKIPPED = "skipped", _lazy("Skipped")
    REMOVED = "removed", _lazy("Removed")


def _conditions() -> dict[Result, Q]:
    """The condition for items of each result; each item fits one."""
    made = [LinkState.READY, LinkState.ACTIVE, LinkState.FINISHED, LinkState.EXPIRED]
    gone = Q(link__isnull=True) | Q(link__state__in=[LinkState.CANCELLING, LinkState.CANCELLED])
    return {
        Result.READY: Q(link__state__in=made),
        Result.MAKING: MAKING & ~too_early() & ~NEEDS_PERSON,
        Result.PLANNED: too_early(),
        Result.FAILED: NEEDS_PERSON,
        Result.SKIPPED: ~Q(skipped=""),
        Result.REMOVED: Q(skipped="") & gone,
    }


@dataclass(frozen=True)
class Progress:
    """How far a run is: numbers of links by result, and those that it has not begun yet."""

    numbers: dict[Result, int]
    waiting: int

    @property
    def shown(self) -> list[tuple[Result, int]]:
        """Results that there are, each with its number. Links that were made always have a line."""
        return [(result, number) for result, number in self.numbers.items() if number or result == Result.READY]

    @property
    def settled(self) -> int:
        return sum(self.numbers[one] for one in (Result.READY, Result.PLANNED, Result.FAILED, Result.REMOVED))

    @property
    def total(self) -> int:
        return self.settled + self.numbers[Result.MAKING] + self.waiting

    @property
    def failed(self) -> int:
        return self.numbers[Result.FAILED]

    @property
    def is_making(self) -> bool:
        return bool(self.numbers[Result.MAKING])


def progress(run: LinkRun) -> Progress:
    """Count the run's items, in one query."""
    conditions = _conditions()
    counted = run.items.aggregate(
        **{f"number_{result}": Count("pk", filter=condition) for result, condition in conditions.items()},
        late=Count("pk", filter=Q(skipped=Skipped.CHANGED)),
    )
    numbers = {result: int(counted[f"number_{result}"]) for result in conditions}
    begun = sum(numbers.values()) - numbers[Result.SKIPPED] + int(counted["late"])
    waiting = max(run.total - begun, 0) if run.state != RunState.DONE else 0
    return Progress(numbers, waiting)


@dataclass(frozen=True)
class Standing:
    """A run as its page says it: in a word, and in sentences on what happens next."""

    run: LinkRun
    progress: Progress
    severity: str
    icon: str
    sentences: Sequence[str]

    @property
    def is_busy(self) -> bool:
        """Whether the page is to look again."""
        return self.run.state == RunState.RUNNING or self.progress.is_making


_BADGES = {
    RunState.RUNNING: ("azure", "loader-2"),
    RunState.PAUSED: ("warning", "hourglass"),
    RunState.CANCELLED: ("secondary", "ban"),
    RunState.DONE: ("success", "circle-check"),
}


def standing(run: LinkRun, access: Access) -> Standing:
    found = progress(run)
    severity, icon = _BADGES[RunState(run.state)]
    return Standing(run, found, severity, icon, list(filter(None, _sentences(run, found, access))))


def _sentences(run: LinkRun, found: Progress, access: Access) -> Iterator[str]:
    if run.state == RunState.RUNNING:
        yield from _what_is_next(found, access)
    elif run.paused_because == FAILING:
        yield _("Paused because many links in a row failed. Correct the cause, then resume.")
        yield last_problem(run)
    elif run.state == RunState.PAUSED:
        yield _("No more links are requested until someone resumes.")
    elif run.state == RunState.CANCELLED:
        yield _("The links that were made stay. Nothing else is added.")


def _what_is_next(found: Progress, access: Access) -> Iterator[str]:
    """Why a running run waits, or how long it takes."""
    tools = [tool for tool in integrations_of(access).values() if tool.is_connected]
    works = [tool for tool in tools if tool.state == Integration.State.CONNECTED]
    for tool in tools:
        if tool not in works:
            yield _("%(tool)s is paused. Links go on once it works again.") % {"tool": tool_name(tool.kind)}
            yield problem_of(tool)
            yield connection_step(tool.kind, tool, access).text
    left = found.waiting + found.numbers[Result.MAKING]
    if left and len(works) == 1:
        yield at_limit(works[0], left)


def last_problem(run: LinkRun) -> str:
    """The sentence about the newest failure of a run; empty where there is none."""
    failed = run.items.filter(NEEDS_PERSON).select_related("link__integration").order_by("-pk").first()
    return problem_of_link(failed.link) if failed is not None and failed.link is not None else ""


# --- the list -----------------------------------------------------------------------------------------------------

COLUMNS = {
    "candidate": Column(_lazy("Candidate"), ["interview__schedule__candidate__search_key"]),
    "interview": Column(_lazy("Interview")),
    "at": Column(_lazy("When"), ["interview__starts_at"], Sorts.BY_TIME),
    "result": Column(_lazy("Link")),
    "actions": Column(_lazy("Actions"), is_named=False),
}


class ResultFilter(ListFilter):
    q = SearchFilter("interview__schedule__candidate__search_key", label=_lazy("Search candidate"))
    result = ChoiceFilter(
        label=_lazy("Result"), choices=Result.choices, empty_label=_lazy("All results"), method="came_out"
    )
    order = OrderFilter(COLUMNS, "at")

    def came_out(self, rows: QuerySet[LinkRunItem], _name: str, value: str) -> QuerySet[LinkRunItem]:
        return rows.filter(_conditions()[Result(value)])


def results(request: AccessRequest, run: LinkRun) -> ResultFilter:
    """The filter as it stands in the address, over the run's items."""
    return ResultFilter.of(request, run.items.all())


@dataclass(frozen=True)
class ResultLine:
    """One interview of a run. `reason`: why it was skipped, else empty; the link is shown as it is now."""

    item: LinkRunItem
    row: LinkRow
    when: str
    reason: str

    @property
    def interview(self) -> Interview:
        return self.row.interview

    @property
    def view(self) -> LinkView:
        return self.row.view

    @cached_property
    def outcome(self) -> str:
        """Its result in words, for a file."""
        parts = [self.reason or self.view.word, *([] if self.reason else [self.view.problem])]
        return ". ".join(part.rstrip(".") for part in parts if part)


def lines(access: Access, items: Sequence[LinkRunItem]) -> list[ResultLine]:
    """The lines of one page: two queries more, however many."""
    related = ("plan_interview", "schedule__candidate", "schedule__job")
    found = access.whole(Interview).filter(pk__in=[item.interview_id for item in items]).select_related(*related)
    rows = {row.interview.pk: row for row in link_rows(found, access)}
    return [_line(access, item, rows[item.interview_id]) for item in items if item.interview_id in rows]


def _line(access: Access, item: LinkRunItem, row: LinkRow) -> ResultLine:
    reason = in_words(Skipped(item.skipped), row.interview.asked_tool) if item.skipped else ""
    return ResultLine(item, row, format_start(row.interview.starts_at, access.user.time_zone), reason)


def header(access: Access) -> list[str]:
    zone = {"zone": access.user.time_zone}
    return [_("Candidate"), _("Interview"), _("Starts (%(zone)s)") % zone, _("Result")]


def exported(access: Access, found: QuerySet[LinkRunItem], size: int = 500) -> Iterator[list[str]]:
    """The lines of a file, read in pieces."""
    ids = list(found.values_list("pk", flat=True))
    for start in range(0, len(ids), size):
        items = LinkRunItem.objects.in_bulk(ids[start : start + size])
        for line in lines(access, [items[pk] for pk in ids[start : start + size] if pk in items]):
            at = date_format(timezone.localtime(line.interview.starts_at), "Y-m-d H:i")
            yield [line.interview.schedule.candidate.name, line.interview.name, at, line.outcome]

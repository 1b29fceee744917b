"""Which upcoming interviews of a job get a link from a run, which are skipped and why, and how long it takes.

One reading serves the preview, which counts, and the run, which requests: both ask `reason_to_skip`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import BooleanField, Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.models import Integration
from integrations.registry import TOOLS, info_of, tool_name
from jobs.models import Job
from scheduling.coding_links.validity import GRACE
from scheduling.models import CodingLink, Interview, LinkEvent, LinkState, Schedule, Skipped
from scheduling.models.coding_links import LIVE

Tools = Mapping[str, Integration]


class Wanted(NamedTuple):
    """An interview, or a group of those that are alike, as `reason_to_skip` reads it."""

    state: str
    tool: str
    template_id: str
    is_served: bool
    was_removed: bool


#: The columns of `Wanted`, in its order.
_COLUMNS = ("state", "asked", "template", "is_served", "was_removed")


@dataclass(frozen=True, slots=True)
class ToolShare:
    """The links that one tool is to generate. `later`: those that would expire if they were made now."""

    integration: Integration
    number: int
    later: int = 0

    @property
    def tool(self) -> str:
        return tool_name(self.integration.kind)

    @property
    def is_paused(self) -> bool:
        return self.integration.state == Integration.State.PAUSED

    @property
    def duration(self) -> str:
        """How long it takes at the tool's limit, as a sentence."""
        return at_limit(self.integration, self.number - self.later)


@dataclass(frozen=True, slots=True)
class SkippedGroup:
    """So many interviews that are skipped for one reason, in words."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Preview:
    """The outcome of a run that began now. `unasked`: interviews that ask for no link, which it leaves alone."""

    shares: list[ToolShare] = field(default_factory=list)
    skipped: list[SkippedGroup] = field(default_factory=list)
    unasked: int = 0

    @property
    def number(self) -> int:
        return sum(share.number for share in self.shares)


def tools_of(organization_id: int) -> dict[str, Integration]:
    """The organization's coding tools that have a key, by kind."""
    rows = Integration.objects.filter(organization=organization_id, kind__in=TOOLS)
    return {row.kind: row for row in rows if row.is_connected}


def upcoming(job: Job, now: datetime) -> QuerySet[Interview]:
    """The job's interviews that are not over, in schedules that are not."""
    # The organization's schedules to come first, which are few: a planner that may choose reads all of the job's.
    here = Schedule.objects.filter(organization=job.organization_id, last_ends_at__gt=now).order_by().values("pk")
    return Interview.objects.filter(
        organization=job.organization_id, schedule__in=here, schedule__job=job, ends_at__gt=now
    )


def asking(job: Job, now: datetime) -> QuerySet[Interview]:
    """Of these, the ones that ask for a link, with the columns of `Wanted`."""
    links = CodingLink.objects.filter(interview=OuterRef("pk"))
    removed = LinkEvent.objects.filter(link=OuterRef("latest"), code="removed")
    return (
        upcoming(job, now)
        .annotate(asked=Coalesce("link_tool", "plan_interview__link_tool", Value("")))
        .exclude(asked="")
        .annotate(
            template=_template(),
            latest=Subquery(links.order_by("-id").values("pk")[:1]),
            is_served=Exists(links.filter(state__in=[*LIVE, LinkState.FINISHED])),
            was_removed=Exists(removed),
        )
    )


def _template() -> Case:
    """The template's id that goes with the tool that is asked for; as `Interview.link_template`."""
    fits = Q(plan_interview__link_tool="") | Q(plan_interview__link_tool=F("asked"))
    return Case(When(fits, then=F("plan_interview__template_id")), default=Value(""))


def wanted(interview: Interview) -> Wanted:
    """An interview of `asking` as `reason_to_skip` reads it. Its `plan_interview` is joined in."""
    row: Any = interview  # with annotations
    return Wanted(interview.state, interview.asked_tool, interview.link_template[0], row.is_served, row.was_removed)


def reason_to_skip(what: Wanted, tools: Tools) -> Skipped | None:
    """Why a run adds no link; None where it adds one."""
    if what.state == Interview.State.CANCELLED:
        return Skipped.CANCELLED
    if what.is_served:
        return Skipped.HAS_LINK
    if what.was_removed:
        return Skipped.REMOVED
    tool = tools.get(what.tool)
    if tool is None:
        return Skipped.NOT_CONNECTED
    known = {str(entry["id"]) for entry in tool.templates}
    if what.template_id and tool.templates_fetched_at is not None and what.template_id not in known:
        return Skipped.NO_TEMPLATE
    return None


def preview(job: Job) -> Preview:
    """Count what a run would do if it began now: four queries, however many interviews there are."""
    now = timezone.now()
    tools = tools_of(job.organization_id)
    rows = asking(job, now).annotate(is_later=_is_later(now)).order_by()
    numbers: Counter[str] = Counter()
    later: Counter[str] = Counter()
    skipped: Counter[tuple[Skipped, str]] = Counter()
    asked = 0
    for *values, is_later, number in rows.values_list(*_COLUMNS, "is_later").annotate(number=Count("pk")):
        what = Wanted(*values)
        reason = reason_to_skip(what, tools)
        asked += number
        if reason is not None:
            skipped[reason, what.tool] += number
        else:
            numbers[what.tool] += number
            later[what.tool] += number * is_later
    return Preview(
        [ToolShare(tools[kind], numbers[kind], later[kind]) for kind in TOOLS if numbers[kind]],
        [SkippedGroup(skipped[key], in_words(*key)) for key in sorted(skipped)],
        upcoming(job, now).count() - asked,
    )


def _is_later(now: datetime) -> Case:
    """Whether a link made now would expire before it is needed."""
    lifetimes = {kind: info_of(kind).limits.max_lifetime for kind in TOOLS}
    cases = [
        When(Q(asked=kind, ends_at__gt=now + lifetime - GRACE), then=Value(True))
        for kind, lifetime in lifetimes.items()
        if lifetime is not None
    ]
    return Case(*cases, default=Value(False), output_field=BooleanField())


def in_words(reason: Skipped, tool: str) -> str:
    """The reason as a sentence that names the tool where it matters."""
    name = {"tool": tool_name(tool) if tool in TOOLS else tool}
    if reason == Skipped.NO_TEMPLATE:
        return _("Template no longer in %(tool)s") % name
    if reason == Skipped.NOT_CONNECTED:
        return _("%(tool)s not connected") % name
    return str(reason.label)


def at_limit(integration: Integration, number: int) -> str:
    """How long a tool takes for so many links: “About 4 minutes at the tool's limit of 5 a second.”"""
    rate = integration.write_ceiling
    values = {"duration": _duration(timedelta(seconds=number / rate)), "tool": tool_name(integration.kind)}
    if rate >= 1:
        return _("%(duration)s at %(tool)s's limit of %(rate)s a second.") % (values | {"rate": f"{rate:g}"})
    return _("%(duration)s at %(tool)s's limit of %(rate)s a minute.") % (values | {"rate": f"{rate * 60:g}"})


def _duration(time: timedelta) -> str:
    minutes = math.ceil(time.total_seconds() / 60)
    if time < timedelta(minutes=1):
        return _("Less than a minute")
    if minutes < 120:
        return ngettext("About %(number)d minute", "About %(number)d minutes", minutes) % {"number": minutes}
    hours = round(minutes / 60)
    return ngettext("About %(number)d hour", "About %(number)d hours", hours) % {"number": hours}

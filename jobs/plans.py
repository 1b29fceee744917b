"""A job's page as data: its stages, their plans, and the choices that coding tools offer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from integrations.connections import integrations_of
from integrations.models import Integration
from integrations.registry import TOOLS, tool_name
from jobs.models import Job, PlanInterview, Stage
from organizations.access import Access

#: How long the page believes that the vendor's templates are being read.
REFRESH_PATIENCE = timedelta(seconds=30)
#: From so many templates on, a menu has a search box.
MANY_TEMPLATES = 8


@dataclass(frozen=True)
class TemplateChoice:
    """One of the vendor's templates in a menu. `gone`: chosen here, but no longer at the vendor."""

    id: str
    name: str
    is_default: bool = False
    gone: bool = False


@dataclass(frozen=True)
class Tool:
    """One coding tool as a job's page shows it. `integration` is None when it was never connected.

    `asked`: a worker was asked for the templates, and the page waits for it to begin; `look` numbers its next look.
    """

    kind: str
    name: str
    integration: Integration | None
    admins: Sequence[str] = ()
    templates: Sequence[TemplateChoice] = ()
    asked: bool = False
    look: int = 1

    @property
    def connected(self) -> bool:
        return self.integration is not None and self.integration.is_connected

    @property
    def paused(self) -> bool:
        return self.integration is not None and self.integration.state == Integration.State.PAUSED

    @property
    def refreshing(self) -> bool:
        """The vendor's templates are being read right now, as far as can be told."""
        if self.asked or self.integration is None or self.integration.templates_asked_at is None:
            return self.asked
        asked, fetched = self.integration.templates_asked_at, self.integration.templates_fetched_at
        return (fetched is None or asked > fetched) and timezone.now() - asked < REFRESH_PATIENCE

    @property
    def has_search(self) -> bool:
        """There are many templates, or there may be once they have been read."""
        return self.refreshing or len(self.templates) > MANY_TEMPLATES

    def choice(self, template_id: str) -> TemplateChoice | None:
        """The template with this id at the vendor; "" is the choice of none. None when the vendor has no such."""
        if not template_id:
            return TemplateChoice("", "")
        return next((template for template in self.templates if template.id == template_id), None)

    def template_of(self, interview: PlanInterview) -> TemplateChoice | None:
        """The interview's template under its present name; None when it has none."""
        if not interview.template_id:
            return None
        if (template := self.choice(interview.template_id)) is not None:
            return template
        known = self.connected and self.integration is not None and self.integration.templates_fetched_at is not None
        return TemplateChoice(interview.template_id, interview.template_name or interview.template_id, gone=known)


@dataclass(frozen=True)
class Row:
    """An interview of a plan, with its tool, its template and its place from 1.

    `tool` is the one that its plan names, else the one to offer first. `offers`: all that it may be switched on for.
    """

    interview: PlanInterview
    tool: Tool
    offers: Sequence[Tool]
    place: int
    total: int

    @property
    def template(self) -> TemplateChoice | None:
        return self.tool.template_of(self.interview)

    @property
    def first(self) -> bool:
        return self.place == 1

    @property
    def last(self) -> bool:
        return self.place == self.total

    @property
    def switched_on(self) -> bool:
        return bool(self.interview.link_tool)


@dataclass(frozen=True)
class Block:
    """A stage with its plan in order, and its place from 1."""

    stage: Stage
    rows: list[Row]
    place: int
    total: int

    @property
    def minutes(self) -> int:
        return sum(row.interview.minutes for row in self.rows)

    @property
    def first(self) -> bool:
        return self.place == 1

    @property
    def last(self) -> bool:
        return self.place == self.total


class Tools:
    """The coding tools that a job's page offers: those that are connected, else the registry's first."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._all = {kind: self._tool(kind) for kind in TOOLS}
        self.offers = [tool for tool in self._all.values() if tool.connected] or list(self._all.values())[:1]

    @property
    def paused(self) -> list[Tool]:
        return [tool for tool in self._all.values() if tool.paused]

    def of(self, interview: PlanInterview, *, kind: str = "") -> Tool:
        """The tool of this kind, else the one that the interview's plan names, else the one to offer first."""
        return self._all.get(kind) or self._all.get(interview.link_tool) or self.offers[0]

    def row(self, interview: PlanInterview, place: int, total: int) -> Row:
        tool = self.of(interview)
        return Row(interview, tool, [tool, *(other for other in self.offers if other is not tool)], place, total)

    def _tool(self, kind: str) -> Tool:
        integration = integrations_of(self._access).get(kind)
        connected = integration is not None and integration.is_connected
        return Tool(
            kind=kind,
            name=tool_name(kind),
            integration=integration,
            admins=() if connected or self._access.is_admin else tuple(self._access.admin_names),
            templates=_templates(integration) if integration is not None and integration.is_connected else (),
        )


def blocks_of(job: Job, tools: Tools) -> list[Block]:
    """The job's stages with their plans, in two queries whatever their number."""
    plans: dict[int, list[PlanInterview]] = defaultdict(list)
    interviews = PlanInterview.objects.filter(plan__stage__job=job).select_related("plan")
    for interview in interviews.order_by("position", "id"):
        plans[interview.plan.stage_id].append(interview)
    stages = list(job.stages.order_by("position", "id"))
    return [
        Block(stage, rows_of(plans[stage.pk], tools), place, len(stages)) for place, stage in enumerate(stages, start=1)
    ]


def rows_of(interviews: Sequence[PlanInterview], tools: Tools) -> list[Row]:
    total = len(interviews)
    return [tools.row(interview, place, total) for place, interview in enumerate(interviews, start=1)]


def block_of(stage: Stage, tools: Tools) -> Block:
    """One stage alone, for an answer that exchanges only its plan."""
    interviews = PlanInterview.objects.filter(plan__stage=stage).order_by("position", "id")
    place, total = _place(list(Stage.objects.filter(job=stage.job_id).values_list("pk", flat=True)), stage.pk)
    return Block(stage, rows_of(list(interviews), tools), place, total)


def row_of(interview: PlanInterview, tools: Tools) -> Row:
    """One interview alone, for an answer that exchanges only its row."""
    siblings = PlanInterview.objects.filter(plan=interview.plan_id).values_list("pk", flat=True)
    return tools.row(interview, *_place(list(siblings), interview.pk))


def _place(order: list[int], pk: int) -> tuple[int, int]:
    """Place from 1, and how many there are. A row that was removed meanwhile counts as the last."""
    return (order.index(pk) + 1, len(order)) if pk in order else (len(order) + 1, len(order) + 1)


def _templates(integration: Integration) -> list[TemplateChoice]:
    return [
        TemplateChoice(str(entry["id"]), str(entry["name"]), bool(entry.get("default")))
        for entry in integration.templates
    ]

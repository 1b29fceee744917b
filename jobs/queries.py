"""Read what a job's page shows: its stages, their plans, and the templates of coding tools."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from integrations.connections import integrations_of
from integrations.meetings import way_name
from integrations.models import Integration
from integrations.registry import TOOLS, tool_name
from jobs.models import InterviewKind, Job, PlanInterview, Stage
from organizations.access import Access

#: How long the page waits for the vendor's templates to be read.
REFRESH_TIMEOUT = timedelta(seconds=30)
#: A menu of more templates has a search box.
MANY_TEMPLATES = 8


@dataclass(frozen=True)
class TemplateChoice:
    """A template in a menu. `gone`: chosen here, but no longer at the vendor."""

    id: str
    name: str
    is_default: bool = False
    gone: bool = False


@dataclass(frozen=True)
class ToolView:
    """A coding tool on a job's page. `integration` is None when it was never connected.

    `asked`: a worker was asked for the templates and has not begun; `look` numbers the page's next poll.
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
        """Whether the vendor's templates are probably being read now."""
        if self.asked or self.integration is None or self.integration.templates_asked_at is None:
            return self.asked
        asked, fetched = self.integration.templates_asked_at, self.integration.templates_fetched_at
        return (fetched is None or asked > fetched) and timezone.now() - asked < REFRESH_TIMEOUT

    @property
    def has_search(self) -> bool:
        """Whether there are many templates, or may be once they are read."""
        return self.refreshing or len(self.templates) > MANY_TEMPLATES

    def choice(self, template_id: str) -> TemplateChoice | None:
        """The vendor's template with this id; "" is "No template". None when the vendor has none with this id."""
        if not template_id:
            return TemplateChoice("", "")
        return next((template for template in self.templates if template.id == template_id), None)

    def template_of(self, interview: PlanInterview) -> TemplateChoice | None:
        """The interview's template with its current name, or None."""
        if not interview.template_id:
            return None
        if (template := self.choice(interview.template_id)) is not None:
            return template
        known = self.connected and self.integration is not None and self.integration.templates_fetched_at is not None
        return TemplateChoice(interview.template_id, interview.template_name or interview.template_id, gone=known)


@dataclass(frozen=True)
class PlanRow:
    """An interview of a plan, with its tool, its template and its number from 1.

    `tool` is the one that the plan names, else the first one offered. `offers`: the tools it can be switched on for.
    """

    interview: PlanInterview
    tool: ToolView
    offers: Sequence[ToolView]
    number: int
    total: int

    @property
    def template(self) -> TemplateChoice | None:
        return self.tool.template_of(self.interview)

    @property
    def first(self) -> bool:
        return self.number == 1

    @property
    def last(self) -> bool:
        return self.number == self.total

    @property
    def switched_on(self) -> bool:
        return bool(self.interview.link_tool)

    @property
    def has_menu(self) -> bool:
        """Whether there are templates to choose from. An interview without a link shows none."""
        return self.tool.connected and (self.switched_on or bool(self.interview.template_id))

    @property
    def way(self) -> str:
        """How people meet: the kind of video call where the plan names one, else the type."""
        chosen = self.interview.meeting
        return way_name(chosen) if chosen else str(InterviewKind(self.interview.kind).label)

    @property
    def menu_id(self) -> str:
        """The id of the button of its menu, which an answer can give the keyboard."""
        return f"menu-{self.interview.pk}"


@dataclass(frozen=True)
class StageBlock:
    """A stage with its plan in order, and its number from 1. `tools`: those that can generate links."""

    stage: Stage
    rows: list[PlanRow]
    tools: Sequence[ToolView]
    number: int
    total: int

    @property
    def plan(self) -> int | None:
        """The id of the plan, None while it is empty."""
        return self.rows[0].interview.plan_id if self.rows else None

    @property
    def order(self) -> str:
        """The ids of the plan's interviews as the page shows them."""
        return ",".join(str(row.interview.pk) for row in self.rows)

    @property
    def menu_id(self) -> str:
        return f"stage-menu-{self.stage.pk}"

    @property
    def minutes(self) -> int:
        return sum(row.interview.minutes for row in self.rows)

    @property
    def first(self) -> bool:
        return self.number == 1

    @property
    def last(self) -> bool:
        return self.number == self.total


def interviews_with_link(integration: Integration) -> int:
    """The number of interviews in plans of open jobs that get a link of this integration by default."""
    interviews = PlanInterview.objects.filter(
        organization=integration.organization_id,
        link_tool=integration.kind,
        # Its organization again: the jobs of one are found by an index, and their plans from there.
        plan__stage__job__organization=integration.organization_id,
        plan__stage__job__state=Job.State.OPEN,
    )
    return interviews.count()


class Tools:
    """The coding tools on a job's page. `offers`: the connected ones, else the registry's first."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._all = {kind: self._tool(kind) for kind in TOOLS}
        self.offers = self.connected or list(self._all.values())[:1]

    @property
    def connected(self) -> list[ToolView]:
        return [tool for tool in self._all.values() if tool.connected]

    @property
    def paused(self) -> list[ToolView]:
        return [tool for tool in self._all.values() if tool.paused]

    def of(self, interview: PlanInterview, *, kind: str = "") -> ToolView:
        """The tool of this kind, else the one that the plan names, else the first one offered."""
        return self._all.get(kind) or self._all.get(interview.link_tool) or self.offers[0]

    def row(self, interview: PlanInterview, number: int, total: int) -> PlanRow:
        tool = self.of(interview)
        return PlanRow(interview, tool, [tool, *(other for other in self.offers if other is not tool)], number, total)

    def _tool(self, kind: str) -> ToolView:
        integration = integrations_of(self._access).get(kind)
        connected = integration is not None and integration.is_connected
        return ToolView(
            kind=kind,
            name=tool_name(kind),
            integration=integration,
            admins=() if connected or self._access.may.manage_integrations else tuple(self._access.admin_names),
            templates=_templates(integration) if integration is not None and integration.is_connected else (),
        )


def stage_blocks(job: Job, tools: Tools) -> list[StageBlock]:
    """A job's stages with their plans, in two queries whatever their number."""
    plans: dict[int, list[PlanInterview]] = defaultdict(list)
    interviews = PlanInterview.objects.filter(plan__stage__job=job).select_related("plan")
    for interview in interviews.order_by("position", "id"):
        plans[interview.plan.stage_id].append(interview)
    stages = list(job.stages.order_by("position", "id"))
    return [
        StageBlock(stage, plan_rows(plans[stage.pk], tools), tools.connected, number, len(stages))
        for number, stage in enumerate(stages, start=1)
    ]


def plan_rows(interviews: Sequence[PlanInterview], tools: Tools) -> list[PlanRow]:
    total = len(interviews)
    return [tools.row(interview, number, total) for number, interview in enumerate(interviews, start=1)]


def stage_block(stage: Stage, tools: Tools) -> StageBlock:
    """One stage, for an answer that replaces only its plan."""
    interviews = PlanInterview.objects.filter(plan__stage=stage).order_by("position", "id")
    number, total = _number(list(Stage.objects.filter(job=stage.job_id).values_list("pk", flat=True)), stage.pk)
    return StageBlock(stage, plan_rows(list(interviews), tools), tools.connected, number, total)


def plan_row(interview: PlanInterview, tools: Tools) -> PlanRow:
    """One interview of a plan, for an answer that replaces only its row."""
    siblings = PlanInterview.objects.filter(plan=interview.plan_id).values_list("pk", flat=True)
    return tools.row(interview, *_number(list(siblings), interview.pk))


def _number(order: list[int], pk: int) -> tuple[int, int]:
    """Number from 1, and the total. A row that was removed since counts as the last."""
    return (order.index(pk) + 1, len(order)) if pk in order else (len(order) + 1, len(order) + 1)


def _templates(integration: Integration) -> list[TemplateChoice]:
    return [
        TemplateChoice(str(entry["id"]), str(entry["name"]), bool(entry.get("default")))
        for entry in integration.templates
    ]

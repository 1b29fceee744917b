"""The list "Needs attention" on Home: each trouble once, by schedule, the most urgent first.

`upcoming.read` reads everything at once; each kind of trouble is a function over that, which yields findings by
schedule. Interviewers get no list: they can't resolve any of it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.connections import integrations_of
from integrations.error_texts import problem_of
from integrations.models import Integration
from integrations.registry import TOOLS, tool_name
from jobs.models import Job, PlanInterview
from organizations.access import Access
from organizations.mail_server import can_leave
from organizations.models import Organization
from scheduling.coding_links.display import admins_in_words, connection_step
from scheduling.home.calendar_changes import calendar_findings
from scheduling.home.drawn_attention import Drawing
from scheduling.home.erasures import erasure_items
from scheduling.home.events_left import events_left
from scheduling.home.items import AttentionItem, Finding, dialog_of_tool, moment_label
from scheduling.home.link_trouble import (
    link_trouble,
    links_needing_a_person,
    needs_person_finding,
    orphaned_links,
    upcoming_schedule_of,
)
from scheduling.home.mail_answers import answer_findings, mailbox_items
from scheduling.home.own_calendars import calendar_items
from scheduling.home.schedule_clashes import time_findings
from scheduling.home.unsent_messages import message_findings
from scheduling.home.upcoming import NEAR, Upcoming, UpcomingSchedule
from scheduling.home.whole_jobs import paused_runs
from scheduling.home.whole_organization import WholeOrganization
from scheduling.models import Candidate, CodingLink, Schedule

# Schedules on the page, and on the one after "Show more"; others are only counted.
FIRST, MOST = 10, 100
_LATER = datetime.max.replace(tzinfo=UTC)


@dataclass
class Group:
    """A schedule with its findings, the most urgent first."""

    schedule: UpcomingSchedule
    access: Access
    findings: list[Finding] = field(default_factory=list)

    @property
    def items(self) -> list[AttentionItem]:
        return [finding.build() for finding in self.findings]

    @property
    def is_red(self) -> bool:
        return any(finding.is_red for finding in self.findings)

    @property
    def address(self) -> str:
        return self.access.url("schedule", pk=self.schedule.pk)

    @cached_property
    def when(self) -> str:
        """Start of the first affected interview, "" where no time matters."""
        first = min((finding.at for finding in self.findings if finding.at is not None), default=None)
        return moment_label(first) if first else ""


@dataclass(frozen=True, slots=True)
class Attention:
    """The list on Home for one reader. `hidden` is the number of schedules that it leaves out.

    `next_step` is for an organization that has never scheduled anything. `is_all`: the page shows no more than this.
    """

    access: Access
    organization_wide: list[AttentionItem]
    groups: list[Group]
    hidden: int
    is_all: bool
    summary: str
    next_step: AttentionItem | None

    @property
    def is_empty(self) -> bool:
        return not self.organization_wide and not self.groups and self.next_step is None

    @property
    def drawn(self) -> SafeString:
        """The entries as they stand on the page."""
        drawing = Drawing(self.access)
        entries = [drawing.whole(number, item) for number, item in enumerate(self.organization_wide, 1)]
        entries += map(drawing.group, self.groups)
        if self.next_step is not None:
            entries.append(drawing.next_step(self.next_step))
        return SafeString("\n".join(entries))


def attention(
    access: Access,
    upcoming: Upcoming,
    whole: WholeOrganization,
    *,
    show_all: bool = False,
    with_next_step: bool = True,
) -> Attention:
    """The list for a reader who sees schedules. Without the next step where the checklist shows it."""
    waiting = links_needing_a_person(upcoming, access) if integrations_of(access) else []
    runs, waiting = paused_runs(waiting, access)
    of_jobs, findings = link_trouble(upcoming, access, runs)
    groups = _groups(upcoming, findings, waiting, access)
    organization_wide = [*_mail(access), *_tools(upcoming, access), *runs.values(), *of_jobs, *_orphaned(waiting)]
    organization_wide += calendar_items(access, whole)
    organization_wide += mailbox_items(access)
    organization_wide += events_left(access, whole)
    organization_wide += erasure_items(access, whole)
    asks = with_next_step and access.may.change_schedules and not upcoming.schedules
    shown = groups[: MOST if show_all else FIRST]
    number = len(organization_wide) + sum(len(group.findings) for group in groups)
    return Attention(
        access=access,
        organization_wide=organization_wide,
        groups=shown,
        hidden=len(groups) - len(shown),
        is_all=show_all,
        summary=_summary(number),
        next_step=_next_step(access) if asks else None,
    )


def _summary(number: int) -> str:
    return ngettext("%(number)d thing needs attention", "%(number)d things need attention", number) % {"number": number}


def _groups(upcoming: Upcoming, findings: list[Finding], waiting: list[CodingLink], access: Access) -> list[Group]:
    """Findings by schedule: red ones of near interviews first, then by the first affected interview."""
    known = {schedule.pk: schedule for schedule in upcoming.schedules}
    found = [*findings, *time_findings(upcoming, access)]
    found += calendar_findings(upcoming, access)
    found += answer_findings(upcoming, access)
    for link in waiting:
        if link.interview is not None:
            known.setdefault(link.interview.schedule_id, upcoming_schedule_of(link.interview))
            found.append(needs_person_finding(link, link.interview, access))
    for schedule in upcoming.schedules:
        found += message_findings(schedule, upcoming, access)
    groups: dict[int, Group] = {}
    for one in sorted(found, key=lambda one: _urgency(one, upcoming.now)):
        group = groups.get(one.schedule) or groups.setdefault(one.schedule, Group(known[one.schedule], access))
        group.findings.append(one)
    return list(groups.values())


def _urgency(finding: Finding, now: datetime) -> tuple[bool, datetime, bool, int]:
    """Sort key: red and near first, then by time, then red, then by schedule."""
    at = finding.at or _LATER
    return not (finding.is_red and at < now + NEAR), at, not finding.is_red, finding.schedule


# --- what concerns the whole organization --------------------------------------------------------------------------


def _mail(access: Access) -> list[AttentionItem]:
    if can_leave():
        return []
    text = _("No mail server is set up, so no messages are sent.")
    if access.may.change_settings:
        detail = _("Set EMAIL_URL on the server, then restart Panelist.")
    else:
        detail = _("Ask %(admins)s to set it up.") % {"admins": admins_in_words(access)}
    return [AttentionItem("mail", "danger", text, detail)]


def _tools(upcoming: Upcoming, access: Access) -> list[AttentionItem]:
    """Coding tools that are paused, or not connected although they were once or plans ask for links."""
    known, coming = integrations_of(access), Counter(interview.tool for interview in upcoming.coming())
    off = [kind for kind in TOOLS if kind not in known or known[kind].state != Integration.State.CONNECTED]
    needed = {kind for kind in off if coming[kind] or (kind in known and known[kind].connected_at is not None)}
    needed |= {kind for kind in off if kind in known and known[kind].is_connected}
    if len(needed) < len(off):
        needed |= set(access.all(PlanInterview).filter(link_tool__in=off).values_list("link_tool", flat=True))
    return [_tool(kind, known.get(kind), coming[kind], access) for kind in off if kind in needed]


def _tool(kind: str, integration: Integration | None, number: int, access: Access) -> AttentionItem:
    """The item of a tool that is paused or not connected; `number` upcoming interviews need its links."""
    step = connection_step(kind, integration, access)
    dialog = dialog_of_tool(step.address, kind, access)
    if integration is not None and integration.state == Integration.State.PAUSED:
        text = _("%(tool)s is paused: new links wait.") % {"tool": tool_name(kind)}
        detail = " ".join(part for part in (problem_of(integration), step.text) if part)
        item = AttentionItem("plug-connected-x", "danger", text, detail, step.address, step.label, dialog)
        if not access.may.manage_integrations:
            return item
        return replace(item, more=(access.url("settings-integration-health", kind=kind), _("Integration health")))
    wanted = ngettext(
        "%(number)d interview in the next 14 days needs a link.",
        "%(number)d interviews in the next 14 days need links.",
        number,
    ) % {"number": number}
    if not number:
        wanted = _("No links can be generated.")
    text = _("%(tool)s is not connected.") % {"tool": tool_name(kind)}
    detail = f"{wanted} {step.text}"
    return AttentionItem("plug-connected-x", "danger", text, detail, step.address, step.label, dialog)


def _orphaned(waiting: list[CodingLink]) -> list[AttentionItem]:
    """One item for each tool that still has links of deleted schedules."""
    by_tool: dict[str, list[CodingLink]] = {}
    for link in waiting:
        if link.interview is None:
            by_tool.setdefault(link.integration.kind, []).append(link)
    return [orphaned_links(found) for found in by_tool.values()]


def _next_step(access: Access) -> AttentionItem | None:
    """The next step of an organization that has never scheduled anything, or of a coordinator who hasn't."""
    if access.is_limited:
        return _next_step_of_coordinator(access)

    def there_is(model: Any) -> Exists:
        return Exists(model.objects.filter(organization=OuterRef("pk")))

    has: Any = (
        Organization.objects.filter(pk=access.organization.pk)
        .values(job=there_is(Job), candidate=there_is(Candidate), schedule=there_is(Schedule))
        .get()
    )
    if has["schedule"]:
        return None
    steps = {
        "job": (_("Next: create a job with its interview plan."), "jobs", _("Open jobs")),
        "candidate": (_("Next: add a candidate."), "candidates", _("Open candidates")),
        "schedule": (_("Next: schedule a candidate."), "schedule-new", _("New schedule")),
    }
    text, page, action = next(step for name, step in steps.items() if not has[name])
    return AttentionItem("arrow-right", "azure", text, "", access.url(page), action)


def _next_step_of_coordinator(access: Access) -> AttentionItem | None:
    """The next step of a coordinator without a job, or whose jobs have no schedules."""
    if not access.all(Job).exists():
        text, detail = _("You coordinate no jobs yet."), _("Ask %(admins)s to assign you to a job.")
        return AttentionItem("briefcase", "azure", text, detail % {"admins": admins_in_words(access)})
    if access.all(Schedule).exists():
        return None
    text, action = _("Next: schedule a candidate."), _("New schedule")
    return AttentionItem("arrow-right", "azure", text, "", access.url("schedule-new"), action)

"""Find interviews without the coding link that their plan asks for, and links in trouble, for Home."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from integrations.connections import integrations_of
from integrations.registry import tool_name
from organizations.access import Access
from organizations.bidi import isolated
from organizations.compiled import among
from organizations.reader_queries import ReaderQuery
from scheduling.coding_links.display import connection_step, lacks_link, link_view
from scheduling.coding_links.problems import problem_of
from scheduling.coding_links.rows import tools_of
from scheduling.home import whole_jobs
from scheduling.home.items import AttentionItem, Finding, dialog_of_tool, listed, quoted
from scheduling.home.upcoming import NEAR, Upcoming, UpcomingInterview, UpcomingLink, UpcomingSchedule, is_held
from scheduling.home.upcoming_queries import LINKS_IN_TROUBLE, newest
from scheduling.home.whole_jobs import Found
from scheduling.models import CodingLink, Interview, LinkState

# A link is made within seconds. One that has been due for longer than this is overdue.
OVERDUE_AFTER = timedelta(minutes=10)
# The most links that are read: more than a person resolves in a day.
MOST = 200
_ON_ITS_WAY = {LinkState.PENDING, LinkState.CREATING, LinkState.UNKNOWN}

Findings = Iterator[Finding]


def link_trouble(
    upcoming: Upcoming, access: Access, with_run: Container[int]
) -> tuple[list[AttentionItem], list[Finding]]:
    """Interviews that lack their link, and those whose link is overdue: items of whole jobs, and findings by schedule
    and tool for all others. Jobs `with_run` have an item of their paused run, which stands for what is missing.
    """
    missing, waiting = _lacking(upcoming)
    jobs_missing, missing = whole_jobs.shared(missing)
    jobs_waiting, waiting = whole_jobs.shared(waiting)
    items = [
        whole_jobs.missing_item(*key, found, access) for key, found in jobs_missing.items() if key[0] not in with_run
    ]
    items += [whole_jobs.waiting_item(*key, found, access) for key, found in jobs_waiting.items()]
    return items, list(_findings(missing, waiting, upcoming.now, access))


def _lacking(upcoming: Upcoming) -> tuple[Found, Found]:
    missing: Found = {}
    waiting: Found = {}
    for interview in upcoming.coming():
        if lacks_link(interview.tool, [link.state for link in interview.links]):
            missing.setdefault((interview.schedule.pk, interview.tool), []).append(interview)
        elif late := next((link for link in interview.links if _is_late(link, interview, upcoming.now)), None):
            waiting.setdefault((interview.schedule.pk, late.tool), []).append(interview)
    return missing, waiting


def _findings(missing: Found, waiting: Found, now: datetime, access: Access) -> Findings:
    for (schedule, tool), found in missing.items():
        yield Finding(schedule, "danger", found[0].starts_at, partial(_missing, found, tool, access))
    for (schedule, tool), found in waiting.items():
        severity = "danger" if found[0].starts_at < now + NEAR else "warning"
        yield Finding(schedule, severity, found[0].starts_at, partial(_waiting, found, severity, tool, access))


def _is_late(link: UpcomingLink, interview: UpcomingInterview, now: datetime) -> bool:
    """Whether a link is overdue, or due without a working connection. One that needs a person is found elsewhere."""
    if link.state not in _ON_ITS_WAY or link.needs_a_person:
        return False
    due = max(link.created_at, link.not_before or link.created_at)
    if is_held(link):
        return due <= now
    return interview.starts_at < now + NEAR and due <= now - OVERDUE_AFTER


def _missing(found: Sequence[UpcomingInterview], tool: str, access: Access) -> AttentionItem:
    text = _("%(interview)s has no %(tool)s link")
    if len(found) > 1:
        text = ngettext(
            "%(number)d interview has no %(tool)s link", "%(number)d interviews have no %(tool)s link", len(found)
        )
    item = _item("link-off", "danger", text, found, tool, access)
    if item.dialog and item.dialog == links_dialog(access, found[0].schedule.pk, tool):
        action = _("Add link")
        if len(found) > 1:
            action = ngettext("Add %(number)d link", "Add %(number)d links", len(found)) % {"number": len(found)}
        post = access.url("links-add", pk=found[0].schedule.pk, tool=tool)
        fields = (("place", "home"), ("pick", ""), *(("interview", str(interview.pk)) for interview in found))
        return replace(item, action=action, post=post, fields=fields)
    return item


def _waiting(found: Sequence[UpcomingInterview], severity: str, tool: str, access: Access) -> AttentionItem:
    text = _("%(interview)s is still waiting for its %(tool)s link")
    if len(found) > 1:
        text = ngettext(
            "%(number)d interview is still waiting for its %(tool)s link",
            "%(number)d interviews are still waiting for their %(tool)s links",
            len(found),
        )
    return _item("hourglass", severity, text, found, tool, access)


def _item(
    icon: str, severity: str, text: str, found: Sequence[UpcomingInterview], tool: str, access: Access
) -> AttentionItem:
    """An item that leads to the connection where that is the obstacle, else to the schedule's links."""
    text %= {"interview": quoted(found[0]), "number": len(found), "tool": tool_name(tool)}
    detail = listed(map(quoted, found)) if len(found) > 1 else ""
    step = connection_step(tool, integrations_of(access).get(tool), access)
    if step.text:
        dialog = dialog_of_tool(step.address, tool, access)
        return AttentionItem(icon, severity, text, detail, step.address, step.label, dialog)
    action, schedule = pgettext("button", "Open links"), found[0].schedule.pk
    address, dialog = links_address(access, schedule, tool), links_dialog(access, schedule, tool)
    return AttentionItem(icon, severity, text, detail, address, action, dialog)


def links_address(access: Access, schedule: int, tool: str) -> str:
    """Address of a schedule's page with the dialog of a tool's links open."""
    return access.url("schedule-communications", pk=schedule) + f"?open={tool}"


def links_dialog(access: Access, schedule: int, tool: str) -> str:
    """Address of that dialog alone."""
    return access.url("links-dialog", pk=schedule, tool=tool)


# --- links that need a person -----------------------------------------------------------------------------


def links_needing_a_person(upcoming: Upcoming, access: Access) -> list[CodingLink]:
    """Links that were refused for good, are ambiguous, or could not be deleted at the vendor, in one query.

    The first two only for upcoming interviews. With them comes one link of each run that paused because of
    failures.
    """
    wanted = [
        link.pk
        for schedule in upcoming.schedules
        for interview in schedule.interviews
        if not interview.is_cancelled and interview.ends_at > upcoming.now
        for link in interview.links
        if link.needs_a_person
    ]
    shown = sorted(_WAITING.all(access, wanted), key=lambda link: -link.pk)[:MOST]
    tools = tools_of({link.integration_id for link in shown}, access)
    for link in shown:
        link.integration = tools[link.integration_id]
    return shown


def _waiting_links(access: Access, wanted: list[int]) -> QuerySet[CodingLink]:
    """Those of the wanted links that are in trouble, those that could not be deleted, and one of each paused run."""
    not_retried = Q(next_attempt_at__isnull=True, interview__isnull=False)
    orphaned = Q(interview__isnull=True, erase_asked_at__isnull=True) & ~Q(problem_code="")
    links = access.all(CodingLink)
    (not_deleted,) = newest(links.filter(not_retried | orphaned), [LinkState.CANCELLING], MOST)
    in_trouble = links.order_by().filter(among("pk", wanted), state__in=LINKS_IN_TROUBLE)
    ids = in_trouble.values("pk").union(not_deleted.values("pk"), whole_jobs.one_of_each_paused(access).values("pk"))
    return (
        whole_jobs.with_paused_run(CodingLink.objects.filter(pk__in=ids), access)
        .select_related(*(f"interview__schedule__{name}" for name in ("candidate", "job", "stage")))
        # Sorted by who asks: to have them in order, SQLite would read the whole table backwards.
        .order_by()
    )


_WAITING: Final = ReaderQuery(_waiting_links, list)


def needs_person_finding(link: CodingLink, interview: Interview, access: Access) -> Finding:
    """The finding for an interview's link that needs a person, worded as on every page."""
    return Finding(interview.schedule_id, "danger", interview.starts_at, partial(_wait, link, interview, access))


def _wait(link: CodingLink, interview: Interview, access: Access) -> AttentionItem:
    view = link_view(link, access)
    text = _("%(state)s: link for “%(interview)s”") % {"state": view.word, "interview": isolated(interview.name)}
    detail = " ".join(part for part in (view.problem, view.next_step.text) if part)
    kind, schedule = link.integration.kind, interview.schedule_id
    if view.next_step.address:
        address, action = view.next_step.address, view.next_step.label
        return AttentionItem(view.icon, "danger", text, detail, address, action, dialog_of_tool(address, kind, access))
    address, dialog = links_address(access, schedule, kind), links_dialog(access, schedule, kind)
    if view.can_retry and link.state == LinkState.FAILED:
        post, fields = access.url("link-retry", pk=link.pk), (("place", "home"),)
        return AttentionItem(view.icon, "danger", text, detail, address, _("Try again"), dialog, post, fields)
    return AttentionItem(view.icon, "danger", text, detail, address, pgettext("button", "Open links"), dialog)


def upcoming_schedule_of(interview: Interview) -> UpcomingSchedule:
    """The heading for a schedule without upcoming interviews."""
    schedule = interview.schedule
    return UpcomingSchedule(
        pk=schedule.pk,
        is_cancelled=False,
        candidate=schedule.candidate_id,
        name=schedule.candidate.name,
        email=schedule.candidate.email,
        job=schedule.job.title if schedule.job else "",
        stage=schedule.stage.name if schedule.stage else "",
    )


def orphaned_links(links: Sequence[CodingLink]) -> AttentionItem:
    """The item for links of deleted schedules that a tool could not delete."""
    text = ngettext(
        "%(number)d link of a deleted schedule is still in %(tool)s",
        "%(number)d links of deleted schedules are still in %(tool)s",
        len(links),
    ) % {"number": len(links), "tool": tool_name(links[0].integration.kind)}
    detail = _("Deletion is retried every few hours until the link expires.")
    return AttentionItem("trash", "warning", text, f"{problem_of(links[0])} {detail}")

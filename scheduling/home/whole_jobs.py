"""Trouble with links that a whole job shares, as one item on Home instead of one for each schedule.

That is where many schedules of a job lack their link or wait for it, and where a run of “Add coding links” paused
because many links in a row failed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from integrations.connections import integrations_of
from integrations.registry import tool_name
from organizations.access import Access
from organizations.bidi import isolated
from scheduling.coding_links.display import connection_step
from scheduling.coding_links.problems import problem_of
from scheduling.coding_links.runs import FAILING
from scheduling.home.items import AttentionItem, dialog_of_tool, moment_label
from scheduling.home.upcoming import UpcomingInterview
from scheduling.models import CodingLink, LinkRun, LinkRunItem, LinkState, RunState

#: So many schedules of one job share an item.
MANY = 5

#: Interviews by schedule, or by job, and by tool.
Found = dict[tuple[int, str], list[UpcomingInterview]]


def shared(found: Found) -> tuple[Found, Found]:
    """Split interviews into those of jobs with MANY schedules among them, by job and tool, and all others.

    An interview whose link was removed stays apart: a run leaves it alone.
    """
    by_job: dict[tuple[int, str], list[tuple[int, str]]] = {}
    for key, interviews in found.items():
        job = interviews[0].schedule.job_pk
        if job is not None and not any(map(_was_removed, interviews)):
            by_job.setdefault((job, key[1]), []).append(key)
    together = {job: keys for job, keys in by_job.items() if len(keys) >= MANY}
    taken = {key for keys in together.values() for key in keys}
    rest = {key: interviews for key, interviews in found.items() if key not in taken}
    return {job: [one for key in keys for one in found[key]] for job, keys in together.items()}, rest


def _was_removed(interview: UpcomingInterview) -> bool:
    return bool(interview.links) and interview.links[-1].state in {LinkState.CANCELLING, LinkState.CANCELLED}


def missing_item(job: int, tool: str, found: Sequence[UpcomingInterview], access: Access) -> AttentionItem:
    """The item of a job whose interviews lack links: it leads to the preview of a run."""
    text = ngettext(
        "%(number)d interview of “%(job)s” has no %(tool)s link",
        "%(number)d interviews of “%(job)s” have no %(tool)s link",
        len(found),
    )
    return _item("link-off", text, job, tool, found, access, _("Add links…"))


def waiting_item(job: int, tool: str, found: Sequence[UpcomingInterview], access: Access) -> AttentionItem:
    """The item of a job whose interviews still wait for their links."""
    text = ngettext(
        "%(number)d interview of “%(job)s” is still waiting for its %(tool)s link",
        "%(number)d interviews of “%(job)s” are still waiting for their %(tool)s links",
        len(found),
    )
    return _item("hourglass", text, job, tool, found, access, _("See links"))


def _item(
    icon: str, text: str, job: int, tool: str, found: Sequence[UpcomingInterview], access: Access, action: str
) -> AttentionItem:
    """An item that leads to the connection where that is the obstacle, else to the links of the job."""
    text %= {"number": len(found), "job": isolated(found[0].schedule.job), "tool": tool_name(tool)}
    first = min(interview.starts_at for interview in found)
    detail = _("The first one: %(when)s") % {"when": moment_label(first)}
    step = connection_step(tool, integrations_of(access).get(tool), access)
    if step.text:
        dialog = dialog_of_tool(step.address, tool, access)
        return AttentionItem(icon, "danger", text, detail, step.address, step.label, dialog)
    return AttentionItem(icon, "danger", text, detail, access.url("job-links", pk=job), action)


# --- runs that paused ---------------------------------------------------------------------------------------------


def _paused(access: Access) -> QuerySet[LinkRun]:
    return access.all(LinkRun).filter(state=RunState.PAUSED, paused_because=FAILING)


def one_of_each_paused(access: Access) -> QuerySet[CodingLink]:
    """One link of each run that paused because of failures, for a union with links in trouble: so the run is found."""
    one = LinkRunItem.objects.filter(run=OuterRef("pk"), link__isnull=False).order_by().values("link")[:1]
    return CodingLink.objects.order_by().filter(pk__in=_paused(access).order_by().values_list(Subquery(one)))


def with_paused_run(links: QuerySet[CodingLink], access: Access) -> QuerySet[CodingLink]:
    """Annotate the run with which a link is paused: its id as `run`, its job as `run_job` and the title `run_title`."""
    items = LinkRunItem.objects.filter(link=OuterRef("pk"), run__in=_paused(access).order_by().values("pk"))
    newest = items.order_by("-pk")
    return links.annotate(
        run=Subquery(newest.values("run")[:1]),
        run_job=Subquery(newest.values("run__job")[:1]),
        run_title=Subquery(newest.values("run__job__title")[:1]),
    )


def paused_runs(waiting: Iterable[CodingLink], access: Access) -> tuple[dict[int, AttentionItem], list[CodingLink]]:
    """Take out the links of paused runs: an item for each run, by its job, and the links that remain.

    The links are those of `with_paused_run`, the newest first. One that the tool could not delete remains, too.
    """
    runs: dict[int, list[Any]] = {}
    rest = []
    for link in waiting:
        run: int | None = link.run  # type: ignore[attr-defined]
        if run is not None:
            runs.setdefault(run, []).append(link)
        if run is None or (link.state == LinkState.CANCELLING and link.next_attempt_at is None):
            rest.append(link)
    return {links[0].run_job: _paused_item(links, access) for links in runs.values()}, rest


def _paused_item(links: Sequence[Any], access: Access) -> AttentionItem:
    one = links[0]
    failed = next((link for link in links if link.needs_a_person), None)
    return AttentionItem(
        "hourglass",
        "danger",
        _("Adding links to “%(job)s” paused: many in a row failed") % {"job": isolated(one.run_title)},
        problem_of(failed) if failed is not None else _("Correct the cause, then resume."),
        action=pgettext("button", "Resume"),
        post=access.url("link-run-change", pk=one.run),
        fields=(("place", "home"), ("what", "resume")),
        more=(access.url("link-run", pk=one.run), _("Open the run")),
    )

"""Runs: the missing links of a job's upcoming interviews, requested a few at a time.

The row of a run says what is wanted, its items what was done. A worker takes a slice, requests as many links as the
tool generates in a few seconds, and comes again: so the queue of a key stays short, a click is never behind a run, and
whoever pauses or cancels stops nearly everything at once. A worker that dies leaves nothing but a lease that ends. The
interviews that still have no item are what is left, so nothing is done twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.models import Integration
from jobs.models import Job
from organizations.audit import record
from organizations.enqueue import after_commit, send
from organizations.models import User
from scheduling.coding_links.dispatch import dispatch_queue
from scheduling.coding_links.removal import LinkError
from scheduling.coding_links.requests import request_link, retry_link
from scheduling.coding_links.run_plan import Tools, asking, preview, reason_to_skip, tools_of, wanted
from scheduling.coding_links.transitions import transition
from scheduling.models import CodingLink, Interview, LinkRun, LinkRunItem, LinkState, RunState, Skipped
from scheduling.models.coding_links import BULK
from scheduling.models.link_runs import OPEN

TASK: Final = "scheduling.advance_link_run"
#: Interviews looked at by one task, and how long it may be silent before another takes its place.
SLICE: Final = 200
LEASE: Final = timedelta(seconds=60)
#: Seconds until a run looks again: while links are generated, and while its tool is paused.
SOON, SELDOM = 2.0, 30.0
#: Seconds of the tool's work that a run requests ahead, and the links that it requests at least.
AHEAD: Final = 4.0
LEAST_AHEAD: Final = 10
#: So many failures in a row, and a person has to look before more is tried.
TOO_MANY_FAILED: Final = 20
#: Why a run paused itself.
FAILING: Final = "failing"
#: Links that one click tries again.
MOST_RETRIED: Final = 100

#: A link that is being made. `TOO_EARLY` ones wait for their day, ambiguous ones for a person.
MAKING = Q(link__state__in=[LinkState.PENDING, LinkState.CREATING, LinkState.UNKNOWN])
NEEDS_PERSON = Q(link__state=LinkState.FAILED) | Q(link__state=LinkState.UNKNOWN, link__problem_code="ambiguous")


def too_early() -> Q:
    """A link that would expire if it were made now."""
    return Q(link__state=LinkState.PENDING, link__not_before__gt=timezone.now())


def on_their_way(run: LinkRun) -> QuerySet[LinkRunItem]:
    """Items whose link is being made now."""
    return run.items.filter(MAKING & ~too_early() & ~NEEDS_PERSON)


def open_run(job: Job) -> LinkRun | None:
    """The job's run that is not over; there is never more than one."""
    return LinkRun.objects.filter(job=job, state__in=OPEN).select_related("started_by").first()


def start(*, job: Job, actor: User) -> tuple[LinkRun, bool]:
    """Start a run for the job. Where one is open already, it is returned with False.

    Raises LinkError where no link can be added.
    """
    existing = open_run(job)
    if existing is not None:
        return existing, False
    plan = preview(job)
    if not plan.number:
        raise LinkError(_("No upcoming interview of this job lacks a link."))
    try:
        with transaction.atomic():
            run = LinkRun.objects.create(
                organization_id=job.organization_id,
                job=job,
                total=plan.number,
                last_interview=Interview.objects.aggregate(last=Max("pk"))["last"] or 0,
                started_by=actor,
            )
            _record(run, "started", actor, count=plan.number)
            after_commit(TASK, run.pk)
    except IntegrityError:
        # Somebody started it at the same moment: theirs is the one.
        existing = open_run(job)
        if existing is None:
            raise
        return existing, False
    return run, True


@transaction.atomic
def pause(*, run: LinkRun, actor: User | None, because: str = "") -> bool:
    """Request no more links. Those that are being made are finished. False where the run is not running any more."""
    return _change(run, RunState.RUNNING, RunState.PAUSED, "paused", actor, paused_because=because, due_at=None)


@transaction.atomic
def resume(*, run: LinkRun, actor: User) -> bool:
    """Go on with a paused run. Failures so far do not pause it again. False where it is not paused any more."""
    last = run.items.aggregate(last=Max("pk"))["last"] or 0
    now = timezone.now()
    resumed = _change(
        run, RunState.PAUSED, RunState.RUNNING, "resumed", actor, paused_because="", due_at=now, judged_until=last
    )
    if resumed:
        after_commit(TASK, run.pk)
    return resumed


@transaction.atomic
def cancel(*, run: LinkRun, actor: User) -> bool:
    """End a run. A worker takes back what it requested and nobody began. False where it is over already."""
    now = timezone.now()
    for before in (RunState.RUNNING, RunState.PAUSED):
        if _change(run, before, RunState.CANCELLED, "cancelled", actor, due_at=now, ended_at=now, paused_because=""):
            after_commit(TASK, run.pk)
            return True
    return False


def retry_failed(*, run: LinkRun, actor: User) -> int:
    """Try again what failed in the run, oldest first. Returns how many links that were."""
    failed = run.items.filter(link__state=LinkState.FAILED).order_by("pk").values("link")[:MOST_RETRIED]
    links = list(CodingLink.objects.filter(pk__in=list(failed.values_list("link", flat=True))).order_by("pk"))
    for link in links:
        retry_link(link=link, actor=actor)
    return len(links)


def _change(run: LinkRun, before: RunState, after: RunState, said: str, actor: User | None, **fields: object) -> bool:
    if not LinkRun.objects.filter(pk=run.pk, state=before).update(state=after, **fields):
        return False
    run.refresh_from_db()
    _record(run, said, actor)
    return True


def _record(run: LinkRun, what: str, actor: User | None, **detail: int) -> None:
    record(
        organization=run.organization,
        actor=actor,
        action=f"link_run.{what}",
        subject=run.job,
        detail={"job": run.job.title, **detail},
    )


# --- the work, by workers -----------------------------------------------------------------------------------------


def advance(run_id: int) -> None:
    """Do one slice of a run. Harmless when the message comes twice, late, or for a run that is over."""
    now = timezone.now()
    lease = now + LEASE
    due = LinkRun.objects.filter(pk=run_id, due_at__lte=now)
    if not due.filter(state__in=[RunState.RUNNING, RunState.CANCELLED]).update(due_at=lease):
        return
    run = LinkRun.objects.select_related("organization", "job", "started_by").get(pk=run_id)
    if run.state == RunState.CANCELLED:
        _take_back(run)
    elif run.state == RunState.RUNNING:
        _go_on(run)


def sweep_runs() -> None:
    """Send again what was lost on its way to a worker, or waits for a paused tool."""
    for pk in LinkRun.objects.filter(due_at__lte=timezone.now()).order_by("pk").values_list("pk", flat=True):
        after_commit(TASK, pk)


def oldest_due(now: datetime) -> datetime | None:
    """Return since when the run is due that has waited longest for a worker; None where none waits."""
    return LinkRun.objects.filter(due_at__lte=now).order_by("due_at").values_list("due_at", flat=True).first()


def _go_on(run: LinkRun) -> None:
    if _keeps_failing(run):
        pause(run=run, actor=None, because=FAILING)
        return
    tools = tools_of(run.organization_id)
    room = _room(run, tools)
    full = [kind for kind, number in room.items() if number <= 0]
    left = _left(run)
    for kind in full:
        left = left.exclude(Interview.asks_for(kind))
    rows = list(left[:SLICE])
    reasons = {row.pk: reason_to_skip(wanted(row), tools) for row in rows}
    if not _skip(run, {pk: reason for pk, reason in reasons.items() if reason is not None}):
        return
    passed_over = False
    for row in rows:
        if reasons[row.pk] is not None:
            continue
        tool = tools[wanted(row).tool]
        if room[tool.kind] <= 0:
            passed_over = True
        elif not _add(run, row, tool):
            return
        room[tool.kind] -= 1
    for tool in tools.values():
        dispatch_queue(tool.pk)
    _come_again(run, tools, at_once=len(rows) == SLICE and not passed_over, is_left=bool(full) or passed_over)


def _left(run: LinkRun) -> QuerySet[Interview]:
    """Interviews that the run has not looked at yet, the soonest first."""
    seen = LinkRunItem.objects.filter(run=run, interview=OuterRef("pk"))
    rows = asking(run.job, timezone.now()).filter(~Exists(seen), pk__lte=run.last_interview)
    return rows.select_related("plan_interview", "schedule__candidate").order_by("starts_at", "id")


def _room(run: LinkRun, tools: Tools) -> dict[str, int]:
    """How many more links to request of each tool. None of one that is paused: its queue would only grow."""
    making = dict(on_their_way(run).order_by().values_list("link__integration__kind").annotate(Count("pk")))
    return {
        kind: _ahead(tool) - making.get(kind, 0) if tool.state == Integration.State.CONNECTED else 0
        for kind, tool in tools.items()
    }


def _ahead(tool: Integration) -> int:
    return max(LEAST_AHEAD, round(tool.write_rate * AHEAD))


def _is_mine(run: LinkRun) -> bool:
    """Whether the run still is this worker's, and is to go on. Locks its row, in the caller's transaction."""
    mine = LinkRun.objects.select_for_update().filter(pk=run.pk, state=RunState.RUNNING, due_at=run.due_at)
    return bool(mine.values_list("pk", flat=True))


@transaction.atomic
def _skip(run: LinkRun, reasons: Mapping[int, Skipped]) -> bool:
    """Note why interviews get no link. False where the run is paused, over, or in another worker's hands."""
    if not _is_mine(run):
        return False
    items = [LinkRunItem(run=run, interview_id=pk, skipped=reason) for pk, reason in reasons.items()]
    LinkRunItem.objects.bulk_create(items, ignore_conflicts=True)
    return True


def _add(run: LinkRun, interview: Interview, tool: Integration) -> bool:
    """Request one link, in a transaction of its own so that nobody waits for a slice. False as for `_skip`."""
    template_id, template_name, template_locked = interview.link_template
    try:
        with transaction.atomic():
            if not _is_mine(run):
                return False
            item, is_new = LinkRunItem.objects.get_or_create(run=run, interview=interview)
            if is_new:
                item.link = request_link(
                    interview=interview,
                    integration=tool,
                    actor=run.started_by,
                    template_id=template_id,
                    template_name=template_name,
                    template_locked=template_locked,
                    by_default=True,
                )
                item.save(update_fields=["link"])
    except LinkError:  # cancelled, over or disconnected since it was read
        LinkRunItem.objects.update_or_create(run=run, interview=interview, defaults={"skipped": Skipped.CHANGED})
    except IntegrityError:  # deleted since it was read
        pass
    return True


def _keeps_failing(run: LinkRun) -> bool:
    """Whether the last links of the run failed, one after the other, since a person let it go on."""
    settled = run.items.filter(
        pk__gt=run.judged_until, link__state__in=[LinkState.FAILED, LinkState.READY, LinkState.ACTIVE]
    )
    last = list(settled.order_by("-pk").values_list("link__state", flat=True)[:TOO_MANY_FAILED])
    return len(last) == TOO_MANY_FAILED and set(last) == {LinkState.FAILED}


def _come_again(run: LinkRun, tools: Tools, *, at_once: bool, is_left: bool) -> None:
    """Set the run's timer; or end it, where nothing is left and nothing is being made."""
    mine = LinkRun.objects.filter(pk=run.pk, state=RunState.RUNNING, due_at=run.due_at)
    if not (at_once or (is_left and _left(run).exists()) or on_their_way(run).exists()):
        mine.update(state=RunState.DONE, due_at=None, ended_at=timezone.now())
        return
    works = any(tool.state == Integration.State.CONNECTED for tool in tools.values())
    wait = 0.0 if at_once else SOON if works else SELDOM
    if mine.update(due_at=timezone.now() + timedelta(seconds=wait)) and wait < SELDOM:
        send(TASK, run.pk, after=wait)


def _take_back(run: LinkRun) -> None:
    """Withdraw what a cancelled run requested and no worker has begun. What the tool has is kept.

    A click gave its link another priority: that one is wanted all the same.
    """
    waiting = CodingLink.objects.filter(
        pk__in=run.items.values("link"),
        state=LinkState.PENDING,
        claim="",
        priority=BULK,
        created_at__gte=run.created_at,
    )
    links = list(waiting.order_by("pk")[:SLICE])
    for link in links:
        transition(link, LinkState.CANCELLED, code="run_cancelled", next_attempt_at=None)
    more = len(links) == SLICE
    LinkRun.objects.filter(pk=run.pk, due_at=run.due_at).update(due_at=timezone.now() if more else None)
    if more:
        send(TASK, run.pk)

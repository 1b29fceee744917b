"""Links that interview plans ask for: of a schedule just made, and of interviews that were there before the tool was.

`Integration.default_links_due_at` is the request for the second kind: set when a tool is connected, pushed forward by
a lease while a worker is at it, empty once every interview has been looked through.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils import timezone

from integrations.models import Integration
from organizations.models import User
from scheduling.coding_links import validity
from scheduling.coding_links.dispatch import dispatch_queue, enqueue_missing_links
from scheduling.coding_links.removal import LinkError
from scheduling.coding_links.requests import insert_by_default, request_link
from scheduling.models import CodingLink, Interview, LinkEvent, LinkState, Schedule
from scheduling.models.coding_links import LIVE

# Links that one task asks for, and how long it may be silent before another takes its place.
BATCH = 50
LEASE = timedelta(seconds=60)
SCHEDULED = Interview.State.SCHEDULED


def request_default_links(
    *, schedule: Schedule, actor: User | None, interviews: Collection[int] | None = None
) -> list[CodingLink]:
    """Request a link for each interview of the schedule that asks for one and has none; `interviews`: of these ids.

    Never raises for the vendor. Takes as many queries for one interview as for many. The schedule's row is
    locked, or new.
    """
    live = CodingLink.objects.filter(interview=OuterRef("pk"), state__in=LIVE)
    rows = schedule.interviews.filter(~Exists(live), state=SCHEDULED)
    if interviews is not None:
        rows = rows.filter(pk__in=interviews)
    tools = {row.kind: row for row in Integration.objects.filter(organization=schedule.organization)}
    wanted = []
    for interview in rows.select_related("plan_interview", "schedule__candidate").order_by("starts_at", "id"):
        integration = tools.get(interview.asked_tool)
        if integration is not None and integration.is_connected and not validity.is_over(interview):
            wanted.append((interview, integration))
    links = insert_by_default(wanted, actor)
    for pk in {link.integration_id for link in links}:
        dispatch_queue(pk)
    return links


def request_missing_soon(integration: Integration) -> None:
    """After commit, have a worker request what upcoming interviews should have had. In the caller's transaction."""
    Integration.objects.filter(pk=integration.pk).update(default_links_due_at=timezone.now())
    enqueue_missing_links(integration.pk)


def request_missing_links(integration_id: int) -> None:
    """Request one batch, the soonest interviews first. A message may come twice, late, or after a disconnect."""
    now = timezone.now()
    until = now + LEASE
    rows = Integration.objects.filter(pk=integration_id)
    if not rows.filter(default_links_due_at__lte=now).update(default_links_due_at=until):
        return
    integration = rows.get()
    batch = list(without_a_link(integration)[:BATCH]) if integration.is_connected else []
    for interview in batch:
        with contextlib.suppress(LinkError):  # over or disconnected since it was read
            _request(interview, integration, None)
    with transaction.atomic():
        more = len(batch) == BATCH
        # A connection made since has set it anew: then its own message looks through everything once more.
        rows.filter(default_links_due_at=until).update(default_links_due_at=timezone.now() if more else None)
        if more:
            enqueue_missing_links(integration_id)
        if batch:
            dispatch_queue(integration_id)


def sweep_missing() -> None:
    """Send again what was lost on its way to a worker."""
    due = Integration.objects.filter(default_links_due_at__lte=timezone.now())
    for pk in due.order_by("pk").values_list("pk", flat=True):
        enqueue_missing_links(pk)


def without_a_link(integration: Integration) -> QuerySet[Interview]:
    """Upcoming interviews that ask for a link and have none, the soonest first.

    Left out are those whose link was used, and those whose link a person took away.
    """
    links = CodingLink.objects.filter(interview=OuterRef("pk"))
    events = LinkEvent.objects.filter(link=OuterRef("latest"))
    latest = CodingLink.objects.filter(pk=OuterRef("latest"))
    taken_in_flight = Exists(latest.filter(cancel_asked=True)) & ~Exists(events.filter(code="disconnected"))
    return (
        Interview.objects.filter(
            Interview.asks_for(integration.kind),
            organization=integration.organization_id,
            state=Interview.State.SCHEDULED,
            ends_at__gt=timezone.now(),
        )
        .annotate(latest=Subquery(links.order_by("-id").values("pk")[:1]))
        .exclude(Exists(links.filter(state__in=LIVE)))
        .exclude(Exists(latest.filter(state=LinkState.FINISHED)))
        .exclude(Exists(events.filter(code="removed")))
        .exclude(taken_in_flight)
        .select_related("plan_interview", "schedule__candidate")
        .order_by("starts_at", "id")
    )


def _request(interview: Interview, integration: Integration, actor: User | None) -> CodingLink:
    template_id, template_name, template_locked = interview.link_template
    return request_link(
        interview=interview,
        integration=integration,
        actor=actor,
        template_id=template_id,
        template_name=template_name,
        template_locked=template_locked,
        by_default=True,
    )

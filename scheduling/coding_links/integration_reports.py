"""Link counts and risks of an integration, for its settings pages (`integrations.hooks`)."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from integrations.hooks.link_counts import LinkCounts
from integrations.hooks.risks import Risk
from integrations.models import Integration
from organizations import zones
from organizations.lists import NumberOf
from scheduling.models import CodingLink, Interview, LinkState
from scheduling.models.coding_links import LIVE

#: A link that is due later than this has time until the key works again.
SOON = timedelta(days=14)
UNMADE = [LinkState.PENDING, LinkState.CREATING, LinkState.UNKNOWN, LinkState.FAILED]


def link_counts(integration: Integration) -> LinkCounts:
    """Count live links, those of them that work, those still to be made, and those being removed.

    Failed ones pile up over the years and say no more than that there are some: they are counted to one.
    """
    settled = Q(state=LinkState.UNKNOWN, problem_code="ambiguous")
    # By organization and state, for which there is an index: links that are over are not read.
    own = CodingLink.objects.filter(organization=integration.organization_id, integration=integration)
    ongoing = {*LIVE, *UNMADE, LinkState.CANCELLING} - {LinkState.FAILED}
    failed = own.filter(state=LinkState.FAILED).order_by().values("pk")
    counts = own.filter(state__in=sorted(ongoing)).aggregate(
        live=Count("pk", filter=Q(state__in=LIVE)) + NumberOf(failed[:1]),
        working=Count("pk", filter=Q(state__in=[LinkState.READY, LinkState.ACTIVE])),
        unused=Count("pk", filter=Q(state=LinkState.READY)),
        planned=Count("pk", filter=Q(state__in=UNMADE) & ~settled),
        removing=Count("pk", filter=Q(state=LinkState.CANCELLING) | Q(state=LinkState.CREATING, cancel_asked=True)),
    )
    return LinkCounts(**counts)


def risks(integration: Integration) -> list[Risk]:
    """List interviews of the next 14 days that still wait for their link, the soonest first.

    Times are in the active zone.
    """
    now = timezone.now()
    waiting = Interview.objects.filter(
        organization=integration.organization_id,
        state=Interview.State.SCHEDULED,
        ends_at__gt=now,
        starts_at__lt=now + SOON,
        coding_links__integration=integration,
        coding_links__state__in=UNMADE,
    )
    rows = waiting.select_related("schedule__candidate", "organization").order_by("starts_at", "pk")
    return [_risk(interview) for interview in rows]


def _risk(interview: Interview) -> Risk:
    starts = timezone.localtime(interview.starts_at)
    offset = zones.offset(timezone.get_current_timezone_name(), starts)
    when = f"{date_format(starts, 'SHORT_DAY_TIME_FORMAT')} {offset}"
    kwargs = {"organization": interview.organization.slug, "pk": interview.schedule_id}
    return Risk(
        text=f"{interview.schedule.candidate} – {interview.name} ({when})",
        address=reverse("schedule-communications", kwargs=kwargs),
    )

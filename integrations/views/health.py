"""The page with the last 30 days of one integration, for admins."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from integrations import call_counts
from integrations.error_texts import sentence
from integrations.models import IntegrationDay
from integrations.registry import info_of
from integrations.views.overview import find
from organizations import zones
from organizations.access import AccessRequest, allowed
from organizations.permissions import Permission


@allowed(Permission.MANAGE_INTEGRATIONS)
@require_GET
def health(request: AccessRequest, kind: str) -> HttpResponse:
    """Links created, failures by kind and answer times: as plots, and as the table that they are drawn from."""
    integration = find(request, kind)
    if integration.pk is None:
        raise Http404
    today = timezone.localdate(timezone=ZoneInfo(request.access.organization.time_zone))
    rows = request.access.all(IntegrationDay).filter(
        integration=integration, day__gt=today - timedelta(days=call_counts.SHOWN)
    )
    days = call_counts.days_of(list(rows), today)
    together = call_counts.all_of(days)
    context = {
        "integration": integration,
        "info": info_of(kind),
        "days": days,
        "zone": zones.city(request.access.organization.time_zone),
        "together": together,
        "has_calls": together.failed or any(together.times),
        "kinds": [(sentence(kind, code, {}), number) for code, number in together.failures.most_common()],
    }
    return render(request, "integrations/health.html", context)

"""The "Audit log" page of the settings: the audit trail of the whole organization."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from organizations import limits
from organizations.access import AccessRequest, allowed, post_only
from organizations.audit import record
from organizations.models import AuditEvent
from organizations.organization_form import OrganizationForm
from organizations.permissions import Permission
from organizations.row_choices import OPTIONS, answer_options
from organizations.settings_forms import TrailPeriodForm
from organizations.trail import Trail, icon
from organizations.trail_export import FORMATS
from organizations.trail_filters import SEARCHED, TrailFilter, WholeTrailFilter
from organizations.trail_retention import keep_trail_for


@allowed(Permission.SEE_TRAIL)
@require_GET
def security(request: AccessRequest) -> HttpResponse:
    """List what happened in the organization, filtered and ordered."""
    if OPTIONS in request.GET and (answer := answer_options(request, TrailFilter.of(request).form)):
        return answer
    return _page(request, TrailPeriodForm(initial={"trail_months": request.access.organization.trail_months}))


def _page(request: AccessRequest, period: TrailPeriodForm, status: int = 200) -> HttpResponse:
    found = TrailFilter.of(request)
    page = found.page()
    events = list(page.object_list)
    trail = Trail(events)
    entries = [_entry(trail, event) for event in events]
    context = {"form": found.form, "page": page, "heads": found.heads, "entries": entries, "period_form": period}
    context |= {"searched_from": found.searched_from, "most_searched": SEARCHED}
    return render(request, "organizations/settings_security.html", context, status=status)


def _entry(trail: Trail, event: AuditEvent) -> dict[str, object]:
    what = trail.sentence(event)
    return {
        "icon": icon(event),
        "what": what,
        "who": trail.actor(event),
        "at": event.created_at,
        "lines": list(_lines(trail, event, what)),
    }


def _lines(trail: Trail, event: AuditEvent, what: str) -> Iterator[str]:
    """The settings that changed; whose schedule it is, which the schedule's own history need not say."""
    if event.action == "organization.changed" and (fields := event.detail.get("fields")):
        yield _("Changed: %(fields)s") % {"fields": ", ".join(map(_name_of_field, fields))}
    person = trail.person(event)
    if person and person not in what:
        yield _("About %(person)s") % {"person": person}


def _name_of_field(name: str) -> str:
    """The label of a setting, as its form names it; its column where the setting is gone."""
    field = OrganizationForm.base_fields.get(name)
    return str(field.label if field is not None and field.label else name)


def _back(request: AccessRequest, **_kwargs: object) -> str:
    return request.access.url("settings-security")


@allowed(Permission.EXPORT_TRAIL)
@post_only(_back)
@limits.said_on(_back)
def export(request: AccessRequest) -> StreamingHttpResponse:
    """Download the rows that match the list's filter, in its order. Recorded: it takes the trail out of the house."""
    ending = request.POST.get("format", "")
    if ending not in FORMATS:
        raise Http404
    limits.count(limits.EXPORTS, request.user.pk)
    rows, organization = WholeTrailFilter.of(request).qs, request.access.organization
    write, kind = FORMATS[ending]
    pieces = write(rows.filter(pk__lte=newest.pk) if (newest := rows.order_by("-id").first()) else rows)
    record(
        organization=organization,
        actor=request.user,
        action="organization.trail_exported",
        subject=organization,
        detail={"count": rows.count(), "format": ending},
    )
    response = StreamingHttpResponse(pieces, content_type=kind)
    name = f"activity-{organization.slug}-{timezone.localdate():%Y-%m-%d}.{ending}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


@allowed(Permission.CHANGE_SETTINGS)
@post_only(_back)
def keep(request: AccessRequest) -> HttpResponse:
    """Set how long the trail is kept."""
    form = TrailPeriodForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    keep_trail_for(
        organization=request.access.organization, months=form.cleaned_data["trail_months"], actor=request.user
    )
    messages.success(request, _("Settings saved."))
    return redirect(_back(request))

"""The "Security" page of the settings: who changed what concerns everybody."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from organizations.access import AccessRequest, recruiter_view
from organizations.models import AuditEvent
from organizations.search import found_by
from organizations.settings_forms import TrailFilterForm

PAGE_SIZE = 50
#: What an action begins with leads to its icon. What happens to a schedule stands on its own "History".
ICONS = {
    "member": "user",
    "organization": "building",
    "integration": "plug",
    "job": "briefcase",
    "stage": "list",
    "plan_interview": "code",
    "messagetemplate": "template",
    "reasons": "calendar-event",
}


@recruiter_view
@require_GET
def security(request: AccessRequest) -> HttpResponse:
    """The trail of members, roles, keys, plans and templates: searched, narrowed to a subject, newest first."""
    form = TrailFilterForm(request.GET)
    form.is_valid()
    page = Paginator(_trail(request, form), PAGE_SIZE).get_page(request.GET.get("page"))
    entries = [_entry(event) for event in page.object_list]
    return render(request, "organizations/settings_security.html", {"form": form, "page": page, "entries": entries})


def _entry(event: AuditEvent) -> dict[str, object]:
    icon = ICONS[event.action.partition(".")[0]]
    return {"icon": icon, "what": event.summary, "who": str(event.actor or ""), "at": event.created_at}


def _trail(request: AccessRequest, form: TrailFilterForm) -> QuerySet[AuditEvent]:
    wanted = TrailFilterForm.SUBJECTS.get(form.cleaned_data.get("about") or "", tuple(ICONS))
    about = Q()
    for subject in wanted:
        about |= Q(action__startswith=f"{subject}.")
    rows = request.access.all(AuditEvent).filter(about).select_related("actor")
    if words := (form.cleaned_data.get("q") or "").strip():
        rows = rows.filter(found_by(words, "search_key", "actor__search_key"))
    return rows.order_by("id" if form.cleaned_data.get("order") == "oldest" else "-id")

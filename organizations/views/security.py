"""The "Security" page of the settings: the audit trail of the whole organization."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET
from django_filters import ChoiceFilter

from organizations.access import AccessRequest, allowed
from organizations.filters import ListFilter, OrderFilter, SearchFilter
from organizations.models import AuditEvent
from organizations.permissions import Permission

PAGE_SIZE = 50
#: Subject of an action -> icon. Changes to a schedule are on its own "History" tab instead.
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

#: What the actions of each choice begin with.
SUBJECTS = {
    "people": ("member", "organization"),
    "integrations": ("integration",),
    "jobs": ("job", "stage", "plan_interview"),
    "texts": ("messagetemplate", "reasons"),
}


class SubjectFilter(ChoiceFilter):
    """Events about a subject; without one, about all that stand on this page."""

    def filter(self, qs: QuerySet[AuditEvent], value: str | None) -> QuerySet[AuditEvent]:
        about = Q()
        for subject in SUBJECTS.get(value or "", tuple(ICONS)):
            about |= Q(action__startswith=f"{subject}.")
        return qs.filter(about)


class TrailFilter(ListFilter):
    """The filter of the audit trail."""

    q = SearchFilter("search_key", "actor__search_key", label=_("Search activity"))
    about = SubjectFilter(
        label=_("Subject"),
        empty_label=_("All subjects"),
        choices=[
            ("people", _("Members and organization")),
            ("integrations", _("Integrations and keys")),
            ("jobs", _("Jobs and interview plans")),
            ("texts", _("Templates and reasons")),
        ],
    )
    order = OrderFilter({"": (_("Newest first"), ("-id",)), "oldest": (_("Oldest first"), ("id",))}, label=_("Order"))


@allowed(Permission.SEE_TRAIL)
@require_GET
def security(request: AccessRequest) -> HttpResponse:
    """List changes of members, keys, plans and templates, filtered and ordered."""
    found = TrailFilter.of(request, request.access.all(AuditEvent).select_related("actor"))
    page = Paginator(found.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"form": found.form, "page": page, "entries": [_entry(event) for event in page.object_list]}
    return render(request, "organizations/settings_security.html", context)


def _entry(event: AuditEvent) -> dict[str, object]:
    icon = ICONS[event.action.partition(".")[0]]
    return {"icon": icon, "what": event.summary, "who": str(event.actor or ""), "at": event.created_at}

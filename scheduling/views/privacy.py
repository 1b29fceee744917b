"""Privacy: when candidates are deleted, who is due, what could not be deleted; and one candidate's data as a file."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from integrations.registry import tool_name
from organizations import htmx, limits
from organizations.access import AccessRequest, allowed, post_only
from organizations.audit import record
from organizations.bidi import isolated
from organizations.lists import Column, page_of, plain_heads
from organizations.models import Organization
from organizations.permissions import Permission
from scheduling.candidates.queries import listed
from scheduling.coding_links import erasure as links
from scheduling.coding_links.problems import problem_of
from scheduling.erasure import retention, services
from scheduling.erasure.forms import KeepForm, RetentionForm
from scheduling.erasure.held import held_on
from scheduling.models import Candidate

PAGE_SIZE = 50
_ACTIONS = Column(gettext_lazy("Actions"), is_named=False)
_DUE = {"name": Column(gettext_lazy("Candidate")), "day": Column(gettext_lazy("Deleted on")), "actions": _ACTIONS}
_KEPT = {
    "name": Column(gettext_lazy("Candidate")),
    "because": Column(gettext_lazy("Reason")),
    "until": Column(gettext_lazy("Kept until")),
    "actions": _ACTIONS,
}


def _privacy(request: AccessRequest, **_kwargs: object) -> str:
    return request.access.url("settings-privacy")


@allowed(Permission.CHANGE_SETTINGS)
def privacy(request: AccessRequest) -> HttpResponse:
    """Set when candidates are deleted; see who is due in the next 30 days, who is kept, and what went wrong."""
    organization = Organization.objects.get(pk=request.access.organization.pk)
    form = RetentionForm(request.POST or None, organization=organization)
    if request.method == "POST" and form.is_valid():
        months = form.cleaned_data["candidate_months"]
        retention.keep_candidates_for(organization=organization, months=months, actor=request.user)
        messages.success(request, _("Settings saved."))
        return redirect(_privacy(request))
    return render(
        request,
        "scheduling/erasure/settings.html",
        {"form": form, **_due(request, organization), **_trouble(organization)},
        status=422 if form.is_bound else 200,
    )


def _due(request: AccessRequest, organization: Organization) -> dict[str, Any]:
    all_due = retention.due(organization, timezone.now() + retention.SHOWN)
    page = page_of(request, all_due, PAGE_SIZE, number=len(all_due))
    found = list(page.object_list)
    people = Candidate.objects.in_bulk([pk for pk, _last in found])
    rows = [(people[pk], retention.day_of(organization, last)) for pk, last in found if pk in people]
    kept = list(retention.kept(organization)[:PAGE_SIZE])
    heads = {"due_heads": plain_heads(_DUE), "kept_heads": plain_heads(_KEPT)}
    return {"page": page, "due": rows, "kept": kept, "begins": retention.begins_at(organization), **heads}


def _trouble(organization: Organization) -> dict[str, Any]:
    failed = [
        (link, tool_name(link.integration.kind), problem_of(link)) for link in links.failed(organization)[:PAGE_SIZE]
    ]
    return {"failed": failed, "waiting": list(services.unfinished(organization)[:PAGE_SIZE])}


@allowed(Permission.CHANGE_SETTINGS)
@post_only(_privacy)
def try_again(request: AccessRequest) -> HttpResponse:
    """Try once more to delete what the tools did not delete."""
    number = links.try_again(organization=request.access.organization, actor=request.user)
    if number:
        record(
            organization=request.access.organization,
            actor=request.user,
            action="erasure.tried_again",
            subject=request.access.organization,
            detail={"count": number},
        )
    said = ngettext("Trying again: %(number)d coding interview.", "Trying again: %(number)d coding interviews.", number)
    messages.success(request, said % {"number": number})
    return redirect(_privacy(request))


@allowed(Permission.CHANGE_SETTINGS)
def leave_there(request: AccessRequest, pk: int) -> HttpResponse:
    """The dialog that deletes the row of a coding interview which its tool doesn't delete: it stays there."""
    link = get_object_or_404(links.failed(request.access.organization), pk=pk)
    tool = tool_name(link.integration.kind)
    if request.method == "POST":
        links.leave_there(link=link)
        record(
            organization=request.access.organization,
            actor=request.user,
            action="erasure.left_there",
            subject=request.access.organization,
            detail={"external_id": link.external_id},
        )
        messages.success(request, _("Deleted here. Delete it in %(tool)s, too.") % {"tool": tool})
        return htmx.redirect(request, _privacy(request))
    return render(request, "scheduling/erasure/leave.html", {"link": link, "tool": tool})


@allowed(Permission.MANAGE_CANDIDATES)
def candidate_keep(request: AccessRequest, pk: int) -> HttpResponse:
    """The dialog that keeps a candidate whom retention would delete, or no longer."""
    person = get_object_or_404(listed(request.access), pk=pk)
    form = KeepForm(request.POST or None, candidate=person)
    if request.method == "POST" and form.is_valid():
        because, until = form.cleaned_data["because"], form.cleaned_data["until"]
        retention.keep(candidate=person, because=because, until=until if because else None, actor=request.user)
        said = _("%(name)s is kept.") if because else _("%(name)s is no longer kept.")
        messages.success(request, said % {"name": isolated(person.name)})
        page = _privacy(request) if request.access.may.change_settings else request.access.url("candidate", pk=pk)
        return htmx.redirect(request, page)
    context = {"candidate": person, "form": form}
    return render(request, "scheduling/erasure/keep.html", context, status=422 if form.is_bound else 200)


def _candidate(request: AccessRequest, pk: int) -> str:
    return request.access.url("candidate", pk=request.access.find(Candidate, pk).pk)


@allowed(Permission.EXPORT_CANDIDATES)
@post_only(_candidate)
@limits.said_on(_candidate)
def candidate_data(request: AccessRequest, pk: int) -> HttpResponse:
    """Download everything that is held on a candidate. Recorded: it takes their data out of the house."""
    person = request.access.find(Candidate, pk, "organization", "job", "stage")
    limits.count(limits.EXPORTS, request.user.pk)
    record(organization=person.organization, actor=request.user, action="candidate.exported", subject=person)
    text = json.dumps(held_on(person), ensure_ascii=False, indent=2, default=str)
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = (
        f'attachment; filename="candidate-{person.pk}-{timezone.localdate():%Y-%m-%d}.json"'
    )
    response["Cache-Control"] = "private, no-store"
    return response

"""Candidates: the list, a candidate's page, and the dialogs that add, edit and delete one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.contrib import messages
from django.db.models import F
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from integrations.registry import tool_name
from organizations import htmx
from organizations.access import AccessRequest, allowed
from organizations.bidi import isolated
from organizations.filters import as_opened
from organizations.lists import Column, as_tuples, page_of, plain_heads
from organizations.once import once
from organizations.permissions import Permission
from organizations.row_choices import answer_options
from scheduling.candidates import services as candidate_services
from scheduling.candidates.drawn import COLUMNS as CANDIDATE_COLUMNS
from scheduling.candidates.drawn import drawn_candidates
from scheduling.candidates.filters import CandidateFilter, filter_candidates
from scheduling.candidates.forms import CandidateForm
from scheduling.candidates.queries import listed, without_other_jobs
from scheduling.erasure import services as erasure_services
from scheduling.messages.queueing import NotQueued, Objection
from scheduling.messages.services import was_invited_at
from scheduling.models import Candidate
from scheduling.schedules.drawn import drawn_schedules
from scheduling.schedules.listed import COLUMNS as SCHEDULE_COLUMNS
from scheduling.schedules.listed import listed_schedules
from scheduling.schedules.queries import visible_schedules

_OPENED: Final = as_opened(CandidateFilter, lambda access, _now: listed(access), *CANDIDATE_COLUMNS)
#: The list of a candidate's schedules.
_SCHEDULES = {
    "job": Column(gettext_lazy("Job and stage")),
    "at": Column(gettext_lazy("First interview")),
    "links": Column(gettext_lazy("Links")),
    "messages": Column(gettext_lazy("Messages")),
    "state": Column(gettext_lazy("State")),
}
_STILL_OPEN = gettext_lazy(
    "The join links sent to %(email)s still work. If someone else reads that address, renew them on the "
    "schedule's “Communications” tab before you send the new invitation."
)


@allowed(Permission.SEE_CANDIDATES)
@require_GET
def candidates(request: AccessRequest) -> HttpResponse:
    """The list, filtered by name, address and job."""
    found = filter_candidates(request)
    if answer := answer_options(request, found.form):
        return answer
    page = found.page(*CANDIDATE_COLUMNS, opened=_OPENED)
    picks = "candidate" if request.access.may.manage_candidates else ""
    context = {"form": found.form, "page": page, "heads": found.heads, "picks": picks}
    context["drawn"] = drawn_candidates(request.access, list(page.object_list), picks=picks)
    return render(request, "scheduling/candidates/list.html", context)


@allowed(Permission.SEE_CANDIDATES)
@require_GET
def candidate(request: AccessRequest, pk: int) -> HttpResponse:
    """A candidate and their schedules, the latest first."""
    [person] = without_other_jobs(request.access, [request.access.find(Candidate, pk, "job", "stage")])
    schedules = (
        visible_schedules(request.access)
        .filter(candidate=person.pk)
        .order_by(F("first_starts_at").desc(nulls_last=True), "-id")
    )
    page = page_of(request, as_tuples(schedules, *SCHEDULE_COLUMNS))
    lines = listed_schedules(request.access, list(page.object_list))
    context = {"candidate": person, "page": page, "heads": plain_heads(_SCHEDULES), "listed": lines}
    context["drawn"] = drawn_schedules(request.access, lines)
    return render(request, "scheduling/candidates/candidate.html", context)


@allowed(Permission.CHANGE_CANDIDATES)
@once
def candidate_new(request: AccessRequest) -> HttpResponse:
    """The dialog that adds a candidate; leads to their page, or back to Home."""
    form = CandidateForm(request.POST or None, access=request.access)
    if answer := answer_options(request, form):
        return answer
    if request.method == "POST" and form.is_valid():
        person = candidate_services.save_candidate(candidate=form.save(commit=False), actor=request.user)
        added = _("%(name)s added.") % {"name": isolated(person.name)}
        if htmx.is_on(request, request.access.url("home")):
            return htmx.trigger(htmx.no_content(), notice=added, close_dialog=True)
        messages.success(request, added)
        return _to_page(request, person)
    status = 422 if form.is_bound else 200
    return render(request, "scheduling/candidates/edit.html", {"form": form}, status=status)


@allowed(Permission.CHANGE_CANDIDATES)
def candidate_edit(request: AccessRequest, pk: int) -> HttpResponse:
    """The dialog that edits a candidate. Unused coding links take over a new name or address."""
    person = get_object_or_404(listed(request.access).select_related("job", "stage"), pk=pk)
    before = person.email
    form = CandidateForm(request.POST or None, instance=person, access=request.access)
    if request.method == "POST" and form.is_valid():
        try:
            candidate_services.save_candidate(candidate=form.save(commit=False), actor=request.user)
        except Candidate.DoesNotExist as gone:
            raise Http404 from gone
        messages.success(request, _("Candidate saved."))
        if before.lower() != person.email.lower() and was_invited_at(person, before):
            messages.warning(request, _STILL_OPEN % {"email": before})
        return _to_page(request, person)
    status = 422 if form.is_bound else 200
    # The form has changed `candidate`; the dialog's address needs only the id.
    return render(request, "scheduling/candidates/edit.html", {"form": form, "pk": pk}, status=status)


@allowed(Permission.MANAGE_CANDIDATES)
def candidate_remove(request: AccessRequest, pk: int) -> HttpResponse:
    """The dialog that deletes a candidate with everything that is held on them, and tells those who expect them."""
    person = request.access.find(Candidate, pk)
    if request.method != "POST":
        return _remove_dialog(request, person)
    name, tell = person.name, request.POST.get("tell") == "on"
    try:
        deleted = erasure_services.delete_candidate(candidate=person, actor=request.user, tell=tell)
    except NotQueued as refused:
        return _remove_dialog(request, person, refused.objections)
    except Candidate.DoesNotExist as gone:
        raise Http404 from gone
    said = _("%(name)s deleted.") if deleted else _("%(name)s will be deleted once the cancellations are sent.")
    messages.success(request, said % {"name": isolated(name)})
    return htmx.redirect(request, request.access.url("candidates"))


def _remove_dialog(request: AccessRequest, person: Candidate, objections: Sequence[Objection] = ()) -> HttpResponse:
    summary = erasure_services.summary(person)
    context = {
        "candidate": person,
        "summary": summary,
        "at_tools": [(tool_name(kind), number) for kind, number in summary.links.items()],
        "objections": objections,
    }
    return render(request, "scheduling/candidates/remove.html", context, status=422 if objections else 200)


def _to_page(request: AccessRequest, person: Candidate) -> HttpResponse:
    return htmx.redirect(request, request.access.url("candidate", pk=person.pk))

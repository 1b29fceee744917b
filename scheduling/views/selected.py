"""Changes to several rows of a list at once: asked about in a dialog, done, and told row by row."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from organizations import limits
from organizations.access import AccessRequest, allowed, post_only
from organizations.audit import record
from organizations.csv_export import written
from organizations.mail_server import can_leave
from organizations.parameters import row_ids
from organizations.permissions import Permission
from scheduling.candidates.queries import listed
from scheduling.erasure import services as erasure_services
from scheduling.messages.queueing import NotQueued
from scheduling.models import Candidate, Schedule
from scheduling.schedules import selected
from scheduling.schedules.selected import MOST, Outcome
from scheduling.views.messages import picks_of

DIALOG = "scheduling/selected/"


def schedules_page(request: AccessRequest) -> str:
    return request.access.url("schedules")


def _candidates(request: AccessRequest) -> str:
    return request.access.url("candidates")


def ids_in(request: AccessRequest, name: str) -> list[int]:
    return row_ids(request.POST.getlist(name))


def refusal(request: AccessRequest, ids: Sequence[int], found: Sequence[object]) -> HttpResponse | None:
    """The dialog that says why nothing can be done with the selected rows; None where something can."""
    if len(ids) > MOST:
        problem = _("Select at most %(most)d rows at once.") % {"most": MOST}
    elif not found:
        problem = _("Nothing is selected that is still there. Refresh the list.")
    else:
        return None
    return render(request, f"{DIALOG}refused.html", {"problem": problem}, status=422)


@allowed(Permission.CHANGE_SCHEDULES)
@post_only(schedules_page)
def add_links(request: AccessRequest) -> HttpResponse:
    """Ask, then request the missing links of the selected schedules."""
    ids = ids_in(request, "schedule")
    schedules = selected.chosen(request.access, ids[:MOST])
    if refused := refusal(request, ids, schedules):
        return refused
    if request.POST.get("confirmed") == "yes":
        outcomes = list(selected.add_links(request.access, schedules))
        return result(request, outcomes, _links_added(sum(one.number for one in outcomes)))
    plans = selected.links_to_add(request.access, schedules)
    context = {"plans": plans, "number": sum(len(plan.interviews) for plan in plans)}
    return render(request, f"{DIALOG}add_links.html", context)


@allowed(Permission.CHANGE_SCHEDULES)
@post_only(schedules_page)
def send_messages(request: AccessRequest) -> HttpResponse:
    """Show the drafts of the selected schedules with the number of people, then send them as they were shown."""
    ids = ids_in(request, "schedule")
    schedules = selected.chosen(request.access, ids[:MOST])
    if refused := refusal(request, ids, schedules):
        return refused
    if request.POST.get("confirmed") == "yes":
        picks = picks_of(request.POST.getlist("message"))
        outcomes = list(selected.send_messages(request.access, schedules, picks))
        return result(request, outcomes, _messages_sent(sum(one.number for one in outcomes)))
    plans = selected.messages_to_send(schedules, request.user)
    drafts = [draft for plan in plans for draft in plan.drafts]
    people = len({draft.person for draft in drafts})
    context = {"plans": plans, "number": len(drafts), "people": people, "can_leave": can_leave()}
    return render(request, f"{DIALOG}send_messages.html", context)


@allowed(Permission.EXPORT_CANDIDATES)
@post_only(schedules_page)
@limits.said_on(schedules_page)
def export(request: AccessRequest) -> HttpResponse | StreamingHttpResponse:
    """Export the selected schedules. Recorded: names leave the house."""
    limits.count(limits.EXPORTS, request.user.pk)
    number, lines = selected.exported(request.access, ids_in(request, "schedule")[:MOST])
    organization = request.access.organization
    record(
        organization=organization,
        actor=request.user,
        action="schedules.exported",
        subject=organization,
        detail={"count": number},
    )
    pieces = written(selected.header(request.access), lines)
    response = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
    name = f"schedules-{organization.slug}-{timezone.localdate():%Y-%m-%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


@allowed(Permission.MANAGE_CANDIDATES)
@post_only(_candidates)
def delete_candidates(request: AccessRequest) -> HttpResponse:
    """Ask, then delete the selected candidates with everything that is held on them."""
    ids = ids_in(request, "candidate")
    people = list(listed(request.access).filter(pk__in=ids[:MOST]).order_by("search_key", "pk"))
    if refused := refusal(request, ids, people):
        return refused
    if request.POST.get("confirmed") == "yes":
        tell = request.POST.get("tell") == "on"
        outcomes = [_delete(request, person, tell=tell) for person in people]
        waiting = _waiting(request, ids)
        return result(request, outcomes, _deleted(sum(one.number for one in outcomes) - waiting, waiting))
    schedules = request.access.all(Schedule).filter(candidate__in=people)
    context = {"people": people, "schedules": schedules.count(), "can_tell": can_leave()}
    return render(request, f"{DIALOG}delete_candidates.html", context)


def _delete(request: AccessRequest, person: Candidate, *, tell: bool) -> Outcome:
    name, address = person.name, request.access.url("candidate", pk=person.pk)
    try:
        erasure_services.delete_candidate(candidate=person, actor=request.user, tell=tell)
    except NotQueued as refused:
        reasons = [reason for objection in refused.objections for reason in objection.reasons]
        return Outcome(name, address, problem=" ".join(dict.fromkeys(reasons)))
    except Candidate.DoesNotExist:
        return Outcome(name, "", problem=_("Deleted already."))
    return Outcome(name, "", 1)


def _waiting(request: AccessRequest, ids: Sequence[int]) -> int:
    """How many of the candidates are deleted only once their cancellations are sent."""
    return request.access.all(Candidate).filter(pk__in=ids, erase_asked_at__isnull=False).count()


def result(request: AccessRequest, outcomes: Sequence[Outcome], summary: str, **more: object) -> HttpResponse:
    """The dialog with the result: how much was done, and each row with which nothing was. `more`: for the template."""
    problems = [one for one in outcomes if one.problem]
    return render(request, f"{DIALOG}result.html", {"summary": summary, "problems": problems, **more})


def _links_added(number: int) -> str:
    return ngettext("%(number)d link is being added.", "%(number)d links are being added.", number) % {"number": number}


def _messages_sent(number: int) -> str:
    return ngettext("Sending %(number)d message.", "Sending %(number)d messages.", number) % {"number": number}


def _deleted(number: int, waiting: int) -> str:
    text = ngettext("%(number)d candidate deleted.", "%(number)d candidates deleted.", number) % {"number": number}
    if not waiting:
        return text
    later = ngettext(
        "%(number)d more follows once the cancellations are sent.",
        "%(number)d more follow once the cancellations are sent.",
        waiting,
    )
    return f"{text} {later % {'number': waiting}}"

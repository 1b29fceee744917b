"""Connect a calendar: take credentials, check them in the background, say in one sentence how that ended."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from integrations import calendar_checks
from integrations.calendar_registry import CalendarEntry, CredentialsForm
from integrations.calendar_texts import calendar_name, calendar_problem
from integrations.models import CalendarCheck, CalendarConnection
from integrations.views.calendar_consent import back_address
from integrations.views.calendar_places import Place, everyones, own
from organizations import htmx, limits
from organizations.access import AccessRequest, allowed
from organizations.once import once
from organizations.parameters import row_id
from organizations.permissions import Permission

#: After this long without a worker starting a check, the page says that background work isn't running.
START_WITHIN = timedelta(seconds=20)
#: After this long the page says that it takes longer than usual.
USUAL = timedelta(seconds=30)


@sensitive_post_parameters()
@sensitive_variables()
@allowed(Permission.MANAGE_INTEGRATIONS)
@never_cache
@require_http_methods(["GET", "POST"])
@once
def connect(request: AccessRequest, kind: str) -> HttpResponse:
    """GET: the page with its steps. POST: start the check."""
    return _connect(request, everyones(request.access), kind)


@sensitive_post_parameters()
@sensitive_variables()
@allowed(Permission.OWN_PROFILE)
@never_cache
@require_http_methods(["GET", "POST"])
@once
def connect_own(request: AccessRequest, kind: str) -> HttpResponse:
    """The same for one's own calendar. With `connection` in the query it replaces the credentials of that one."""
    return _connect(request, own(request.access), kind)


@sensitive_variables()
def _connect(request: AccessRequest, place: Place, kind: str) -> HttpResponse:
    entry = place.entry(kind)
    replaced = _replaced(request, place, kind)
    if request.method == "GET":
        failed = _failed_check(request, place, kind)
        entered = failed.entered if failed else replaced.entered if replaced else {}
        return _page(request, place, entry, place.form(entry, initial=entered), replaced, failed)
    form = place.form(entry, request.POST)
    if form is None:
        raise Http404
    if not form.is_valid():
        form.hide_secrets()
        return _page(request, place, entry, form, replaced, status=422)
    try:
        check = calendar_checks.start(
            organization=request.access.organization,
            membership=place.membership,
            kind=kind,
            credentials=form.credentials(),
            entered=form.entered(),
            actor=request.user,
            connection=replaced,
        )
    except limits.Reached as reached:
        form.add_error(None, reached.message)
        form.hide_secrets()
        return _page(request, place, entry, form, replaced, status=422)
    return redirect(place.url("check", pk=check.pk))


def _replaced(request: AccessRequest, place: Place, kind: str) -> CalendarConnection | None:
    """The connection whose credentials are replaced: the one that the address names, or the organization's."""
    if not place.is_own:
        found: CalendarConnection | None = place.connections().filter(kind=kind).first()
        return found if found is not None and found.is_connected else None
    pk = row_id(request.GET.get("connection", ""))
    return place.connection(pk) if pk is not None else None


def _failed_check(request: AccessRequest, place: Place, kind: str) -> CalendarCheck | None:
    """The check in the address that led back to this page."""
    pk = row_id(request.GET.get("check", ""))
    if pk is None:
        return None
    check = calendar_checks.as_swept(place.check(pk))
    return check if check.kind == kind and check.state == CalendarCheck.State.FAILED else None


def _page(
    request: AccessRequest,
    place: Place,
    entry: CalendarEntry,
    form: CredentialsForm | None,
    replaced: CalendarConnection | None,
    failed: CalendarCheck | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    info = entry.info
    is_offered = entry.consent is not None and entry.consent.is_offered()
    query = f"?connection={replaced.pk}" if replaced is not None and place.is_own else ""
    context = {
        "info": info,
        "place": place,
        "form": form,
        "replaced": replaced,
        "problem": calendar_problem(failed) if failed else "",
        "missing": failed.problem_params.get("missing", []) if failed else [],
        "steps": [
            f"integrations/{info.kind}/{'person' if place.is_own else 'everyone'}_steps.html",
            "integrations/calendars/no_steps.html",
        ],
        "is_offered": is_offered,
        "consent": request.access.url("own-calendar-consent", kind=info.kind) + query,
        "redirect_address": back_address(info.kind),
        "back": place.page(info.kind) if replaced or place.is_own else request.access.url("settings-integrations"),
    }
    return render(request, "integrations/calendars/connect.html", context, status=status)


@allowed(Permission.MANAGE_INTEGRATIONS)
@never_cache
@require_http_methods(["GET", "POST"])
def check(request: AccessRequest, pk: int) -> HttpResponse:
    """GET: the progress of a check, and then on to the page that shows what came of it. POST: ask a worker again."""
    return _check(request, everyones(request.access), pk)


@allowed(Permission.OWN_PROFILE)
@never_cache
@require_http_methods(["GET", "POST"])
def check_own(request: AccessRequest, pk: int) -> HttpResponse:
    """The same for one's own calendar."""
    return _check(request, own(request.access), pk)


def _check(request: AccessRequest, place: Place, pk: int) -> HttpResponse:
    check = place.check(pk)
    if request.method == "GET":
        return _progress(request, place, check)
    try:
        calendar_checks.ask_again(check=check)
    except limits.Reached as reached:
        messages.error(request, reached.message)
    return redirect(place.url("check", pk=pk))


def _progress(request: AccessRequest, place: Place, check: CalendarCheck) -> HttpResponse:
    check = calendar_checks.as_swept(check)
    if check.state == CalendarCheck.State.PASSED:
        messages.success(request, _("%(tool)s is connected.") % {"tool": calendar_name(check.kind)})
        return htmx.redirect(request, place.page(check.kind))
    if check.state == CalendarCheck.State.FAILED:
        query = f"?check={check.pk}"
        if check.connection_id is not None and place.is_own:
            query += f"&connection={check.connection_id}"
        return htmx.redirect(request, place.url("connect", kind=check.kind) + query)
    stage = _stage(check)
    if request.GET.get("shown") == stage:
        return htmx.no_content()
    context = {
        "check": check,
        "place": place,
        "name": calendar_name(check.kind),
        "stage": stage,
    }
    return htmx.render(request, "integrations/calendars/check.html", context, part="progress")


def _stage(check: CalendarCheck) -> str:
    waited = timezone.now() - check.asked_at
    if check.started_at is None and waited > START_WITHIN:
        return "not_taken_up"
    return "quick" if waited < USUAL else "slow"

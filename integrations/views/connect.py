"""The dialog that takes a key: paste it, check it in the background, say in one sentence how that ended."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods

from integrations import error_texts, key_checks
from integrations.forms import KeyOwnerForm
from integrations.hooks.link_counts import link_counts
from integrations.models import Integration, KeyCheck
from integrations.registry import TOOLS, info_of, tool_name
from integrations.views.overview import find, page_of
from organizations import htmx, limits
from organizations.access import AccessRequest, allowed, post_only
from organizations.once import once
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
    """GET: the dialog with its steps. POST: start the check; a form with errors comes back without the key."""
    integration = find(request, kind)
    if request.method == "GET":
        owner = KeyOwnerForm(initial={"key_owner_kind": integration.key_owner_kind, "key_owner": integration.key_owner})
        return _form(request, integration, TOOLS[kind].key_form(), owner)
    key_form, owner = TOOLS[kind].key_form(request.POST), KeyOwnerForm(request.POST)
    if not (key_form.is_valid() & owner.is_valid()):
        return _form(request, integration, key_form, owner, status=422)
    try:
        check = key_checks.start(
            organization=request.access.organization,
            kind=kind,
            api_key=key_form.cleaned_data["api_key"],
            key_owner_kind=owner.cleaned_data["key_owner_kind"],
            key_owner=owner.cleaned_data["key_owner"],
            actor=request.user,
        )
    except limits.Reached as reached:
        key_form.add_error("api_key", reached.message)
        return _form(request, integration, key_form, owner, status=422)
    return _progress(request, check)


def _page_of_tool(request: AccessRequest, kind: str) -> str:
    return page_of(request, kind)


@sensitive_variables()
@allowed(Permission.MANAGE_INTEGRATIONS)
@post_only(_page_of_tool)
def try_out(request: AccessRequest, kind: str) -> HttpResponse:
    """Connect the stand-in: checks its key like any other. 404 where the installation offers none."""
    integration = find(request, kind)
    key = TOOLS[kind].trial_key()
    if not key or integration.is_connected:
        raise Http404
    try:
        check = key_checks.start(
            organization=request.access.organization,
            kind=kind,
            api_key=key,
            key_owner_kind=integration.key_owner_kind,
            key_owner=integration.key_owner,
            actor=request.user,
        )
    except limits.Reached as reached:
        return htmx.trigger(htmx.no_content(), notice=reached.message)
    return _progress(request, check)


@allowed(Permission.MANAGE_INTEGRATIONS)
@never_cache
@require_GET
def key_check(request: AccessRequest, pk: int) -> HttpResponse:
    """The state of a check: its progress, the question about another company, why it failed, or on to the page."""
    check = key_checks.as_swept(request.access.find(KeyCheck, pk))
    if check.state == KeyCheck.State.PASSED:
        return _connected(request, check)
    if check.state == KeyCheck.State.CONFIRM:
        return _confirm(request, check)
    if check.state == KeyCheck.State.FAILED:
        return _failed(request, check)
    return _progress(request, check)


def _page_of_check(request: AccessRequest, pk: int) -> str:
    return page_of(request, request.access.find(KeyCheck, pk).kind)


@allowed(Permission.MANAGE_INTEGRATIONS)
@post_only(_page_of_check)
def key_check_again(request: AccessRequest, pk: int) -> HttpResponse:
    check = request.access.find(KeyCheck, pk)
    try:
        key_checks.ask_again(check=check)
    except limits.Reached as reached:
        return _progress(request, check, problem=reached.message)
    check.refresh_from_db()
    return _progress(request, check)


@allowed(Permission.MANAGE_INTEGRATIONS)
@post_only(_page_of_check)
def key_check_accept(request: AccessRequest, pk: int) -> HttpResponse:
    check = request.access.find(KeyCheck, pk)
    key_checks.accept_company_change(check=check, actor=request.user)
    check.refresh_from_db()
    return _progress(request, check)


@allowed(Permission.MANAGE_INTEGRATIONS)
@post_only(_page_of_check)
def key_check_abandon(request: AccessRequest, pk: int) -> HttpResponse:
    check = request.access.find(KeyCheck, pk)
    key_checks.abandon(check=check, actor=request.user)
    return htmx.trigger(HttpResponse(), close_dialog=True)


def _form(
    request: AccessRequest, integration: Integration, key_form: object, owner: KeyOwnerForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "info": info_of(integration.kind),
        "integration": integration,
        "key_form": key_form,
        "owner_form": owner,
        "key_steps": f"integrations/{integration.kind}/key_steps.html",
    }
    return render(request, "integrations/connect.html", context, status=status)


def _progress(request: AccessRequest, check: KeyCheck, problem: str = "") -> HttpResponse:
    """The dialog while a check runs. 204 while it has not changed: a swap would take the focus away."""
    waited = timezone.now() - check.asked_at
    stage = "quick" if waited < USUAL else "slow"
    if check.started_at is None and waited > START_WITHIN:
        stage = "not_taken_up"
    if request.GET.get("shown") == stage:
        return htmx.no_content()
    context = {"check": check, "info": info_of(check.kind), "stage": stage, "problem": problem}
    return render(request, "integrations/key_check_progress.html", context)


def _confirm(request: AccessRequest, check: KeyCheck) -> HttpResponse:
    integration = find(request, check.kind)
    context = {
        "check": check,
        "info": info_of(check.kind),
        "integration": integration,
        "counts": link_counts(integration),
    }
    return render(request, "integrations/key_check_confirm.html", context)


def _failed(request: AccessRequest, check: KeyCheck) -> HttpResponse:
    """The form with the reason above it. All that was typed is there, except the key."""
    integration = find(request, check.kind)
    info = info_of(check.kind)
    context = {
        "check": check,
        "problem": error_texts.problem_and_advice(check),
        "info": info,
        "integration": integration,
        "key_form": TOOLS[check.kind].key_form(),
        "owner_form": KeyOwnerForm(initial={"key_owner_kind": check.key_owner_kind, "key_owner": check.key_owner}),
        "key_steps": f"integrations/{check.kind}/key_steps.html",
        # Those of which nothing is known are listed as unknown, beside one that is.
        "verdicts": [
            {"permission": permission, "verdict": check.permissions.get(permission.name, "unknown")}
            for permission in info.permissions
            if check.permissions
        ],
    }
    return render(request, "integrations/connect.html", context)


def _connected(request: AccessRequest, check: KeyCheck) -> HttpResponse:
    connected = _("%(tool)s is connected.") % {"tool": tool_name(check.kind)}
    if htmx.is_on(request, request.access.url("home")):
        return htmx.trigger(htmx.no_content(), notice=connected, close_dialog=True)
    messages.success(request, connected)
    return htmx.redirect(request, request.access.url("settings-integration", kind=check.kind))

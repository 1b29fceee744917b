"""The buttons and forms on the page of one integration, for admins."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods

from integrations import actions, templates_cache
from integrations.forms import DisconnectForm, IntegrationForm, KeyOwnerForm
from integrations.hooks.link_counts import link_counts
from integrations.models import Integration
from integrations.registry import info_of, tool_name
from integrations.views.overview import connection_context, page, page_of, require
from organizations import htmx
from organizations.access import AccessRequest, allowed, post_only
from organizations.permissions import Permission


@allowed(Permission.MANAGE_INTEGRATIONS)
@post_only(page_of)
def check_now(request: AccessRequest, kind: str) -> HttpResponse:
    integration = require(request, kind)
    actions.ask_for_check(integration=integration)
    integration.refresh_from_db()
    return _connection(request, integration)


@allowed(Permission.MANAGE_INTEGRATIONS)
@never_cache
@require_GET
def connection(request: AccessRequest, kind: str) -> HttpResponse:
    """The connection's card, for a page that waits for a check. 204 while it has not changed."""
    integration = require(request, kind)
    if connection_context(integration)["stage"] == request.GET.get("shown"):
        return htmx.no_content()
    return _connection(request, integration)


@allowed(Permission.MANAGE_INTEGRATIONS)
@require_http_methods(["GET", "POST"])
def disconnect(request: AccessRequest, kind: str) -> HttpResponse:
    """GET: the dialog with what would happen. POST: disconnect."""
    integration = require(request, kind)
    form = DisconnectForm(request.POST or None)
    if request.method == "GET" or not form.is_valid():
        context = {
            "integration": integration,
            "info": info_of(kind),
            "counts": link_counts(integration),
            "can_delete": integration.state == Integration.State.CONNECTED,
        }
        return render(request, "integrations/disconnect.html", context, status=200 if request.method == "GET" else 422)
    actions.disconnect(integration=integration, actor=request.user, delete_links=form.cleaned_data["links"] == "delete")
    messages.success(request, _("%(tool)s is disconnected.") % {"tool": tool_name(kind)})
    return _back(request, kind)


@allowed(Permission.MANAGE_INTEGRATIONS)
@post_only(page_of)
def save(request: AccessRequest, kind: str) -> HttpResponse:
    """Save the page's form. A rate that stays as it was leaves a slow-down that the vendor asked for in force."""
    integration = require(request, kind)
    form = IntegrationForm(request.POST, integration=integration)
    if not form.is_valid():
        return page(request, integration, form=form)
    changed, values = set(form.changed_data), form.cleaned_data
    if changed.intersection(form.RATE):
        rate = {name: values[name] for name in form.RATE}
        actions.set_rate_limit(integration=integration, actor=request.user, **rate)
    if changed.difference(form.RATE):
        owner = {name: values[name] for name in KeyOwnerForm.base_fields}
        actions.set_key_owner(integration=integration, actor=request.user, **owner)
    messages.success(request, _("Changes saved."))
    return _back(request, kind)


@allowed(Permission.MANAGE_INTEGRATIONS)
@post_only(page_of)
def templates(request: AccessRequest, kind: str) -> HttpResponse:
    templates_cache.refresh_now(require(request, kind))
    messages.success(request, _("Refreshing templates. Reload this page in a moment."))
    return _back(request, kind)


@sensitive_variables()
@allowed(Permission.MANAGE_INTEGRATIONS)
@never_cache
@post_only(page_of)
def webhook_secret(request: AccessRequest, kind: str) -> HttpResponse:
    """The signing secret, shown on request instead of on the page; the trail records each time it is shown."""
    secret = actions.show_webhook_secret(integration=require(request, kind), actor=request.user)
    context = {"secret": secret, "kind": kind}
    return render(request, "integrations/_webhook.html#secret", context)


@allowed(Permission.MANAGE_INTEGRATIONS)
@require_http_methods(["GET", "POST"])
def webhook_secret_new(request: AccessRequest, kind: str) -> HttpResponse:
    """GET: the dialog with what would happen. POST: create the secret."""
    integration = require(request, kind)
    if request.method == "GET":
        context = {"integration": integration, "info": info_of(kind)}
        return render(request, "integrations/_webhook.html#renew", context)
    actions.renew_webhook_secret(integration=integration, actor=request.user)
    if integration.webhook_token:
        notice = _("New signing secret created. Enter it in %(tool)s now.")
    else:
        notice = _("New signing secret and address created. Enter both in %(tool)s now.")
    messages.success(request, notice % {"tool": tool_name(kind)})
    return _back(request, kind)


def _connection(request: AccessRequest, integration: Integration) -> HttpResponse:
    """The connection's card, and the permissions further down, which a check changes too."""
    context = connection_context(integration) | {"checked": True}
    return render(request, "integrations/manage.html#checked", context)


def _back(request: AccessRequest, kind: str) -> HttpResponse:
    """To the integration's page; a dialog takes the whole browser there."""
    return htmx.redirect(request, request.access.url("settings-integration", kind=kind))

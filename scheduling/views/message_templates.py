""" "Organization Settings" > "Templates": the texts of messages. Admins customize them, recruiters read them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages as notices
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from organizations.access import AccessRequest, allowed, post_only
from organizations.permissions import Permission
from scheduling.messages import templates as message_templates
from scheduling.messages.default_texts import template_texts
from scheduling.messages.example import render_example
from scheduling.messages.forms import MessageForm
from scheduling.messages.placeholder_syntax import known
from scheduling.models import MessageKind
from scheduling.models.messages import CUSTOMIZABLE


def _kind(value: str) -> MessageKind:
    if value not in {kind.value for kind in CUSTOMIZABLE}:
        raise Http404
    return MessageKind(value)


@allowed(Permission.SEE_SETTINGS)
@require_GET
def templates(request: AccessRequest) -> HttpResponse:
    """List the kinds of messages with their subjects, and whether each is customized."""
    texts = template_texts(request.access.organization)
    rows = [{"kind": kind, "text": texts[kind]} for kind in CUSTOMIZABLE]
    return render(request, "scheduling/messages/templates.html", {"rows": rows})


@allowed(Permission.SEE_SETTINGS, to_change=Permission.CHANGE_SETTINGS)
@require_http_methods(["GET", "POST"])
def template(request: AccessRequest, kind: str) -> HttpResponse:
    """Show one kind's subject and text with its placeholders and an example; customize it."""
    found, organization = _kind(kind), request.access.organization
    text = template_texts(organization)[found]
    sent = request.POST if request.method == "POST" else None
    form = MessageForm(sent, kind=found, initial={"subject": text.subject, "body": text.body, "cc": text.cc})
    if request.method == "POST" and form.is_valid():
        message_templates.save(organization=organization, actor=request.user, kind=found, **form.cleaned_data)
        notices.success(request, _("Template saved. Drafts that were not edited use it from now on."))
        return redirect("settings-template", organization=organization.slug, kind=kind)
    context: dict[str, Any] = {"kind": found, "form": form, "text": text, "placeholders": known(found)}
    if not request.access.may.change_settings:
        context["admins"] = request.access.admin_names
        for field in form.fields.values():
            field.disabled = True
    if not form.is_bound:
        context["rendered"] = render_example(organization, request.user, found, text.subject, text.body)
    return render(request, "scheduling/messages/template.html", context, status=422 if form.is_bound else 200)


def _page_of(request: AccessRequest, kind: str) -> str:
    return request.access.url("settings-template", kind=_kind(kind))


@allowed(Permission.SEE_SETTINGS)
@post_only(_page_of)
def example(request: AccessRequest, kind: str) -> HttpResponse:
    """Show how the text in the form would read to an example recipient, or its errors."""
    found = _kind(kind)
    form = MessageForm(request.POST, kind=found)
    context: dict[str, Any] = {"kind": found, "form": form}
    if form.is_valid():
        subject, body = form.cleaned_data["subject"], form.cleaned_data["body"]
        context["rendered"] = render_example(request.access.organization, request.user, found, subject, body)
    return render(request, "scheduling/messages/_example.html", context)


@allowed(Permission.CHANGE_SETTINGS)
@post_only(_page_of)
def reset(request: AccessRequest, kind: str) -> HttpResponse:
    """Reset a template to the default text."""
    found = _kind(kind)
    message_templates.reset(organization=request.access.organization, actor=request.user, kind=found)
    notices.success(request, _("Template reset to the default."))
    return redirect("settings-template", organization=request.access.organization.slug, kind=kind)

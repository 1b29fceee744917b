""" "Organization Settings" > "Templates": the words of messages. Admins change them, recruiters read them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages as notices
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from organizations.access import AccessRequest, admin_view, post_only, recruiter_view
from scheduling.messages import templates as message_templates
from scheduling.messages.default_texts import words_of
from scheduling.messages.example import example_of
from scheduling.messages.forms import MessageForm
from scheduling.messages.placeholders import known
from scheduling.models import MessageKind
from scheduling.models.messages import WORDED


def _kind(value: str) -> MessageKind:
    if value not in {kind.value for kind in WORDED}:
        raise Http404
    return MessageKind(value)


@recruiter_view
@require_GET
def templates(request: AccessRequest) -> HttpResponse:
    """The six kinds, with their subjects and whose words they are."""
    words = words_of(request.access.organization)
    rows = [{"kind": kind, "words": words[kind]} for kind in WORDED]
    return render(request, "scheduling/messages/templates.html", {"rows": rows})


@recruiter_view
@require_http_methods(["GET", "POST"])
def template(request: AccessRequest, kind: str) -> HttpResponse:
    """One kind's subject and text, what may stand in it, and an example."""
    found = _kind(kind)
    if request.method == "POST" and not request.access.is_admin:
        raise PermissionDenied
    words = words_of(request.access.organization)[found]
    form = MessageForm(
        request.POST if request.method == "POST" else None,
        kind=found,
        initial={"subject": words.subject, "body": words.body},
    )
    if request.method == "POST" and form.is_valid():
        message_templates.save(
            organization=request.access.organization, actor=request.user, kind=found, **form.cleaned_data
        )
        notices.success(request, _("Saved. Drafts that nobody edited use it from now on."))
        return redirect("settings-template", organization=request.access.organization.slug, kind=kind)
    if not request.access.is_admin:
        for field in form.fields.values():
            field.disabled = True
    context: dict[str, Any] = {"kind": found, "form": form, "words": words, "placeholders": known(found)}
    if not form.is_bound:
        context["rendered"] = example_of(request.access.organization, request.user, found, words.subject, words.body)
    return render(request, "scheduling/messages/template.html", context, status=422 if form.is_bound else 200)


def _page_of(request: AccessRequest, kind: str) -> str:
    return request.access.url("settings-template", kind=_kind(kind))


@recruiter_view
@post_only(_page_of)
def example(request: AccessRequest, kind: str) -> HttpResponse:
    """How the words in the form would read, with an invented candidate; or what is wrong with them."""
    found = _kind(kind)
    form = MessageForm(request.POST, kind=found)
    context: dict[str, Any] = {"kind": found, "form": form}
    if form.is_valid():
        context["rendered"] = example_of(request.access.organization, request.user, found, **form.cleaned_data)
    return render(request, "scheduling/messages/_example.html", context)


@admin_view
@post_only(_page_of)
def reset(request: AccessRequest, kind: str) -> HttpResponse:
    """Back to the product's words."""
    found = _kind(kind)
    message_templates.reset(organization=request.access.organization, actor=request.user, kind=found)
    notices.success(request, _("The original words are back."))
    return redirect("settings-template", organization=request.access.organization.slug, kind=kind)

"""Files of everything that is held on a person, and the page of former members, where an organization forgets one."""

from __future__ import annotations

import json
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_GET

from organizations import limits, parameters
from organizations.access import AccessRequest, allowed, post_only
from organizations.bidi import isolated
from organizations.erasure import former, held
from organizations.lists import Column, page_of, plain_heads
from organizations.models import Membership, User
from organizations.permissions import Permission

FORMER_COLUMNS = {
    "name": Column(_lazy("Name")),
    "left": Column(_lazy("Left")),
    "actions": Column(_lazy("Actions"), is_named=False),
}


@login_required
def own(request: HttpRequest) -> HttpResponse:
    """Download all that is held on oneself. GET leads to the start page."""
    if request.method != "POST":
        return redirect("start")
    return _file(held.take_own(cast(User, request.user)))


def _member(request: AccessRequest, pk: int) -> str:
    return request.access.url("settings-member", pk=request.access.find(Membership, pk).pk)


@allowed(Permission.MANAGE_MEMBERS)
@post_only(_member)
@limits.said_on(_member)
def of_member(request: AccessRequest, pk: int) -> HttpResponse:
    """Download what the organization holds on a member."""
    user = request.access.find(Membership, pk, "user").user
    return _file(held.take_of_member(user=user, organization=request.access.organization, actor=request.user))


@allowed(Permission.MANAGE_MEMBERS)
@require_GET
def former_members(request: AccessRequest) -> HttpResponse:
    """List former members; `?person=` asks whether to delete what is held on one of them."""
    people = former.of(request.access.organization)
    chosen = parameters.row_id(request.GET.get("person"))
    context: dict[str, Any] = {
        "page": page_of(request, people),
        "heads": plain_heads(FORMER_COLUMNS),
        "chosen": people.filter(pk=chosen).first() if chosen is not None else None,
    }
    return render(request, "organizations/settings_former_members.html", context)


def _former(request: AccessRequest) -> str:
    return request.access.url("settings-former-members")


@allowed(Permission.MANAGE_MEMBERS)
@post_only(_former)
@limits.said_on(_former)
def of_former(request: AccessRequest) -> HttpResponse:
    """Download what the organization still holds on a former member."""
    return _file(
        held.take_of_member(user=_chosen(request), organization=request.access.organization, actor=request.user)
    )


@allowed(Permission.MANAGE_MEMBERS)
@post_only(_former)
def forget(request: AccessRequest) -> HttpResponse:
    """Delete what the organization holds on a former member. Their account stays, where others share it."""
    user = _chosen(request)
    try:
        former.forget(user=user, organization=request.access.organization, actor=request.user)
    except former.StillSending:
        said = _("A message to %(name)s is still being sent. Try again in a few minutes.")
        messages.warning(request, said % {"name": isolated(user)})
    else:
        messages.success(request, _("What was held on the former member is deleted."))
    return redirect(_former(request))


def _chosen(request: AccessRequest) -> User:
    pk = parameters.row_id(request.POST.get("person"))
    found = former.of(request.access.organization).filter(pk=pk).first() if pk is not None else None
    if found is None:
        raise Http404
    return found


def _file(content: dict[str, Any]) -> HttpResponse:
    text = json.dumps(content, default=held.plain, ensure_ascii=False, indent=2)
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="personal-data-{timezone.localdate():%Y-%m-%d}.json"'
    response["Cache-Control"] = "private, no-store"
    return response

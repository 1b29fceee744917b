"""The demo's "Outbox": every e-mail that was sent, with its parts and files. Outside the demo it is a 404."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.text import get_valid_filename
from django.views.decorators.http import require_GET

from organizations.access import AccessRequest, allowed
from organizations.permissions import Permission
from scheduling.demo import outbox as store
from scheduling.views.mail_documents import shows_mail

PAGE = 50


def only_in_demo(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    @wraps(view)
    def inner(*args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.DEMO:
            raise Http404
        return view(*args, **kwargs)

    return inner


def _find(request: AccessRequest, name: str) -> store.Mail:
    found = store.find(request.access.organization, request.user, name)
    if found is None:
        raise Http404
    return found


@only_in_demo
@allowed(Permission.SEE_OUTBOX)
@require_GET
def outbox(request: AccessRequest) -> HttpResponse:
    """List the organization's mails, newest first."""
    names = store.own_names(request.access.organization, request.user)
    pages = Paginator(names, PAGE).get_page(request.GET.get("page"))
    found, count = store.read_all(request.access.organization, request.user, list(pages.object_list)), len(names)
    return render(request, "scheduling/demo/outbox.html", {"mails": found, "count": count, "page": pages})


@only_in_demo
@allowed(Permission.SEE_OUTBOX)
@require_GET
def mail(request: AccessRequest, name: str) -> HttpResponse:
    """Show one mail: its headers and each of its parts."""
    found = _find(request, name)
    headers = [(key, str(value)) for key, value in found.parsed.items()]
    return render(
        request, "scheduling/demo/mail.html", {"mail": found, "headers": headers, "parts": store.parts(found)}
    )


@only_in_demo
@shows_mail
@allowed(Permission.SEE_OUTBOX)
@require_GET
def html(request: AccessRequest, name: str) -> HttpResponse:
    """Show the HTML part alone, for the page's frame: it may style itself and do nothing else."""
    shown = store.html_of(_find(request, name))
    if shown is None:
        raise Http404
    return HttpResponse(shown)


@only_in_demo
@allowed(Permission.SEE_OUTBOX)
@require_GET
def part(request: AccessRequest, name: str, number: int) -> HttpResponse:
    """Download one part as a file. Never shown in the browser: it is somebody's content."""
    found = next((part for part in store.parts(_find(request, name)) if part.number == number), None)
    if found is None:
        raise Http404
    response = HttpResponse(found.data, content_type="application/octet-stream")
    file_name = get_valid_filename(found.file_name) if found.file_name else f"part-{number}.txt"
    response["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return response

"""Answers to htmx: the one place that reads and writes its headers.

An answer is a named part of the page (`job.html#stages`), so that a page and its parts can't differ. A browser without
scripts gets the whole page, and is redirected after a change.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render as render_page

#: The header that leads the whole browser to another address; a redirect would be followed for the part alone.
REDIRECT = "HX-Redirect"


def is_asked(request: HttpRequest) -> bool:
    """Whether htmx made the request, and so puts the answer into a page that is there already."""
    return request.headers.get("HX-Request") == "true"


def is_on(request: HttpRequest, address: str) -> bool:
    """Whether htmx asks from the page at this address, whatever its query."""
    return is_asked(request) and urlsplit(request.headers.get("HX-Current-URL", "")).path == address


def render(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    part: str,
    status: int = 200,
    target: str = "",
    swap: str = "outerHTML",
) -> HttpResponse:
    """The template's part of that name for htmx, the whole page for others.

    `target`, a CSS selector, puts the part elsewhere than the element that asked says, by the way that `swap` names.
    """
    if not is_asked(request):
        return render_page(request, template, context, status=status)
    response = render_page(request, f"{template}#{part}", context, status=status)
    if target:
        response["HX-Retarget"], response["HX-Reswap"] = target, swap
    return response


def redirect(request: HttpRequest, address: str) -> HttpResponse:
    """Lead the whole browser to `address`, also from within a dialog."""
    if is_asked(request):
        return HttpResponse(headers={REDIRECT: address})
    return HttpResponseRedirect(address)


def no_content() -> HttpResponse:
    """Answer that the page stays as it is: 204, nothing is swapped."""
    return HttpResponse(status=204)


def trigger(response: HttpResponse, *events: str, notice: str = "", close_dialog: bool = False) -> HttpResponse:
    """Raise events in the page, show a notice for a moment, and close the dialog, once the answer is swapped in."""
    raised: dict[str, Any] = dict.fromkeys(events, True)
    if notice:
        raised["notice"] = notice
    if close_dialog:
        raised["closeDialog"] = True
    response["HX-Trigger"] = json.dumps(raised)
    return response


def refresh(response: HttpResponse) -> HttpResponse:
    """Have the browser load its whole page again."""
    response["HX-Refresh"] = "true"
    return response

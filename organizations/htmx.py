"""Answers to htmx: the one place that reads and writes its headers.

An answer is a named part of the page (`job.html#stages`), so that a page and its parts can't differ. A browser without
scripts gets the whole page, and is redirected after a change.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
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


def is_elsewhere(request: HttpRequest, address: str) -> bool:
    """Whether htmx asks from a page at another address than this one."""
    return "HX-Current-URL" in request.headers and not is_on(request, address)


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
    return put(response, target, swap) if target else response


def put(response: HttpResponse, target: str, swap: str = "outerHTML") -> HttpResponse:
    """Have htmx put the answer in the place of `target`, a CSS selector, by the way that `swap` names."""
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


@dataclass(frozen=True)
class Undo:
    """The way to take back what was just done: an address, and the value that is posted there as `state`.

    A long `state` stands in the answer, in the `data-state` of the element with the id `kept_in`.
    """

    address: str
    state: str = ""
    kept_in: str = ""


@dataclass(frozen=True)
class NextStep:
    """A link in a notice: where to go on."""

    address: str
    label: str


def trigger(
    response: HttpResponse,
    *events: str,
    notice: str = "",
    undo: Undo | None = None,
    then: NextStep | None = None,
    close_dialog: bool = False,
) -> HttpResponse:
    """Raise events in the page, show a notice for a moment, and close the dialog, once the answer is swapped in.

    The notice can offer to `undo` what it tells of, and what to do `then`.
    """
    raised: dict[str, Any] = dict.fromkeys(events, True)
    if notice and (undo or then):
        raised["notice"] = {"value": notice, "undo": undo and asdict(undo), "then": then and asdict(then)}
    elif notice:
        raised["notice"] = notice
    if close_dialog:
        raised["closeDialog"] = True
    response["HX-Trigger"] = json.dumps(raised)
    return response


def refresh(response: HttpResponse) -> HttpResponse:
    """Have the browser load its whole page again."""
    response["HX-Refresh"] = "true"
    return response

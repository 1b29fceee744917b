"""Earlier addresses that lead on to where their pages are now."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponsePermanentRedirect
from django.urls import NoReverseMatch, reverse

from integrations.registry import TOOLS


def to(name: str) -> Callable[..., HttpResponsePermanentRedirect]:
    """A view that leads from an address with a coding tool's name in it to the address `name`.

    Method, body and query stay. The tool becomes part of the new address, or of the query where it has no place there.
    404 for a tool that there is not. Access is checked where it leads.
    """

    def lead_on(request: HttpRequest, organization: str, pk: int, tool: str) -> HttpResponsePermanentRedirect:
        if tool not in TOOLS:
            raise Http404
        query = request.GET.copy()
        kwargs = {"organization": organization, "pk": pk}
        try:
            address = reverse(name, kwargs=kwargs | {"tool": tool})
        except NoReverseMatch:
            address = reverse(name, kwargs=kwargs)
            query["tool"] = tool
        return HttpResponsePermanentRedirect(
            f"{address}?{query.urlencode()}" if query else address, preserve_request=True
        )

    return lead_on

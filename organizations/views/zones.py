"""The time zones that fit what somebody types."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from organizations.parameters import short_text
from organizations.zone_search import search


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """List zones for the words `q`; without words, the browser's zone `here` and usual ones. For visitors, too."""
    words, here = (short_text(request.GET.get(name)) for name in ("q", "here"))
    return render(request, "organizations/zones.html", {"places": search(words, here), "words": words})

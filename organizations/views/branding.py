"""An organization's logo, and its accent as a stylesheet, for pages and mails."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from organizations.accents import accent, is_colour, stylesheet
from organizations.models import Logo
from organizations.parameters import is_storable

FOR_EVER = "public, max-age=31536000, immutable"
A_DAY = "public, max-age=86400"


@require_safe
def logo(_request: HttpRequest, token: str) -> HttpResponse:
    """Answer with a logo, to whoever was shown its address: members, readers of mails, guests of an interview.

    Another logo has another address, so it can be kept for ever. Webmail on another site shows it in its page.
    """
    if not is_storable(token):
        raise Http404
    row = get_object_or_404(Logo.objects.only("picture"), organization__logo_token=token)
    return HttpResponse(
        bytes(row.picture),
        content_type="image/png",
        headers={
            "Cache-Control": FOR_EVER,
            "Content-Disposition": 'inline; filename="logo.png"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cross-Origin-Resource-Policy": "cross-origin",
        },
    )


@require_safe
def accent_stylesheet(_request: HttpRequest, colour: str) -> HttpResponse:
    """Answer with the rules of an accent, made of the colour in the address: nothing is looked up.

    They hold inside of `.branded`. Styles within pages are forbidden by the Content-Security-Policy.
    """
    if not is_colour(f"#{colour}"):
        raise Http404
    text = stylesheet(accent(f"#{colour}"))
    return HttpResponse(text, content_type="text/css; charset=utf-8", headers={"Cache-Control": A_DAY})

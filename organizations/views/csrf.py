"""Answer a form that fails the CSRF check: what happened, and what to do."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import REASON_BAD_ORIGIN, REASON_BAD_REFERER, REASON_NO_REFERER
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from organizations import htmx
from organizations.sessions import local_path

#: How Django's reasons begin when the browser named another site, or none.
_ORIGIN = tuple(reason.partition("%s")[0] for reason in (REASON_BAD_ORIGIN, REASON_BAD_REFERER, REASON_NO_REFERER))

#: Tells `static/js/session.js` this refusal from that of a role: it fetches a new token and sends again.
MARK = "X-CSRF-Refused"


@never_cache
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW: a page with status 403; for htmx its part for the dialog."""
    what, steps = _wrong_origin(request) if reason.startswith(_ORIGIN) else _wrong_token(request)
    context = {"what": what, "steps": steps, "page": local_path(request, request.META.get("HTTP_REFERER", ""))}
    response = htmx.render(request, "403_csrf.html", context, part="dialog", status=403)
    if htmx.is_asked(request):
        response[MARK] = "1"
    return response


def _wrong_token(request: HttpRequest) -> tuple[str, list[str]]:
    what = _("You signed in or out since this page was opened, or your browser blocks cookies.")
    cookies = _("If it happens again, allow cookies for %(site)s.") % {"site": request.get_host()}
    return what, [_("Reload the page and try again."), cookies]


def _wrong_origin(request: HttpRequest) -> tuple[str, list[str]]:
    """The browser hides where the form comes from, or Panelist is set up for another address."""
    if urlsplit(settings.BASE_URL).netloc == request.get_host():
        what = _("Your browser hides that the form comes from %(site)s.") % {"site": request.get_host()}
        return what, [
            _("Turn off extensions that hide the referrer."),
            _("Reload the page and try again."),
        ]
    what = _("Panelist is set up for another address than the one in your browser.")
    return what, [
        _("Open %(address)s and sign in there.") % {"address": settings.BASE_URL},
        _("If that doesn't work, ask whoever runs this server to check BASE_URL."),
    ]

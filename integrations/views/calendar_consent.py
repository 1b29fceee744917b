"""Consent to read and write one's own calendar: the way to the vendor, and the way back with a code.

The code is worth nothing without the verifier, which only this browser's session and then the check have (PKCE); the
state binds the answer to the session, and the attempt to the account. A worker exchanges the code.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET

from integrations import calendar_checks
from integrations.calendar_registry import CALENDARS, ConsentRequest
from integrations.models import CalendarConnection
from integrations.views.calendar_places import own
from organizations import limits
from organizations.access import AccessRequest, access_for, allowed
from organizations.models import Organization, User
from organizations.parameters import row_id
from organizations.permissions import Permission

#: Attempts of one browser that wait for the vendor's answer: tabs. Each for so many seconds.
MOST_ATTEMPTS, ATTEMPT_SECONDS = 5, 900
ATTEMPTS_KEY = "calendar_consents"
#: No vendor's code is longer.
LONGEST_CODE = 4000


def back_address(kind: str) -> str:
    """The address that the vendor leads back to; it has to be registered there."""
    return settings.BASE_URL + reverse("calendar-consent-back", kwargs={"kind": kind})


@allowed(Permission.OWN_PROFILE)
@never_cache
@require_GET
def begin(request: AccessRequest, kind: str) -> HttpResponse:
    """Redirect to the vendor, and remember the attempt."""
    place = own(request.access)
    consent = place.entry(kind).consent
    if consent is None or not consent.is_offered():
        raise Http404
    pk = row_id(request.GET.get("connection", ""))
    replaced = place.connection(pk) if pk is not None else None
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    attempt = {
        "state": state,
        "verifier": verifier,
        "kind": kind,
        "user": request.user.pk,
        "organization": request.access.organization.pk,
        "connection": replaced.pk if replaced is not None else None,
        "at": time.time(),
    }
    request.session[ATTEMPTS_KEY] = [*_waiting(request), attempt][-MOST_ATTEMPTS:]
    hint = replaced.account_name if replaced is not None and "@" in replaced.account_name else request.user.email
    return redirect(consent.address(ConsentRequest(state, challenge, back_address(kind), hint)))


@sensitive_variables()
@never_cache
@login_required
@require_GET
def back(request: HttpRequest, kind: str) -> HttpResponse:
    """Take the vendor's answer: store its code for a worker, and lead to the page of the check."""
    entry = CALENDARS.get(kind)
    if entry is None or entry.consent is None:
        raise Http404
    attempt = _claim(request, kind)
    if attempt is None:
        return _over(request)
    slug = Organization.objects.values_list("slug", flat=True).get(pk=attempt["organization"])
    access = access_for(cast(User, request.user), slug)
    if access.organization.is_closed:
        return _over(request)
    place = own(access)
    about: dict[str, Any] = {
        "organization": access.organization,
        "membership": access.membership,
        "kind": kind,
        "actor": access.user,
    }
    code = request.GET.get("code", "")
    if not code or len(code) > LONGEST_CODE or "error" in request.GET:
        denied = request.GET.get("error") == "access_denied"
        failed = calendar_checks.note_refusal(**about, code="consent_denied" if denied else "consent_lost")
        return redirect(f"{place.url('connect', kind=kind)}?check={failed.pk}")
    credentials = {
        calendar_checks.CODE: code,
        calendar_checks.VERIFIER: attempt["verifier"],
        calendar_checks.BACK: back_address(kind),
    }
    replaced = CalendarConnection.objects.filter(pk=attempt["connection"], membership=access.membership).first()
    try:
        check = calendar_checks.start(**about, credentials=credentials, entered={}, connection=replaced)
    except limits.Reached as reached:
        return _over(request, reached.message)
    return redirect(place.url("check", pk=check.pk))


def _over(request: HttpRequest, message: str = "") -> HttpResponse:
    """Say that the answer belongs to nothing that this browser and account began."""
    found = message or _("This attempt is over, or began in another browser or account. Start again.")
    return render(request, "integrations/calendars/over.html", {"message": found}, status=403)


def _waiting(request: HttpRequest) -> list[dict[str, Any]]:
    since = time.time() - ATTEMPT_SECONDS
    return [attempt for attempt in request.session.get(ATTEMPTS_KEY, []) if attempt["at"] > since]


def _claim(request: HttpRequest, kind: str) -> dict[str, Any] | None:
    """The attempt that the answer belongs to, which is used up by it; None for another browser's or account's."""
    waiting, state = _waiting(request), request.GET.get("state", "").encode()
    found = next((one for one in waiting if secrets.compare_digest(one["state"].encode(), state)), None)
    if found is None or found["kind"] != kind or found["user"] != request.user.pk:
        return None
    request.session[ATTEMPTS_KEY] = [attempt for attempt in waiting if attempt is not found]
    return found

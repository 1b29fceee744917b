"""Do what a form creates once, however often the form arrives.

A double click, Enter held down, or "Back" and sending again: scripts in the browser stop most of it (panelist.js), and
this module holds without them. Every rendered form has its own token, `{% once %}`. The view is wrapped in `once`: the
token is stored in the transaction that creates, so that of two forms with one token, even at the same moment, one
creates and the other gets the same answer.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpResponse, HttpResponseBase
from django.utils import timezone

from organizations import htmx
from organizations.access import AccessRequest
from organizations.models import Submission

FIELD = "once"
#: How long a form that was sent is recognized.
REMEMBERED_FOR = timedelta(days=2)
#: Headers to answer with again. The body is not kept: htmx reloads the page instead.
_LEADS_ON = ("Location", htmx.REDIRECT)

View = Callable[..., HttpResponseBase]


def new_token() -> str:
    return secrets.token_urlsafe(12)


def once(view: View) -> View:
    """Decorate a member view that creates with POST; place it below the access decorator.

    A form without a token is processed as it comes. A refused form, or one that asks for a `part` of its page, does not
    use its token up.
    """

    @wraps(view)
    def inner(request: AccessRequest, **kwargs: Any) -> HttpResponseBase:
        token = request.POST.get(FIELD, "") if request.method == "POST" else ""
        if not token or request.POST.get("part"):
            return view(request, **kwargs)
        with transaction.atomic():
            submission = _begin(request, token)
            if submission is None:
                return _answer_again(request, token)
            response = view(request, **kwargs)
            if _is_done(request, response):
                submission.answer = _answer_of(request, response)
                submission.save(update_fields=["answer"])
            else:
                submission.delete()
        return response

    return inner


def _key(request: AccessRequest, token: str) -> str:
    return hashlib.sha256(f"{request.user.pk} {request.path} {token}".encode()).hexdigest()


def _begin(request: AccessRequest, token: str) -> Submission | None:
    """Store the form's token. Waits for a form with the same token in progress; None when that one is done."""
    now = timezone.now()
    Submission.objects.filter(created_at__lt=now - REMEMBERED_FOR).delete()
    try:
        with transaction.atomic():
            return Submission.objects.create(key=_key(request, token), created_at=now)
    except IntegrityError:
        return None


def _is_done(request: AccessRequest, response: HttpResponseBase) -> bool:
    """Whether the form was accepted: a browser without htmx gets a page again only when something is wrong."""
    return response.status_code < 400 and (htmx.is_asked(request) or response.status_code >= 300)


def _answer_of(request: AccessRequest, response: HttpResponseBase) -> dict[str, Any]:
    notices = getattr(messages.get_messages(request), "_queued_messages", [])
    return {
        "status": response.status_code,
        "headers": {name: response.headers[name] for name in _LEADS_ON if name in response.headers},
        "notices": [[notice.level, str(notice.message)] for notice in notices],
    }


def _answer_again(request: AccessRequest, token: str) -> HttpResponse:
    answer = Submission.objects.get(key=_key(request, token)).answer
    for level, text in answer["notices"]:
        messages.add_message(request, level, text)
    response = HttpResponse(status=answer["status"], headers=answer["headers"])
    return response if answer["headers"] else htmx.refresh(response)

"""A form that creates something does so once, however often it arrives.

A double click, Enter held down, a page that is gone back to and sent again: the browser's scripts stop most of it
(panelist.js), and here is what holds without them. Every rendered form has a token of its own, `{% once %}`. The view
that creates is wrapped in `once`: the token is written down in the same transaction as what is created, so that of two
forms with one token, even at the same moment, one creates and the other is answered like the first.
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
#: For so long a form that was sent already is recognized.
REMEMBERED_FOR = timedelta(days=2)
#: Where the first answer leads. What it drew is not kept: a second one draws the page anew.
_LEADS_ON = ("Location", htmx.REDIRECT)

View = Callable[..., HttpResponseBase]


def new_token() -> str:
    return secrets.token_urlsafe(12)


def once(view: View) -> View:
    """Wraps a member's view that creates with POST; put it below the decorator that lets members in.

    A form without a token is taken as it comes. One that is refused, or only asks for a `part` of its page, uses
    nothing up.
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
    """Notes that the form is here. Waits for one with the same token that is still at work; None when that is done."""
    now = timezone.now()
    Submission.objects.filter(created_at__lt=now - REMEMBERED_FOR).delete()
    try:
        with transaction.atomic():
            return Submission.objects.create(key=_key(request, token), created_at=now)
    except IntegrityError:
        return None


def _is_done(request: AccessRequest, response: HttpResponseBase) -> bool:
    """A whole page in answer is the form again, with what is wrong; after what was done a browser is led on."""
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

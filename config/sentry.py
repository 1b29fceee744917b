"""Errors, sent to Sentry where SENTRY_DSN is set: their kinds and places, and nothing of anybody.

What leaves is built anew from the few parts that are known to be harmless, instead of taking away what may not leave:
no local variables, bodies, cookies, headers, people or SQL, and texts of errors only where they repeat no value.
"""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Any

import structlog
from celery.signals import task_failure
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.core.signals import got_request_exception
from django.http import Http404, HttpRequest

from config.logs import hide_tokens, text_of
from config.request_line import request_line

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]
#: Parts of an event that are ours or Sentry's own, and name nobody.
_KEPT = ("event_id", "timestamp", "platform", "level", "environment", "release")
_OF_A_FRAME = ("filename", "function", "module", "lineno", "in_app")
#: What log lines have, too.
_TAGS = ("request_id", "task_id", "task", "organization", "integration", "link")


def start() -> None:
    """Send errors of requests and tasks from now on. Raises ImproperlyConfigured without the extra."""
    if not settings.SENTRY_DSN:
        return
    try:
        import sentry_sdk
    except ImportError:
        raise ImproperlyConfigured("SENTRY_DSN needs an extra: make run EXTRAS=sentry") from None

    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        before_send=harmless,
        default_integrations=False,
        auto_enabling_integrations=False,
        include_local_variables=False,
        include_source_context=False,
        send_default_pii=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        send_client_reports=False,
        auto_session_tracking=False,
        server_name="",
    )
    got_request_exception.connect(_request_failed, dispatch_uid="config.sentry")
    task_failure.connect(_task_failed, dispatch_uid="config.sentry")


def harmless(event: Event, hint: Hint) -> Event | None:
    """Return what may leave of an event."""
    found: dict[str, Any] = {name: event[name] for name in _KEPT if name in event}  # type: ignore[literal-required]
    context = structlog.contextvars.get_contextvars() | hint.get("panelist", {})
    found["tags"] = {name: str(context[name]) for name in (*_TAGS, "request") if name in context}
    texts = _texts(hint.get("exc_info"))
    found["exception"] = {
        "values": [
            {
                "type": one.get("type"),
                "module": one.get("module"),
                "value": texts.get(one.get("type") or "", ""),
                "stacktrace": {"frames": [_frame(frame) for frame in (one.get("stacktrace") or {}).get("frames", [])]},
            }
            for one in (event.get("exception") or {}).get("values", [])
        ]
    }
    return found  # type: ignore[return-value]


def _frame(frame: dict[str, Any]) -> dict[str, Any]:
    return {name: frame[name] for name in _OF_A_FRAME if name in frame}


def _texts(exc_info: ExcInfo | None) -> dict[str, str]:
    """The texts of the error and of its causes, where they repeat no value, by the kind of error."""
    found: dict[str, str] = {}
    error = exc_info[1] if exc_info else None
    while error is not None and type(error).__name__ not in found:
        found[type(error).__name__] = str(hide_tokens(None, "", {"text": text_of(error)})["text"])
        error = error.__cause__ or error.__context__
    return found


def _request_failed(request: HttpRequest | None = None, **_signal: object) -> None:
    error = sys.exc_info()[1]
    if error is not None and not isinstance(error, (Http404, PermissionDenied)):
        _send(error, {"request": request_line(request)} if request is not None else {})


def _task_failed(exception: BaseException | None = None, **_signal: object) -> None:
    if exception is not None:
        _send(exception, {})


def _send(error: BaseException, about: dict[str, str]) -> None:
    import sentry_sdk
    from sentry_sdk.utils import event_from_exception

    client = sentry_sdk.get_client()
    event, hint = event_from_exception(error, client_options=client.options)
    sentry_sdk.capture_event(event, hint | {"panelist": about})

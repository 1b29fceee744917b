"""Logging: one structured line per event on standard output, with ids and codes, and nothing that anybody typed.

A line of a request has `request_id`, and those of the tasks that it starts have the same; both have ids of the member,
organization, integration and link as far as they are known by then.

No line has a query string, a name, an e-mail address, a token or the text of an error, which often repeats a value.
Our own events are words with ids. Of what libraries log, only those are shown as they are whose words are known to be
harmless; of any other the place is named, and of an error its type and where it came from.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator
from http import HTTPStatus
from types import TracebackType
from typing import Any

import structlog

from config.request_line import KEY, request_line

Event = dict[str, Any]
ExcInfo = tuple[type[BaseException] | None, BaseException | None, TracebackType | None]

_SECRET_PATH = re.compile(
    r"(/(?:join|logo|hooks/[\w-]+|invitations|password(?:/[\w-]+(?=/[^/\s?\"']))?|account/address)/)[^/\s?\"']+"
)
#: Loggers whose messages are about processes and connections. Of any other library's the text is left out.
_HARMLESS = (
    *("config", "organizations", "integrations", "jobs", "scheduling"),
    *("celery.worker.consumer", "celery.worker.strategy", "celery.beat", "celery.apps", "kombu"),
)
#: What a line about a task may have of Celery's context; the rest is arguments, results and texts of errors.
_OF_A_TASK = ("name", "id", "description", "runtime")
#: Errors whose text is made of names in the code or of the database's own words.
_TELLING = (AttributeError, NameError, ImportError)


def text_of(error: BaseException) -> str:
    """The text of an error where it repeats no value: for a database's, its first line. Otherwise empty."""
    from django.core.exceptions import ImproperlyConfigured
    from django.db import IntegrityError, OperationalError

    if isinstance(error, (IntegrityError, OperationalError)):
        return str(error).partition("\n")[0]  # PostgreSQL has the row's values in the lines that follow
    return str(error) if isinstance(error, (*_TELLING, ImproperlyConfigured)) else ""


def place_of_error(exc_info: ExcInfo) -> str:
    """A traceback of the error and what caused it, with texts only where `text_of` has them."""
    return "\n".join(part for error in _chain(exc_info[1]) for part in _lines(error))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error after its causes, the first one first."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return reversed(found)


def _lines(error: BaseException) -> list[str]:
    kind, text = f"{type(error).__module__}.{type(error).__qualname__}", text_of(error)
    where = "".join(traceback.format_tb(error.__traceback__)).rstrip()
    return ["Traceback (most recent call last):", where, f"{kind}: {text}" if text else kind]


def without_values(_logger: Any, _method: str, event: Event) -> Event:
    """Leave out of a library's line what somebody may have typed."""
    record, arguments = event["_record"], event.pop("positional_args", None)
    if request := getattr(record, "request", None):
        return _about_request(event, record, request)
    if record.name == "celery.app.trace" and isinstance(arguments, dict):
        return event | {"event": "task_ended"} | {name: arguments[name] for name in _OF_A_TASK if name in arguments}
    if record.name.startswith(_HARMLESS):
        return event
    return event | {"event": "text left out", "at": f"{record.module}:{record.lineno}"}


def _about_request(event: Event, record: Any, request: Any) -> Event:
    status = HTTPStatus(getattr(record, "status_code", 500))
    said = event | {"event": status.phrase, "request": request_line(request)}
    if request_id := request.META.get(KEY):
        said["request_id"] = request_id
    if status < HTTPStatus.INTERNAL_SERVER_ERROR and (problem := said.pop("exc_info", None)) and problem[0]:
        said["problem"] = problem[0].__name__  # where it was raised matters to nobody: it is the visitor's
    return said


def hide_tokens(_logger: Any, _method: str, event: Event) -> Event:
    """Mask the secret part of addresses in a line or a traceback: a second net."""
    for name, value in event.items():
        if isinstance(value, str) and "/" in value:
            event[name] = _SECRET_PATH.sub(r"\1…", value)
    return event


def logging_config(how: str = "text") -> dict[str, Any]:
    """The LOGGING setting; also configures structlog, which writes through the standard library.

    `how`: "text" is for people, "json" one object a line for programs.
    """
    in_order = ["timestamp", "level", "logger", "event"]
    as_text = structlog.processors.KeyValueRenderer(key_order=in_order, drop_missing=True)
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
    ]
    render_error = structlog.processors.ExceptionRenderer(place_of_error)
    structlog.configure(
        processors=[
            *shared,
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            render_error,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    render_error,
                    hide_tokens,
                    structlog.processors.JSONRenderer() if how == "json" else as_text,
                ],
                "foreign_pre_chain": [*shared, without_values],
                "pass_foreign_args": True,
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            # Two lines for each task, every few seconds for the sweepers: they would bury what somebody has to read.
            "celery": {"level": "WARNING"},
            # One line for each request that succeeds tells nothing, and has what a browser calls itself.
            "django_structlog": {"level": "WARNING"},
            "django.server": {"level": "WARNING"},
            # It names each passkey that is used.
            "fido2": {"level": "WARNING"},
            "urllib3": {"level": "WARNING"},
            # It logs every request that waits for a thread, and every connection that its client closed early.
            "waitress": {"level": "WARNING"},
            "waitress.queue": {"level": "ERROR"},
        },
    }

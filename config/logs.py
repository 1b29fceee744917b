"""Logging: one structured line per event on standard output, without data that identifies a candidate."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any

import structlog

_SECRET_PATH = re.compile(r"(/(?:join|hooks/[\w-]+|invitations|password|account/address)/)[^/\s?\"']+")


def hide_tokens(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask the secret part of addresses in a line or a traceback."""
    for name, value in event.items():
        if isinstance(value, str) and "/" in value:
            event[name] = _SECRET_PATH.sub(r"\1…", value)
    return event


def logging_config() -> dict[str, Any]:
    """The LOGGING setting; also configures structlog, which writes through the standard library."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
    ]
    structlog.configure(
        processors=[
            *shared,
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.processors.format_exc_info,
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
                    structlog.processors.format_exc_info,
                    hide_tokens,
                    structlog.processors.KeyValueRenderer(
                        key_order=["timestamp", "level", "logger", "event"], drop_missing=True
                    ),
                ],
                "foreign_pre_chain": [*shared, structlog.stdlib.PositionalArgumentsFormatter()],
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            # Two lines for each task, every few seconds for the sweepers: they would bury what somebody has to read.
            "celery": {"level": "WARNING"},
            # A request's address can hold a join token or a webhook's secret; our own lines say what happened.
            "django_structlog": {"level": "WARNING"},
            "django.server": {"level": "WARNING"},
            "urllib3": {"level": "WARNING"},
            # A line for each request that waits for a thread, and for each visitor who has left.
            "waitress": {"level": "WARNING"},
            "waitress.queue": {"level": "ERROR"},
        },
    }

"""The database, and Redis."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from config.environment.values import bad, env, text

DATABASE_SCHEMES = {"postgres", "postgresql", "sqlite"}


def database(name: str, default: Path) -> dict[str, object]:
    """Django's settings for one database; without a value, SQLite in the file `default`."""
    value = text(name, "")
    if not value:
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(default)}
    try:
        # The scheme first: the parser repeats an address it does not know, and its password, in a warning.
        known = urlsplit(value).scheme in DATABASE_SCHEMES
        config = dict(env.db_url_config(value)) if known else {}
    except (ValueError, KeyError, TypeError, ImproperlyConfigured):
        config = {}
    if config.get("NAME") in {None, "", ":memory:"}:
        raise bad(name, "must be an address like postgres://user:password@host:5432/name or sqlite:////path/to/file.")
    return config


def redis_url(name: str) -> str:
    """redis://, rediss:// (TLS) or unix:///path/to/socket; empty when Redis is not used."""
    value = text(name, "")
    try:
        parts = urlsplit(value)
        # The client takes no notice of a database that is no number, the broker ends by it.
        numbered = parts.scheme == "unix" or re.fullmatch(r"(/\d*)?", parts.path) is not None
        place = parts.path if parts.scheme == "unix" else parts.hostname if (parts.port or 1) > 0 else ""
    except ValueError:
        parts, place, numbered = urlsplit(""), "", False
    if value and (not numbered or parts.scheme not in {"redis", "rediss", "unix"} or not place):
        raise bad(name, "must be an address like redis://host:6379/0, rediss://... or unix:///path/to/socket.")
    return value


def broker_url(redis: str) -> str:
    """The same server as Celery writes it: a socket is `redis+socket://`, its database `virtual_host`."""
    if not redis.startswith("unix://"):
        return redis
    return (
        redis.replace("unix://", "redis+socket://", 1)
        .replace("?db=", "?virtual_host=")
        .replace("&db=", "&virtual_host=")
    )

"""Reads the environment, and names the variable that is missing or malformed."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import environ
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()


def bad(name: str, problem: str) -> ImproperlyConfigured:
    """The one sentence an operator reads when a setting is wrong. Never repeats the value: it may be a secret."""
    return ImproperlyConfigured(f"{name} {problem} See .env.example for what it means.")


def text(name: str, default: str | None = None) -> str:
    value = str(env.str(name, default="" if default is None else default)).strip()
    if not value and default is None:
        raise bad(name, "is not set.")
    return value


def boolean(name: str, default: bool) -> bool:
    value = text(name, "true" if default else "false").lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise bad(name, "must be true or false.")


def number(name: str, default: float, *, least: float, most: float) -> float:
    try:
        value = float(text(name, str(default)))
    except ValueError:
        raise bad(name, "must be a number.") from None
    if not least <= value <= most:
        raise bad(name, f"must be between {least:g} and {most:g}.")
    return value


def http_url(name: str, default: str | None = None) -> str:
    value = text(name, default)
    try:
        parts = urlsplit(value)
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        fits = False
    if not fits:
        raise bad(name, "must be an address that starts with http:// or https://.")
    return value


def fernet_keys(name: str) -> list[str]:
    """Newest first, separated by commas. The first encrypts, all of them decrypt."""
    keys = [key.strip() for key in text(name).split(",") if key.strip()]
    if not keys:
        raise bad(name, "is empty.")
    for key in keys:
        try:
            Fernet(key)
        except ValueError:
            raise bad(name, "must be a list of Fernet keys: 32 bytes each, in URL-safe base64.") from None
    return keys


def folder(name: str, default: Path) -> Path:
    path = Path(text(name, str(default))).expanduser().resolve()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise bad(name, "must be a folder that can be made and written to.") from None
    return path


def database(name: str, default: str) -> dict[str, object]:
    try:
        value = dict(env.db_url_config(text(name, default)))
    except (ValueError, KeyError, TypeError, ImproperlyConfigured):
        value = {}
    if value.get("ENGINE") not in {"django.db.backends.sqlite3", "django.db.backends.postgresql"}:
        raise bad(name, "must be a postgres:// or sqlite:/// address.")
    return value


def email(name: str, default: str) -> dict[str, object]:
    try:
        return dict(env.email_url_config(text(name, default)))
    except (ValueError, KeyError, TypeError, ImproperlyConfigured):
        raise bad(name, "must be an address like smtp+tls://user:password@host:587.") from None


def redis_url(name: str) -> str:
    value = text(name, "")
    if value and urlsplit(value).scheme not in {"redis", "rediss", "unix"}:
        raise bad(name, "must start with redis://, rediss:// or unix://.")
    return value

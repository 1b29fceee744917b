"""The plain kinds of values, and where they come from: the environment, `.env`, files, and made secrets."""

from __future__ import annotations

import os
import re
from pathlib import Path

import environ
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent.parent
SECRETS = "secrets.env"
#: Nothing but Panelist itself gets these.
SECRET_NAMES = (
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "FERNET_KEYS",
    "DATABASE_URL",
    "REDIS_URL",
    "EMAIL_URL",
    "IMAP_PASSWORD",
    "METRICS_TOKEN",
    "SENTRY_DSN",
    "GOOGLE_CLIENT_SECRET",
    "MICROSOFT_CLIENT_SECRET",
    "MICROSOFT_TRIAL_SECRET",
)
#: The end of a variable that names a file with the value, as container platforms hand secrets over.
FILE = "_FILE"
env = environ.Env()
PATH = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*")
#: Nobody guesses so many random characters; Django advises 50.
SHORTEST_SECRET = 20


def bad(name: str, problem: str) -> ImproperlyConfigured:
    """The error for a wrong setting. It never repeats the value, which may be a secret."""
    return ImproperlyConfigured(f"{name} {problem} See .env.example.")


def read_dotenv() -> None:
    """Set the variables of `.env` that the environment does not have."""
    if (BASE_DIR / ".env").is_file() and not os.environ.get("PANELIST_IGNORE_DOTENV"):
        env.read_env(BASE_DIR / ".env")


def read_secrets(data_dir: Path) -> None:
    """Set the secrets that `make demo` or `make run` once created, where the environment does not have them."""
    path = data_dir / SECRETS
    if not path.is_file():
        return
    try:
        lines = path.read_text().splitlines()
    except OSError:
        raise bad("DATA_DIR", f"holds a {SECRETS} that can't be read by this user.") from None
    for line in lines:
        name, found, value = line.partition("=")
        if found and not is_set(name.strip()):
            os.environ[name.strip()] = value.strip()


def is_set(name: str) -> bool:
    """Whether there is a value, or a file that should hold it."""
    return any(os.environ.get(each, "").strip() for each in (name, name + FILE))


def text(name: str, default: str | None = None) -> str:
    """The value without spaces around it. An empty one is the same as none. `<name>_FILE` names a file that holds it.

    Read without django-environ, which takes a value like `$abc` for the name of another variable: a secret may be so.
    """
    value, path = (os.environ.get(each, "").strip() for each in (name, name + FILE))
    if value and path:
        raise bad(name, f"and {name}{FILE} are both set. Keep one of them.")
    found = _content(name + FILE, path) if path else value or default
    if found is None:
        raise bad(name, "is not set.")
    return found


def _content(name: str, path: str) -> str:
    """The text of a file that a variable names."""
    try:
        found = Path(path).read_text().strip()
    except (OSError, ValueError):
        raise bad(name, "must name a file that this user can read.") from None
    if not found:
        raise bad(name, "names an empty file.")
    return found


def boolean(name: str, default: bool) -> bool:
    value = text(name, "true" if default else "false").lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise bad(name, "must be true or false.")


def choice(name: str, default: str, known: tuple[str, ...]) -> str:
    value = text(name, default).lower()
    if value not in known:
        raise bad(name, f"must be {' or '.join(known)}.")
    return value


def number(name: str, default: float, *, least: float, most: float) -> float:
    try:
        value = float(text(name, str(default)))
    except ValueError:
        raise bad(name, "must be a number.") from None
    if not least <= value <= most:
        raise bad(name, f"must be between {least:g} and {most:g}.")
    return value


def integer(name: str, default: int, *, least: int, most: int) -> int:
    try:
        value = int(text(name, str(default)))
    except ValueError:
        raise bad(name, "must be a whole number.") from None
    if not least <= value <= most:
        raise bad(name, f"must be between {least} and {most}.")
    return value


def secret(name: str) -> str:
    value = text(name)
    if len(value) < SHORTEST_SECRET:
        raise bad(name, f"must be at least {SHORTEST_SECRET} random characters.")
    return value


def secret_or_none(name: str) -> str:
    """A secret; empty without a value."""
    return secret(name) if is_set(name) else ""


def secrets(name: str) -> list[str]:
    """Secrets separated by commas; none without a value."""
    values = [value.strip() for value in text(name, "").split(",") if value.strip()]
    if any(len(value) < SHORTEST_SECRET for value in values):
        raise bad(name, f"must be secrets of at least {SHORTEST_SECRET} characters, separated by commas.")
    return values


def fernet_keys(name: str) -> list[str]:
    """The keys, the newest first. The first encrypts, all of them decrypt."""
    keys = [key.strip() for key in text(name).split(",") if key.strip()]
    if not keys:
        raise bad(name, "is empty.")
    for key in keys:
        try:
            Fernet(key)
        except ValueError:
            raise bad(name, "must be a list of Fernet keys: 32 bytes each, in URL-safe base64.") from None
    return keys


def path_or_off(name: str, default: str) -> str:
    """A path below the product's address, without slashes at its ends; "" for `off`."""
    value = text(name, default).strip("/")
    if value.lower() == "off":
        return ""
    if not PATH.fullmatch(value):
        raise bad(name, "must be a path like admin or staff/admin, or off.")
    return value


def place(name: str, default: Path) -> Path:
    """A folder that need not be there, nor be written to."""
    return Path(text(name, str(default))).expanduser().resolve()


def folder(name: str, default: Path) -> Path:
    path = place(name, default)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise bad(name, "must be a folder that can be created and written to.") from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise bad(name, "must be a folder that this user can write to.")
    return path

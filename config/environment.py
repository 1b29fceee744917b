"""Read settings from the environment. Errors name the variable that is missing or malformed."""

from __future__ import annotations

import ipaddress
import os
import re
import socket
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

import environ
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
SECRETS = "secrets.env"
#: Nothing but Panelist itself gets these.
SECRET_NAMES = (
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "FERNET_KEYS",
    "DATABASE_URL",
    "REDIS_URL",
    "EMAIL_URL",
    "METRICS_TOKEN",
    "SENTRY_DSN",
    "GOOGLE_CLIENT_SECRET",
    "MICROSOFT_CLIENT_SECRET",
    "MICROSOFT_TRIAL_SECRET",
)
#: The end of a variable that names a file with the value, as container platforms hand secrets over.
FILE = "_FILE"

env = environ.Env()
# TLS from the first byte, or after STARTTLS; a mail server without either listens on 25.
MAIL_PORTS = {"smtps": 465, "smtp+ssl": 465, "smtp+tls": 587}
DATABASE_SCHEMES = {"postgres", "postgresql", "sqlite"}
PATH = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*")
HOST = re.compile(r"\*|\.?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*|\[[0-9A-Fa-f:.]+\]")
ADDRESS = re.compile(r"[^@\s<>,]+@[^@\s<>,]+")
#: Ends of names that are known in one network only (RFC 2606, 6761, 6762, 8375 and custom).
PRIVATE_ENDS = (".local", ".localdomain", ".internal", ".intranet", ".lan", ".home", ".corp", ".home.arpa")
INVENTED_ENDS = (".test", ".example", ".invalid")
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


def http_url(name: str, default: str | None = None) -> str:
    value = text(name, default)
    try:
        parts = urlsplit(value)
        known = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
        # A user and password in it would take the place of the API key, and show in error texts.
        fits = known and "@" not in parts.netloc and not re.search(r"\s", value)
    except ValueError:
        fits = False
    if not fits:
        raise bad(name, "must be an address that starts with http:// or https://, with no user and no spaces in it.")
    return value


def sentry_dsn(name: str) -> str:
    """The address of a project at Sentry, which has its key in it; empty without a value."""
    value = text(name, "")
    if value and not re.fullmatch(r"https?://[^@\s:/]+@[^@\s/]+(/[^@\s]*)?/\d+", value):
        raise bad(name, "must be the DSN of a Sentry project, like https://key@sentry.example.com/1.")
    return value


def vendor_url(name: str, default: str | None = None) -> str:
    """An address that API keys are sent to: https, or this machine, as the sandbox is."""
    value = http_url(name, default)
    if urlsplit(value).scheme == "http" and not _is_here(value) and not boolean("ALLOW_HTTP_VENDORS", False):
        raise bad(
            name, "must start with https://, because API keys are sent there. ALLOW_HTTP_VENDORS=true allows http."
        )
    return value


def _is_here(address: str) -> bool:
    """Whether an address is at this machine, whatever name servers say."""
    found = (urlsplit(address).hostname or "").rstrip(".")
    return (
        found == "localhost"
        or found.endswith(".localhost")
        or (_is_ip(found) and ipaddress.ip_address(found).is_loopback)
    )


def origin(name: str, default: str) -> str:
    """Scheme, host and port, without a slash at the end."""
    value = http_url(name, default).rstrip("/")
    host_name = re.fullmatch(r"https?://(.+?)(:\d+)?", value)
    if host_name is None or not HOST.fullmatch(host_name.group(1)):
        raise bad(name, "must be like https://panelist.example.com, with nothing after the host name and port.")
    return value


def host_of(address: str) -> str:
    """The host name of an address, an IPv6 one in brackets, as lists of hosts and mail addresses write it."""
    found = urlsplit(address).hostname or ""
    return f"[{found}]" if ":" in found else found


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


def sender(name: str, default: str) -> str:
    """One mail address, with or without a name before it."""
    value = text(name, default)
    address = parseaddr(value)[1]
    if not ADDRESS.fullmatch(address) or ("<" in value) != value.endswith(">") or value.count("@") != 1:
        raise bad(name, "must be one address like panelist@example.com or Panelist <panelist@example.com>.")
    return value


def contact(name: str) -> str:
    """Where to report a vulnerability: a `mailto:` or https address; empty without a value."""
    value = text(name, "")
    if not value or re.fullmatch(r"https://[^\s@]+", value):
        return value
    address = value.removeprefix("mailto:")
    if not ADDRESS.fullmatch(address):
        raise bad(name, "must be an e-mail address, or an address that starts with https://.")
    return f"mailto:{address}"


def refuse_sender(name: str, value: str) -> None:
    """Raise for a sender at localhost or at an IP address: mail servers refuse it."""
    domain = mail_domain(value)
    if _is_ip(domain.strip("[]").removeprefix("ipv6:")) or domain == "localhost" or domain.endswith(".localhost"):
        raise bad(
            name,
            "must be an address at your own domain, like panelist@example.com: EMAIL_URL is set, and mail servers "
            "refuse a sender at localhost or at an IP address. Without it, the sender is panelist@ and the host of "
            "BASE_URL.",
        )


def sender_warning(name: str, value: str) -> str:
    """A warning that mail from a private domain may not arrive; "" for a public domain."""
    domain = mail_domain(value)
    ends = (*PRIVATE_ENDS, *INVENTED_ENDS)
    if "." in domain and not domain.endswith(ends):
        return ""
    return (
        f"{name}: e-mails come from {domain}, a private domain, and other mail servers may refuse them. "
        f"Set {name} to an address at a public domain."
    )


def mail_domain(value: str) -> str:
    return parseaddr(value)[1].rpartition("@")[2].lower().rstrip(".")


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def dns_server(name: str) -> tuple[str, int] | None:
    """Address and port of a DNS server, such as 10.0.0.2, 10.0.0.2:5353 or [fd00::2]:5353; None when unset."""
    value = text(name, "")
    if not value:
        return None
    try:
        parts = urlsplit(f"//{f'[{value}]' if _is_ip(value) and ':' in value else value}")
        address, port = parts.hostname or "", parts.port or 53
    except ValueError:
        address, port = "", 0
    if not _is_ip(address) or parts.path or parts.username:
        raise bad(name, "must be an IP address, with :port unless it is 53.")
    return address, port


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


def hosts(name: str, default: str) -> list[str]:
    """Host names without scheme or port, separated by commas; `.example.com` is a domain with all below it."""
    value = [host.strip() for host in text(name, default).split(",") if host.strip()]
    if not value or not all(HOST.fullmatch(host) for host in value):
        raise bad(name, "must be host names separated by commas, without http:// and without ports.")
    return value


def path_or_off(name: str, default: str) -> str:
    """A path below the product's address, without slashes at its ends; "" for `off`."""
    value = text(name, default).strip("/")
    if value.lower() == "off":
        return ""
    if not PATH.fullmatch(value):
        raise bad(name, "must be a path like admin or staff/admin, or off.")
    return value


def host(name: str, default: str) -> str:
    """One address of this machine to listen on."""
    value = text(name, default)
    try:
        address = ipaddress.ip_address("127.0.0.1" if value == "localhost" else value)
        with socket.socket(socket.AF_INET if address.version == 4 else socket.AF_INET6) as probe:
            probe.bind((str(address), 0))
        return str(address)
    except (ValueError, OSError):
        raise bad(name, "must be an IP address of this machine: 127.0.0.1, or 0.0.0.0 for all of them.") from None


def networks(name: str, default: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """IP addresses and networks, separated by commas."""
    try:
        return [ipaddress.ip_network(part.strip()) for part in text(name, default).split(",") if part.strip()]
    except ValueError:
        raise bad(
            name, "must be IP addresses or networks separated by commas, like 10.0.0.5 or 172.16.0.0/12."
        ) from None


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


def email(name: str, outbox: Path) -> dict[str, object]:
    """Django's settings for mail; without a value, mails become files in the folder `outbox`."""
    value = text(name, "")
    if not value:
        return {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend", "EMAIL_FILE_PATH": str(outbox)}
    try:
        config = dict(env.email_url_config(value))
    except (ValueError, KeyError, TypeError, ImproperlyConfigured):
        config = {}
    scheme = value.partition(":")[0]
    if not config or (scheme.startswith("smtp") and not config.get("EMAIL_HOST")):
        raise bad(name, "must be an address like smtp+tls://user:password@host:587.")
    config["EMAIL_PORT"] = config.get("EMAIL_PORT") or MAIL_PORTS.get(scheme, 25)
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

"""The mail server, and addresses of mail."""

from __future__ import annotations

import re
from email.utils import parseaddr
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from config.environment.addresses import is_ip
from config.environment.values import bad, env, text

# TLS from the first byte, or after STARTTLS; a mail server without either listens on 25.
MAIL_PORTS = {"smtps": 465, "smtp+ssl": 465, "smtp+tls": 587}
ADDRESS = re.compile(r"[^@\s<>,]+@[^@\s<>,]+")
#: Ends of names that are known in one network only (RFC 2606, 6761, 6762, 8375 and custom).
PRIVATE_ENDS = (".local", ".localdomain", ".internal", ".intranet", ".lan", ".home", ".corp", ".home.arpa")
INVENTED_ENDS = (".test", ".example", ".invalid")


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
    if is_ip(domain.strip("[]").removeprefix("ipv6:")) or domain == "localhost" or domain.endswith(".localhost"):
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

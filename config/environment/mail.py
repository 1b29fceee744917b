"""The mail server, and addresses of mail."""

from __future__ import annotations

import re
from email.utils import parseaddr
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from config.environment.addresses import HOST, is_here, is_ip
from config.environment.values import bad, choice, env, integer, text

# TLS from the first byte, or after STARTTLS; a mail server without either listens on 25.
MAIL_PORTS = {"smtps": 465, "smtp+ssl": 465, "smtp+tls": 587}
#: How the connection to a mailbox is secured, and the usual port.
IMAP_PORTS = {"tls": 993, "starttls": 143, "none": 143}
#: Before the @ there are 64 characters at most (RFC 5321), and a plus sign with 32 more identify an invitation.
LONGEST_REPLY_NAME = 31
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


def answers_mailbox() -> dict[str, object]:
    """Django's settings for the mailbox to which answers to invitations come; an empty host where there is none."""
    host = text("IMAP_HOST", "")
    if host and not HOST.fullmatch(host):
        raise bad("IMAP_HOST", "must be one host name, without a port.")
    security = choice("IMAP_SECURITY", "tls", tuple(IMAP_PORTS))
    if host and security == "none" and not is_here(f"//{host}"):
        raise bad("IMAP_SECURITY", "must be tls or starttls: the password would travel readable.")
    return {
        "IMAP_HOST": host,
        "IMAP_PORT": integer("IMAP_PORT", IMAP_PORTS[security], least=1, most=65535),
        "IMAP_SECURITY": security,
        "IMAP_USER": text("IMAP_USER", None if host else ""),
        "IMAP_PASSWORD": text("IMAP_PASSWORD", None if host else ""),
        "IMAP_FOLDER": text("IMAP_FOLDER", "INBOX"),
        "IMAP_REPLY_ADDRESS": reply_address("IMAP_REPLY_ADDRESS") if host else "",
    }


def reply_address(name: str) -> str:
    """The address whose mail arrives in that mailbox, also with a plus sign and more before the @."""
    value = text(name).lower()
    local = value.partition("@")[0]
    if not value.isascii() or not ADDRESS.fullmatch(value) or len(local) > LONGEST_REPLY_NAME:
        raise bad(name, f"must be one address with at most {LONGEST_REPLY_NAME} characters before the @.")
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

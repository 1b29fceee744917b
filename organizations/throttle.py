"""Bounds guessing of passwords, and mails that strangers ask for.

Counted in the database, so that all web processes count together. An account and a place have their tries together; a
place is the visitor's address or, in a browser that this account signed in with before, that browser. So a stranger
uses up the tries of strangers, never those of a person at the own desk, and who can read the account's mail makes any
browser known by choosing a new password. Addresses and e-mails are stored as keyed hashes only.
"""

from __future__ import annotations

import ipaddress
import math
import secrets
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_variables

from organizations import addresses
from organizations.models import Attempt, User

log = structlog.get_logger(__name__)

#: Wrong passwords for one account from one place, and for all accounts from one address, within `WINDOW`.
TRIES_PER_ACCOUNT = 5
TRIES_PER_IP = 50
WINDOW = timedelta(minutes=15)
#: Mails with a link to a new password for one account, whoever asks; each link holds for hours.
PASSWORD_MAILS = 3
PASSWORD_MAILS_WITHIN = timedelta(hours=1)
#: Nothing is counted for longer; older rows are of no use to anybody.
KEPT_FOR = max(WINDOW, PASSWORD_MAILS_WITHIN)

LONGEST_EMAIL = 254
COOKIE = "known_browser"
COOKIE_AGE = timedelta(days=365)
SALT = "organizations.throttle"

Kind = Attempt.Kind


class ThrottledBackend(ModelBackend):
    """E-mail and password, wherever they are asked for: the Django admin's own page counts too."""

    @sensitive_variables()
    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """Raises ValidationError, for the form to show, when there were too many tries."""
        email = username or kwargs.get(User.USERNAME_FIELD)
        if request is None or email is None:
            return super().authenticate(request, username, password, **kwargs)
        if len(str(email)) > LONGEST_EMAIL:
            return None  # nobody's, and too long for a database to look up
        account = _hash(addresses.key(str(email)))
        browser = _known_browser(request, account)
        attempt = _count_attempt(account, place=browser or client_ip(request), is_known=bool(browser))
        user = super().authenticate(request, username, password, **kwargs)
        if user is not None:
            Attempt.objects.filter(kind=Kind.SIGN_IN, account=account, place=attempt.place).delete()
        return user


def remember_browser(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """From now on this browser has tries of its own for this account."""
    account = _hash(addresses.key(user.email))
    browser = _known_browser(request, account) or secrets.token_urlsafe(16)
    response.set_cookie(
        COOKIE,
        signing.dumps([account, browser], salt=SALT),
        max_age=COOKIE_AGE,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def may_mail_password(user: User) -> bool:
    """Whether one more mail may go to this account; counts it."""
    account, now = _hash(addresses.key(user.email)), timezone.now()
    attempt = Attempt.objects.create(kind=Kind.PASSWORD_MAIL, account=account, place="", at=now)
    if _free_at(now - PASSWORD_MAILS_WITHIN, PASSWORD_MAILS, attempt, account=account) is None:
        return True
    attempt.delete()
    log.warning("password_mail_not_sent", user=user.pk, error="too many")
    return False


def client_ip(request: HttpRequest) -> str:
    """The visitor's address; of IPv6 the network, because one visitor has all of it.

    Behind a proxy it is the last one in X-Forwarded-For, which the proxy wrote; the visitor may write those before.
    """
    said = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        said = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip() or said
    try:
        address = ipaddress.ip_address(said.strip("[]"))
    except ValueError:
        return "unknown"
    if address.version == 4:
        return str(address)
    return str(address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False))


def _count_attempt(account: str, *, place: str, is_known: bool) -> Attempt:
    """Writes the try down before the password is looked at: tries at the same moment count each other."""
    now = timezone.now()
    since = now - WINDOW
    Attempt.objects.filter(at__lt=now - KEPT_FOR).delete()
    attempt = Attempt.objects.create(kind=Kind.SIGN_IN, account=account, place=_hash(place), at=now)
    free = [_free_at(since, TRIES_PER_ACCOUNT, attempt, account=account, place=attempt.place)]
    if not is_known:
        free.append(_free_at(since, TRIES_PER_IP, attempt, place=attempt.place))
    later = max((moment for moment in free if moment is not None), default=None)
    if later is None:
        return attempt
    attempt.delete()
    log.warning("sign_in_refused", reason="too many tries")
    raise _too_many(later + WINDOW - now)


def _free_at(since: datetime, most: int, attempt: Attempt, **whose: str) -> datetime | None:
    """None where there is room. Else the moment of the try that has to grow old before there is room again."""
    others = Attempt.objects.filter(kind=attempt.kind, at__gt=since, **whose).exclude(pk=attempt.pk)
    moments = list(others.order_by("-at", "-pk").values_list("at", flat=True)[:most])
    return moments[-1] if len(moments) == most else None


def _too_many(wait: timedelta) -> ValidationError:
    minutes = max(1, math.ceil(wait.total_seconds() / 60))
    text = ngettext(
        "Too many tries with a wrong password. Try again in %(minutes)d minute, or choose a new password by e-mail.",
        "Too many tries with a wrong password. Try again in %(minutes)d minutes, or choose a new password by e-mail.",
        minutes,
    )
    return ValidationError(text % {"minutes": minutes}, code="too_many_tries")


def _known_browser(request: HttpRequest, account: str) -> str:
    """The name that this browser got when the account signed in with it; empty when it never did."""
    try:
        known, browser = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=COOKIE_AGE)
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return str(browser) if known == account else ""


def _hash(text: str) -> str:
    return salted_hmac(SALT, text, algorithm="sha256").hexdigest()

"""Limit password guessing, and mails that strangers request.

Attempts are counted in the database, so that all web processes share the count. The limit is per account and place: the
visitor's IP address or, in a browser that has signed in to this account before, that browser. So strangers never use up
the attempts of a person at their own desk, and choosing a new password by mail makes any browser known. Addresses are
stored as keyed hashes only.
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
from organizations.password_hashing import even_out

log = structlog.get_logger(__name__)

#: Wrong passwords for one account from one place, and for all accounts from one IP address, within `WINDOW`.
TRIES_PER_ACCOUNT = 5
TRIES_PER_IP = 50
WINDOW = timedelta(minutes=15)
#: Mails with a link to a new password for one account, whoever asks; each link is valid for hours.
PASSWORD_MAILS = 3
PASSWORD_MAILS_WITHIN = timedelta(hours=1)
#: Older rows of these kinds are deleted: nothing counts them.
KEPT_FOR = max(WINDOW, PASSWORD_MAILS_WITHIN)

LONGEST_EMAIL = 254
COOKIE = "known_browser"
COOKIE_AGE = timedelta(days=365)
SALT = "organizations.throttle"

Kind = Attempt.Kind


class ThrottledBackend(ModelBackend):
    """Authentication by e-mail and password with a limit, also on the Django admin's sign-in page."""

    @sensitive_variables()
    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """Authenticate. Raises ValidationError, for the form to show, after too many attempts."""
        email = username or kwargs.get(User.USERNAME_FIELD)
        if request is None or email is None:
            return super().authenticate(request, username, password, **kwargs)
        if len(str(email)) > LONGEST_EMAIL:
            return None  # no account has it, and no index can look it up
        account = _hash(addresses.key(str(email)))
        browser = _known_browser(request, account)
        attempt = _count_attempt(account, place=browser or client_ip(request), is_known=bool(browser))
        user = super().authenticate(request, username, password, **kwargs)
        if user is None:
            stored = User.objects.filter(email=str(email)).values_list("password", flat=True).first()
            even_out(password or "", stored or "")
        else:
            Attempt.objects.filter(kind=Kind.SIGN_IN, account=account, place=attempt.place).delete()
        return user


def remember_browser(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Give this browser its own attempts for this account from now on, with a signed cookie."""
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


def may_mail_password(email: str) -> bool:
    """Whether one more mail may go to this address. Counts it, also for one that has no account."""
    account, now = _hash(addresses.key(email)), timezone.now()
    attempt = Attempt.objects.create(kind=Kind.PASSWORD_MAIL, account=account, place="", at=now)
    if _free_at(now - PASSWORD_MAILS_WITHIN, PASSWORD_MAILS, attempt, account=account) is None:
        return True
    attempt.delete()
    log.warning("password_mail_not_sent", error="too many")
    return False


def client_ip(request: HttpRequest) -> str:
    """The visitor's IP address; for IPv6 its /64 network, all of which belongs to one visitor.

    Behind a proxy it is the last entry of X-Forwarded-For, which the proxy wrote; visitors can forge the others.
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
    """Store the attempt before checking the password, so that simultaneous attempts count each other."""
    now = timezone.now()
    since = now - WINDOW
    Attempt.objects.filter(kind__in=Kind.values, at__lt=now - KEPT_FOR).delete()
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
    """None when another attempt is allowed, else the time of the attempt that must leave the window first."""
    others = Attempt.objects.filter(kind=attempt.kind, at__gt=since, **whose).exclude(pk=attempt.pk)
    moments = list(others.order_by("-at", "-pk").values_list("at", flat=True)[:most])
    return moments[-1] if len(moments) == most else None


def _too_many(wait: timedelta) -> ValidationError:
    minutes = max(1, math.ceil(wait.total_seconds() / 60))
    text = ngettext(
        "Too many wrong passwords. Try again in %(minutes)d minute, or reset your password.",
        "Too many wrong passwords. Try again in %(minutes)d minutes, or reset your password.",
        minutes,
    )
    return ValidationError(text % {"minutes": minutes}, code="too_many_tries")


def _known_browser(request: HttpRequest, account: str) -> str:
    """This browser's id from its cookie for the account, "" when it never signed in to it."""
    try:
        known, browser = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=COOKIE_AGE)
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return str(browser) if known == account else ""


def _hash(text: str) -> str:
    return salted_hmac(SALT, text, algorithm="sha256").hexdigest()

"""Limit password guessing.

Attempts are counted in the database, so that all web processes share the count. The limit is per account and place: the
visitor's IP address or, in a browser that has signed in to this account before, that browser. So strangers never use up
the attempts of a person at their own desk, and choosing a new password by mail makes any browser known. Guesses from
many places at once are bounded per account, and its owner gets one mail. Addresses are stored as keyed hashes only.
"""

from __future__ import annotations

import math
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

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

from organizations import addresses, guessing
from organizations.client_address import client_ip, client_site
from organizations.compiled import Compiled
from organizations.models import Attempt, User
from organizations.password_hashing import even_out

__all__ = ["ThrottledBackend", "client_ip", "remember_browser"]

log = structlog.get_logger(__name__)

#: Wrong passwords within `WINDOW`: for one account from one place, from one IPv6 site, and from everywhere.
TRIES_PER_ACCOUNT = 5
TRIES_PER_ACCOUNT_AND_SITE = 10
TRIES_PER_ACCOUNT_ANYWHERE = 30
#: For all accounts from one IP address, and from one IPv6 site.
TRIES_PER_IP = 50
TRIES_PER_SITE = 200
WINDOW = timedelta(minutes=15)

LONGEST_EMAIL = 254
#: With https under a name that browsers take from this very host alone; the other one is read for whoever has it.
COOKIE, COOKIE_OF_HOST = "known_browser", "__Host-known_browser"
COOKIE_AGE = timedelta(days=365)
SALT = "organizations.throttle"

Kind = Attempt.Kind


_USER: Final = Compiled(lambda pk: User.objects.filter(pk=pk)[:1], int)


class ThrottledBackend(ModelBackend):
    """Authentication by e-mail and password with a limit: to sign in, to confirm, and to change the password."""

    def get_user(self, user_id: int) -> User | None:
        """The user of a session, None where they may not sign in any more."""
        user = _USER.first(user_id)
        return user if user is not None and self.user_can_authenticate(user) else None

    @sensitive_variables()
    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """Authenticate. Raises ValidationError, for the form to show, after too many attempts."""
        email = str(username or kwargs.get(User.USERNAME_FIELD) or "")
        if request is None or not email:
            return super().authenticate(request, username, password, **kwargs)
        if len(email) > LONGEST_EMAIL:
            return None  # no account has it, and no index can look it up
        attempts = _count(request, email)
        cast(Any, request).sign_in_attempt = attempts[0].pk  # for account_trail
        user = super().authenticate(request, username, password, **kwargs)
        if user is None:
            stored = User.objects.filter(email=email).values_list("password", flat=True).first()
            even_out(password or "", stored or "")
            return None
        for attempt in attempts:
            Attempt.objects.filter(kind=attempt.kind, account=attempt.account, place=attempt.place).delete()
        return user


def remember_browser(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Give this browser its own attempts for this account from now on, with a signed cookie."""
    account = _hash(addresses.key(user.email))
    browser = _known_browser(request, account) or secrets.token_urlsafe(16)
    name = COOKIE_OF_HOST if settings.SESSION_COOKIE_SECURE else COOKIE
    if name != COOKIE and COOKIE in request.COOKIES:
        response.delete_cookie(COOKIE)
    response.set_cookie(
        name,
        signing.dumps([account, browser], salt=SALT),
        max_age=COOKIE_AGE,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def is_known(request: HttpRequest, user: User) -> bool:
    """Whether this browser has signed in to the account before."""
    return bool(_known_browser(request, _hash(addresses.key(user.email))))


def forget(email: str) -> None:
    """Delete the wrong passwords of an account that is erased."""
    Attempt.objects.filter(kind__in=Kind.values, account=_hash(addresses.key(email))).delete()


@dataclass(frozen=True, eq=False)
class Bucket:
    """At most `most` attempts of a kind within `WINDOW`, of an account, from a place, or both."""

    attempt: Attempt
    most: int
    whose: dict[str, str]

    def free_at(self, since: datetime) -> datetime | None:
        """None when another attempt is allowed, else the time of the attempt that must leave the window first."""
        others = Attempt.objects.filter(kind=self.attempt.kind, at__gt=since, **self.whose).exclude(pk=self.attempt.pk)
        moments = list(others.order_by("-at", "-pk").values_list("at", flat=True)[: self.most])
        return moments[-1] if len(moments) == self.most else None


def _count(request: HttpRequest, email: str) -> list[Attempt]:
    """Store the attempt before checking the password, so that simultaneous attempts count each other."""
    account, now = _hash(addresses.key(email)), timezone.now()
    Attempt.objects.filter(kind__in=Kind.values, at__lt=now - WINDOW).delete()
    browser = _known_browser(request, account)
    here = _add(Kind.SIGN_IN, account, browser or client_ip(request), now)
    buckets = [Bucket(here, TRIES_PER_ACCOUNT, {"account": account, "place": here.place})]
    anywhere = Bucket(here, TRIES_PER_ACCOUNT_ANYWHERE, {"account": account})
    if not browser:
        buckets += [Bucket(here, TRIES_PER_IP, {"place": here.place}), anywhere]
        if site := client_site(request):
            there = _add(Kind.SIGN_IN_SITE, account, site, now)
            buckets += [
                Bucket(there, TRIES_PER_ACCOUNT_AND_SITE, {"account": account, "place": there.place}),
                Bucket(there, TRIES_PER_SITE, {"place": there.place}),
            ]
    attempts = list(dict.fromkeys(bucket.attempt for bucket in buckets))
    full = {bucket: free for bucket in buckets if (free := bucket.free_at(now - WINDOW)) is not None}
    if not full:
        return attempts
    Attempt.objects.filter(pk__in=[attempt.pk for attempt in attempts]).delete()
    log.warning("sign_in_refused", reason="too many tries")
    if anywhere in full:
        guessing.warn_owner(email)
    raise _too_many(max(full.values()) + WINDOW - now)


def _add(kind: str, account: str, place: str, at: datetime) -> Attempt:
    return Attempt.objects.create(kind=kind, account=account, place=_hash(place), at=at)


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
    cookie = request.COOKIES.get(COOKIE_OF_HOST) or request.COOKIES.get(COOKIE, "")
    try:
        known, browser = signing.loads(cookie, salt=SALT, max_age=COOKIE_AGE)
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return str(browser) if known == account else ""


def _hash(text: str) -> str:
    return salted_hmac(SALT, text, algorithm="sha256").hexdigest()

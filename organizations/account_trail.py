"""Record what happens to an account in the trail of each organization that it belongs to, and in the log.

An account has no organization of its own, and no organization learns of people who are not its members: a failed
sign-in to an unknown address is in the log only, under a keyed hash.
"""

from __future__ import annotations

from typing import Any

import structlog
from allauth.account import signals as account_signals
from allauth.mfa import signals as factor_signals
from allauth.mfa.models import Authenticator
from django.contrib.auth import signals as sign_in_signals
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from organizations import addresses, devices
from organizations.audit import record
from organizations.enqueue import after_commit
from organizations.models import Attempt, Membership, User
from organizations.throttle import client_ip

log = structlog.get_logger(__name__)

SALT = "organizations.account_trail"


@transaction.atomic
def record_account(
    user: User,
    action: str,
    *,
    actor: User | None,
    detail: dict[str, Any] | None = None,
    texts: dict[str, Any] | None = None,
) -> None:
    """Add a row about the account to the trail of each of its organizations."""
    for membership in Membership.objects.filter(user=user).select_related("organization").order_by("id"):
        record(
            organization=membership.organization,
            actor=actor,
            action=action,
            subject=user,
            detail=detail,
            texts=texts,
        )


def connect() -> None:
    """Listen to Django and django-allauth, wherever on the site the account is used."""
    receivers: list[tuple[Any, Any]] = [
        (sign_in_signals.user_logged_in, signed_in),
        (sign_in_signals.user_login_failed, sign_in_failed),
        (sign_in_signals.user_logged_out, signed_out),
        (account_signals.password_changed, password_changed),
        (account_signals.password_set, password_changed),
        (account_signals.password_reset, password_reset),
        (factor_signals.authenticator_added, factor_added),
        (factor_signals.authenticator_removed, factor_removed),
        (factor_signals.authenticator_reset, factor_renewed),
    ]
    for signal, receiver in receivers:
        signal.connect(receiver, dispatch_uid=f"{SALT}.{receiver.__name__}")


def signed_in(request: HttpRequest, user: User, **_signal: object) -> None:
    if "REMOTE_ADDR" not in request.META:
        return  # no visitor: a program made a session
    log.info("signed_in", account=user.pk)
    record_account(user, "account.signed_in", actor=user, texts=_from(request))


def sign_in_failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_signal: object) -> None:
    """Record a wrong password. One that was not even checked, after too many, has its line from `throttle`.

    A worker writes the rows, so that the answer takes as long for an address without an account (id 0).
    """
    email = str(credentials.get("username") or credentials.get("email") or "")[: addresses.LONGEST]
    key = addresses.key(email)
    log.info("sign_in_failed", account=salted_hmac(SALT, key, algorithm="sha256").hexdigest()[:16])
    attempt: int | None = getattr(request, "sign_in_attempt", None)
    if request is None or attempt is None:
        return
    found = User.objects.filter(email=key).values_list("pk", flat=True).first()
    Attempt.objects.filter(pk=attempt).update(seen=_from(request))
    after_commit("organizations.record_failed_sign_in", found or 0, attempt)


def record_failed_sign_in(user_id: int, attempt_id: int) -> None:
    """Write the rows of a wrong password. Without its place where the attempt is forgotten by now."""
    user = User.objects.filter(pk=user_id).first()
    if user is not None:
        seen = Attempt.objects.filter(pk=attempt_id).values_list("seen", flat=True).first()
        unknown = {"browser": devices.in_words(""), "place": ""}
        record_account(user, "account.sign_in_failed", actor=None, texts=seen or unknown)


def signed_out(request: HttpRequest, user: User | None, **_signal: object) -> None:
    if user is not None and "REMOTE_ADDR" in request.META:
        log.info("signed_out", account=user.pk)
        record_account(user, "account.signed_out", actor=user)


def password_changed(user: User, **_signal: object) -> None:
    record_account(user, "account.password_changed", actor=user)


def password_reset(user: User, **_signal: object) -> None:
    record_account(user, "account.password_reset", actor=user)


def factor_added(user: User, authenticator: Authenticator, **_signal: object) -> None:
    record_account(user, "account.factor_added", actor=user, detail={"factor": str(authenticator.type)})


def factor_removed(user: User, authenticator: Authenticator, **_signal: object) -> None:
    record_account(user, "account.factor_removed", actor=user, detail={"factor": str(authenticator.type)})


def factor_renewed(user: User, authenticator: Authenticator, **_signal: object) -> None:
    record_account(user, "account.factor_renewed", actor=user, detail={"factor": str(authenticator.type)})


def _from(request: HttpRequest) -> dict[str, str]:
    """The browser and the network of a visitor, in the words in which sessions are listed."""
    return {
        "browser": devices.in_words(request.headers.get("User-Agent", "")),
        "place": devices.network(client_ip(request)) or "",
    }

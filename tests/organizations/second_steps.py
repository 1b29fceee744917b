"""Second steps of sign-in for tests: an app's codes as an app makes them, and accounts that have one."""

from __future__ import annotations

import time

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value
from django.test import Client

from organizations.models import User

PERIOD = 30


def code(secret: str, *, later: int = 0) -> str:
    """The code that an app shows now, or so many half minutes later."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // PERIOD + later)))


def add_app(user: User) -> str:
    """Give the account an app and recovery codes. Returns the app's secret."""
    secret = generate_totp_secret()
    Authenticator.objects.create(user=user, type="totp", data={"secret": get_adapter().encrypt(secret)})
    RecoveryCodes.activate(user)
    return str(secret)


def recovery_codes(user: User) -> list[str]:
    found = Authenticator.objects.get(user=user, type="recovery_codes")
    return list(RecoveryCodes(found).get_unused_codes())


def sign_in(client: Client, user: User) -> str:
    """Enter address and password. Returns the address that the answer leads to."""
    return client.post("/sign-in/", {"login": user.email, "password": "demo"})["Location"]


def confirm(client: Client) -> None:
    """Enter the password once more, as for everything that changes a second step."""
    assert client.post("/account/confirm/", {"password": "demo"}).status_code == 302

"""Arrivals: functions called in the transaction in which somebody becomes a member."""

from __future__ import annotations

from collections.abc import Callable

from organizations.models import Membership

#: Called with the new member and the address that was invited, or that single sign-on or the directory vouches for.
LISTENERS: list[Callable[[Membership, str], None]] = []


def announce(membership: Membership, email: str) -> None:
    for listener in LISTENERS:
        listener(membership, email)

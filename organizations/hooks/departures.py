"""Departures: functions called in the transaction that removes a member, before the row is gone."""

from __future__ import annotations

from collections.abc import Callable

from organizations.models import Membership, User

#: Called with the member who leaves and the person who removes them; None for the organization's directory.
LISTENERS: list[Callable[[Membership, User | None], None]] = []


def announce(membership: Membership, actor: User | None) -> None:
    for listener in LISTENERS:
        listener(membership, actor)

"""Address changes: functions called in the transaction in which a member's e-mail address becomes another one."""

from __future__ import annotations

from collections.abc import Callable

from organizations.models import User

#: Called with the user, whose address is already the new one, and with the person who made the change; None for a
#: directory.
LISTENERS: list[Callable[[User, User | None], None]] = []


def announce(user: User, actor: User | None) -> None:
    for listener in LISTENERS:
        listener(user, actor)

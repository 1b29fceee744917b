"""Changes of an organization's settings: functions called in the transaction that saves them."""

from __future__ import annotations

from collections.abc import Callable, Collection

from organizations.models import Organization

#: Called with the organization as it is now, and the names of the fields that changed.
LISTENERS: list[Callable[[Organization, Collection[str]], None]] = []


def announce(organization: Organization, changed: Collection[str]) -> None:
    for listener in LISTENERS:
        listener(organization, changed)

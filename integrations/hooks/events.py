"""Events of an integration: functions called in the transaction that changes it.

`paused` and `resumed` have no detail; `company_changed` has the ids `before` and `after`; `disconnecting` has
`delete_links`.
"""

from __future__ import annotations

from typing import Protocol

from integrations.models import Integration
from organizations.models import User


class Listener(Protocol):
    def __call__(self, event: str, integration: Integration, actor: User | None, **detail: object) -> None: ...


LISTENERS: list[Listener] = []


def announce(event: str, *, integration: Integration, actor: User | None, **detail: object) -> None:
    for listener in LISTENERS:
        listener(event, integration, actor, **detail)

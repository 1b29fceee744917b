"""The few chains of short tasks that work through one key's rows: never more of them, however many ask for one.

A chain is a row with a token; its one message carries the token, and each task changes it. So a message that comes
twice is worth nothing the second time, and a chain whose message was lost is free again after a while.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.utils import timezone

from scheduling.coding_links.transitions import lease
from scheduling.models import Chain

# Links of one key that are worked on at the same moment.
CHAINS = 5


def begin(integration_id: int) -> str | None:
    """Takes a free chain and returns its token; None when all are on their way."""
    for _attempt in range(2):
        free = Chain.objects.filter(integration_id=integration_id, alive_until__lte=timezone.now())
        for chain in free.order_by("number"):
            token = _renew(chain)
            if token is not None:
                return token
        if Chain.objects.filter(integration_id=integration_id).exists():
            break
        Chain.objects.bulk_create(
            [Chain(integration_id=integration_id, number=number) for number in range(CHAINS)], ignore_conflicts=True
        )
    return None


def take_up(integration_id: int, token: str) -> str | None:
    """The token that a task of this chain goes on with; None for a message that came twice or far too late."""
    chain = Chain.objects.filter(integration_id=integration_id, token=token).first() if token else None
    return _renew(chain) if chain is not None else None


def go_on(integration_id: int, token: str, *, after: float = 0) -> str | None:
    """The token for the chain's next message, which is carried out in `after` seconds at the earliest."""
    chain = Chain.objects.filter(integration_id=integration_id, token=token).first()
    return _renew(chain, after) if chain is not None else None


def end(integration_id: int, token: str) -> None:
    """The chain is free for who asks next."""
    Chain.objects.filter(integration_id=integration_id, token=token).update(alive_until=timezone.now(), token="")


def _renew(chain: Chain, after: float = 0) -> str | None:
    token = secrets.token_hex(8)
    held = Chain.objects.filter(pk=chain.pk, token=chain.token, alive_until=chain.alive_until)
    # Silent for longer than a link may take, it counts as lost. If it lives after all, there is one more for a moment.
    until = timezone.now() + lease() + timedelta(seconds=after)
    return token if held.update(token=token, alive_until=until) else None

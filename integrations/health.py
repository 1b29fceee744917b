"""Is the key still good? When not, work for the integration pauses, and people are told."""

from __future__ import annotations

from django.utils import timezone

from integrations.models import Integration


def pause(*, integration_id: int, key_version: int, problem_code: str, problem: str) -> bool:
    """Stops work with a key that was not accepted; False when another key has taken its place meanwhile."""
    return bool(
        Integration.objects.filter(
            pk=integration_id, key_version=key_version, state=Integration.State.CONNECTED
        ).update(
            state=Integration.State.PAUSED,
            problem_code=problem_code,
            problem=problem[:500],
            problem_since=timezone.now(),
        )
    )

"""A person as a provider describes them, whichever protocol it speaks."""

from __future__ import annotations

from dataclasses import dataclass

#: Seconds that two clocks may differ.
LEEWAY = 60
MOST_GROUPS = 500


class Invalid(Exception):
    """The provider's answer proves nobody's identity. `reason` is a code for the log."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Claims:
    """A person as the provider describes them. `groups` is None where it tells nothing of groups.

    `signed_in_at` is when the provider last asked the person who they are, in seconds since 1970; None where it
    doesn't tell.
    """

    subject: str
    email: str
    is_email_denied: bool
    name: str
    groups: tuple[str, ...] | None
    signed_in_at: float | None = None

"""A schedule's state as pages show it. Only whether it is cancelled is stored; the rest comes from its times.

A draft is no schedule yet: it is a member's form that is not saved (`FormDraft`), so no stored row is in that state.
"""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ShownState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SCHEDULED = "scheduled", _("Scheduled")
    IN_PROGRESS = "in_progress", _("In progress")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Cancelled")


def state_at(now: datetime, *, cancelled: bool, starts_at: datetime | None, ends_at: datetime | None) -> ShownState:
    """Return the state at `now` of something from `starts_at` to `ends_at`; without times it is scheduled."""
    if cancelled:
        return ShownState.CANCELLED
    if ends_at is not None and ends_at <= now:
        return ShownState.DONE
    if starts_at is not None and starts_at <= now:
        return ShownState.IN_PROGRESS
    return ShownState.SCHEDULED


def is_upcoming(now: datetime, *, ends: str = "last_ends_at") -> Q:
    """Select the rows that are not over at `now`, and those without times. `ends` names the field."""
    return Q(**{f"{ends}__gt": now}) | Q(**{f"{ends}__isnull": True})


def in_state(
    state: ShownState, now: datetime, *, cancelled: Q, starts: str = "first_starts_at", ends: str = "last_ends_at"
) -> Q:
    """Select the rows for which `state_at` gives `state`. `cancelled` selects the cancelled ones."""
    if state == ShownState.DRAFT:
        return Q(pk__in=())
    if state == ShownState.CANCELLED:
        return cancelled
    begun = Q(**{f"{starts}__lte": now})
    if state == ShownState.DONE:
        return ~cancelled & Q(**{f"{ends}__lte": now})
    if state == ShownState.IN_PROGRESS:
        return ~cancelled & is_upcoming(now, ends=ends) & begun
    return ~cancelled & is_upcoming(now, ends=ends) & (Q(**{f"{starts}__gt": now}) | Q(**{f"{starts}__isnull": True}))

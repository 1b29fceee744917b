"""Messages after a restore: a worker sends none that may have been sent since the backup."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import F
from django.utils.translation import gettext as _

from scheduling.models import CalendarEntry
from scheduling.models.messages import Message, MessageState

#: More changes of one event than anybody makes between a backup and its restore.
SKIPPED = 1000


def after_restore(made_at: datetime) -> Iterator[str]:  # noqa: ARG001 - a step of `hooks.restores`
    """Leave it to a person to send what waited at the moment of the backup.

    Calendars ignore an event whose SEQUENCE is lower than what they have, so the next one is far above it.
    """
    problem = _("Restored from a backup. The message may have been sent since. Ask the recipient, or send it again.")
    held = Message.objects.filter(state__in=[MessageState.QUEUED, MessageState.SENDING]).update(
        state=MessageState.UNKNOWN, problem_code="restored", problem=problem
    )
    CalendarEntry.objects.update(sequence=F("sequence") + SKIPPED)
    if held:
        yield f"{held} messages may have been sent after the backup. None is sent again: people decide, on Home."

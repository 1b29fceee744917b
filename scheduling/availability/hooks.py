"""Hooks: what higher layers do when a calendar was read. `scheduling.apps` fills the list."""

from __future__ import annotations

from collections.abc import Callable

from integrations.calendars import Changes
from scheduling.models import MemberCalendar

#: Called in the transaction that stores the snapshot, with what the vendor answered.
WHEN_READ: list[Callable[[MemberCalendar, Changes], None]] = []

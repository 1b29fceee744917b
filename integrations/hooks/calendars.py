"""Events of calendar connections: functions called in the transaction that changes them.

`connected`: its credentials are new, and its members' calendars are to be read at once. `checked`: they still work, and
`found` on the row may have changed. `paused`, `resumed`. `disconnecting`: nothing of it may be read or kept any more.
"""

from __future__ import annotations

from collections.abc import Callable

from integrations.models import CalendarConnection

#: Called with the event and the row as it stands then.
LISTENERS: list[Callable[[str, CalendarConnection], None]] = []
#: Whether something is still to be removed with a connection that is being disconnected.
NEEDS: list[Callable[[CalendarConnection], bool]] = []


def announce(event: str, connection: CalendarConnection) -> None:
    for listener in LISTENERS:
        listener(event, connection)


def is_needed(connection: CalendarConnection) -> bool:
    """Whether the credentials of a disconnected connection are still used, to remove what was written with them."""
    return any(needs(connection) for needs in NEEDS)

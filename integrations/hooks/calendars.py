"""Events of calendar connections: functions called in the transaction that changes them.

`connected`: its credentials are new, and its members' calendars are to be read at once. `checked`: they still work, and
`found` on the row may have changed. `paused`, `resumed`. `disconnecting`: nothing of it may be read or kept any more.
"""

from __future__ import annotations

from collections.abc import Callable

from integrations.models import CalendarConnection

#: Called with the event and the row as it stands then.
LISTENERS: list[Callable[[str, CalendarConnection], None]] = []


def announce(event: str, connection: CalendarConnection) -> None:
    for listener in LISTENERS:
        listener(event, connection)

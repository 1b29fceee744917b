"""The demo's calendars and rooms: a stand-in's, which knows the demo's people and has believable weeks for them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

from integrations import calendar_connections
from integrations.calendar_registry import CALENDARS
from integrations.calendars import CalendarAccount
from integrations.models import CalendarCheck, CalendarConnection
from integrations.sandbox.calendars.weeks import ROOMS, add_demo_people
from integrations.sandbox.calendars.world import World
from organizations.models import Organization, User
from scheduling.availability.weights import weigh
from scheduling.demo.content import ROOMS_ON
from scheduling.models import Room
from scheduling.models.calendars import Weight


def stand_in_kind() -> str:
    """Return the first vendor whose stand-in this installation offers for everybody; empty where there is none."""
    return next((kind for kind, entry in CALENDARS.items() if entry.info.for_everyone and entry.trial()), "")


def connect_stand_in(organization: Organization, actor: User) -> CalendarConnection | None:
    """Connect the stand-in for everybody, as "Connect the stand-in" does. None where this installation has none.

    The stand-in starts after this: its credentials are taken unchecked, and checked as soon as a worker is there. The
    account's name comes with that check.
    """
    kind = stand_in_kind()
    if not kind:
        return None
    credentials = CALENDARS[kind].trial()
    check = CalendarCheck.objects.create(
        organization=organization, kind=kind, credentials=json.dumps(dict(credentials)), asked_by=actor
    )
    connection = calendar_connections.connect(check=check, account=CalendarAccount("", "", {}), credentials=credentials)
    if connection is not None:
        calendar_connections.ask_for_check(connection=connection)
    return connection


def make_rooms(connection: CalendarConnection) -> list[Room]:
    """Make the rooms that the stand-in lists, and return those that can be booked. Their calendars are found later."""
    rows = Room.objects.bulk_create(
        Room(
            organization=connection.organization,
            connection=connection,
            external_id=address,
            name=name,
            capacity=seats,
            location=place,
            is_on=address in ROOMS_ON,
        )
        for address, name, _zone, seats, place in ROOMS
    )
    return sorted((row for row in rows if row.is_on), key=lambda row: ROOMS_ON.index(row.external_id))


def stand_in_times(
    addresses: Iterable[str], starts: datetime, ends: datetime
) -> dict[str, list[tuple[datetime, datetime]]]:
    """Return the times at which these people and rooms are busy in the stand-in's weeks, by address."""
    world = World()
    add_demo_people(world)
    return {
        address: [
            (each.starts_at, each.ends_at)
            for each in world.occurrences(address, starts, ends)
            if weigh(each.entry) != Weight.IGNORED
        ]
        for address in addresses
        if address in world.people
    }

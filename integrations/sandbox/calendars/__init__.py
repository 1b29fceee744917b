"""The world of calendars behind the stand-ins of calendar vendors: people, rooms, calendars, entries and their changes.

It is one world whatever vendor a caller takes it for: `integrations.sandbox.google` and its neighbours are surfaces of
it. A person's main calendar has the person's address as its id. In a test::

    world = sandbox.calendars
    world.add_person("ivy@example.com", "Ivy Lang", "Europe/Berlin")
    entry = world.add("ivy@example.com", "Standup", starts_at, ends_at, rule="FREQ=DAILY")
    world.move("ivy@example.com", entry.id, later, much_later)           # by hand, as a person would
    world.decline("ivy@example.com", entry.id, comment="On leave")
    world.delete("ivy@example.com", entry.id)
    world.live("ivy@example.com")                                        # the entries that are there
    world.expire_tokens("ivy@example.com")                               # tokens of before are answered with 410
"""

from integrations.sandbox.calendars.entries import Access, Answer, CalendarRow, Entry, Kind, Occurrence, Person
from integrations.sandbox.calendars.world import NotThere, TokenTooOld, World

__all__ = [
    "Access",
    "Answer",
    "CalendarRow",
    "Entry",
    "Kind",
    "NotThere",
    "Occurrence",
    "Person",
    "TokenTooOld",
    "World",
]

"""The words of mails that only bring one calendar event: the further ones of a message, and withdrawals.

Calendars offer to accept what a mail holds as its one `text/calendar` alternative; most take no second event from it.
So a message with three events leaves as three mails: its own words go with the first, these with each further one.
They are the product's, not the organization's: they have nothing to add but which event it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from scheduling.calendar_events.ics import Event, Method
from scheduling.messages.calendar import Planned
from scheduling.messages.formatting import day, hours, zone_of
from scheduling.messages.render import Reading, Rendered, render


@dataclass(frozen=True, slots=True)
class Part:
    """One further mail of a message: what it says and the event it brings."""

    rendered: Rendered
    planned: Planned


def parts_of(planned: Sequence[Planned], reading: Reading, subject: str) -> tuple[Part, ...]:
    """A mail for each event but the first, which goes with the message's own words under `subject`."""
    return tuple(Part(_further(item, reading, subject), item) for item in planned[1:])


def _further(item: Planned, reading: Reading, subject: str) -> Rendered:
    title = {"summary": item.event.summary, "day": _day(item.event, reading)}
    if item.method is Method.CANCEL:
        words = _("Cancelled: %(summary)s, %(day)s") % title
        first, event = _("This takes an event out of your calendar:"), _event(item.event, reading)
        part = replace(reading, facts=(), changes=())
    else:
        words = _("%(summary)s, %(day)s") % title
        first, event = _("This puts an event into your calendar:"), "{interviews}"
        if item.is_known:
            words, first = _("Changed: %(title)s") % {"title": words}, _("This changes an event in your calendar:")
        part = replace(reading, facts=[fact for fact in reading.facts if fact.interview in item.interviews], changes=())
    last = _("It belongs to the message “%(subject)s”, which says everything else.") % {"subject": subject}
    greeting = _("Hello {recipient},")
    body = "\n\n".join([greeting, first, event, _literal(last), "{organization}"])
    return render(_literal(words), body, part)


def withdrawal(event: Event, reading: Reading) -> Rendered:
    """To an address that somebody had when they were told of `event`. Says nothing of the new one, nor a name."""
    title = {"summary": event.summary, "day": _day(event, reading)}
    paragraphs = [
        _("Hello,"),
        _("This takes an event out of your calendar:"),
        _event(event, reading),
        _literal(_("Its invitation goes to another address now. There is nothing for you to do.")),
        "{organization}",
    ]
    return render(
        _literal(_("No longer for this address: %(summary)s, %(day)s") % title), "\n\n".join(paragraphs), reading
    )


def _day(event: Event, reading: Reading) -> str:
    return day(event.starts_at.astimezone(zone_of(reading.recipient.zone)))


def _event(event: Event, reading: Reading) -> str:
    zone = zone_of(reading.recipient.zone)
    return _literal(f"{event.summary}\n{_day(event, reading)}, {hours(event.starts_at, event.ends_at, zone)}")


def _literal(text: str) -> str:
    """Words that hold no placeholder, whatever people typed into them."""
    return text.replace("{", "{{").replace("}", "}}")

"""The text of mails that only bring one calendar event: the further ones of a message, and withdrawals.

Calendars offer to accept the one `text/calendar` alternative of a mail; most take no second event from it. So a message
with three events leaves as three mails: its own text goes with the first, these with each further one. Their text is
not customized: it has nothing to add but which event it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from scheduling.calendar_events.changes import CalendarChange
from scheduling.calendar_events.ics import Event, Method
from scheduling.messages.formatting import day, hours, start, zone_of
from scheduling.messages.render import Rendered, render
from scheduling.messages.render_context import RenderContext


@dataclass(frozen=True, slots=True)
class Part:
    """One further mail of a message: its text and the event that it brings."""

    rendered: Rendered
    change: CalendarChange


def parts_of(changes: Sequence[CalendarChange], context: RenderContext, subject: str) -> tuple[Part, ...]:
    """Return a mail for each event but the first, which goes with the message's own text under `subject`."""
    return tuple(Part(_further(change, context, subject), change) for change in changes[1:])


def _further(change: CalendarChange, context: RenderContext, message_subject: str) -> Rendered:
    title = _("%(summary)s, %(when)s") % {"summary": change.event.summary, "when": _start(change.event, context)}
    if change.method is Method.CANCEL:
        subject, first = _("Cancelled: %(title)s") % {"title": title}, _("This event is removed from your calendar:")
        event, interviews = _event(change.event, context), []
    else:
        subject, first = title, _("This event is added to your calendar:")
        if change.is_known:
            subject, first = _("Updated: %(title)s") % {"title": title}, _("This event is updated in your calendar:")
        event = "{interviews}"
        interviews = [one for one in context.interviews if one.interview_id in change.interview_ids]
    last = _("For everything else, see the e-mail “%(subject)s”.") % {"subject": message_subject}
    body = "\n\n".join([_("Hi {first_name},"), first, event, literal(last), "{organization}"])
    return render(literal(subject), body, replace(context, interviews=interviews, changes=()))


def withdrawal(event: Event, context: RenderContext) -> Rendered:
    """Render a mail to the former address of somebody invited to `event`. Names neither them nor the new address."""
    values = {"summary": event.summary, "when": _start(event, context)}
    paragraphs = [
        _("Hello,"),
        _("This event is removed from your calendar:"),
        _event(event, context),
        literal(_("Its invitation now goes to another address. You don't need to do anything.")),
        "{organization}",
    ]
    subject = _("Moved to another address: %(summary)s, %(when)s") % values
    return render(literal(subject), "\n\n".join(paragraphs), context)


def _start(event: Event, context: RenderContext) -> str:
    return start(event.starts_at, zone_of(context.recipient.zone))


def _event(event: Event, context: RenderContext) -> str:
    zone = zone_of(context.recipient.zone)
    local_day = day(event.starts_at.astimezone(zone))
    return literal(f"{event.summary}\n{local_day}, {hours(event.starts_at, event.ends_at, zone)}")


def literal(text: str) -> str:
    """Return the text with its braces doubled: it holds no placeholder, whatever people typed into it."""
    return text.replace("{", "{{").replace("}", "}}")

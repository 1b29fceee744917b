"""Events that can't be removed from somebody's calendar, for the Home of those who change schedules."""

from __future__ import annotations

from django.utils.translation import gettext as _

from integrations.calendar_texts import calendar_sentence
from organizations.access import Access
from organizations.bidi import isolated
from scheduling.calendar_events import left
from scheduling.calendar_events.writing import NOT_CONNECTED
from scheduling.home.items import AttentionItem, moment_label
from scheduling.home.whole_organization import WholeOrganization
from scheduling.models import CalendarEvent


def events_left(access: Access, whole: WholeOrganization) -> list[AttentionItem]:
    """An item for each event that is still in a calendar."""
    return [_item(access, event) for event in whole.left]


def _item(access: Access, event: CalendarEvent) -> AttentionItem:
    named = f"“{isolated(event.interview.name)}”" if event.interview is not None else _("A removed interview")
    if event.problem_code == left.UNKNOWN:
        person = isolated(event.membership.user.name or event.membership.user.email) if event.membership else "–"
        text = _("The calendar of %(person)s has an event without an interview") % {"person": person}
    elif event.membership is None:
        text = _("%(interview)s is still in the calendar of a former member") % {"interview": named}
    else:
        user = event.membership.user
        values = {"interview": named, "person": isolated(user.name or user.email)}
        text = _("%(interview)s is still in the calendar of %(person)s") % values
    when = moment_label(event.starts_at) if event.starts_at is not None else ""
    detail = " · ".join(part for part in (when, _reason(event)) if part)
    dismiss = access.url("calendar-event-leave", pk=event.pk)
    if event.connection is None or not event.connection.is_connected:
        return AttentionItem("calendar-x", "warning", text, detail, action=_("Dismiss"), post=dismiss)
    again = access.url("calendar-event-remove", pk=event.pk)
    action = _("Remove event") if event.problem_code == left.UNKNOWN else _("Try again")
    return AttentionItem(
        "calendar-x", "warning", text, detail, action=action, post=again, instead=(dismiss, _("Dismiss"))
    )


def _reason(event: CalendarEvent) -> str:
    if event.problem_code == left.UNKNOWN:
        return _("It was probably made after the backup that was restored.")
    if event.problem_code == NOT_CONNECTED or event.connection is None:
        return _("The calendar isn't connected any more. Its owner can delete the event.")
    return calendar_sentence(event.connection.kind, event.problem_code, event.problem_params)

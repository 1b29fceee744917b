"""The part of an organization's deletion that is about candidates: `organizations.hooks.erasures`."""

from __future__ import annotations

from collections import Counter

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import ngettext

from integrations.calendar_connections import disconnect
from integrations.calendar_texts import calendar_name
from integrations.models import CalendarConnection
from integrations.registry import tool_name
from organizations.models import Organization
from scheduling.coding_links import erasure as links
from scheduling.erasure.services import ON_THEIR_WAY, cancel_and_tell
from scheduling.messages.queueing import NotQueued
from scheduling.models import (
    CalendarEntry,
    CalendarEvent,
    CalendarTime,
    CalendarWords,
    Candidate,
    CandidateImport,
    ChangeReason,
    CodingLink,
    ColumnMatch,
    EventState,
    FormDraft,
    Interview,
    JoinLink,
    LinkRun,
    MailAnswer,
    MailNote,
    MemberCalendar,
    Message,
    MessageTemplate,
    Room,
    Schedule,
)
from scheduling.schedules import services as schedule_services
from scheduling.schedules.trail_rows import GivenReason

#: In the order in which their rows can be deleted.
TABLES = (
    FormDraft,
    CalendarEvent,
    CalendarTime,
    MemberCalendar,
    CalendarWords,
    CandidateImport,
    ColumnMatch,
    ChangeReason,
    MessageTemplate,
    MailNote,
    MailAnswer,
    CalendarEntry,
    Message,
    JoinLink,
    LinkRun,
    CodingLink,
    Interview,
    Schedule,
    Room,
    Candidate,
)
#: Schedules cancelled, and links begun, in one call.
SCHEDULES, LINKS = 20, 200


def summary(organization: Organization) -> list[str]:
    """Count candidates and schedules."""
    people = Candidate.objects.filter(organization=organization).count()
    schedules = Schedule.objects.filter(organization=organization).count()
    return [
        ngettext("%(number)d candidate", "%(number)d candidates", people) % {"number": people},
        ngettext("%(number)d schedule", "%(number)d schedules", schedules) % {"number": schedules},
    ]


def cancel(organization: Organization, tell: bool) -> int:
    """Cancel some schedules that are to come. Returns how many are left, with the messages that are on their way."""
    due = Schedule.objects.filter(
        organization=organization, state=Schedule.State.SCHEDULED, last_ends_at__gt=timezone.now()
    ).order_by("id")
    for schedule in due.select_related("organization")[:SCHEDULES]:
        _cancel(schedule, tell)
    waiting = Message.objects.filter(organization=organization, state__in=ON_THEIR_WAY)
    return due.count() + waiting.count()


def _cancel(schedule: Schedule, tell: bool) -> None:
    try:
        with transaction.atomic():
            schedule_services.cancel_schedule(schedule=schedule, actor=None, reason=GivenReason())
            if tell:
                cancel_and_tell(schedule, None)
    except NotQueued:  # to somebody without an address, say: it is cancelled all the same
        schedule_services.cancel_schedule(schedule=schedule, actor=None, reason=GivenReason())


def end_at_vendors(organization: Organization) -> int:
    """Have some coding interviews deleted at their tools, and calendars let go. Returns how much waits for them."""
    unasked = CodingLink.objects.filter(organization=organization, erase_asked_at__isnull=True)
    some = list(unasked.order_by("id").values_list("pk", flat=True)[:LINKS])
    links.erase_links(links=CodingLink.objects.filter(pk__in=some), actor=None)
    return unasked.count() + links.being_erased(organization).count() + _in_calendars(organization)


def _in_calendars(organization: Organization) -> int:
    """Count events that calendars have not let go yet. Without any, end the connections, and count those."""
    removing = CalendarEvent.objects.filter(organization=organization, state=EventState.CANCELLING)
    if number := removing.filter(next_attempt_at__isnull=False).count():
        return number
    connections = CalendarConnection.objects.filter(organization=organization)
    for connection in connections.exclude(state=CalendarConnection.State.DISCONNECTED).order_by("id"):
        disconnect(connection=connection, actor=None)
    return connections.filter(revoke_until__isnull=False).count()


def left_at_vendors(organization: Organization) -> list[str]:
    """Count what tools and calendars have still, by vendor."""
    rows = links.may_be_there(CodingLink.objects.filter(organization=organization))
    numbers: dict[str, int] = {}
    for kind in rows.order_by("integration__kind").values_list("integration__kind", flat=True):
        numbers[kind] = numbers.get(kind, 0) + 1
    events = Counter(
        CalendarEvent.objects.filter(organization=organization, state__in=[EventState.READY, EventState.CANCELLING])
        .filter(Q(ends_at=None) | Q(ends_at__gt=timezone.now()), connection__isnull=False)
        .order_by("connection__kind")
        .values_list("connection__kind", flat=True)
    )
    return [
        ngettext("%(number)d event in %(tool)s", "%(number)d events in %(tool)s", number)
        % {"number": number, "tool": calendar_name(kind)}
        for kind, number in events.items()
    ] + [
        ngettext("%(number)d coding interview in %(tool)s", "%(number)d coding interviews in %(tool)s", number)
        % {"number": number, "tool": tool_name(kind)}
        for kind, number in numbers.items()
    ]

"""Providers of the home page about people: messages that did not go out, and bookings that clash by now."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from django.db.models import Count, Q
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from organizations.access import Access
from scheduling.attention_item import MOST, Attention, address_of
from scheduling.models import Interview, MessageState, Schedule, Seat

# Drafts of what is further away than this may wait; clashes are looked for as far ahead.
SOON = timedelta(days=14)


def unsent_messages(access: Access) -> list[Attention]:
    """Schedules with messages that failed, may not have arrived, or were not sent though the day is near."""
    now = timezone.now()
    trouble = Q(messages__state__in=[MessageState.FAILED, MessageState.UNKNOWN], messages__replaced_at__isnull=True)
    draft = Q(messages__state=MessageState.DRAFT, last_ends_at__gt=now, first_starts_at__lt=now + SOON)
    found = (
        access.all(Schedule)
        .filter(last_ends_at__gt=now - timedelta(days=1))
        .annotate(trouble=Count("messages", trouble), drafts=Count("messages", draft))
        .filter(Q(trouble__gt=0) | Q(drafts__gt=0))
        .select_related("candidate")
        .order_by("-trouble", "first_starts_at", "id")[:MOST]
    )
    return [_unsent(row, row.trouble, row.drafts, access) for row in found]


def _unsent(row: Schedule, trouble: int, drafts: int, access: Access) -> Attention:
    address = f"{address_of(access, 'schedule-communications', pk=row.pk)}#messages"
    name = row.candidate.name
    if trouble:
        words = ngettext(
            "%(number)d message about %(candidate)s did not go out",
            "%(number)d messages about %(candidate)s did not go out",
            trouble,
        )
        text = words % {"number": trouble, "candidate": name}
        return Attention("send", "danger", text, "", address, _("See why"))
    words = ngettext(
        "%(number)d message about %(candidate)s is not sent",
        "%(number)d messages about %(candidate)s are not sent",
        drafts,
    )
    when = (
        formats.date_format(timezone.localtime(row.first_starts_at), "DATETIME_FORMAT") if row.first_starts_at else ""
    )
    detail = _("First interview: %(when)s") % {"when": when} if when else ""
    return Attention(
        "send", "warning", words % {"number": drafts, "candidate": name}, detail, address, _("Look over and send")
    )


def clashes(access: Access) -> list[Attention]:
    """Interviewers who sit in two interviews at once: overruled knowingly, or come about otherwise."""
    now = timezone.now()
    seats = (
        Seat.objects.filter(
            interview__organization=access.organization,
            interview__state=Interview.State.SCHEDULED,
            interview__ends_at__gt=now,
            interview__starts_at__lt=now + SOON,
        )
        .select_related("interview__schedule__candidate", "membership__user")
        .order_by("membership_id", "interview__starts_at", "id")
    )
    found = []
    for first, second in pairwise(seats):
        same = first.membership_id == second.membership_id
        if same and second.interview.starts_at < first.interview.ends_at:
            found.append(_clash(first, second, access))
    return found[:MOST]


def _clash(first: Seat, second: Seat, access: Access) -> Attention:
    text = _("%(person)s is booked twice at the same time") % {"person": first.membership.user}
    detail = _("%(one)s with %(candidate)s and %(other)s with %(second)s") % {
        "one": first.interview.name,
        "candidate": first.interview.schedule.candidate,
        "other": second.interview.name,
        "second": second.interview.schedule.candidate,
    }
    address = address_of(access, "schedule", pk=second.interview.schedule_id)
    return Attention("calendar-x", "warning", text, detail, address, _("Open the schedule"))

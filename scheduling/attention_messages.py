"""Provider of the home page about messages that did not go out."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Count, Q
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from organizations.access import Access
from scheduling.attention_item import MOST, Attention, address_of, more_of
from scheduling.models import MessageState, Schedule
from scheduling.models.messages import TROUBLED

# Drafts of what is further away than this may wait.
SOON = timedelta(days=14)


def unsent_messages(access: Access) -> list[Attention]:
    """Schedules with messages that failed, may not have arrived, or were not sent though the day is near."""
    now = timezone.now()
    trouble = Q(messages__state__in=TROUBLED, messages__replaced_at__isnull=True)
    draft = Q(messages__state=MessageState.DRAFT, last_ends_at__gt=now, first_starts_at__lt=now + SOON)
    found = list(
        access.all(Schedule)
        .filter(last_ends_at__gt=now - timedelta(days=1))
        .annotate(trouble=Count("messages", trouble), drafts=Count("messages", draft))
        .filter(Q(trouble__gt=0) | Q(drafts__gt=0))
        .select_related("candidate")
        .order_by("-trouble", "first_starts_at", "id")[: MOST + 1]
    )
    items = [_unsent(row, row.trouble, row.drafts, access) for row in found[:MOST]]
    if len(found) > MOST:
        items.append(
            more_of(access, _("There are more messages to send. They appear here as you send the first ones."))
        )
    return items


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

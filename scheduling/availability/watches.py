"""Watches: a vendor's promise to call when a calendar changes, where it can reach this server.

Everything works without: calendars are read at intervals then. A call only makes a calendar due; it tells nothing. A
watch can't be prolonged everywhere, so each is replaced by a new one before it ends.
"""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
import uuid
from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from integrations.base import CredentialsRejected, ToolError
from integrations.calendar_calls import call
from integrations.calendar_registry import CALENDARS
from integrations.calendars import Notice, Watch
from integrations.models import CalendarConnection
from scheduling.availability import snapshots
from scheduling.models import MemberCalendar

#: A watch that ends within this time is replaced.
RENEW = timedelta(hours=12)
#: A calendar that can't be watched is read at intervals, and asked to be watched again after this time.
AGAIN = timedelta(hours=6)
#: Calendars that one task watches.
AT_ONCE = 100
#: Notices closer together than this are one read.
CALM = timedelta(seconds=10)


def is_reachable() -> bool:
    """Whether vendors can call this server: its address is https, and no address inside a network."""
    address = urlsplit(settings.BASE_URL)
    host = address.hostname or ""
    if address.scheme != "https" or host == "localhost" or "." not in host:
        return False
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return not host.endswith((".local", ".internal", ".localhost", ".lan", ".test", ".example", ".invalid"))


def address_of(kind: str) -> str:
    return settings.BASE_URL + reverse("calendar-notices", args=[kind])


def due_connections() -> list[int]:
    """Return the connections with a calendar to watch; none where vendors can't call."""
    if not is_reachable():
        return []
    return list(_due().order_by("connection").values_list("connection", flat=True).distinct())


def renew(connection_id: int) -> None:
    """Watch calendars of a connection that are not watched, or not for long any more."""
    if not is_reachable():
        return
    rows = _due().filter(connection=connection_id).select_related("connection").order_by("watch_ends_at", "id")
    for calendar in rows[:AT_ONCE]:
        try:
            _watch(calendar)
        except CredentialsRejected:
            return
        except ToolError:
            # The timer of the next try. Without an id it is no watch.
            same = MemberCalendar.objects.filter(pk=calendar.pk, watch_id=calendar.watch_id)
            same.update(watch_id="", watch_resource="", watch_ends_at=timezone.now() + RENEW + AGAIN)


def watches_of(connection: CalendarConnection) -> list[dict[str, str]]:
    """Return the watches of a connection, to be ended at its vendor (`CalendarConnection.watches`)."""
    rows = MemberCalendar.objects.filter(connection=connection).exclude(watch_id="").order_by("id")
    return [{"calendar": row.external_id, "id": row.watch_id, "resource": row.watch_resource} for row in rows]


def take_in(kind: str, notices: Iterable[Notice]) -> int:
    """Make calendars due that a vendor tells of, where it has the watch's token. Returns how many there were."""
    told = {notice.watch_id: notice for notice in notices}
    rows = MemberCalendar.objects.filter(watch_id__in=list(told), connection__kind=kind).exclude(watch_id="")
    known = [row for row in rows.order_by("id") if _is_token(row, told[row.watch_id].token)]
    if not known:
        return 0
    ended = [row.pk for row in known if told[row.watch_id].is_over]
    if ended:
        MemberCalendar.objects.filter(pk__in=ended).update(watch_id="", watch_token_hash="", watch_ends_at=None)
    snapshots.mark_due([row.pk for row in known], calm=CALM)
    return len(known)


def _due() -> QuerySet[MemberCalendar]:
    kinds = [kind for kind, entry in CALENDARS.items() if entry.notices is not None and entry.info.can_watch]
    ending = Q(watch_ends_at=None) | Q(watch_ends_at__lt=timezone.now() + RENEW)
    return MemberCalendar.objects.filter(
        ending, is_read=True, connection__kind__in=kinds, connection__state=CalendarConnection.State.CONNECTED
    )


def _watch(calendar: MemberCalendar) -> None:
    token = secrets.token_urlsafe(32)
    watch_id, address = uuid.uuid4().hex, address_of(calendar.connection.kind)
    made = call(
        calendar.connection,
        lambda vendor: vendor.watch(calendar.external_id, id=watch_id, token=token, address=address),
    )
    same = MemberCalendar.objects.filter(pk=calendar.pk, watch_id=calendar.watch_id)
    stored = same.update(
        watch_id=made.id, watch_resource=made.resource, watch_token_hash=_hash(token), watch_ends_at=made.expires_at
    )
    if not stored:  # another worker has watched it
        _stop(
            calendar.connection,
            MemberCalendar(external_id=calendar.external_id, watch_id=made.id, watch_resource=made.resource),
        )
        return
    if calendar.watch_id:
        _stop(calendar.connection, calendar)
    snapshots.mark_due([calendar.pk])  # what changed before the vendor began to tell


def _stop(connection: CalendarConnection, calendar: MemberCalendar) -> None:
    watch = Watch(calendar.watch_id, calendar.watch_resource, calendar.watch_ends_at or timezone.now())
    try:
        call(connection, lambda vendor: vendor.stop_watch(calendar.external_id, watch))
    except ToolError:
        return  # it ends within days, and its calls are answered as unknown


def _is_token(calendar: MemberCalendar, token: str) -> bool:
    return bool(calendar.watch_token_hash) and constant_time_compare(calendar.watch_token_hash, _hash(token))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

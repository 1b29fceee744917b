"""The health of calendar connections: checked daily and after each rejection; work pauses while one does not work."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from integrations.base import CredentialsRejected, Refused, ToolError
from integrations.calendar_calls import call, call_with
from integrations.calendar_connections import found_columns
from integrations.calendar_pauses import pause, resume
from integrations.calendar_registry import CALENDARS, Credentials
from integrations.calendar_texts import OWNER_INACTIVE, calendar_name, calendar_problem
from integrations.calendars import Calendar, CalendarAccount, Watch
from integrations.error_texts import KEY_UNREADABLE
from integrations.hooks.calendars import announce, is_needed
from integrations.models import CalendarConnection
from integrations.pauses import SAME_OUTAGE
from organizations import languages
from organizations.mail import Mail, Mailbox, answers_to, sender_of, write_from
from organizations.models import Membership

log = structlog.get_logger(__name__)

State = CalendarConnection.State
IN_USE = [State.CONNECTED, State.PAUSED]
#: How often a connection is checked: one that works, and one that is paused, so that it resumes soon.
EVERY, EVERY_PAUSED = timedelta(hours=23), timedelta(minutes=55)
#: The check that follows a pause may end it within seconds; nobody is written to before that.
MAIL_AFTER = timedelta(seconds=60)


def due() -> list[int]:
    """The ids of connections to be checked now, the longest unchecked first."""
    now = timezone.now()
    rows = CalendarConnection.objects.filter(
        Q(check_tried_at__isnull=True, state__in=IN_USE)
        | Q(check_tried_at__lt=now - EVERY, state=State.CONNECTED)
        | Q(check_tried_at__lt=now - EVERY_PAUSED, state=State.PAUSED)
    )
    return list(rows.order_by("check_tried_at", "pk").values_list("pk", flat=True))


@sensitive_variables()
def check(connection_id: int, *, by_hand: bool = False) -> None:
    """Ask the vendor, keep the answer, and pause or resume accordingly. One that can't be reached changes nothing but
    the note of it. `by_hand`: a person asked, so an end of the outage is believed at once."""
    connection = CalendarConnection.objects.filter(pk=connection_id, state__in=IN_USE).first()
    if connection is None or connection.kind not in CALENDARS or connection.problem_code == OWNER_INACTIVE:
        return
    try:
        account = call(connection, lambda calendar: calendar.check())
    except CredentialsRejected as error:  # `call` has paused it; where it was paused, the newest reason counts
        _note(connection, check_problem_code="", check_problem_params={})
        _hold(connection, error.code or "key_rejected", error.params)
    except ToolError as error:
        _note(connection, check_problem_code=error.code[:60], check_problem_params=error.params)
        log.warning("calendar_not_checked", connection=connection.pk, code=error.code)
    else:
        _judge(connection, account, by_hand=by_hand)
    mail_problem(connection_id)


def _judge(connection: CalendarConnection, account: CalendarAccount, *, by_hand: bool) -> None:
    if connection.account_id and account.id and account.id[:200] != connection.account_id:
        _note(connection, check_problem_code="", check_problem_params={})
        _hold(connection, "other_account", {"account": account.name or account.id})
        return
    if not _note(connection, **found_columns(account)):
        return
    calm = connection.resumed_at is None or connection.resumed_at < timezone.now() - SAME_OUTAGE
    entry = CALENDARS.get(connection.kind)
    missing = entry.info.missing(account) if entry else account.missing()
    if missing:
        _hold(connection, "permission_missing", {"missing": missing})
    elif connection.state == State.PAUSED and (by_hand or calm):
        resume(connection)
    with transaction.atomic():
        announce("checked", CalendarConnection.objects.get(pk=connection.pk))


def _hold(connection: CalendarConnection, code: str, params: dict[str, Any]) -> None:
    """Pause; where it is paused already, the newest reason is the one to show."""
    if not pause(connection, code, params):
        same = CalendarConnection.objects.filter(
            pk=connection.pk, credentials_version=connection.credentials_version, state=State.PAUSED
        )
        same.update(problem_code=code[:60], problem_params=params)


def _note(connection: CalendarConnection, **changes: Any) -> bool:
    """Write what a check found, unless the credentials were replaced while it ran. True when it was written."""
    row = CalendarConnection.objects.filter(pk=connection.pk, credentials_version=connection.credentials_version)
    return bool(row.update(check_tried_at=timezone.now(), **changes))


def pause_unusable() -> None:
    """Pause connections whose credentials can't be read or whose owner is deactivated, and resume them afterwards."""
    for row in CalendarConnection.objects.select_related("membership__user").filter(state__in=IN_USE).order_by("pk"):
        code = _unusable(row)
        if code and row.state == State.CONNECTED:
            pause(row, code, {})
        elif not code and row.state == State.PAUSED and row.problem_code in {KEY_UNREADABLE, OWNER_INACTIVE}:
            resume(row)


def _unusable(row: CalendarConnection) -> str:
    if row.membership is not None and not row.membership.user.is_active:
        return OWNER_INACTIVE
    return "" if row.credentials else KEY_UNREADABLE


@sensitive_variables()
def revoke(connection_id: int) -> None:
    """Have the vendor end the watches of a disconnected connection and revoke its credentials, then forget these.

    It waits until events are removed with them. A vendor that does not answer is asked again by the sweep. Both end
    with `revoke_until`.
    """
    row = CalendarConnection.objects.filter(pk=connection_id, state=State.DISCONNECTED, revoke_until__isnull=False)
    connection = row.first()
    if connection is None or connection.revoke_until is None:
        return
    entry, is_late = CALENDARS.get(connection.kind), connection.revoke_until <= timezone.now()
    if is_needed(connection) and not is_late:
        return
    try:
        if entry is not None and connection.credentials:
            _end_watches(connection, json.loads(connection.credentials))
            if entry.revoke is not None:
                entry.revoke(json.loads(connection.credentials))
    except ToolError as error:
        log.warning("calendar_not_revoked", connection=connection.pk, code=error.code)
        if not is_late:
            return
    ended = row.filter(credentials_version=connection.credentials_version)
    if connection.left_at is None:
        ended.update(credentials="", revoke_until=None, watches=[])
    else:
        ended.delete()


@sensitive_variables()
def _end_watches(connection: CalendarConnection, credentials: Credentials) -> None:
    """End the vendor's calls at changes. One that it refuses to end is over within days. Raises other ToolErrors."""
    for one in connection.watches:
        watch = Watch(one["id"], one["resource"], timezone.now())
        try:
            call_with(connection.kind, credentials, partial(_stop_watch, one["calendar"], watch))
        except Refused:
            log.warning("calendar_watch_not_ended", connection=connection.pk)


def _stop_watch(calendar: str, watch: Watch, vendor: Calendar) -> None:
    vendor.stop_watch(calendar, watch)


def revoke_waiting() -> None:
    """Ask the vendors again that have not revoked credentials yet."""
    waiting = CalendarConnection.objects.filter(state=State.DISCONNECTED, revoke_until__isnull=False)
    for pk in waiting.order_by("pk").values_list("pk", flat=True):
        revoke(pk)


def mail_open_problems() -> None:
    """Write about connections that have been paused for a minute, to those who have not been told."""
    waiting = CalendarConnection.objects.filter(
        state=State.PAUSED, problem_mailed_at__isnull=True, problem_since__lt=timezone.now() - MAIL_AFTER
    )
    for pk in waiting.order_by("pk").values_list("pk", flat=True):
        mail_problem(pk)


def mail_problem(connection_id: int) -> bool:
    """Send one mail per outage: to the owner, or to all admins. The mark is set before sending: better none than
    several."""
    now = timezone.now()
    unsent = Q(state=State.PAUSED, problem_mailed_at__isnull=True) & ~Q(problem_code=OWNER_INACTIVE)
    if not CalendarConnection.objects.filter(unsent, pk=connection_id).update(problem_mailed_at=now):
        return False
    connection = CalendarConnection.objects.select_related("organization", "membership__user").get(pk=connection_id)
    recipients = list(_recipients(connection))
    if not recipients:
        return False
    with languages.speaking_for(connection.organization):
        message = _problem_mail(connection, recipients)
    try:
        message.send()
    except OSError as error:
        # The mail server is away: the sweep sends it later. SMTP's own errors are OSErrors too.
        log.warning("problem_mail_not_sent", connection=connection_id, error=type(error).__name__)
        CalendarConnection.objects.filter(pk=connection_id, problem_mailed_at=now).update(problem_mailed_at=None)
        return False
    return True


def _recipients(connection: CalendarConnection) -> Iterator[str]:
    people = Membership.objects.filter(organization=connection.organization, user__is_active=True)
    if connection.membership_id is None:
        people = people.filter(role=Membership.Role.ADMIN)
    else:
        people = people.filter(pk=connection.membership_id)
    yield from people.order_by("pk").values_list("user__email", flat=True)


def _problem_mail(connection: CalendarConnection, recipients: list[str]) -> Mail:
    here = {"organization": connection.organization.slug}
    is_own = connection.membership_id is not None
    path = (
        reverse("own-calendars", kwargs=here)
        if is_own
        else reverse("settings-calendar", kwargs=here | {"kind": connection.kind})
    )
    context = {
        "connection": connection,
        "organization": connection.organization,
        "calendar": calendar_name(connection.kind),
        "problem": calendar_problem(connection),
        "is_own": is_own,
        "address": f"{settings.BASE_URL}{path}",
    }
    return write_from(
        "calendar_problem",
        context,
        to=[Mailbox("", address) for address in recipients],
        organization=connection.organization,
        sender=sender_of(connection.organization),
        reply_to=answers_to(connection.organization, None),
    )

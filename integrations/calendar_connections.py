"""Writes on a calendar connection. Each is atomic and writes its audit row; none calls a vendor."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from integrations import rate_limit
from integrations.calendar_registry import CALENDARS, Credentials
from integrations.calendar_trail import record_calendar
from integrations.calendars import CalendarAccount
from integrations.hooks.calendars import announce, is_needed
from integrations.models import CalendarCheck, CalendarConnection
from organizations.enqueue import after_commit
from organizations.models import Membership, User

State = CalendarConnection.State
#: How long a disconnected connection's credentials are kept at most, for the vendor to revoke them.
REVOKE_WITHIN = timedelta(hours=1)
#: While a check runs, no second one is asked for; one that did not end within this time is taken for lost.
CHECK_ENDS_WITHIN = timedelta(seconds=20)


@sensitive_variables()
@transaction.atomic
def connect(*, check: CalendarCheck, account: CalendarAccount, credentials: Credentials) -> CalendarConnection | None:
    """Take over the credentials of a check that passed. None when the check has ended in another way since."""
    now = timezone.now()
    passed = CalendarCheck.objects.filter(pk=check.pk, state=CalendarCheck.State.WAITING)
    if not passed.update(state=CalendarCheck.State.PASSED, credentials="", finished_at=now):
        return None
    before = _row_for(check, account)
    text = json.dumps(dict(credentials))
    CalendarConnection.objects.filter(pk=before.pk).update(
        state=State.CONNECTED,
        credentials=text,
        credentials_version=F("credentials_version") + 1,
        budget=rate_limit.budget_of(text),
        entered=check.entered,
        expires_on=_day(check.entered.get("expires_on")),
        connected_at=now,
        connected_by=check.asked_by,
        check_tried_at=now,
        revoke_until=None,
        watches=[],
        problem_code="",
        problem_params={},
        problem_since=None,
        problem_mailed_at=None,
        resumed_at=None,
        write_rate=F("write_ceiling"),
        read_rate=F("read_ceiling"),
        throttled_at=None,
        **found_columns(account),
    )
    CalendarCheck.objects.filter(pk=check.pk).update(connection=before)
    connection = CalendarConnection.objects.select_related("organization", "membership").get(pk=before.pk)
    record_calendar(connection, check.asked_by, "replaced" if before.is_connected else "connected")
    announce("connected", connection)
    return connection


def _row_for(check: CalendarCheck, account: CalendarAccount) -> CalendarConnection:
    """The row that the credentials belong to, locked: the one that is reconnected, or that of the same account."""
    here = {"organization": check.organization, "membership": check.membership, "kind": check.kind, "left_at": None}
    if check.membership_id is not None:
        here["account_id"] = account.id[:200]
    limits = CALENDARS[check.kind].info.limits
    rates = {"write_ceiling": limits.writes_per_second, "read_ceiling": limits.reads_per_second}
    CalendarConnection.objects.get_or_create(**here, defaults=rates)
    return CalendarConnection.objects.select_for_update(of=("self",)).get(**here)


def found_columns(account: CalendarAccount) -> dict[str, object]:
    """The columns of a connection that a check fills."""
    return {
        "account_id": account.id[:200],
        "account_name": account.name[:254],
        "permissions": {name: verdict.value for name, verdict in account.permissions.items()},
        "found": [asdict(calendar) for calendar in account.calendars],
        "checked_at": timezone.now(),
        "check_problem_code": "",
        "check_problem_params": {},
    }


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value)) if value else None
    except ValueError:
        return None


@transaction.atomic
def disconnect(*, connection: CalendarConnection, actor: User | None) -> bool:
    """Stop using the credentials. What was read with them goes at once. They are kept for an hour at most, where events
    are still being removed, or the vendor can revoke them, or calls at changes: a worker asks it to stop.

    False when it was disconnected already.
    """
    current = CalendarConnection.objects.select_for_update(of=("self",)).get(pk=connection.pk)
    if not current.is_connected:
        return False
    announce("disconnecting", current)
    current.refresh_from_db(fields=["watches"])
    is_used = bool(current.watches) or _can_revoke(current.kind) or is_needed(current)
    revokes = bool(current.credentials) and is_used
    changes: dict[str, object] = {"revoke_until": timezone.now() + REVOKE_WITHIN} if revokes else {"credentials": ""}
    CalendarConnection.objects.filter(pk=current.pk).update(
        state=State.DISCONNECTED,
        credentials_version=F("credentials_version") + 1,
        budget="",
        found=[],
        problem_code="",
        problem_params={},
        problem_since=None,
        check_problem_code="",
        check_problem_params={},
        **changes,
    )
    record_calendar(current, actor, "disconnected")
    if revokes:
        after_commit("integrations.revoke_calendar", current.pk)
    return True


@transaction.atomic
def member_leaves(membership: Membership, actor: User | None) -> None:
    """Disconnect a leaving member's own calendars (`organizations.hooks.departures`).

    The rows go with the membership; those for which a vendor is still to be asked, once that is done.
    """
    rows = CalendarConnection.objects.filter(membership=membership).order_by("pk")
    for connection in rows:
        disconnect(connection=connection, actor=actor)
    rows.filter(revoke_until__isnull=False).update(
        membership=None, left_at=timezone.now(), account_id="", account_name="", permissions={}, entered={}
    )


def _can_revoke(kind: str) -> bool:
    return kind in CALENDARS and CALENDARS[kind].revoke is not None


@transaction.atomic
def ask_for_check(*, connection: CalendarConnection) -> bool:
    """Ask a worker to check the credentials now. False while a check is running."""
    now = timezone.now()
    asked = (
        CalendarConnection.objects.filter(pk=connection.pk, state__in=[State.CONNECTED, State.PAUSED])
        .filter(
            Q(check_asked_at__isnull=True)
            | Q(check_tried_at__gte=F("check_asked_at"))
            | Q(check_asked_at__lt=now - CHECK_ENDS_WITHIN)
        )
        .update(check_asked_at=now)
    )
    if asked:
        after_commit("integrations.check_calendar", connection.pk, by_hand=True)
    return bool(asked)

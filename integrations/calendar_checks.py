"""Entered credentials for calendars, from "Connect" until they are accepted or not. A worker asks the vendor."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from integrations.base import ToolError
from integrations.calendar_calls import call_with
from integrations.calendar_connections import connect
from integrations.calendar_registry import CALENDARS, Credentials
from integrations.calendar_trail import problem_detail, record_calendar
from integrations.calendars import Calendar, CalendarAccount
from integrations.error_texts import KEY_UNREADABLE
from integrations.models import CalendarCheck, CalendarConnection
from organizations import limits
from organizations.enqueue import after_commit
from organizations.models import Membership, Organization, User

State = CalendarCheck.State
#: Credentials wait no longer than this, whatever happens to the worker.
KEPT_FOR = timedelta(minutes=10)
#: After that, nobody comes back to the page of a check; what was entered goes with it.
FORGOTTEN_AFTER = timedelta(days=1)
#: What credentials of a consent are until a worker has exchanged them.
CODE, VERIFIER, BACK = "consent_code", "consent_verifier", "consent_back"


@sensitive_variables()
@transaction.atomic
def start(
    *,
    organization: Organization,
    membership: Membership | None,
    kind: str,
    credentials: Credentials,
    entered: Mapping[str, Any],
    actor: User,
    connection: CalendarConnection | None = None,
) -> CalendarCheck:
    """Store the credentials, encrypted, and ask a worker to check them. An earlier check still open ends here.

    `connection`: the one that is connected again, whose account they have to belong to. Raises limits.Reached.
    """
    limits.count(limits.CALENDAR_CHECKS, organization.pk, actor.pk)
    earlier = CalendarCheck.objects.filter(
        organization=organization, membership=membership, kind=kind, state=State.WAITING
    )
    _fail(list(earlier.values_list("pk", flat=True)), "superseded")
    check = CalendarCheck.objects.create(
        organization=organization,
        membership=membership,
        kind=kind,
        credentials=json.dumps(dict(credentials)),
        entered=dict(entered),
        asked_by=actor,
        connection=connection,
    )
    record_calendar(check, actor, "entered")
    after_commit("integrations.check_calendar_credentials", check.pk)
    return check


@transaction.atomic
def note_refusal(
    *, organization: Organization, membership: Membership, kind: str, code: str, actor: User
) -> CalendarCheck:
    """Keep that a consent ended without one, for its page to say so."""
    return CalendarCheck.objects.create(
        organization=organization,
        membership=membership,
        kind=kind,
        asked_by=actor,
        state=State.FAILED,
        problem_code=code,
        finished_at=timezone.now(),
    )


@transaction.atomic
def ask_again(*, check: CalendarCheck) -> None:
    """Ask a worker once more. The credentials are still stored. Raises limits.Reached."""
    limits.count(limits.KEY_CHECKS_AGAIN, check.organization_id)
    waiting = CalendarCheck.objects.filter(pk=check.pk, state=State.WAITING)
    if waiting.update(asked_at=timezone.now(), started_at=None):
        after_commit("integrations.check_calendar_credentials", check.pk)


@sensitive_variables()
def run(check_id: int) -> None:
    """Ask the vendor and end the check. Running twice at the same time is harmless: only the first end counts."""
    waiting = CalendarCheck.objects.filter(pk=check_id, state=State.WAITING)
    if not waiting.update(started_at=timezone.now()):
        return
    check = CalendarCheck.objects.select_related("organization", "membership", "asked_by", "connection").get(
        pk=check_id
    )
    if not check.credentials:
        _refuse(check, KEY_UNREADABLE)
        return
    try:
        credentials, account = _ask(check, json.loads(check.credentials))
    except ToolError as error:
        _refuse(check, error.code or "refused", **error.params)
    except Exception:
        _refuse(check, "internal")
        raise
    else:
        _judge(check, account, credentials)


@sensitive_variables()
def _ask(check: CalendarCheck, credentials: Credentials) -> tuple[Credentials, CalendarAccount]:
    """The credentials as they are to be kept, and whose they are. Raises ToolErrors."""
    entry = CALENDARS[check.kind]
    if CODE in credentials and entry.consent is not None:
        credentials = entry.consent.exchange(credentials[CODE], credentials[VERIFIER], credentials[BACK])
        # A code is good for once: should this run be cut short, the next one goes on from here.
        CalendarCheck.objects.filter(pk=check.pk, state=State.WAITING).update(credentials=json.dumps(dict(credentials)))
    newest = [credentials]

    def account(calendar: Calendar) -> CalendarAccount:
        return calendar.check()

    found = call_with(check.kind, credentials, account, keep=newest.append)
    return newest[-1], found


@sensitive_variables()
def _judge(check: CalendarCheck, account: CalendarAccount, credentials: Credentials) -> None:
    if missing := CALENDARS[check.kind].info.missing(account):
        _refuse(check, "permission_missing", missing=missing)
    elif is_of_another_account(check, account):
        _refuse(check, "other_account", account=account.name or account.id)
    else:
        connect(check=check, account=account, credentials=credentials)


def is_of_another_account(check: CalendarCheck, account: CalendarAccount) -> bool:
    """Whether the credentials belong to another account than those that they are to replace."""
    expected = check.connection
    if expected is None and check.membership_id is None:
        expected = CalendarConnection.objects.filter(
            organization=check.organization, kind=check.kind, membership__isnull=True, left_at=None
        ).first()
    if expected is None or not expected.is_connected or not expected.account_id:
        return False
    return expected.account_id != account.id[:200]


def sweep() -> None:
    """End checks that nobody finished, so that no credentials stay behind, and delete those of yesterday."""
    now = timezone.now()
    old = CalendarCheck.objects.filter(state=State.WAITING, asked_at__lt=now - KEPT_FOR)
    _fail(list(old.values_list("pk", flat=True)), "too_late")
    CalendarCheck.objects.filter(finished_at__lt=now - FORGOTTEN_AFTER).delete()


def as_swept(check: CalendarCheck) -> CalendarCheck:
    """The check as the next sweep will leave it, for pages: one that nobody finished is over."""
    if check.state == State.WAITING and check.asked_at < timezone.now() - KEPT_FOR:
        check.state, check.problem_code, check.problem_params = State.FAILED, "too_late", {}
    return check


@transaction.atomic
def _refuse(check: CalendarCheck, code: str, **params: object) -> None:
    """End a check whose credentials are not taken."""
    if _fail([check.pk], code, **params):
        check.problem_code, check.problem_params = code[:60], params
        record_calendar(check, None, "refused", problem=problem_detail(check))


def _fail(pks: list[int], code: str, **params: object) -> int:
    return CalendarCheck.objects.filter(pk__in=pks, state=State.WAITING).update(
        state=State.FAILED, problem_code=code[:60], problem_params=params, credentials="", finished_at=timezone.now()
    )

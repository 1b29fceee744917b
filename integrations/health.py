"""The health of a stored key: checked on a schedule and after each refusal; work pauses while the key does not work."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from integrations import error_texts
from integrations.base import Account, CredentialsRejected, ToolError, Verdict
from integrations.error_texts import KEY_UNREADABLE
from integrations.hooks.risks import risks
from integrations.models import Integration
from integrations.pauses import SAME_OUTAGE, pause, resume
from integrations.registry import tool_name
from integrations.trail_actions import problem_detail
from integrations.vendor_calls import call_in_background
from organizations import languages
from organizations.audit import record
from organizations.mail import Mail, Mailbox, answers_to, sender_of, write_from
from organizations.models import Membership

log = structlog.get_logger(__name__)

State = Integration.State
NO_CHECK_PROBLEM: dict[str, Any] = {"check_problem_code": "", "check_problem_params": {}}
#: The check that follows a pause may end it within seconds; nobody is written to before that.
MAIL_AFTER = timedelta(seconds=60)


@sensitive_variables()
def check(integration_id: int, *, by_hand: bool = False) -> None:
    """Ask the vendor about the key, keep the answer, and pause or resume accordingly.

    A vendor that can't be reached changes nothing but the note of it. `by_hand`: a person asked, who may know that a
    key works although its permissions are unknown.
    """
    integration = Integration.objects.filter(pk=integration_id, state__in=[State.CONNECTED, State.PAUSED]).first()
    if integration is None:
        return
    try:
        account = call_in_background(integration, lambda tool: tool.check_credentials())
    except CredentialsRejected as error:
        # What it could do before is not known of a key that is not accepted. Of one that can't be read, nothing new is.
        answer = {"checked_at": timezone.now(), "permissions": dict.fromkeys(error.missing, Verdict.NO.value)}
        if _note(integration, **NO_CHECK_PROBLEM, **({} if error.code == KEY_UNREADABLE else answer)):
            _hold(integration, error.code, error.params)
    except ToolError as error:
        _note_unreachable(integration, error)
    else:
        _judge(integration, account, by_hand=by_hand)
    mail_problem(integration_id)


def _judge(integration: Integration, account: Account, *, by_hand: bool) -> None:
    found = {name: verdict.value for name, verdict in account.permissions.items()}
    if not _note(integration, **NO_CHECK_PROBLEM, checked_at=timezone.now(), permissions=found):
        return
    if integration.company_id and account.company_id and account.company_id != integration.company_id:
        _hold(integration, "other_company", {"company": account.company_name} if account.company_name else {})
    elif account.missing() or account.denied:
        _hold(integration, "permission_missing", {"missing": account.missing()})
    elif integration.state == State.PAUSED and (by_hand or _may_resume(integration, account)):
        resume(integration_id=integration.pk, key_version=integration.key_version)
    if not integration.company_id and account.company_id:
        _note(integration, company_id=account.company_id, company_name=account.company_name[:200])


def _may_resume(integration: Integration, account: Account) -> bool:
    """Allow it once every permission is certain, and not again within the same outage."""
    certain = all(verdict is Verdict.YES for verdict in account.permissions.values())
    calm = integration.resumed_at is None or integration.resumed_at < timezone.now() - SAME_OUTAGE
    return certain and calm


def _hold(integration: Integration, code: str, params: dict[str, Any]) -> None:
    """Pause; where it is paused already, the newest reason is the one to show."""
    if not pause(
        integration_id=integration.pk, key_version=integration.key_version, problem_code=code, problem_params=params
    ):
        Integration.objects.filter(pk=integration.pk, key_version=integration.key_version, state=State.PAUSED).update(
            problem_code=code[:60], problem_params=params
        )


def _note(integration: Integration, **changes: Any) -> bool:
    """Write what a check found, unless the key was replaced while it ran. True when it was written."""
    row = Integration.objects.filter(pk=integration.pk, key_version=integration.key_version)
    return bool(row.update(check_tried_at=timezone.now(), **changes))


@transaction.atomic
def _note_unreachable(integration: Integration, error: ToolError) -> None:
    noted = _note(integration, check_problem_code=error.code[:60], check_problem_params=error.params)
    log.warning("integration_not_checked", integration=integration.pk, code=error.code)
    if noted and not integration.check_problem_code:
        record(
            organization=integration.organization,
            actor=None,
            action="integration.not_checked",
            subject=integration,
            detail={
                "tool": integration.kind,
                "problem": problem_detail(integration.kind, error.code, error.params),
            },
        )


def mail_open_problems() -> None:
    """Mail the admins of integrations that have been paused for a minute and not been mailed about."""
    waiting = Integration.objects.filter(
        state=State.PAUSED, problem_mailed_at__isnull=True, problem_since__lt=timezone.now() - MAIL_AFTER
    )
    for pk in waiting.order_by("pk").values_list("pk", flat=True):
        mail_problem(pk)


def mail_problem(integration_id: int) -> bool:
    """Send one mail per outage, to all admins. The mark is set before sending: better none than several."""
    now = timezone.now()
    unsent = Q(state=State.PAUSED, problem_mailed_at__isnull=True)
    if not Integration.objects.filter(unsent, pk=integration_id).update(problem_mailed_at=now):
        return False
    integration = Integration.objects.select_related("organization").get(pk=integration_id)
    admins = Membership.objects.filter(
        organization=integration.organization, role=Membership.Role.ADMIN, user__is_active=True
    )
    recipients = list(admins.order_by("pk").values_list("user__email", flat=True))
    with languages.speaking_for(integration.organization):
        message = _problem_mail(integration, recipients)
    try:
        message.send()
    except OSError as error:
        # The mail server is away: the sweep sends it later. SMTP's own errors are OSErrors too.
        log.warning("problem_mail_not_sent", integration=integration_id, error=type(error).__name__)
        Integration.objects.filter(pk=integration_id, problem_mailed_at=now).update(problem_mailed_at=None)
        return False
    return True


def _problem_mail(integration: Integration, recipients: list[str]) -> Mail:
    path = reverse(
        "settings-integration", kwargs={"organization": integration.organization.slug, "kind": integration.kind}
    )
    # Nobody is at a page here: times are the organization's.
    with timezone.override(ZoneInfo(integration.organization.time_zone)):
        found = risks(integration)
    context = {
        "integration": integration,
        "organization": integration.organization,
        "tool": tool_name(integration.kind),
        "problem": error_texts.problem_of(integration),
        "risks": [{"text": risk.text, "address": f"{settings.BASE_URL}{risk.address}"} for risk in found[:20]],
        "more": max(0, len(found) - 20),
        "address": f"{settings.BASE_URL}{path}",
    }
    return write_from(
        "integration_problem",
        context,
        to=[Mailbox("", address) for address in recipients],
        organization=integration.organization,
        sender=sender_of(integration.organization),
        reply_to=answers_to(integration.organization, None),
    )

"""Writes on an integration. Each is atomic and writes its audit row; none calls a vendor."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from integrations import rate_limit
from integrations.base import Account
from integrations.hooks.events import announce
from integrations.hooks.link_counts import link_counts
from integrations.models import Integration, KeyCheck, hash_of_webhook_token, new_webhook_secret, new_webhook_token
from integrations.registry import info_of
from organizations.audit import record
from organizations.enqueue import after_commit
from organizations.models import User

State = Integration.State
#: How long a disconnected integration's key is kept at most, to remove links at the vendor.
CLEAN_UP_FOR = timedelta(hours=24)
# A row without its key. A worker that still has the old one sees by the version that it is gone.
NO_KEY: dict[str, object] = {"api_key": "", "budget": "", "key_last4": "", "key_version": F("key_version") + 1}
#: While a check runs, no second one is asked for; one that did not end within this time is taken for lost.
CHECK_ENDS_WITHIN = timedelta(seconds=20)


@sensitive_variables()
@transaction.atomic
def connect(*, check: KeyCheck, account: Account) -> Integration | None:
    """Take over the key of a check that passed. None when the check has ended in another way since."""
    now = timezone.now()
    passed = KeyCheck.objects.filter(pk=check.pk, state=KeyCheck.State.WAITING).update(
        state=KeyCheck.State.PASSED, api_key="", finished_at=now
    )
    if not passed:
        return None
    limits = info_of(check.kind).limits
    rates = {"write_ceiling": limits.writes_per_second, "read_ceiling": limits.reads_per_second}
    Integration.objects.get_or_create(organization=check.organization, kind=check.kind, defaults=rates)
    before = Integration.objects.select_for_update().get(organization=check.organization, kind=check.kind)
    moved = bool(before.company_id) and bool(account.company_id) and before.company_id != account.company_id
    Integration.objects.filter(pk=before.pk).update(
        state=State.CONNECTED,
        api_key=check.api_key,
        budget=rate_limit.budget_of(check.api_key),
        key_last4=check.api_key[-4:],
        key_version=F("key_version") + 1,
        key_owner_kind=check.key_owner_kind,
        key_owner=check.key_owner,
        company_id=account.company_id,
        company_name=account.company_name[:200],
        permissions={name: verdict.value for name, verdict in account.permissions.items()},
        connected_at=now,
        connected_by=check.asked_by,
        checked_at=now,
        check_tried_at=now,
        check_problem_code="",
        check_problem_params={},
        problem_code="",
        problem_params={},
        problem_since=None,
        problem_mailed_at=None,
        resumed_at=None,
        forget_key_at=None,
        write_rate=F("write_ceiling"),
        read_rate=F("read_ceiling"),
        throttled_at=None,
        templates=[] if moved else before.templates,
        templates_fetched_at=None if moved else before.templates_fetched_at,
    )
    integration = Integration.objects.get(pk=before.pk)
    _tell_of_key(integration, before, check.asked_by, moved=moved)
    _refresh_templates(integration)
    return integration


def _tell_of_key(integration: Integration, before: Integration, actor: User, *, moved: bool) -> None:
    replaced = before.is_connected
    record(
        organization=integration.organization,
        actor=actor,
        action="integration.key_replaced" if replaced else "integration.connected",
        subject=integration,
        detail={
            "tool": integration.kind,
            "company": integration.company_name,
            "key_version": integration.key_version,
            "company_id": integration.company_id,
        },
    )
    if moved:
        announce(
            "company_changed",
            integration=integration,
            actor=actor,
            before=before.company_id,
            after=integration.company_id,
        )
    if before.state != State.CONNECTED:
        announce("resumed", integration=integration, actor=actor)


@transaction.atomic
def disconnect(*, integration: Integration, actor: User, delete_links: bool) -> bool:
    """Stop using the key. With `delete_links`, unused links are first removed at the vendor: the key is kept for that,
    24 hours at most. False when it was disconnected already."""
    current = Integration.objects.select_for_update().get(pk=integration.pk)
    if not current.is_connected:
        return False
    announce("disconnecting", integration=current, actor=actor, delete_links=delete_links)
    to_remove = link_counts(current).removing if delete_links else 0
    changes = {"forget_key_at": timezone.now() + CLEAN_UP_FOR} if to_remove else NO_KEY
    Integration.objects.filter(pk=current.pk).update(
        state=State.DISCONNECTED,
        problem_code="",
        problem_params={},
        problem_since=None,
        check_problem_code="",
        check_problem_params={},
        **changes,
    )
    record(
        organization=current.organization,
        actor=actor,
        action="integration.disconnected",
        subject=current,
        detail={"tool": current.kind, "delete_links": delete_links, "links_to_remove": to_remove},
    )
    return True


def forget_keys() -> int:
    """Forget the keys of disconnected integrations that have no more links to remove, or no time left."""
    forgotten = 0
    now = timezone.now()
    for row in Integration.objects.filter(state=State.DISCONNECTED, forget_key_at__isnull=False).order_by("pk"):
        if row.forget_key_at is not None and row.forget_key_at > now and link_counts(row).removing:
            continue
        unchanged = Integration.objects.filter(pk=row.pk, state=State.DISCONNECTED, key_version=row.key_version)
        forgotten += unchanged.update(forget_key_at=None, **NO_KEY)
    return forgotten


@transaction.atomic
def ask_for_check(*, integration: Integration, supporter: User | None = None) -> bool:
    """Ask a worker to check the key now. False while a check is running.

    That `supporter`, who runs the server, asked for it in the Django admin stands in the organization's trail.
    """
    now = timezone.now()
    asked = (
        Integration.objects.filter(pk=integration.pk, state__in=[State.CONNECTED, State.PAUSED])
        .filter(
            Q(check_asked_at__isnull=True)
            | Q(check_tried_at__gte=F("check_asked_at"))
            | Q(check_asked_at__lt=now - CHECK_ENDS_WITHIN)
        )
        .update(check_asked_at=now)
    )
    if asked:
        after_commit("integrations.check_integration", integration.pk, by_hand=True)
    if asked and supporter is not None:
        record(
            organization=integration.organization,
            actor=supporter,
            action="admin.key_check_asked",
            subject=integration,
            detail={"tool": integration.kind},
        )
    return bool(asked)


@transaction.atomic
def set_rate_limit(*, integration: Integration, write_ceiling: float, read_ceiling: float, actor: User) -> None:
    """Set the requests per second of all workers together. A slow-down that the vendor asked for ends with it."""
    Integration.objects.filter(pk=integration.pk).update(
        write_ceiling=write_ceiling,
        read_ceiling=read_ceiling,
        write_rate=write_ceiling,
        read_rate=read_ceiling,
        throttled_at=None,
    )
    record(
        organization=integration.organization,
        actor=actor,
        action="integration.rate_limit_changed",
        subject=integration,
        detail={"tool": integration.kind, "changes": write_ceiling, "lookups": read_ceiling},
    )


@transaction.atomic
def set_key_owner(*, integration: Integration, key_owner_kind: str, key_owner: str, actor: User) -> None:
    """Save whose account at the vendor the key belongs to."""
    Integration.objects.filter(pk=integration.pk).update(key_owner_kind=key_owner_kind, key_owner=key_owner)
    record(
        organization=integration.organization,
        actor=actor,
        action="integration.key_owner_changed",
        subject=integration,
        detail={"tool": integration.kind},
    )


@transaction.atomic
def renew_webhook_secret(*, integration: Integration, actor: User) -> None:
    """Create a new signing secret. Events signed with the old one are refused from now on.

    An address that can't be read is replaced as well: nobody could enter it at the vendor.
    """
    changes: dict[str, str] = {"webhook_secret": new_webhook_secret()}
    if not integration.webhook_token:
        token = new_webhook_token()
        changes |= {"webhook_token": token, "webhook_token_hash": hash_of_webhook_token(token)}
    Integration.objects.filter(pk=integration.pk).update(**changes)
    record(
        organization=integration.organization,
        actor=actor,
        action="integration.webhook_secret_renewed",
        subject=integration,
        detail={"tool": integration.kind},
    )


@transaction.atomic
def show_webhook_secret(*, integration: Integration, actor: User) -> str:
    """The signing secret, for a person to enter at the vendor. Recorded: whoever has it can send events."""
    record(
        organization=integration.organization,
        actor=actor,
        action="integration.webhook_secret_shown",
        subject=integration,
        detail={"tool": integration.kind},
    )
    return integration.webhook_secret


def _refresh_templates(integration: Integration) -> None:
    after_commit("integrations.refresh_templates", integration.pk)

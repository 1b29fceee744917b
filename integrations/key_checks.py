"""A pasted key, from "Save" until it is accepted or rejected. A worker asks the vendor, never a request."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from integrations.actions import connect
from integrations.base import Account, CredentialsRejected, ToolError, Verdict
from integrations.error_texts import KEY_UNREADABLE
from integrations.hooks.link_counts import link_counts
from integrations.models import Integration, KeyCheck
from integrations.trail_actions import problem_detail
from integrations.vendor_calls import call_with_key
from organizations import limits
from organizations.audit import record
from organizations.enqueue import after_commit
from organizations.models import Organization, User

State = KeyCheck.State
OPEN = [State.WAITING, State.CONFIRM]
#: A key waits no longer than this, whatever happens to the worker or to the person.
KEPT_FOR = timedelta(minutes=10)


@sensitive_variables()
@transaction.atomic
def start(
    *, organization: Organization, kind: str, api_key: str, key_owner_kind: str, key_owner: str, actor: User
) -> KeyCheck:
    """Store the key, encrypted, and ask a worker to check it. An earlier check that is still open ends here.

    Raises limits.Reached after too many refused keys.
    """
    limits.check(limits.REFUSED_KEYS, organization.pk, kind)
    earlier = KeyCheck.objects.filter(organization=organization, kind=kind, state__in=OPEN)
    _fail(list(earlier.values_list("pk", flat=True)), "superseded")
    check = KeyCheck.objects.create(
        organization=organization,
        kind=kind,
        api_key=api_key,
        key_owner_kind=key_owner_kind,
        key_owner=key_owner,
        asked_by=actor,
    )
    _record(check, actor, "key_entered")
    after_commit("integrations.check_key", check.pk)
    return check


@transaction.atomic
def ask_again(*, check: KeyCheck) -> None:
    """Ask a worker once more. The key is still stored, so nobody has to paste it twice. Raises limits.Reached."""
    limits.count(limits.KEY_CHECKS_AGAIN, check.organization_id)
    if KeyCheck.objects.filter(pk=check.pk, state=State.WAITING).update(asked_at=timezone.now(), started_at=None):
        after_commit("integrations.check_key", check.pk)


@transaction.atomic
def accept_company_change(*, check: KeyCheck, actor: User) -> None:
    """Accept another company's key, knowingly. The key is checked once more: minutes may have passed."""
    accepted = KeyCheck.objects.filter(pk=check.pk, state=State.CONFIRM).update(
        state=State.WAITING, company_change_accepted=True, asked_at=timezone.now(), started_at=None
    )
    if accepted:
        _record(check, actor, "other_company_accepted")
        after_commit("integrations.check_key", check.pk)


@transaction.atomic
def abandon(*, check: KeyCheck, actor: User) -> None:
    """End a check whose key is not wanted after all."""
    if _fail([check.pk], "abandoned"):
        _record(check, actor, "key_discarded")


@sensitive_variables()
def run(key_check_id: int) -> None:
    """Ask the vendor and end the check. Running twice at the same time is harmless: only the first end counts."""
    if not KeyCheck.objects.filter(pk=key_check_id, state=State.WAITING).update(started_at=timezone.now()):
        return
    check = KeyCheck.objects.select_related("organization", "asked_by").get(pk=key_check_id)
    if not check.api_key:
        _fail([check.pk], KEY_UNREADABLE)
        return
    try:
        account = call_with_key(check.kind, check.api_key, lambda tool: tool.check_credentials())
    except ToolError as error:
        _note_missing(check, error)
        if isinstance(error, CredentialsRejected):
            limits.note(limits.REFUSED_KEYS, check.organization_id, check.kind)
        _refuse(check, error.code, **error.params)
    except Exception:
        _refuse(check, "internal")
        raise
    else:
        _judge(check, account)


def sweep() -> int:
    """End checks that nobody finished, so that no key stays behind. Returns how many."""
    old = KeyCheck.objects.filter(state__in=OPEN, asked_at__lt=timezone.now() - KEPT_FOR)
    return _fail(list(old.values_list("pk", flat=True)), "too_late")


def as_swept(check: KeyCheck) -> KeyCheck:
    """The check as the next sweep will leave it, for pages: one that nobody finished is over."""
    if check.state in OPEN and check.asked_at < timezone.now() - KEPT_FOR:
        check.state, check.problem_code, check.problem_params = State.FAILED, "too_late", {}
    return check


def _judge(check: KeyCheck, account: Account) -> None:
    KeyCheck.objects.filter(pk=check.pk).update(
        permissions={name: verdict.value for name, verdict in account.permissions.items()},
        company_id=account.company_id,
        company_name=account.company_name[:200],
    )
    if account.missing() or account.denied:
        _refuse(check, "permission_missing", missing=account.missing())
    elif not check.company_change_accepted and _is_of_another_company(check, account):
        KeyCheck.objects.filter(pk=check.pk, state=State.WAITING).update(state=State.CONFIRM)
    else:
        connect(check=check, account=account)


def _note_missing(check: KeyCheck, error: ToolError) -> None:
    if isinstance(error, CredentialsRejected) and error.missing:
        KeyCheck.objects.filter(pk=check.pk).update(permissions=dict.fromkeys(error.missing, Verdict.NO.value))


def _is_of_another_company(check: KeyCheck, account: Account) -> bool:
    """Whether saving would put links out of reach: those of a company that this key is not known to belong to."""
    integration = Integration.objects.filter(organization=check.organization, kind=check.kind).first()
    if integration is None or not integration.company_id or integration.company_id == account.company_id:
        return False
    return integration.is_connected or link_counts(integration).live > 0


@transaction.atomic
def _refuse(check: KeyCheck, code: str, **params: object) -> None:
    """End a check whose key is not taken."""
    if _fail([check.pk], code, **params):
        _record(check, None, "key_refused", problem=problem_detail(check.kind, code, params))


def _record(check: KeyCheck, actor: User | None, what: str, **detail: object) -> None:
    record(
        organization=check.organization,
        actor=actor,
        action=f"integration.{what}",
        subject=check,
        detail={"tool": check.kind} | detail,
    )


def _fail(pks: list[int], code: str, **params: object) -> int:
    return KeyCheck.objects.filter(pk__in=pks, state__in=OPEN).update(
        state=State.FAILED, problem_code=code[:60], problem_params=params, api_key="", finished_at=timezone.now()
    )

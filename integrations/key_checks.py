"""A pasted key, from "Save" until it is accepted or not. The vendor is asked by a worker, never by a request."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from integrations import error_texts
from integrations.actions import connect
from integrations.base import Account, CredentialsRejected, ToolError, Verdict
from integrations.hooks.link_counts import link_counts
from integrations.models import Integration, KeyCheck
from integrations.registry import TOOLS
from integrations.vendor_calls import call_with_key
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
    """Stores the key, encrypted, and asks a worker to check it. An earlier check that is still open ends here."""
    earlier = KeyCheck.objects.filter(organization=organization, kind=kind, state__in=OPEN)
    _fail(
        list(earlier.values_list("pk", flat=True)),
        code="superseded",
        problem=_("Another key was entered in the meantime, so this one was not looked at any further."),
    )
    check = KeyCheck.objects.create(
        organization=organization,
        kind=kind,
        api_key=api_key,
        key_owner_kind=key_owner_kind,
        key_owner=key_owner,
        asked_by=actor,
    )
    _nudge(check.pk)
    return check


@transaction.atomic
def ask_again(*, check: KeyCheck) -> None:
    """For a check that no worker took up: the key is still there, so nobody pastes it twice."""
    if KeyCheck.objects.filter(pk=check.pk, state=State.WAITING).update(asked_at=timezone.now(), started_at=None):
        _nudge(check.pk)


@transaction.atomic
def accept_company_change(*, check: KeyCheck) -> None:
    """The knowing "yes" to a key of another company. The key is checked once more: minutes may have passed."""
    accepted = KeyCheck.objects.filter(pk=check.pk, state=State.CONFIRM).update(
        state=State.WAITING, company_change_accepted=True, asked_at=timezone.now(), started_at=None
    )
    if accepted:
        _nudge(check.pk)


@transaction.atomic
def abandon(*, check: KeyCheck) -> None:
    """The person does not want this key after all."""
    _fail([check.pk], code="abandoned", problem=_("You kept the key that was there."))


@sensitive_variables()
def run(key_check_id: int) -> None:
    """Asks the vendor and brings the check to its end. Twice at the same time harms nobody: only one end counts."""
    if not KeyCheck.objects.filter(pk=key_check_id, state=State.WAITING).update(started_at=timezone.now()):
        return
    check = KeyCheck.objects.select_related("organization", "asked_by").get(pk=key_check_id)
    tool = TOOLS[check.kind].info.name
    try:
        account = call_with_key(check.kind, check.api_key, lambda tool: tool.check_credentials())
    except ToolError as error:
        _note_missing(check, error)
        _fail([check.pk], code=error.code, problem=f"{error.sentence} {error_texts.advice(error, tool)}")
    except Exception:
        _fail([check.pk], code="internal", problem=_("Something went wrong here while the key was checked. Try again."))
        raise
    else:
        _judge(check, account, tool)


def sweep() -> int:
    """Ends checks that nobody finished, so that no key stays behind. Returns how many."""
    old = KeyCheck.objects.filter(state__in=OPEN, asked_at__lt=timezone.now() - KEPT_FOR)
    return _fail(list(old.values_list("pk", flat=True)), code="too_late", problem=_too_late())


def as_swept(check: KeyCheck) -> KeyCheck:
    """For pages: a check that nobody finished looks as the next sweep will leave it."""
    if check.state in OPEN and check.asked_at < timezone.now() - KEPT_FOR:
        check.state, check.problem_code, check.problem = State.FAILED, "too_late", _too_late()
    return check


def _too_late() -> str:
    return _("The check did not end within ten minutes, so the key was thrown away. Enter it again.")


def _judge(check: KeyCheck, account: Account, tool: str) -> None:
    KeyCheck.objects.filter(pk=check.pk).update(
        permissions={name: verdict.value for name, verdict in account.permissions.items()},
        company_id=account.company_id,
        company_name=account.company_name[:200],
    )
    if problem := error_texts.lacking(tool, account):
        tick = error_texts.tick_missing if account.missing() else error_texts.tick_all
        problem = f"{problem} {tick(tool)}"
        _fail([check.pk], code="permission_missing", problem=problem)
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


def _fail(pks: list[int], *, code: str, problem: str) -> int:
    return KeyCheck.objects.filter(pk__in=pks, state__in=OPEN).update(
        state=State.FAILED, problem_code=code[:60], problem=problem[:500], api_key="", finished_at=timezone.now()
    )


def _nudge(key_check_id: int) -> None:
    after_commit("integrations.check_key", key_check_id)

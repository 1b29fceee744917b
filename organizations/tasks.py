"""Background work of the organization itself."""

from __future__ import annotations

from celery import shared_task

from organizations import (
    account_notices,
    account_trail,
    address_change,
    first_steps,
    guessing,
    invitations,
    limits,
    passwords,
    search_index,
    statistics,
    trail_retention,
)
from organizations.backup import nightly
from organizations.diagnosis import signs
from organizations.directory import domains
from organizations.erasure import accounts, closing, mails
from organizations.single_sign_on import answers, configuration


@shared_task
def mail_invitation(invitation_id: int) -> None:
    invitations.mail(invitation_id)


@shared_task
def send_test_mail(organization_id: int, user_id: int) -> None:
    first_steps.send_test_mail(organization_id, user_id)


@shared_task
def mail_password(user_id: int) -> None:
    passwords.mail(user_id)


@shared_task
def mail_address_change(user_id: int) -> None:
    address_change.mail(user_id)


@shared_task
def record_failed_sign_in(user_id: int, attempt_id: int) -> None:
    account_trail.record_failed_sign_in(user_id, attempt_id)


@shared_task
def mail_guessing(user_id: int) -> None:
    guessing.mail(user_id)


@shared_task
def mail_account_notice(user_id: int, kind: int, about: int) -> None:
    account_notices.mail(user_id, kind, about)


@shared_task
def mail_password_changed(user_id: int) -> None:
    account_notices.mail(user_id, account_notices.Kind.PASSWORD_CHANGED)


@shared_task
def check_domain(domain_id: int) -> None:
    domains.check(domain_id)


@shared_task
def check_identity_provider(provider_id: int) -> None:
    configuration.check(provider_id)


@shared_task
def check_identity_providers() -> None:
    configuration.check_all()
    answers.forget_old()


@shared_task
def forget_attempts() -> None:
    limits.forget_old()


@shared_task
def delete_expired_trail() -> None:
    trail_retention.delete_expired()


@shared_task
def finish_erasing_account(user_id: int) -> None:
    accounts.finish(user_id)


@shared_task
def finish_erasures() -> None:
    accounts.sweep()
    closing.sweep()


@shared_task
def mail_erasure(organization_id: int, kind: int) -> None:
    mails.send(organization_id, mails.Kind(kind))


@shared_task
def refresh_statistics() -> None:
    statistics.refresh_statistics()
    search_index.forget_deleted()


@shared_task
def heartbeat() -> None:
    signs.beat()


@shared_task
def back_up() -> None:
    nightly.back_up()

"""Background work on integrations. Messages carry ids; the rules are in the functions called here."""

from __future__ import annotations

from celery import shared_task

from integrations import (
    actions,
    calendar_checks,
    calendar_health,
    health,
    key_checks,
    templates_cache,
    unreadable,
)
from integrations.models import Integration
from organizations.enqueue import send

IN_USE = [Integration.State.CONNECTED, Integration.State.PAUSED]


@shared_task
def check_key(key_check_id: int) -> None:
    key_checks.run(key_check_id)


@shared_task
def check_integration(integration_id: int, by_hand: bool = False) -> None:
    health.check(integration_id, by_hand=by_hand)


@shared_task
def refresh_templates(integration_id: int) -> None:
    templates_cache.refresh(integration_id)


@shared_task
def refresh_old_templates(integration_id: int) -> None:
    templates_cache.refresh_old(integration_id)


@shared_task
def check_integrations() -> None:
    for pk in Integration.objects.filter(state__in=IN_USE).order_by("pk").values_list("pk", flat=True):
        send("integrations.check_integration", pk)


@shared_task
def refresh_all_templates() -> None:
    connected = Integration.objects.filter(state=Integration.State.CONNECTED).order_by("pk")
    for pk in connected.values_list("pk", flat=True):
        send("integrations.refresh_templates", pk)


@shared_task
def check_calendar_credentials(calendar_check_id: int) -> None:
    calendar_checks.run(calendar_check_id)


@shared_task
def check_calendar(connection_id: int, by_hand: bool = False) -> None:
    calendar_health.check(connection_id, by_hand=by_hand)


@shared_task
def check_calendars() -> None:
    for pk in calendar_health.due():
        send("integrations.check_calendar", pk)


@shared_task
def revoke_calendar(connection_id: int) -> None:
    calendar_health.revoke(connection_id)


@shared_task
def sweep() -> None:
    key_checks.sweep()
    actions.forget_keys()
    unreadable.pause_unreadable()
    health.mail_open_problems()
    calendar_checks.sweep()
    calendar_health.pause_unusable()
    calendar_health.revoke_waiting()
    calendar_health.mail_open_problems()

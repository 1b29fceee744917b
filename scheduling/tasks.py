"""Celery tasks: load by id, call what does the work. They hold no rules."""

from __future__ import annotations

from celery import shared_task

from scheduling import candidate_imports, delivery, form_drafts, links, webhooks


@shared_task
def work_on_link(link_id: int) -> None:
    links.work_on_link(link_id)


@shared_task
def work_on_queue(integration_id: int, chain: str) -> None:
    links.work_on_queue(integration_id, chain)


@shared_task
def look_up_candidate(integration_id: int, candidate_id: int) -> None:
    links.look_up_candidate(integration_id, candidate_id)


@shared_task
def request_missing_links(integration_id: int) -> None:
    links.request_missing_links(integration_id)


@shared_task
def sweep_links() -> None:
    links.sweep()


@shared_task
def forget_old_events() -> None:
    webhooks.forget_old_events()


@shared_task
def send_message(message_id: int) -> None:
    delivery.deliver(message_id)


@shared_task
def sweep_messages() -> None:
    delivery.sweep()


@shared_task
def forget_candidate_imports() -> None:
    candidate_imports.forget_old_imports()
    form_drafts.forget_old_drafts()

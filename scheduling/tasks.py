"""Celery tasks: load by id, call what does the work. They hold no rules."""

from __future__ import annotations

import structlog
from celery import shared_task

from organizations.enqueue import send
from scheduling import coding_links
from scheduling.availability import calendar_tasks, watches
from scheduling.calendar_events import answers, writing
from scheduling.candidates import imports
from scheduling.coding_links import webhooks
from scheduling.erasure import retention
from scheduling.erasure import services as erasure_services
from scheduling.mail_answers import reading
from scheduling.messages import delivery as message_delivery
from scheduling.messages import services as message_services
from scheduling.planning import form_drafts
from scheduling.schedules import calendar_events


@shared_task
def work_on_link(link_id: int, claim: str = "") -> None:
    if not claim:  # otherwise it goes on with other links of the same key
        structlog.contextvars.bind_contextvars(link=link_id)
    coding_links.work_on_link(link_id, claim)


@shared_task
def look_up_candidate(integration_id: int, candidate_id: int) -> None:
    coding_links.look_up_candidate(integration_id, candidate_id)


@shared_task
def request_missing_links(integration_id: int) -> None:
    coding_links.request_missing_links(integration_id)


@shared_task
def advance_link_run(run_id: int) -> None:
    coding_links.advance_link_run(run_id)


@shared_task
def sweep_links() -> None:
    coding_links.sweep()


@shared_task
def forget_old_events() -> None:
    webhooks.forget_old_events()
    writing.forget_removed()


@shared_task
def send_message(message_id: int) -> None:
    message_delivery.deliver(message_id)


@shared_task
def sweep_messages() -> None:
    message_delivery.sweep()


@shared_task
def propose_updates(schedule_id: int) -> None:
    message_services.propose_again(schedule_id)


@shared_task
def write_calendar_event(event_id: int) -> None:
    writing.write(event_id)


@shared_task
def write_calendar_events(schedule_id: int) -> None:
    writing.write_of_schedule(schedule_id)


@shared_task
def follow_calendars(organization_id: int, membership_id: int = 0, after: int = 0) -> None:
    last = calendar_events.follow_some(organization_id, membership_id, after)
    if last is not None:
        send("scheduling.follow_calendars", organization_id, membership_id, last)


@shared_task
def check_calendar_event(event_id: int) -> None:
    answers.check(event_id)


@shared_task
def sweep_calendar_events() -> None:
    writing.sweep()
    answers.sweep()


@shared_task
def read_answers() -> None:
    reading.read()


@shared_task
def finish_deletions() -> None:
    erasure_services.finish_deletions()


@shared_task
def delete_due_candidates() -> None:
    retention.delete_due()


@shared_task
def mail_retention(organization_id: int) -> None:
    retention.mail(organization_id)


@shared_task
def forget_candidate_imports() -> None:
    imports.delete_expired_imports()
    form_drafts.forget_old_drafts()


@shared_task
def sweep_calendars() -> None:
    calendar_tasks.sweep()


@shared_task
def read_calendars(connection_id: int) -> None:
    calendar_tasks.read_calendars(connection_id)


@shared_task
def read_calendars_of(schedule_id: int) -> None:
    calendar_tasks.read_calendars_of(schedule_id)


@shared_task
def sweep_watches() -> None:
    calendar_tasks.sweep_watches()


@shared_task
def watch_calendars(connection_id: int) -> None:
    watches.renew(connection_id)


@shared_task
def find_all_calendars() -> None:
    calendar_tasks.find_all_calendars()


@shared_task
def find_calendars(connection_id: int, after: int = 0) -> None:
    calendar_tasks.find_calendars(connection_id, after)


@shared_task
def weigh_calendars_again(organization_id: int, membership_id: int = 0) -> None:
    calendar_tasks.weigh_again(organization_id, membership_id)

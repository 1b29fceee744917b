"""Do the same with several schedules: add the links that are missing, send what is drafted, export.

Each schedule is a transaction of its own, so that what one refuses stops no other; the answer says what came of each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from integrations.connections import connected_tool
from integrations.registry import tool_name
from organizations.access import Access
from organizations.models import User
from scheduling import coding_links
from scheduling.coding_links.rows import LinkRow, link_rows
from scheduling.messages import queueing
from scheduling.messages.message_context import load_message_context
from scheduling.messages.rows import Row
from scheduling.messages.rows import rows as message_rows
from scheduling.models import Interview, Message, MessageKind, Schedule
from scheduling.schedules.queries import visible_schedules

#: Schedules that are changed at once.
MOST: Final = 100


@dataclass(frozen=True)
class LinksToAdd:
    """A schedule with its interviews that lack the link their plan asks for. `problem`: why none can be added."""

    schedule: Schedule
    interviews: Sequence[Interview] = ()
    problem: str = ""


@dataclass(frozen=True)
class Draft:
    """A message that can be sent. `person` tells recipients apart; `pick` is the form value that sends it as shown."""

    person: str
    name: str
    kind: str
    pick: str


@dataclass(frozen=True)
class MessagesToSend:
    """A schedule with its drafts. `problem`: why they can't be sent from the list."""

    schedule: Schedule
    drafts: Sequence[Draft] = ()
    problem: str = ""


@dataclass(frozen=True)
class Outcome:
    """The result for one row: how much was done, or why nothing was."""

    name: str
    address: str
    number: int = 0
    problem: str = ""


def chosen(access: Access, ids: Sequence[int]) -> list[Schedule]:
    """Return those of the schedules that the reader may change, by candidate."""
    rows = access.all(Schedule).filter(pk__in=ids, candidate__erase_asked_at__isnull=True)
    return list(
        rows.select_related("candidate", "job", "stage", "organization").order_by("candidate__search_key", "pk")
    )


def links_to_add(access: Access, schedules: Sequence[Schedule]) -> list[LinksToAdd]:
    """Return what adding links would do, in three queries."""
    interviews = access.all(Interview).filter(schedule__in=schedules).select_related("plan_interview")
    lacking: dict[int, list[LinkRow]] = {}
    for row in link_rows(interviews.order_by("starts_at", "position", "id"), access):
        if row.is_missing and row.can_add:
            lacking.setdefault(row.interview.schedule_id, []).append(row)
    return [_to_add(access, one, lacking.get(one.pk, [])) for one in schedules]


def _to_add(access: Access, schedule: Schedule, lacking: Sequence[LinkRow]) -> LinksToAdd:
    if not lacking:
        return LinksToAdd(schedule, problem=_("No link is missing."))
    for row in lacking:
        if connected_tool(access, row.tool) is None:
            problem = _("%(tool)s is not connected.") % {"tool": tool_name(row.tool)}
            return LinksToAdd(schedule, problem=problem)
    return LinksToAdd(schedule, [row.interview for row in lacking])


def add_links(access: Access, schedules: Sequence[Schedule]) -> Iterator[Outcome]:
    """Request each missing link, from its plan's template."""
    for one in links_to_add(access, schedules):
        number, problem = 0, one.problem
        for interview in one.interviews:
            try:
                number += _request(access, interview)
            except coding_links.LinkError as refused:
                problem = str(refused)
        yield _outcome(access, one.schedule, number, problem)


def _request(access: Access, interview: Interview) -> bool:
    integration = connected_tool(access, interview.asked_tool)
    if integration is None:
        return False
    template_id, template_name, template_locked = interview.link_template
    coding_links.request_link(
        interview=interview,
        integration=integration,
        actor=access.user,
        template_id=template_id,
        template_name=template_name,
        template_locked=template_locked,
    )
    return True


def messages_to_send(schedules: Iterable[Schedule], actor: User) -> list[MessagesToSend]:
    """Return the drafts of each schedule, composed as they would be sent. What a check warns of is sent one by one."""
    return [_to_send(one, actor) for one in schedules]


def _to_send(schedule: Schedule, actor: User) -> MessagesToSend:
    drafts = [row for row in message_rows(load_message_context(schedule.pk), actor) if row.is_draft]
    if not drafts:
        return MessagesToSend(schedule, problem=_("Everyone has been told."))
    checks = [check.message for row in drafts for check in row.checks]
    if checks:
        return MessagesToSend(schedule, problem=" ".join(dict.fromkeys(checks)))
    return MessagesToSend(schedule, [_draft(row, row.message) for row in drafts if row.message is not None])


def _draft(row: Row, message: Message) -> Draft:
    to = f"member {message.membership_id}" if message.membership_id else f"candidate of {message.schedule_id}"
    return Draft(to, row.name, str(MessageKind(message.kind).label), row.pick)


def send_messages(access: Access, schedules: Sequence[Schedule], picks: Mapping[int, str]) -> Iterator[Outcome]:
    """Queue the picked drafts as they were shown. `picks` maps a draft's id to the digest of its preview."""
    for schedule in schedules:
        own = {pk: picks[pk] for pk in schedule.messages.filter(pk__in=picks).values_list("pk", flat=True)}
        if not own:
            continue
        number, problem = 0, ""
        try:
            number = len(queueing.queue_messages(schedule=schedule, actor=access.user, picks=own))
        except queueing.NotQueued as refused:
            reasons = [reason for objection in refused.objections for reason in objection.reasons]
            problem = " ".join(dict.fromkeys(reasons))
        yield _outcome(access, schedule, number, problem or ("" if number else _("Sent already.")))


def _outcome(access: Access, schedule: Schedule, number: int, problem: str) -> Outcome:
    address = access.url("schedule-communications", pk=schedule.pk)
    return Outcome(schedule.candidate.name, address, number, problem)


def exported(access: Access, ids: Sequence[int]) -> tuple[int, Iterator[list[str]]]:
    """Return how many of the schedules the reader may see, and their lines for a file."""
    rows = list(visible_schedules(access).filter(pk__in=ids).select_related("candidate", "job", "stage"))
    rows.sort(key=lambda row: (row.candidate.search_key, row.pk))
    return len(rows), (_line(row) for row in rows)


def header(access: Access) -> list[str]:
    zone = {"zone": access.user.time_zone}
    return [
        _("Candidate"),
        _("Job"),
        _("Stage"),
        _("State"),
        _("First interview (%(zone)s)") % zone,
        _("Last interview ends (%(zone)s)") % zone,
    ]


def _line(row: Schedule) -> list[str]:
    times = [
        date_format(timezone.localtime(at), "Y-m-d H:i") if at else "" for at in (row.first_starts_at, row.last_ends_at)
    ]
    job, stage = row.job.title if row.job else "", row.stage.name if row.stage else ""
    return [row.candidate.name, job, stage, str(row.shown_state.label), *times]

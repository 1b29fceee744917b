"""Outcome of a changed plan: the messages that saving prepares, and what becomes of coding links."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from organizations.models import Membership
from scheduling import coding_links
from scheduling.availability.planned import PlannedInterview
from scheduling.calendar_events.following import receives
from scheduling.models import CodingLink, Interview, LinkState, Message, Schedule
from scheduling.models.coding_links import LIVE
from scheduling.models.messages import NOTIFIED, Audience


@dataclass(frozen=True)
class Outcome:
    """Numbers of messages to prepare, and of coding links that are generated and removed."""

    messages: int = 0
    links_generated: int = 0
    links_removed: int = 0


def outcome_of(
    schedule: Schedule,
    wanted: Sequence[tuple[PlannedInterview, Interview | None]],
    removed: Sequence[Interview],
    *,
    switched_on: Sequence[Interview | None] = (),
    switched_off: int = 0,
) -> Outcome:
    """Return the outcome of saving. `wanted` are the changed and added interviews, each with the one that it changes.

    `switched_on` are those of them whose coding link is switched on, None for one that is added; `switched_off` the
    number of those whose link is removed with its switch. Reads the assignments of interviews, and makes three queries
    at most.
    """
    if not (wanted or removed):
        return Outcome()
    staying = {person for planned, _interview in wanted for person in planned.interviewers}
    before = [interview for _planned, interview in wanted if interview is not None]
    leaving = {one.membership_id for row in [*before, *removed] for one in row.assignments.all()} - staying
    generated, lost = _links({one.pk: _at(one, planned) for planned, one in wanted if one is not None}, removed)
    # The candidate's, too.
    new = _new_links(switched_on)
    return Outcome(1 + len(mailed(schedule, staying, leaving)), generated + new, lost + switched_off)


def mailed(schedule: Schedule, staying: Collection[int], leaving: Collection[int]) -> set[int]:
    """Return those of the interviewers who hear of a change by mail: one query at most.

    Who stays, or comes, has the interview in their calendar instead, unless they were invited by mail before; who
    leaves hears of it only then.
    """
    if not (staying or leaving):
        return set()
    sent = Message.objects.filter(schedule=schedule, audience=Audience.INTERVIEWER, state__in=NOTIFIED)
    is_invited = Exists(sent.filter(membership=OuterRef("pk")).order_by())
    rows = Membership.objects.filter(pk__in=[*staying, *leaving]).annotate(
        is_invited=is_invited, receives=receives(schedule.organization)
    )
    found = rows.order_by().values_list("pk", "is_invited", "receives")
    return {pk for pk, was_invited, by_event in found if was_invited or (pk in staying and not by_event)}


def _new_links(switched_on: Sequence[Interview | None]) -> int:
    """Return how many of the interviews have no link that is kept when theirs is switched on."""
    known = {one.pk for one in switched_on if one is not None}
    live = CodingLink.objects.filter(interview__in=known, state__in=LIVE).count() if known else 0
    return len(switched_on) - live


def _links(moved: Mapping[int, Interview], removed: Sequence[Interview]) -> tuple[int, int]:
    """Return how many links are generated and removed."""
    gone = {one.pk for one in removed}
    latest: dict[int, CodingLink] = {}
    for link in CodingLink.objects.filter(interview__in=[*moved, *gone]).order_by("id"):
        if link.interview_id is not None:
            latest[link.interview_id] = link
    generated = [link for pk, link in latest.items() if pk in moved and coding_links.needs_another(link, moved[pk])]
    lost = [link for pk, link in latest.items() if pk in gone and link.state in LIVE and link.state != LinkState.ACTIVE]
    return len(generated), len(lost)


def _at(interview: Interview, planned: PlannedInterview) -> Interview:
    """Return the interview at its planned time, not to be saved."""
    moved = copy(interview)
    if planned.starts_at is not None and planned.ends_at is not None:
        moved.starts_at, moved.ends_at = planned.starts_at, planned.ends_at
    return moved

"""Ways to find rows of the big tables in the Django admin, each by an index: an id, an address, a name's beginning.

The indexes begin with an organization or an integration, so that the pages of the product use them. A look-up over all
of them names all of these: the database then looks once for each.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from integrations.models import Integration
from organizations import addresses
from organizations.admin_lists import number, pks
from organizations.models import Membership, Organization
from organizations.search import fold
from scheduling.coding_links.candidate_keys import candidate_key_of
from scheduling.models import (
    CalendarEntry,
    CalendarEvent,
    CalendarTime,
    Candidate,
    CodingLink,
    Interview,
    InterviewerAssignment,
    JoinLink,
    MailAnswer,
    MailNote,
    Message,
    Schedule,
)

BY_CANDIDATE = _("Search by the candidate's whole e-mail address, by the beginning of their name, or by id.")
BY_CANDIDATE_OR_MEMBER = _("Search by a candidate's or member's e-mail address, by a candidate's name, or by id.")
BY_CANDIDATE_OR_EXTERNAL_ID = _("Search by the candidate's e-mail address or name, or by the id in the coding tool.")
#: Sorts after every name that begins with the same letters.
LAST = "\U0010ffff"


def candidates(words: str) -> list[int]:
    """Candidates with this id or address, or whose name begins with the words."""
    rows = Candidate.objects.filter(organization__in=_all(Organization))
    if "@" in words:
        return pks(rows.annotate(folded=Lower("email")).filter(folded=words.lower()))
    key = fold(words)
    named = pks(rows.filter(search_key__gte=key, search_key__lt=key + LAST)) if key else []
    return [*number(words), *named]


def schedules(words: str) -> list[int]:
    """Schedules with this id, and those of the candidates that are found."""
    return [*number(words), *pks(Schedule.objects.filter(candidate__in=candidates(words)))]


def interviews(words: str) -> list[int]:
    return [*number(words), *pks(Interview.objects.filter(schedule__in=_schedules_of(words)))]


def assignments(words: str) -> list[int]:
    """Assignments of the member with this address, and those of the interviews that are found."""
    rows = InterviewerAssignment.objects
    of_member = pks(rows.filter(membership__in=_members(words)))
    return [*of_member, *pks(rows.filter(interview__in=_interviews_of(words)))]


def coding_links(words: str) -> list[int]:
    """Links with this id, here or at the tool; those of the candidates that are found, also of deleted interviews."""
    rows = CodingLink.objects.filter(integration__in=_all(Integration))
    found = [*number(words), *pks(rows.filter(external_id=words).exclude(external_id=""))]
    if "@" in words:
        found += pks(rows.filter(candidate_key=candidate_key_of(words)))
    return [*found, *pks(CodingLink.objects.filter(interview__in=_interviews_of(words)))]


def calendar_events(words: str) -> list[int]:
    """Events with this id, those of the member with this address, and those of the interviews that are found."""
    of_member = pks(CalendarEvent.objects.filter(membership__in=_members(words)))
    return [*number(words), *of_member, *pks(CalendarEvent.objects.filter(interview__in=_interviews_of(words)))]


def calendar_times(words: str) -> list[int]:
    """Times with this id, and those in the calendars of the member with this address."""
    return [*number(words), *pks(CalendarTime.objects.filter(membership__in=_members(words)))]


def join_links(words: str) -> list[int]:
    return [*number(words), *pks(JoinLink.objects.filter(interview__in=_interviews_of(words)))]


def messages(words: str) -> list[int]:
    """Messages with this id, here or in their head, those to the member with this address, and those to candidates."""
    rows = Message.objects
    found = [*number(words), *pks(rows.filter(message_id=words)), *pks(rows.filter(membership__in=_members(words)))]
    return [*found, *pks(rows.filter(schedule__in=_schedules_of(words)))]


def calendar_entries(words: str) -> list[int]:
    rows = CalendarEntry.objects
    return [*pks(rows.filter(uid=words)), *pks(rows.filter(schedule__in=_schedules_of(words)))]


def mail_answers(words: str) -> list[int]:
    return [*number(words), *pks(MailAnswer.objects.filter(schedule__in=_schedules_of(words)))]


def mail_notes(words: str) -> list[int]:
    return [*number(words), *pks(MailNote.objects.filter(schedule__in=_schedules_of(words)))]


def _all(model: type[Any]) -> QuerySet[Any]:
    rows: QuerySet[Any] = model._default_manager.order_by().values("pk")
    return rows


def _members(words: str) -> list[int]:
    return pks(Membership.objects.filter(user__email=addresses.key(words))) if "@" in words else []


def _schedules_of(words: str) -> list[int]:
    return pks(Schedule.objects.filter(candidate__in=candidates(words)))


def _interviews_of(words: str) -> list[int]:
    return pks(Interview.objects.filter(schedule__in=_schedules_of(words)))

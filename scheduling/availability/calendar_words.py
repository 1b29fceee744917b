"""The words that say how much calendar entries count: an organization's and its members', and weighing by new ones."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction
from django.db.models import Q

from organizations.audit import Person, record
from organizations.enqueue import after_commit
from organizations.models import Membership, Organization, User
from scheduling.availability.weights import DEFAULT_WORDS, Words, weigh
from scheduling.models import CalendarTime, CalendarWords

#: Rows that one transaction weighs.
BATCH = 1000


def words_of(organization: int) -> Words:
    """Return an organization's words, which are the defaults until an admin saves others."""
    row = CalendarWords.objects.filter(organization=organization, membership=None).first()
    return DEFAULT_WORDS if row is None else _words(row)


def own_words(member: Membership) -> Words:
    """Return a member's own words; they have none until they save some."""
    row = CalendarWords.objects.filter(membership=member).first()
    return Words() if row is None else _words(row)


@transaction.atomic
def save(*, organization: Organization, membership: Membership | None, words: Words, actor: User) -> None:
    """Save the words of an organization, or of one member, and have stored entries weighed by them."""
    before = words_of(organization.pk) if membership is None else own_words(membership)
    if before == words:
        return
    CalendarWords.objects.update_or_create(
        organization=organization,
        membership=membership,
        defaults={"hard": words.hard, "soft": words.soft, "ignored": words.ignored, "changed_by": actor},
    )
    if membership is None:
        record(organization=organization, actor=actor, action="calendar_words.changed", subject=organization)
    else:
        record(
            organization=organization,
            actor=actor,
            action="own_calendar.words_changed",
            subject=membership,
            person=Person("user", membership.user_id),
        )
    after_commit("scheduling.weigh_calendars_again", organization.pk, membership.pk if membership else 0)


def words_for(member: Membership) -> tuple[Words, Words | None]:
    """Return the organization's words and the member's own, in one query. None where they have none."""
    rows = CalendarWords.objects.filter(Q(membership=None) | Q(membership=member), organization=member.organization_id)
    organization, own = DEFAULT_WORDS, None
    for row in rows.order_by("pk"):
        if row.membership_id is None:
            organization = _words(row)
        else:
            own = _words(row)
    return organization, own


def weigh_again(organization: Organization, membership: int | None = None) -> int:
    """Weigh the stored entries of an organization, or of one member, anew. Returns how many changed.

    A batch is one transaction. What is read from the vendor at the same moment by the words of before is weighed right
    with the next whole read, a day later at most.
    """
    everybody = words_of(organization.pk)
    rows = CalendarWords.objects.filter(organization=organization, membership__isnull=False)
    own = {row.membership_id: _words(row) for row in rows}
    members = organization.memberships.order_by("pk").values_list("pk", flat=True)
    if membership is not None:
        members = members.filter(pk=membership)
    return sum(_weigh_batch(batch, everybody, own.get(pk)) for pk in members for batch in _batches(pk))


def _batches(membership: int) -> Iterator[list[int]]:
    last = 0
    times = CalendarTime.objects.filter(membership=membership).order_by("pk").values_list("pk", flat=True)
    while batch := list(times.filter(pk__gt=last)[:BATCH]):
        yield batch
        last = batch[-1]


@transaction.atomic
def _weigh_batch(batch: list[int], organization: Words, own: Words | None) -> int:
    by_weight: dict[str, list[int]] = {}
    for row in CalendarTime.objects.filter(pk__in=batch).order_by("pk"):
        weight = weigh(row, organization, own)
        if weight != row.weight:
            by_weight.setdefault(weight, []).append(row.pk)
    return sum(CalendarTime.objects.filter(pk__in=pks).update(weight=weight) for weight, pks in by_weight.items())


def _words(row: CalendarWords) -> Words:
    return Words(row.hard, row.soft, row.ignored)

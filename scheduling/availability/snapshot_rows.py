"""The rows of a calendar's snapshot: what a vendor's answer makes of them. Only rows that differ are written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TypeVar

from django.db.models import Q

from integrations.calendars import Changes, Occurrence, Window
from integrations.ical.ours import invitation_uid
from organizations import text
from scheduling.availability.weights import Words, weigh
from scheduling.models import CalendarEntry, CalendarEvent, CalendarTime, MemberCalendar

T = TypeVar("T")
#: Ids in one query, and rows in one statement.
BATCH = 400
TITLE_LENGTH = 200
_COLUMNS = (
    "series", "starts_at", "ends_at", "title", "weight", "kind", "answer", "is_all_day", "is_free", "is_private",
    "is_tentative", "is_ours",
)  # fmt: skip


def hashed(vendor_id: str) -> str:
    """Return what rows know a vendor's id by, whose length has no limit; empty for none."""
    return hashlib.sha256(vendor_id.encode()).hexdigest() if vendor_id else ""


def store(calendar: MemberCalendar, changes: Changes, window: Window, organization: Words, own: Words | None) -> int:
    """Bring the rows of a calendar up to date, in the caller's transaction. Returns how many were written.

    A change of one occurrence replaces its whole series: the vendor has sent all that is left of it in the window.
    """
    ours = _of_interviews(calendar, changes.occurrences)
    wanted = {
        row.key: row
        for one in changes.occurrences
        if _is_within(one.starts_at, one.ends_at, window)
        for row in [_row_of(calendar, one, organization, own, is_ours=one.our_id in ours)]
    }
    theirs = CalendarTime.objects.filter(calendar=calendar)
    if changes.is_whole:
        there = {row.key: row for row in theirs}
    else:
        named = {hashed(one) for one in changes.removed}
        for one in changes.occurrences:
            named |= {hashed(one.id), hashed(one.series)}
        there = {
            row.key: row
            for some in _batches(sorted(named - {""}))
            for row in theirs.filter(Q(key__in=some) | Q(series__in=some))
        }
    return _write(there, wanted)


def _write(there: dict[str, CalendarTime], wanted: dict[str, CalendarTime]) -> int:
    gone = [row.pk for key, row in there.items() if key not in wanted]
    for some in _batches(gone):
        CalendarTime.objects.filter(pk__in=some).delete()
    new = [row for key, row in wanted.items() if key not in there]
    changed = []
    for key, row in wanted.items():
        if (old := there.get(key)) is not None and _values(old) != _values(row):
            row.pk = old.pk
            changed.append(row)
    CalendarTime.objects.bulk_create(new, batch_size=BATCH)
    if changed:
        CalendarTime.objects.bulk_update(changed, _COLUMNS, batch_size=100)
    return len(gone) + len(new) + len(changed)


def _values(row: CalendarTime) -> tuple[object, ...]:
    return tuple(
        str(getattr(row, name)) if name in {"weight", "kind", "answer"} else getattr(row, name) for name in _COLUMNS
    )


def _of_interviews(calendar: MemberCalendar, occurrences: Iterable[Occurrence]) -> set[str]:
    """Return those of Panelist's ids among the occurrences that are interviews of the calendar's organization.

    An owner may be a member of two organizations, or use two installations: what another one wrote keeps them busy, as
    no interview here counts in its place.
    """
    found: set[str] = set()
    for some in _batches({one.our_id for one in occurrences} - {""}):
        here = CalendarEvent.objects.filter(organization=calendar.organization_id, our_id__in=some)
        found.update(here.order_by().values_list("our_id", flat=True))
        uids = {invitation_uid(one): one for one in some}
        mailed = CalendarEntry.objects.filter(organization=calendar.organization_id, uid__in=uids)
        found.update(uids[uid] for uid in mailed.order_by().values_list("uid", flat=True))
    return found


def _row_of(
    calendar: MemberCalendar, one: Occurrence, organization: Words, own: Words | None, *, is_ours: bool
) -> CalendarTime:
    """Return the row of an occurrence. The title of a private one is not kept, nor that of an interview, wherever it
    belongs: and so none of a room's, whose entries are copies of others'."""
    keeps_title = not (one.is_private or one.our_id or calendar.membership_id is None)
    row = CalendarTime(
        organization_id=calendar.organization_id,
        calendar=calendar,
        membership_id=calendar.membership_id,
        key=hashed(one.id),
        series=hashed(one.series),
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        title=text.line(one.title[: 4 * TITLE_LENGTH])[:TITLE_LENGTH].strip() if keeps_title else "",
        kind=one.kind,
        answer=one.answer,
        is_all_day=one.is_all_day,
        is_free=one.is_free,
        is_private=one.is_private,
        is_tentative=one.is_tentative,
        is_ours=is_ours,
    )
    row.weight = weigh(row, organization, own)
    return row


def _is_within(starts_at: datetime, ends_at: datetime, window: Window) -> bool:
    return starts_at < ends_at and starts_at < window.ends_at and ends_at > window.starts_at


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    found = list(items)
    for at in range(0, len(found), BATCH):
        yield found[at : at + BATCH]

"""The calendars of a connection: stored when it is connected, chosen by their owner, and forgotten with it."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from integrations.calendar_registry import CALENDARS
from integrations.calendars import CalendarRef
from integrations.models import CalendarConnection
from organizations.audit import Person, record
from organizations.enqueue import after_commit
from organizations.models import Membership, Organization, User
from scheduling.availability.member_calendars import add_calendar
from scheduling.availability.watches import watches_of
from scheduling.models import CalendarEvent, CalendarTime, EventState, MemberCalendar


def on_connection_event(event: str, connection: CalendarConnection) -> None:
    """Follow a connection (`integrations.hooks.calendars`): its calendars are read at once, or forgotten."""
    if event == "disconnecting":
        CalendarConnection.objects.filter(pk=connection.pk).update(watches=watches_of(connection))
        MemberCalendar.objects.filter(connection=connection).delete()
    elif event in {"connected", "checked"} and connection.membership is not None:
        _store_found(connection, connection.membership, is_new=event == "connected")
    elif event == "connected":
        after_commit("scheduling.find_calendars", connection.pk)
    if event in {"connected", "resumed"}:
        MemberCalendar.objects.filter(connection=connection, is_read=True).update(
            due_at=timezone.now(), failures=0, problem_code="", problem_params={}, problem_since=None
        )
        after_commit("scheduling.read_calendars", connection.pk)
        # What changed while it was paused is due at once.
        waiting = CalendarEvent.objects.filter(connection=connection, next_attempt_at__gt=timezone.now(), claim="")
        waiting.update(next_attempt_at=timezone.now())
    if event == "connected":
        _remove_what_stayed(connection)
    if event == "resumed" or (event == "connected" and connection.membership_id is not None):
        _follow(connection.organization_id, connection.membership_id)


def _remove_what_stayed(connection: CalendarConnection) -> None:
    """Have events removed that could not be while the calendar was not connected. The sweep finds them."""
    stayed = CalendarEvent.objects.filter(connection=connection, state=EventState.CANCELLING, next_attempt_at=None)
    stayed.update(next_attempt_at=timezone.now(), attempts=0, problem_code="", problem_params={})


def _follow(organization_id: int, membership_id: int | None) -> None:
    """Have the coming interviews of a member, None: of everybody, written into the calendars that receive them now."""
    members = () if membership_id is None else (membership_id,)
    after_commit("scheduling.follow_calendars", organization_id, *members)


def invitations_change(organization: Organization, changed: Collection[str]) -> None:
    """Follow an organization that invites its interviewers in another way now (`organizations.hooks`)."""
    if "interviewer_invitations" in changed:
        _follow(organization.pk, None)


def _store_found(connection: CalendarConnection, member: Membership, *, is_new: bool) -> None:
    """Store calendars that are not stored yet. Until somebody chooses, the main one counts and receives interviews;
    others, such as a family's, count once their owner says so."""
    found = [CalendarRef(**one) for one in connection.found]
    known = set(MemberCalendar.objects.filter(connection=connection).values_list("external_id", flat=True))
    main = next((one for one in found if one.is_main), found[0] if found else None)
    for one in found:
        if one.id in known:
            continue
        row = add_calendar(connection, member, one, is_written=one is main and one.can_write and not known)
        if one is not main or known or not is_new:
            MemberCalendar.objects.filter(pk=row.pk).update(is_read=False)
    gone = MemberCalendar.objects.filter(connection=connection, external_id__in=known - {one.id for one in found})
    if gone.filter(is_written=True).exists():
        _follow(connection.organization_id, member.pk)
    gone.delete()


def can_write(calendar: MemberCalendar) -> bool:
    """Whether interviews can be written into a calendar, as far as its vendor told."""
    connection = calendar.connection
    entry = CALENDARS.get(connection.kind)
    if entry is None or not entry.info.can_write:
        return False
    if connection.membership_id is None:
        return True
    return any(one["id"] == calendar.external_id and one["can_write"] for one in connection.found)


@transaction.atomic
def choose(
    *,
    membership: Membership,
    read: Collection[int],
    written: int | None,
    actor: User,
    shown: Collection[int] | None = None,
) -> None:
    """Save which of a member's calendars keep them busy, and which one receives interviews; None: none of them.

    Only those that were `shown` change, None: all. Others were connected, or found, since the page was opened. What was
    read of a calendar that does not count any more is forgotten.
    """
    theirs = MemberCalendar.objects.filter(membership=membership)
    offered = theirs if shown is None else theirs.filter(pk__in=shown)
    rows = list(offered.select_related("connection").order_by("pk"))
    before = [(row.pk, row.is_read, row.is_written) for row in rows]
    if any(row.pk == written and can_write(row) for row in rows):
        theirs.filter(is_written=True).update(is_written=False)
    connections: set[int] = set()
    for row in rows:
        was_read, row.is_read = row.is_read, row.pk in read
        row.is_written = row.pk == written and can_write(row)
        if row.is_read and not was_read:
            row.due_at = timezone.now()
            connections.add(row.connection_id)
        elif was_read and not row.is_read:
            CalendarTime.objects.filter(calendar=row).delete()
            row.sync_token, row.read_at, row.window_starts_at, row.window_ends_at = "", None, None, None
            # Whoever is reading it right now may store no token: the next read would go on from there, without what
            # is deleted here.
            row.claim = ""
        row.save(
            update_fields=[
                *("is_read", "is_written", "due_at", "sync_token", "read_at", "window_starts_at", "window_ends_at"),
                *(("claim",) if was_read and not row.is_read else ()),
            ]
        )
    if [row.pk for row in rows if row.is_written] != [pk for pk, _is_read, is_written in before if is_written]:
        _follow(membership.organization_id, membership.pk)
    for pk in sorted(connections):
        after_commit("scheduling.read_calendars", pk)
    if before != [(row.pk, row.is_read, row.is_written) for row in rows]:
        record(
            organization=membership.organization,
            actor=actor,
            action="own_calendar.chosen",
            subject=membership,
            person=Person("user", membership.user_id),
            detail={"count": sum(row.is_read for row in rows)},
        )

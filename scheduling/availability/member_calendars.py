"""The calendars of an organization's members, found by their addresses through the connection that serves everybody.

Members who come in get theirs within the hour; those who leave lose them with their membership.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from integrations.base import Refused, Retryable, ToolError
from integrations.calendar_calls import call
from integrations.calendars import CalendarRef
from integrations.models import CalendarConnection
from organizations.enqueue import after_commit, send
from organizations.models import Membership, User
from scheduling.models import MemberCalendar

#: Members that one task looks up; the next one goes on.
AT_ONCE = 50
#: How long a vendor that is too busy for the rest of them is left alone. Until they are found, they look free.
WAIT_SECONDS = 30.0


def connections_for_all() -> list[int]:
    """Return the connections that serve an organization, and work."""
    rows = CalendarConnection.objects.filter(membership=None, state=CalendarConnection.State.CONNECTED)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def without_any() -> list[int]:
    """Return connections that serve an organization and have no calendar yet: they were connected just now."""
    theirs = MemberCalendar.objects.filter(connection=OuterRef("pk"))
    rows = CalendarConnection.objects.filter(~Exists(theirs), pk__in=connections_for_all())
    return list(rows.order_by("pk").values_list("pk", flat=True))


@dataclass(frozen=True, slots=True)
class Rest:
    """Members who are still to be looked up: those `after` this one, in so many seconds."""

    after: int
    seconds: float = 0


def find_calendars(connection_id: int, after: int = 0) -> Rest | None:
    """Look up the calendars of members who have none through this connection, `AT_ONCE` of them.

    `after`: the last member that was looked up. Returns the rest, None when all were. Members without a mailbox at the
    vendor have no calendar, and are looked up again the next time.
    """
    connection = CalendarConnection.objects.filter(pk=connection_id, membership=None).first()
    if connection is None or connection.state != CalendarConnection.State.CONNECTED:
        return None
    members = list(_lacking(connection).filter(pk__gt=after)[:AT_ONCE])
    for number, member in enumerate(members):
        try:
            _find(connection, member)
        except Refused:
            continue
        except Retryable as problem:
            # Where nobody was found either, the vendor is away: the next round comes within the hour.
            wait = max(problem.retry_after or 0, WAIT_SECONDS)
            return Rest(members[number - 1].pk, wait) if number else None
        except ToolError:
            return None
    return Rest(members[-1].pk) if len(members) == AT_ONCE else None


def address_changes(user: User, actor: User | None) -> None:  # noqa: ARG001 - a listener
    """Forget the calendars that were found by the address that a member had, and look for those of the new one."""
    theirs = MemberCalendar.objects.filter(membership__user=user, connection__membership=None)
    connections = sorted(set(theirs.values_list("connection", flat=True)))
    theirs.delete()
    for pk in connections:
        after_commit("scheduling.find_calendars", pk)


def arrives(membership: Membership, email: str) -> None:  # noqa: ARG001 - a listener
    """Look for the calendar of a new member, who would look free until the next round."""
    theirs = CalendarConnection.objects.filter(pk__in=connections_for_all(), organization=membership.organization_id)
    for pk in theirs.order_by("pk").values_list("pk", flat=True):
        after_commit("scheduling.find_calendars", pk)


def _lacking(connection: CalendarConnection) -> QuerySet[Membership]:
    theirs = MemberCalendar.objects.filter(connection=connection, membership=OuterRef("pk"))
    members = Membership.objects.filter(~Exists(theirs), organization=connection.organization_id, user__is_active=True)
    return members.select_related("user").order_by("pk")


def _find(connection: CalendarConnection, member: Membership) -> None:
    found = call(connection, lambda vendor: vendor.calendar_of(member.user.email))
    if found is None or not Membership.objects.filter(pk=member.pk, user__email=member.user.email).exists():
        return
    if add_calendar(connection, member, found, is_written=found.can_write).is_written:
        send("scheduling.follow_calendars", connection.organization_id, member.pk)


def add_calendar(
    connection: CalendarConnection, member: Membership, found: CalendarRef, *, is_written: bool = False
) -> MemberCalendar:
    """Store a calendar of a member, to be read at once. It receives interviews if no other one of theirs does."""
    written = MemberCalendar.objects.filter(membership=member, is_written=True)
    row, _made = MemberCalendar.objects.get_or_create(
        connection=connection,
        membership=member,
        external_id=found.id,
        defaults={
            "organization_id": connection.organization_id,
            "name": found.name[:200],
            "is_written": is_written and not written.exists(),
            "due_at": timezone.now(),
        },
    )
    return row

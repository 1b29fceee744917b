"""The calendars of an organization's members, found by their addresses through the connection that serves everybody.

Members who come in get theirs within the hour; those who leave lose them with their membership.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from integrations.base import CredentialsRejected, Refused, ToolError
from integrations.calendar_calls import call
from integrations.calendars import CalendarRef
from integrations.models import CalendarConnection
from organizations.enqueue import send
from organizations.models import Membership, User
from scheduling.models import MemberCalendar

#: Members that one task looks up; the next one goes on.
AT_ONCE = 50


def connections_for_all() -> list[int]:
    """Return the connections that serve an organization, and work."""
    rows = CalendarConnection.objects.filter(membership=None, state=CalendarConnection.State.CONNECTED)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def without_any() -> list[int]:
    """Return connections that serve an organization and have no calendar yet: they were connected just now."""
    theirs = MemberCalendar.objects.filter(connection=OuterRef("pk"))
    rows = CalendarConnection.objects.filter(~Exists(theirs), pk__in=connections_for_all())
    return list(rows.order_by("pk").values_list("pk", flat=True))


def find_calendars(connection_id: int, after: int = 0) -> int | None:
    """Look up the calendars of members who have none through this connection, `AT_ONCE` of them.

    `after`: the last member that was looked up. Returns the one to go on after, None when all were. Members without a
    mailbox at the vendor have no calendar, and are looked up again the next time.
    """
    connection = CalendarConnection.objects.filter(pk=connection_id, membership=None).first()
    if connection is None or connection.state != CalendarConnection.State.CONNECTED:
        return None
    members = list(_lacking(connection).filter(pk__gt=after)[:AT_ONCE])
    for member in members:
        try:
            _find(connection, member)
        except Refused:
            continue
        except CredentialsRejected:
            return None
        except ToolError:
            return None  # the next round comes within the hour
    return members[-1].pk if len(members) == AT_ONCE else None


def address_changes(user: User, actor: User | None) -> None:  # noqa: ARG001 - a listener
    """Forget the calendars that were found by the address that a member had."""
    MemberCalendar.objects.filter(membership__user=user, connection__membership=None).delete()


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

"""Work on calendars in the background, and how it is asked for.

A message may be lost or come twice: the rows have timers, and the sweep finds what is due.
"""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone

from organizations.enqueue import after_commit, send
from organizations.models import Organization
from scheduling.availability import calendar_words, member_calendars, rooms, snapshots, watches
from scheduling.models import Interview, InterviewerAssignment, MemberCalendar

#: Connections that one sweep begins with.
SWEEP_AT_MOST = 20


def sweep() -> None:
    """Have due calendars read, and those of a new connection found. Called by beat."""
    for connection_id in snapshots.due_connections()[:SWEEP_AT_MOST]:
        if snapshots.number_of_claims(connection_id) < snapshots.MAX_CLAIMS:
            send("scheduling.read_calendars", connection_id)
    for connection_id in member_calendars.without_any():
        send("scheduling.find_calendars", connection_id)


def read_calendars(connection_id: int) -> None:
    """Read what is due of a connection; what is left goes on in another task, so that others get their turn."""
    if snapshots.read_due(connection_id):
        send("scheduling.read_calendars", connection_id)


def enqueue_reading(schedule_id: int) -> None:
    """After commit, read the calendars of a schedule's interviewers: has somebody become busy there?"""
    after_commit("scheduling.read_calendars_of", schedule_id)


def read_calendars_of(schedule_id: int) -> None:
    """Read the calendars of a schedule's interviewers and rooms now."""
    coming = Interview.objects.filter(schedule=schedule_id, state="scheduled", ends_at__gt=timezone.now()).order_by()
    people = InterviewerAssignment.objects.filter(interview__in=coming).order_by().values("membership")
    places = coming.filter(room__isnull=False).values("room")
    rows = MemberCalendar.objects.filter(
        Q(membership__in=people) | Q(room__in=places), is_read=True, connection__state="connected"
    )
    calendars = list(rows.order_by("pk").values_list("pk", flat=True))
    snapshots.mark_due(calendars)
    for pk in calendars:
        snapshots.read(pk)


def sweep_watches() -> None:
    """Have calendars watched that are not, or not for long any more. Called by beat."""
    for connection_id in watches.due_connections():
        send("scheduling.watch_calendars", connection_id)


def find_all_calendars() -> None:
    """Find rooms, and the calendars of members who have none yet, through each connection for all. Called by beat."""
    for connection_id in member_calendars.connections_for_all():
        send("scheduling.find_calendars", connection_id)


def find_calendars(connection_id: int, after: int = 0) -> None:
    """Find the calendars of some members, and before the first ones the rooms; the next ones are another task's."""
    if not after:
        rooms.find_rooms(connection_id)
    rest = member_calendars.find_calendars(connection_id, after)
    if rest is not None:
        send("scheduling.find_calendars", connection_id, rest.after, after=rest.seconds)
    send("scheduling.read_calendars", connection_id)


def weigh_again(organization_id: int, membership_id: int = 0) -> None:
    """Weigh the stored entries of an organization, or of one member, anew."""
    organization = Organization.objects.filter(pk=organization_id).first()
    if organization is not None:
        calendar_words.weigh_again(organization, membership_id or None)

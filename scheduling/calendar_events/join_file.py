"""The calendar file of a join link's page: one interview, without a word about its people."""

from __future__ import annotations

from email.utils import parseaddr

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from organizations.bidi import isolated
from organizations.mail import mail_domain
from scheduling.calendar_events.ics import Event, Method, Person, invitation
from scheduling.join_links.services import address
from scheduling.models import JoinLink


def calendar_file(link: JoinLink) -> bytes:
    """Return the interview as an event that nobody answers, with the room, or else the join link, as its place.

    Whoever has the link may read it, so it names nobody and holds no other link. Downloaded again after a change, it
    replaces itself.
    """
    interview = link.interview
    values = {"interview": isolated(interview.name), "whom": isolated(link.organization.name)}
    event = Event(
        uid=f"join-{link.pk}@{mail_domain()}",
        sequence=0,
        stamped_at=timezone.now(),
        starts_at=interview.starts_at,
        ends_at=interview.ends_at,
        summary=_("%(interview)s with %(whom)s") % values,
        organizer=Person(link.organization.name, parseaddr(settings.DEFAULT_FROM_EMAIL)[1]),
        attendees=(),
        location=interview.room.where if interview.room else address(link),
        description=address(link) if interview.room else "",
    )
    return invitation(event, Method.PUBLISH)

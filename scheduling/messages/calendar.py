"""Title, description and location of a reader's calendar events, in the reader's zone.

The candidate gets one event per day, per block without a break, or per interview, as the organization sets it; an
interviewer one per interview, so that only those times are taken. `calendar_events.changes` finds which of them are new
or changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from organizations.bidi import isolated
from scheduling.calendar_events.changes import EventContent, Grouping, group_into_events
from scheduling.messages.formatting import zone_of
from scheduling.messages.render_context import RenderContext, itinerary, zone_line
from scheduling.messages.snapshot import InterviewSnapshot
from scheduling.models.messages import Audience


def event_contents(context: RenderContext, grouping: str) -> list[EventContent]:
    """Return the events that the reader's calendar should show now."""
    if context.recipient.audience == Audience.INTERVIEWER:
        grouping = Grouping.INTERVIEW
    groups = group_into_events(context.interviews, grouping, zone_of(context.recipient.zone))
    return [_content(group, context) for group in groups]


def _content(group: Sequence[InterviewSnapshot], context: RenderContext) -> EventContent:
    return EventContent(
        interview_ids=tuple(interview.interview_id for interview in group),
        starts_at=min(interview.starts_at for interview in group),
        ends_at=max(interview.ends_at for interview in group),
        summary=_summary(group, context),
        description=_description(replace(context, interviews=group)),
        location=_location(group, context),
    )


def _location(group: Sequence[InterviewSnapshot], context: RenderContext) -> str:
    """Return the one location of the group; without any, its one join link. A room comes before a meeting's address."""
    addresses = [interview.where or context.meeting_links.get(interview.interview_id, "") for interview in group]
    locations = {address for address in addresses if address}
    links = [link for interview in group if (link := context.join_links.get(interview.interview_id))]
    if len(locations) == 1:
        return locations.pop()
    return links[0] if len(links) == 1 and not locations else ""


def _summary(group: Sequence[InterviewSnapshot], context: RenderContext) -> str:
    for_interviewer = context.recipient.audience == Audience.INTERVIEWER
    whom = context.candidate if for_interviewer else context.organization
    if len(group) == 1:
        return _("%(interview)s with %(whom)s") % {"interview": isolated(group[0].name), "whom": whom}
    return _("Interviews with %(whom)s") % {"whom": whom}


def _description(context: RenderContext) -> str:
    lines = []
    for day in itinerary(context):
        for item in day.items:
            lines += [f"{day.title}, {item.clock}: {item.name}", *item.lines, ""]
    lines.append(zone_line(context))
    return "\n".join(lines)

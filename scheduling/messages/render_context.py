"""The data that texts are rendered from, for one reader, and the reader's interviews laid out by day.

No clock, no database and no request: the same context always gives the same text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from jobs.models import InterviewKind
from organizations.hyperlinks import linked
from organizations.mail_page import Look, button, link_attributes
from organizations.web_addresses import is_link
from scheduling.join_links.references import reference
from scheduling.messages import formatting
from scheduling.messages.snapshot import Difference, InterviewSnapshot, Recipient, ScheduleSnapshot
from scheduling.models.messages import Audience


@dataclass(frozen=True, slots=True)
class RenderContext:
    """Everything that placeholders can say to one reader. An empty string: there is nothing to say."""

    recipient: Recipient
    candidate: str
    candidate_email: str
    organization: str
    sender: str
    interviews: Sequence[InterviewSnapshot]
    changes: Sequence[Difference] = ()
    join_links: Mapping[int, str] = field(default_factory=dict)
    #: Join links to video calls, by interview id.
    meeting_links: Mapping[int, str] = field(default_factory=dict)
    #: The name of the coding tool behind each coding link, by interview id.
    tools: Mapping[int, str] = field(default_factory=dict)
    job: str = ""
    stage: str = ""
    reason: str = ""
    candidate_phone: str = ""
    schedule_link: str = ""
    look: Look = field(default_factory=lambda: Look(""))
    #: Whether the text around the placeholders is written from right to left.
    right_to_left: bool = False

    @property
    def start(self) -> str:
        """The side on which lines of the HTML begin, `left` or `right`."""
        return "right" if self.right_to_left else "left"


@dataclass(frozen=True, slots=True)
class ItineraryItem:
    """One interview as the reader sees it; `hint` says how to get in behind `join_link`."""

    clock: str
    name: str
    people: str
    meeting: str
    meeting_html: SafeString
    meeting_is_button: bool
    join_link: str
    hint: str

    @property
    def lines(self) -> list[str]:
        """The lines below the interview's time and name."""
        lines = [_("With %(people)s") % {"people": self.people} if self.people else "", self.meeting]
        if self.join_link:
            lines += [_("Coding: %(link)s") % {"link": self.join_link}, self.hint]
        return [line for line in lines if line]


@dataclass(frozen=True, slots=True)
class ItineraryDay:
    title: str
    items: tuple[ItineraryItem, ...]


def join_link_references(
    snapshot: ScheduleSnapshot,
    recipient: Recipient,
    interviews: Sequence[InterviewSnapshot],
    *,
    meetings: bool = False,
) -> dict[int, str]:
    """Return what stands for this reader's join link, by id of each interview that has a coding link.

    `meetings`: of each interview that has a video call. Texts have references in place of the addresses:
    `join_links.references` puts these in where somebody reads them.
    """
    links = snapshot.meeting_links if meetings else snapshot.join_links
    return {
        interview.interview_id: reference(links[interview.interview_id, recipient.membership_id])
        for interview in interviews
        if (interview.interview_id, recipient.membership_id) in links
    }


def itinerary(context: RenderContext) -> list[ItineraryDay]:
    """Return the reader's interviews in order, by day in the reader's zone."""
    zone = formatting.zone_of(context.recipient.zone)
    found: dict[str, list[ItineraryItem]] = {}
    for interview in context.interviews:
        title = formatting.day(interview.starts_at.astimezone(zone))
        found.setdefault(title, []).append(_item(interview, context))
    return [ItineraryDay(title, tuple(items)) for title, items in found.items()]


def zone_line(context: RenderContext) -> str:
    """Return the reader's zone as it stands above their interviews; empty without interviews."""
    return formatting.zone_line(formatting.zone_of(context.recipient.zone), context.interviews)


def change_lines(context: RenderContext) -> list[str]:
    zone = formatting.zone_of(context.recipient.zone)
    return [line for change in context.changes for line in formatting.difference(change, zone)]


def meeting_rows(context: RenderContext) -> list[tuple[str, str]]:
    """Return name and way to meet of each interview."""
    return [(interview.name, meeting_line(interview, context)) for interview in context.interviews]


def meeting_rows_html(context: RenderContext) -> list[tuple[str, SafeString]]:
    """Return the same as HTML, video calls as buttons."""
    return [(interview.name, _meeting_html(interview, context, has_link=False)) for interview in context.interviews]


def join_link_rows(context: RenderContext) -> list[tuple[str, str, str]]:
    """Return name, join link and hint of each interview that has a join link."""
    return [
        (interview.name, link, _hint(context, interview, link))
        for interview in context.interviews
        if (link := context.join_links.get(interview.interview_id, ""))
    ]


def _item(interview: InterviewSnapshot, context: RenderContext) -> ItineraryItem:
    zone = formatting.zone_of(context.recipient.zone)
    own = context.recipient.membership_id
    others = [name for person, name in interview.people if person != own]
    link = context.join_links.get(interview.interview_id, "")
    if context.recipient.audience == Audience.INTERVIEWER:
        others = [context.candidate, *others]
    return ItineraryItem(
        formatting.clock(interview, zone, with_offset=not formatting.has_one_offset(zone, context.interviews)),
        interview.name,
        formatting.people(others),
        meeting_line(interview, context),
        _meeting_html(interview, context, has_link=bool(link)),
        bool(_call_address(interview, context)),
        link,
        _hint(context, interview, link),
    )


def meeting_line(interview: InterviewSnapshot, context: RenderContext) -> str:
    """Return how the reader meets the others: `Video call: https://…`, the address being their join link."""
    return formatting.meeting(interview, context.meeting_links.get(interview.interview_id, ""))


def _call_address(interview: InterviewSnapshot, context: RenderContext) -> str:
    """Return the address behind which people meet, which HTML has as a button; empty where there is none."""
    if interview.meeting:
        return context.meeting_links.get(interview.interview_id, "")
    is_call = interview.kind == InterviewKind.VIDEO and is_link(interview.location)
    return interview.location if is_call else ""


def _meeting_html(interview: InterviewSnapshot, context: RenderContext, *, has_link: bool) -> SafeString:
    """Return how people meet: a video call as a button, beside that of a coding link the lesser one."""
    if address := _call_address(interview, context):
        call = button(address, _("Join video call"), context.look, outline=has_link)
        room = _("Room: %(room)s") % {"room": interview.room} if interview.room else ""
        return format_html("{}<br>{}", room, call) if room else call
    return linked(meeting_line(interview, context), link_attributes(context.look))


def interviewer_sign_in_hint(tool: str) -> str:
    """How interviewers get in. Candidates must never read this: `preflight` looks for it in every language."""
    return _("Sign in to %(tool)s as interviewer first, then open this link.") % {"tool": tool}


def _hint(context: RenderContext, interview: InterviewSnapshot, link: str) -> str:
    if not link:
        return ""
    if context.recipient.audience == Audience.INTERVIEWER:
        return interviewer_sign_in_hint(context.tools.get(interview.interview_id) or _("the coding tool"))
    if not context.candidate_email:
        return ""
    return _("When the coding page asks for your e-mail address, use %(email)s.") % {"email": context.candidate_email}

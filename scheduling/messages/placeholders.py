"""The placeholders of message texts, each defined here once with its value and its example.

`placeholder_syntax` reads them in texts, `render` fills them in, `example` shows them to whoever edits a template.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.meetings import OWN_ROOM
from integrations.registry import TOOLS
from organizations.bidi import isolated
from organizations.mail import look_of
from organizations.models import Organization, User
from organizations.names import first_name
from scheduling.messages import formatting
from scheduling.messages.render_context import (
    RenderContext,
    change_lines,
    itinerary,
    join_link_rows,
    meeting_rows,
    meeting_rows_html,
    zone_line,
)
from scheduling.messages.snapshot import Difference, InterviewSnapshot, Recipient
from scheduling.models.messages import Audience, MessageKind


@dataclass(frozen=True, slots=True)
class ExampleRequest:
    """A preview of a template: its organization, the user who looks at it, and the kind of message."""

    organization: Organization
    user: User
    kind: MessageKind


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One placeholder: what it says in a message, and what the example in "Templates" shows for it.

    `value` returns plain text; empty: nothing to say. `example` has, or returns, the fields of the render context that
    the invented schedule of the example has for it. `html` makes it a block: it stands on lines of its own with this
    HTML, and fits no subject. `is_address`: its value is a web address that HTML links. `internal`: never for a
    candidate's eyes. `later`: says something only to people who were notified before.
    """

    name: str
    label: str | Promise
    value: Callable[[RenderContext], str]
    example: Mapping[str, Any] | Callable[[ExampleRequest], Mapping[str, Any]]
    html: Callable[[RenderContext], SafeString] | None = None
    is_address: bool = False
    internal: bool = False
    later: bool = False

    @property
    def written(self) -> str:
        """The placeholder as it is written in a text."""
        return f"{{{self.name}}}"

    @property
    def block(self) -> bool:
        return self.html is not None

    def example_fields(self, request: ExampleRequest) -> dict[str, Any]:
        """Return the fields of the render context that the example has for it."""
        fields = self.example(request) if callable(self.example) else self.example
        return {name: str(value) if isinstance(value, Promise) else value for name, value in fields.items()}


# --- values --------------------------------------------------------------------------------------------------------


def _named(text: str) -> str:
    """Set a name apart where it reads from the other side; an empty one stays empty."""
    return isolated(text) if text else ""


def _when(context: RenderContext) -> str:
    """In a cancellation nothing is left to come: when it would have been."""
    cancelled = [change.old for change in context.changes if change.old is not None]
    return formatting.first_start(context.interviews or cancelled, formatting.zone_of(context.recipient.zone))


def _dates(context: RenderContext) -> str:
    return formatting.dates(context.interviews, formatting.zone_of(context.recipient.zone))


def _interviewers(context: RenderContext) -> str:
    return formatting.people(list(dict.fromkeys(name for one in context.interviews for name in one.names)))


def _interviews(context: RenderContext) -> str:
    blocks = [zone_line(context)] if context.interviews else []
    for day in itinerary(context):
        lines = [day.title]
        for item in day.items:
            lines += [f"  {item.clock}  {item.name}", *(f"    {line}" for line in item.lines)]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def _interviews_html(context: RenderContext) -> SafeString:
    values = {"days": itinerary(context), "zone_line": zone_line(context), "look": context.look, "start": context.start}
    return render_to_string("emails/interviews.html", values)


def _join_links(context: RenderContext) -> str:
    return "\n".join(f"{name}: {link}\n{hint}".strip() for name, link, hint in join_link_rows(context))


def _join_links_html(context: RenderContext) -> SafeString:
    return render_to_string("emails/join_link.html", {"joins": join_link_rows(context), "look": context.look})


def _meetings(context: RenderContext) -> str:
    return "\n".join(f"{name}: {line}" for name, line in meeting_rows(context))


def _meetings_html(context: RenderContext) -> SafeString:
    return render_to_string("emails/meetings.html", {"meetings": meeting_rows_html(context)})


def _changes(context: RenderContext) -> str:
    return "\n".join(f"- {line}" for line in change_lines(context))


def _changes_html(context: RenderContext) -> SafeString:
    return render_to_string("emails/changes.html", {"changes": change_lines(context), "start": context.start})


# --- the invented schedule of examples -----------------------------------------------------------------------------

_CANDIDATE = "Ada Lovelace"
_CANDIDATE_EMAIL = "ada@example.com"


def _example_recipient(request: ExampleRequest) -> dict[str, Any]:
    """The invented candidate, or the user as an interviewer."""
    organization, user = request.organization, request.user
    if request.kind.audience == Audience.CANDIDATE:
        recipient = Recipient(Audience.CANDIDATE, None, _CANDIDATE, _CANDIDATE_EMAIL, organization.time_zone)
    else:
        recipient = Recipient(Audience.INTERVIEWER, 1, user.name, user.email, user.time_zone)
    return {"recipient": recipient}


def _example_interviews(request: ExampleRequest) -> dict[str, Any]:
    return {"interviews": [] if request.kind.occasion == "cancellation" else _invented_interviews()}


def _example_join_links(request: ExampleRequest) -> dict[str, Any]:
    links = {} if request.kind.occasion == "cancellation" else {1: f"{settings.BASE_URL}/join/…"}
    tool = next(iter(TOOLS.values())).info.name
    return {**_example_interviews(request), "join_links": links, "tools": dict.fromkeys(links, tool)}


def _example_meetings(request: ExampleRequest) -> dict[str, Any]:
    fields = _example_join_links(request)
    return {**fields, "meeting_links": fields["join_links"]}


def _example_changes(request: ExampleRequest) -> dict[str, Any]:
    first, *_others = interviews = _invented_interviews()
    if request.kind.occasion == "cancellation":
        return {"changes": [Difference(interview, None) for interview in interviews]}
    day = timedelta(days=1)
    return {
        "changes": [Difference(replace(first, starts_at=first.starts_at - day, ends_at=first.ends_at - day), first)]
    }


def _example_when(request: ExampleRequest) -> dict[str, Any]:
    return {**_example_interviews(request), **_example_changes(request)}


def _invented_interviews() -> list[InterviewSnapshot]:
    begin, hour = datetime(2027, 3, 8, 9, 0, tzinfo=UTC), timedelta(hours=1)
    grace, alan = (1, "Grace Hopper"), (2, "Alan Turing")
    return [
        InterviewSnapshot(1, _("Live coding"), "video", "", begin, begin + hour, (grace,), 1, OWN_ROOM, 1),
        InterviewSnapshot(
            2,
            _("System design"),
            "video",
            "https://meet.example/abc",
            begin + hour,
            begin + 2 * hour,
            (grace, alan),
            0,
        ),
    ]


# --- the placeholders ----------------------------------------------------------------------------------------------

PLACEHOLDERS = {
    placeholder.name: placeholder
    for placeholder in (
        Placeholder(
            "recipient",
            gettext_lazy("The reader's name"),
            value=lambda context: _named(context.recipient.name),
            example=_example_recipient,
        ),
        Placeholder(
            "first_name",
            gettext_lazy("The reader's first name"),
            value=lambda context: _named(first_name(context.recipient.name)),
            example=_example_recipient,
        ),
        Placeholder(
            "candidate",
            gettext_lazy("The candidate's name"),
            value=lambda context: _named(context.candidate),
            example={"candidate": _CANDIDATE},
        ),
        Placeholder(
            "job",
            gettext_lazy("The job's title"),
            value=lambda context: _named(context.job) or _("the position"),
            example={"job": gettext_lazy("Backend Engineer")},
        ),
        Placeholder(
            "stage",
            gettext_lazy("The stage's name"),
            value=lambda context: _named(context.stage) or _("interviews"),
            example={"stage": gettext_lazy("Onsite")},
        ),
        Placeholder(
            "when",
            gettext_lazy("When the first interview starts, or the first and the last day"),
            value=_when,
            example=_example_when,
        ),
        Placeholder(
            "dates",
            gettext_lazy("The day of the interviews, or the first and the last day"),
            value=_dates,
            example=_example_interviews,
        ),
        Placeholder(
            "interviews",
            gettext_lazy("The reader's interviews, with times in the reader's zone and join links"),
            value=_interviews,
            example=_example_join_links,
            html=_interviews_html,
        ),
        Placeholder(
            "interviewers",
            gettext_lazy("The interviewers' names"),
            value=_interviewers,
            example=_example_interviews,
        ),
        Placeholder(
            "join_link",
            gettext_lazy("The join link of each interview that has a coding link"),
            value=_join_links,
            example=_example_join_links,
            html=_join_links_html,
        ),
        Placeholder(
            "meeting",
            gettext_lazy("How to meet: the video call, address or place of each interview"),
            value=_meetings,
            example=_example_meetings,
            html=_meetings_html,
        ),
        Placeholder(
            "organization",
            gettext_lazy("Your organization's name"),
            value=lambda context: _named(context.organization),
            example=lambda request: {"organization": request.organization.name},
        ),
        Placeholder(
            "sender",
            gettext_lazy("The sender's name"),
            value=lambda context: _named(context.sender),
            example=lambda request: {"sender": request.user.name},
        ),
        Placeholder(
            "changes",
            gettext_lazy("The changes, old and new"),
            value=_changes,
            example=_example_changes,
            html=_changes_html,
            later=True,
        ),
        Placeholder(
            "reason",
            gettext_lazy("The reason for the change"),
            value=lambda context: context.reason,
            example={"reason": gettext_lazy("Interviewer unavailable")},
            internal=True,
        ),
        Placeholder(
            "candidate_email",
            gettext_lazy("The candidate's e-mail address"),
            value=lambda context: context.candidate_email,
            example={"candidate_email": _CANDIDATE_EMAIL},
            internal=True,
        ),
        Placeholder(
            "candidate_phone",
            gettext_lazy("The candidate's phone number"),
            value=lambda context: context.candidate_phone,
            example={"candidate_phone": "+1 555 0100"},
            internal=True,
        ),
        Placeholder(
            "schedule_link",
            gettext_lazy("The schedule's page, for members"),
            value=lambda context: context.schedule_link,
            example=lambda request: {"schedule_link": f"{settings.BASE_URL}/o/{request.organization.slug}/schedules/…"},
            is_address=True,
            internal=True,
        ),
    )
}


def example_context(request: ExampleRequest) -> RenderContext:
    """Return the render context of an invented schedule, made of the examples of all placeholders."""
    fields: dict[str, Any] = {}
    for placeholder in PLACEHOLDERS.values():
        fields |= placeholder.example_fields(request)
    return RenderContext(**fields, look=look_of(request.organization))

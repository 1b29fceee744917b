"""A template rendered for an invented schedule, so that its editor sees how it will read."""

from __future__ import annotations

from organizations import languages
from organizations.models import Organization, User
from scheduling.messages.placeholders import ExampleRequest, example_context
from scheduling.messages.render import Rendered, render
from scheduling.models import MessageKind


def render_example(organization: Organization, user: User, kind: MessageKind, subject: str, body: str) -> Rendered:
    """Render a text as an invented candidate, or this user as an interviewer, would read it."""
    with languages.speaking_for(organization):
        return render(subject, body, example_context(ExampleRequest(organization, user, kind)))

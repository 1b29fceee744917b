"""An invented schedule, so that whoever writes a template sees how it will read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from organizations.models import Organization, User
from scheduling.messages.render import Reading, Rendered, render
from scheduling.messages.snapshot import Difference, Fact, Recipient
from scheduling.models import Audience, MessageKind


def example_of(organization: Organization, user: User, kind: MessageKind, subject: str, body: str) -> Rendered:
    """The words as an invented candidate, or this user as an interviewer, would read them."""
    facts = _facts()
    cancelled = kind.occasion == "cancellation"
    changes = [Difference(fact, None) for fact in facts] if cancelled else [Difference(_earlier(facts[0]), facts[0])]
    candidate = kind.audience == Audience.CANDIDATE
    recipient = Recipient(
        kind.audience,
        None if candidate else 1,
        "Ada Lovelace" if candidate else user.name,
        "ada@example.com" if candidate else user.email,
        organization.time_zone if candidate else user.time_zone,
    )
    reading = Reading(
        recipient=recipient,
        candidate="Ada Lovelace",
        candidate_email="ada@example.com",
        candidate_phone="+1 555 0100",
        organization=organization.name,
        sender=user.name,
        facts=[] if cancelled else facts,
        changes=changes,
        join_links={} if cancelled else {1: f"{settings.BASE_URL}/join/…"},
        job=_("Backend Engineer"),
        stage=_("Onsite"),
        reason=_("Interviewer unavailable"),
        schedule_link=f"{settings.BASE_URL}/o/{organization.slug}/schedules/…",
    )
    return render(subject, body, reading)


def _facts() -> list[Fact]:
    begin = datetime(2027, 3, 8, 9, 0, tzinfo=UTC)
    people = ((1, "Grace Hopper"),)
    return [
        Fact(1, _("Live coding"), "video", "", begin, begin + timedelta(hours=1), people, 1),
        Fact(
            2,
            _("System design"),
            "video",
            "https://meet.example/abc",
            begin + timedelta(hours=1),
            begin + timedelta(hours=2),
            ((1, "Grace Hopper"), (2, "Alan Turing")),
            0,
        ),
    ]


def _earlier(fact: Fact) -> Fact:
    day = timedelta(days=1)
    return replace(fact, starts_at=fact.starts_at - day, ends_at=fact.ends_at - day)

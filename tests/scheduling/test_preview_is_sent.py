"""The preview equals the mail that leaves, to the last character: with names and words that try to break it."""

from __future__ import annotations

import html
import re
from email.message import EmailMessage

import pytest
from django.core import mail
from django.test import Client

from organizations.models import Organization
from scheduling.messages import delivery as message_delivery
from scheduling.messages import queueing
from scheduling.models import Candidate, Interview, Message, MessageTemplate
from tests.conftest import Team
from tests.scheduling.loops import connect, make_link
from tests.scheduling.message_steps import assign, colleague, composed, parsed, propose, queue, staffed_loop

pytestmark = pytest.mark.django_db

NASTY = [
    'Ada <b>Osei</b> & “Söhne”, "the" 1st',
    "Ada\r\nBcc: everybody@example.com\r\n\r\nHello",
    "{recipient} {candidate} {{x}} }{",
    "艾达 👩🏽‍💻 אדה" + " x" * 50,
]


def part(found: EmailMessage, kind: str) -> str:
    leaf = next(leaf for leaf in found.walk() if leaf.get_content_type() == kind)
    body = leaf.get_payload(decode=True)
    assert isinstance(body, bytes)
    return body.decode().replace("\r\n", "\n")


def without_stamp(calendar: str) -> str:
    """DTSTAMP is the moment of queueing; everything else is compared."""
    return re.sub(r"^DTSTAMP:.*$", "DTSTAMP", calendar.replace("\r\n", "\n"), flags=re.MULTILINE).strip()


@pytest.mark.parametrize("name", NASTY)
def test_text_html_and_calendar_leave_as_they_were_shown(team: Team, as_recruiter: Client, name: str) -> None:
    schedule = staffed_loop(team, "Coding")
    Candidate.objects.update(name=name)
    Interview.objects.update(name=name[:120], place="https://meet.example/?a=1&b=<2>")
    Organization.objects.filter(pk=team.organization.pk).update(name=name[:120], sender_name=name[:120])
    make_link(schedule.interviews.get(), connect(team), "ready")
    propose(schedule, team)
    shown = {}
    for draft in schedule.messages.order_by("id"):
        page = as_recruiter.get(team.url(f"messages/{draft.pk}/"), headers={"HX-Request": "true"}).content.decode()
        framed = as_recruiter.get(team.url(f"messages/{draft.pk}/html/")).content.decode()
        shown[draft.message_id] = (html.unescape(page), framed)
    for message in queue(schedule, team):
        message_delivery.deliver(message.pk)
    assert len(mail.outbox) == 2
    for one in mail.outbox:
        found = parsed(one.message().as_bytes())
        page, framed = shown[str(found["Message-ID"])]
        assert part(found, "text/html").strip() == framed.replace("\r\n", "\n").strip()
        assert part(found, "text/plain").strip() in page
        assert str(found["Subject"]) in page
        assert without_stamp(part(found, "text/calendar")) in without_stamp(page)
        # Nothing of a name became a header or a recipient.
        assert found["Bcc"] is None
        assert len(found["To"].addresses) == len(found["From"].addresses) == 1
        assert "<b>" not in framed


def test_a_subject_that_gets_too_long_is_cut_where_it_can_be_seen(team: Team, as_recruiter: Client) -> None:
    schedule = staffed_loop(team, "Coding")
    for number in range(12):
        assign(schedule.interviews.get(), colleague(team, f"P{number}" + "x" * 140))
    MessageTemplate.objects.create(
        organization=team.organization, kind="candidate_invitation", subject="With {interviewers}", body="Hello."
    )
    propose(schedule, team)
    draft = schedule.messages.get(audience="candidate")
    shown = composed(schedule, team)[draft.pk].rendered.subject
    queueing.queue_messages(
        schedule=schedule,
        actor=team.recruiter.user,
        picks={draft.pk: composed(schedule, team)[draft.pk].digest},
        overridden=True,
    )
    assert len(shown) <= 500 and shown.endswith("…")
    assert Message.objects.get(pk=draft.pk).subject == shown

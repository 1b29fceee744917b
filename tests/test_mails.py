"""Every mail is drawn alike by all mail programs, loads nothing, and says the same as plain text and as HTML."""

from __future__ import annotations

import base64
import re
from email.message import EmailMessage
from html import unescape

import pytest
from django.test import Client

from organizations import accents
from organizations.mail import PRODUCT, Mailbox, look_of, write_from
from organizations.mail_page import page_of_text, preheader
from organizations.models import Logo, Organization, User
from scheduling.models import Candidate, Interview, MessageTemplate
from tests.conftest import Team
from tests.mail_rules import GMAIL_CLIPS_AT, as_outlook_draws, faults
from tests.mails import every_mail, part
from tests.organizations.test_branding import give_logo
from tests.scheduling.loops import connect, make_link
from tests.scheduling.message_steps import assign, colleague, deliver_all, parsed, propose, queue, send, staffed_loop

pytestmark = pytest.mark.django_db

KINDS = {
    *("candidate_invitation", "candidate_invitation_part", "candidate_update", "candidate_withdrawal"),
    *("candidate_cancellation", "interviewer_invitation", "interviewer_update", "interviewer_cancellation"),
    *("invitation", "password", "address_confirm", "address_notice", "guessing", "integration_problem", "retention"),
    *("test_mail", "account_new_sign_in", "erasure_planned", "erasure_called_off", "erasure_done"),
}


@pytest.fixture
def mails(team: Team) -> dict[str, EmailMessage]:
    return every_mail(team)


def visible(html: str) -> str:
    """The words that a reader sees; buttons with the address that they lead to."""
    body = html[html.index("</head>") :]
    body = re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL)
    body = re.sub(r'<div style="display:none[^>]*>.*?</div>', "", body, flags=re.DOTALL)
    body = re.sub(r'<a [^>]*href="([^"]*)"[^>]*>', r" \1 ", body)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_all_mails_are_drawn_alike_everywhere(mails: dict[str, EmailMessage]) -> None:
    assert set(mails) >= KINDS
    assert {name: found for name, mail in mails.items() if (found := faults(part(mail, "text/html")))} == {}


def test_html_says_all_that_the_text_says(mails: dict[str, EmailMessage]) -> None:
    for name, mail in mails.items():
        words, lines = visible(part(mail, "text/html")), part(mail, "text/plain").splitlines()
        for line in lines:
            # What stands before the address of a button is its label there.
            said = re.sub(r"^(\s*- |\s*(Coding|Video call): (?=https))", "", line)
            assert all(word.rstrip(".,") in words for word in said.split()), f"{name}: {line}"


def test_the_linter_finds_what_outlook_and_gmail_leave_out() -> None:
    found = faults(
        '<p style="padding:8px;color:red;background-image:url(https://x.example/a.png)">a</p>'
        '<table style="display:flex"></table><img src="https://x.example/pixel.png"><form></form>'
        '<a href="javascript:alert(1)">b</a><!-- note --><style>p { margin: 0 }</style>' + "x" * GMAIL_CLIPS_AT
    )
    for words in (
        *("padding:8px", "color:red is no #rrggbb", "background-image", "display:flex", "a table without", "a picture"),
        *("<form>", "javascript", "a comment", "<style>: margin", "Gmail clips it", "it loads something"),
    ):
        assert any(words in fault for fault in found), words


def test_outlook_gets_the_widths_and_grounds_from_attributes(mails: dict[str, EmailMessage]) -> None:
    html = as_outlook_draws(part(mails["candidate_invitation"], "text/html"))
    assert 'width="600"' in html and 'bgcolor="#3447d4"' in html
    assert "max-width" not in html and "border-radius" not in html and "class=" not in html
    # The cell around a button has the padding that Outlook ignores in the link.
    assert re.search(r'<td bgcolor="#3447d4"\s+style="[^"]*padding:8px 14px[^"]*">\s*<a ', html)


def test_the_longest_day_stays_under_what_gmail_clips(team: Team) -> None:
    """Twelve interviews, each with a coding link and four people of the longest names, and as many changes."""
    names = [f"Interview {number} about " + "x" * 90 for number in range(12)]
    schedule, integration = staffed_loop(team, *names), connect(team)
    people = [colleague(team, f"P{number}") for number in range(4)]
    User.objects.filter(memberships__in=people).update(name="y" * 140)
    for interview in schedule.interviews.order_by("id"):
        make_link(interview, integration, "ready")
        for person in people:
            assign(interview, person)
    Interview.objects.update(place="https://meet.example/" + "z" * 150)
    propose(schedule, team)
    queue(schedule, team, overridden=True)
    sent = deliver_all(schedule)
    assert len(sent) >= 5
    assert [fault for mail in sent for fault in faults(part(mail, "text/html"))] == []


def test_a_text_from_right_to_left_is_set_from_the_right(team: Team) -> None:
    body = (
        "שלום {first_name},\n\nהראיון שלך נקבע:\n\n{interviews}\n\nפרטים: https://acme.example/a-long-english-address"
    )
    MessageTemplate.objects.create(
        organization=team.organization, kind="candidate_invitation", subject="ראיון", body=body
    )
    schedule = staffed_loop(team, "תכנות", "עיצוב מערכות")
    Candidate.objects.update(name="נועה כהן")
    to_candidate, *to_others = (part(mail, "text/html") for mail in send(schedule, team))
    assert 'dir="rtl"' in to_candidate and 'align="right"' in to_candidate
    assert "padding-right:12px" in to_candidate and "padding-left:12px" not in to_candidate
    assert faults(to_candidate) == []
    assert all('dir="ltr"' in html and 'dir="rtl"' not in html for html in to_others)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Hi Ada,\n\nYou are interviewing Yuki:\n\n10:00", "You are interviewing Yuki:"),
        ("Hi Ada,\n\nSee https://x.example/join/link-1/ now", "See now"),
        ("Cancelled", "Cancelled"),
        ("Hi Ada,", ""),
        ("Hi Ada,\n\n" + "word " * 60, ("word " * 24).strip()),
    ],
)
def test_a_list_of_mails_shows_what_comes_after_the_greeting(text: str, shown: str) -> None:
    assert preheader(text) == shown


def test_the_logo_travels_with_the_mail(team: Team, as_recruiter: Client) -> None:
    give_logo(team.organization)
    Organization.objects.filter(pk=team.organization.pk).update(accent="#ffcc00")
    team.organization.refresh_from_db()
    schedule = staffed_loop(team, "Coding")
    propose(schedule, team)
    draft = schedule.messages.get(audience="candidate")
    preview = as_recruiter.get(team.url(f"messages/{draft.pk}/html/")).content.decode()
    queue(schedule, team)
    context = {"user": team.admin.user, "organization": team.organization}
    to = [Mailbox("Admin", team.admin.user.email)]
    own = write_from("test_mail", context, to=to, organization=team.organization)
    logo = bytes(Logo.objects.get().picture)
    for mail in (deliver_all(schedule)[0], parsed(own.message().as_bytes())):
        html = part(mail, "text/html")
        assert faults(html) == []
        name = re.search(r'src="cid:([^"]+)" alt=""', html)
        assert name is not None
        together = next(leaf for leaf in mail.walk() if leaf.get_content_type() == "multipart/related")
        document, picture = together.iter_parts()
        assert document.get_content_type() == "text/html" and picture["Content-ID"] == f"<{name[1]}>"
        assert picture.get_payload(decode=True) == logo
        assert 'width="53"' in html and 'height="40"' in html
        # Yellow words on white, and white words on yellow, could not be read.
        assert accents.accent("#ffcc00").on_light in html and "#ffcc00" not in html.partition("</style>")[2]
    assert f"data:image/png;base64,{base64.b64encode(logo).decode()}" in preview
    assert "cid:" not in preview


def test_a_logo_that_was_replaced_since_is_left_out(team: Team) -> None:
    give_logo(team.organization)
    schedule = staffed_loop(team, "Coding")
    propose(schedule, team)
    queue(schedule, team)
    give_logo(team.organization, "navy")
    mail, *_others = deliver_all(schedule)
    assert "cid:" in part(mail, "text/html")
    assert [leaf for leaf in mail.walk() if leaf.get_content_maintype() == "image"] == []


def test_nobody_is_followed(mails: dict[str, EmailMessage]) -> None:
    """No picture, style sheet or font comes from a server: nobody learns when and where a mail was read."""
    for name, mail in mails.items():
        assert re.findall(r'\b(?:src|background)="(?!cid:)', part(mail, "text/html")) == [], name


def test_names_can_not_break_out(team: Team) -> None:
    team.organization.name = '<b>Acme</b> & "Söhne"'
    team.organization.save()
    html = page_of_text("x", 'Hi <i>"Ada"</i>,\n\n- <b>one</b>\n  two', look_of(team.organization), {})
    assert "<b>" not in html and "<i>" not in html and "&lt;b&gt;Acme" in html


def test_without_an_organization_the_mail_is_the_products() -> None:
    assert look_of(None).name == PRODUCT

"""Mails that are no answers: words, automatic replies, bounces; and mails that somebody made to do harm."""

from __future__ import annotations

import base64
import io
import time
import zipfile
from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrations.calendars import Answer
from scheduling.erasure.held import held_on
from scheduling.erasure.services import delete_candidate
from scheduling.join_links.services import address
from scheduling.mail_answers import mailbox as mailboxes
from scheduling.mail_answers.letters import LONGEST_NOTE
from scheduling.messages import former_members
from scheduling.models import AnswerMailbox, Candidate, JoinLink, MailAnswer, MailNote, Message, MessageState, Schedule
from tests.conftest import Team
from tests.scheduling.mail_answers.mails import ADDRESS, Invited, apple, arrives, bounce, invited, note
from tests.scheduling.mail_answers.test_answers import home_of, messages_of
from tests.scheduling.message_steps import deliver_all, propose, queue

pytestmark = pytest.mark.django_db


@pytest.fixture
def theirs(loop: Schedule) -> Invited:
    """The candidate's invitation."""
    return invited(loop, "ada@example.com")


def communications(team: Team, schedule: Schedule) -> str:
    return team.client(team.recruiter).get(team.url(f"schedules/{schedule.pk}/communications/")).content.decode()


def test_words_become_a_note_and_no_answer(team: Team, loop: Schedule, theirs: Invited) -> None:
    text = "Could we meet <b>later</b>?\n\nAda\n\n> Hi Ada,\n> your interview\n"
    mail = note(theirs.address, text, From="=?utf-8?q?Ada_Os=C3=A9i?= <Ada@Example.com>")
    assert arrives(mail) == "note"
    assert arrives(mail) == "older"
    found = MailNote.objects.get()
    assert (found.sender, found.text) == ("Ada Oséi <Ada@Example.com>", "Could we meet <b>later</b>?\n\nAda")
    page = communications(team, loop)
    assert "Could we meet &lt;b&gt;later&lt;/b&gt;?<br>" in page and "your interview" not in page
    assert MailAnswer.objects.filter(answer=Answer.NONE).count() == 3
    assert "declined" not in home_of(team)


def test_of_html_only_its_words_are_kept(theirs: Invited) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"] = "ada@example.com", theirs.address
    mail.set_content(
        "<html><head><title>t</title><style>p {}</style></head><body><p>Hello&nbsp;there</p><script>evil()</script>"
        "<img src='https://tracker.example/1.gif'><p>second</p></body></html>",
        subtype="html",
    )
    assert arrives(mail.as_bytes()) == "note"
    assert MailNote.objects.get().text == "Hello there\nsecond"


def test_a_join_link_in_an_answer_is_not_stored(loop: Schedule, theirs: Invited) -> None:
    link = JoinLink.objects.filter(membership=None).first()
    assert link is not None
    arrives(note(theirs.address, f"Does this work? {address(link)} Thanks"))
    arrives(apple(theirs.reply("TENTATIVE", comment=address(link))))
    stored = MailNote.objects.get().text + str(MailAnswer.objects.get(membership=None).comment)
    assert link.token not in stored and f"/join/link-{link.pk}/" in stored


def test_a_long_note_is_cut_and_a_flood_ends(theirs: Invited) -> None:
    arrives(note(theirs.address, "word " * 5000))
    assert len(MailNote.objects.get().text) <= LONGEST_NOTE
    outcomes = [arrives(note(theirs.address, f"note {number}")) for number in range(55)]
    assert outcomes.count("note") == 49 and outcomes[-1] == "too_many"


def test_a_mail_too_large_to_read_is_named(team: Team, loop: Schedule, theirs: Invited) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"] = "ada@example.com", theirs.address
    mail.set_content("")
    mail.add_attachment(b"x" * 600_000, maintype="image", subtype="png", filename="photo.png")
    raw = mail.as_bytes()
    assert arrives(raw[: 512 * 1024], size=len(raw)) == "note"
    assert "This e-mail is too large to show." in communications(team, loop)


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated (failure)"},
        {"Precedence": "bulk"},
        {"Precedence": "auto_reply"},
        {"X_Autoreply": "yes"},
    ],
)
def test_automatic_replies_are_ignored(theirs: Invited, headers: dict[str, str]) -> None:
    assert arrives(note(theirs.address, "I am away.", **headers)) == "automatic"
    assert not MailNote.objects.exists()


def test_a_person_says_that_nothing_is_automatic(theirs: Invited) -> None:
    assert arrives(note(theirs.address, "Hello", Auto_Submitted="no")) == "note"


def test_a_bounce_fails_its_message(team: Team, loop: Schedule) -> None:
    message = Message.objects.get(to_email="ada@example.com")
    assert arrives(bounce(message.message_id, action="delayed", status="4.2.2")) == "automatic"
    assert arrives(bounce("<nobody@panelist.example>")) == "foreign"
    assert arrives(bounce(message.message_id)) == "bounce"
    message.refresh_from_db()
    assert (message.state, message.problem_code) == (MessageState.FAILED, "bounced")
    assert "It came back" in messages_of(team, loop) and "5.1.1" in messages_of(team, loop)
    assert "1 message failed" in home_of(team)


def test_an_old_bounce_does_not_fail_what_was_sent_again(team: Team, loop: Schedule) -> None:
    message = Message.objects.get(to_email="ada@example.com")
    old = timezone.now()
    assert arrives(bounce(message.message_id), at=old) == "bounce"
    propose(loop, team)
    queue(loop, team)
    deliver_all(loop)
    Message.objects.filter(state=MessageState.SENT).update(sent_at=old + timedelta(hours=1))
    for one in Message.objects.filter(to_email="ada@example.com", state=MessageState.SENT):
        assert arrives(bounce(one.message_id), at=old) == "foreign"


def deep(levels: int) -> bytes:
    lines = ["From: a@b.example", "MIME-Version: 1.0"]
    for level in range(levels):
        lines += [f'Content-Type: multipart/mixed; boundary="b{level}"', "", f"--b{level}"]
    return "\r\n".join([*lines, "Content-Type: text/plain", "", "deep", ""]).encode()


def mails_in_mails(levels: int) -> bytes:
    return b"From: a@b.example\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * levels + b"\r\nwords\r\n"


def with_calendar(to: str, ics: bytes, **params: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"] = "ada@example.com", to
    mail.set_content("see there")
    mail.add_attachment(ics, maintype="text", subtype="calendar", params={"method": "REPLY"} | params)
    return mail.as_bytes()


def zip_bomb(to: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", b"\0" * 50_000_000)
    mail = EmailMessage()
    mail["From"], mail["To"] = "ada@example.com", to
    mail.set_content("see there")
    mail.add_attachment(buffer.getvalue(), maintype="application", subtype="zip", filename="invite.ics")
    return mail.as_bytes()


def hostile(to: str, reply: str) -> dict[str, bytes]:
    head = f"From: ada@example.com\r\nTo: {to}\r\n".encode()
    encoded = base64.encodebytes(b"x" * 300_000)
    return {
        "nothing": b"",
        "nul": head + b"\r\n\0\0words\0",
        "noise": bytes(range(256)) * 1000,
        "deep": deep(2000),
        "mails in mails": mails_in_mails(2000),
        "many parts": head + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\n" * 50_000,
        "many headers": head + b"X-A: b\r\n" * 40_000 + b"\r\nwords",
        "long header": head.replace(b"To: ", b"To: " + b"<a@b.example>, " * 30_000) + b"\r\nwords",
        "encoded header": b"From: " + b"=?utf-8?q?=41?= " * 30_000 + b"\r\n" + head[26:] + b"\r\nwords",
        "brackets": b"From: " + b"(" * 100_000 + b"\r\nTo: " + to.encode() + b"\r\n\r\nwords",
        "strange charset": head + b"Content-Type: text/plain; charset=punycode\r\n\r\n" + b"a-" * 100_000,
        "compressed charset": head + b"Content-Type: text/plain; charset=zlib\r\n\r\nwords",
        "broken base64": head
        + b"Content-Type: text/calendar\r\nContent-Transfer-Encoding: base64\r\n\r\n===="
        + encoded,
        "tags": head + b"Content-Type: text/html\r\n\r\n" + b"<a " * 100_000,
        "open tags": head + b"Content-Type: text/html\r\n\r\n" + b"<![CDATA[<!--" * 20_000,
        "quotes": head + b"\r\n" + b"On aaaaa " * 40_000,
        "half a calendar": with_calendar(to, reply.encode()[:-30]),
        "deep calendar": with_calendar(to, b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\n" * 3000 + b"END:VCALENDAR\r\n"),
        "large calendar": with_calendar(to, reply.replace("SUMMARY:", "SUMMARY:" + "x" * 200_000).encode()),
        "two UIDs": with_calendar(to, reply.replace("UID:", "UID:x\r\nUID:").encode()),
        "sequence": with_calendar(to, reply.replace("SEQUENCE:0", "SEQUENCE:99999999999999999999").encode()),
        "year": with_calendar(to, reply.replace("DTSTAMP:2", "DTSTAMP:0").encode()),
        "zip bomb": zip_bomb(to),
        "parameters": with_calendar(to, reply.encode(), x=";" * 5000),
    }


NAMES = sorted(hostile("answers@panelist.example", ""))


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_mail_costs_little_and_changes_nothing(loop: Schedule, theirs: Invited, name: str) -> None:
    mail = hostile(theirs.address, theirs.reply("DECLINED").ics())[name]
    began = time.process_time()
    outcome = arrives(mail[: 512 * 1024], size=len(mail))
    assert time.process_time() - began < 5
    assert outcome in {"hostile", "note", "unknown_address", "foreign", "answer"}
    if outcome == "answer":
        assert name in {"year", "parameters"}
    # The next one is read.
    assert arrives(apple(theirs.reply("ACCEPTED", stamped_at=timezone.now() + timedelta(seconds=30)))) == "answer"


def test_what_somebody_wrote_leaves_with_the_candidate(team: Team, loop: Schedule, theirs: Invited) -> None:
    arrives(note(theirs.address, "My knee hurts."))
    arrives(apple(theirs.reply("DECLINED", comment="My elbow hurts.")))
    candidate = Candidate.objects.get(pk=loop.candidate_id)
    held = str(held_on(candidate))
    assert "My knee hurts." in held and "My elbow hurts." in held
    assert "answers+" not in held
    delete_candidate(candidate=candidate, actor=team.admin.user)
    assert not MailNote.objects.exists() and not MailAnswer.objects.exists()
    assert arrives(note(theirs.address, "Are you there?")) == "unknown_address"


def test_what_an_interviewer_wrote_leaves_with_their_account(team: Team, loop: Schedule) -> None:
    own = invited(loop, team.interviewer.user.email)
    arrives(note(own.address, "My knee hurts.", From=team.interviewer.user.email))
    arrives(apple(own.reply("DECLINED", comment="My elbow hurts.")))
    former_members.forget(team.interviewer.user, team.organization, at_last=True)
    assert not MailNote.objects.exists()
    answer = MailAnswer.objects.get(membership=team.interviewer)
    assert (answer.answer, answer.comment) == (Answer.DECLINED, "")


def test_pages_ask_few_questions_with_a_mailbox_too(team: Team, loop: Schedule, theirs: Invited) -> None:
    arrives(note(theirs.address, "My knee hurts."))
    arrives(apple(theirs.reply("DECLINED")))
    AnswerMailbox.objects.create(key=mailboxes.key(), problem_code="login_refused")
    client = team.client(team.recruiter)
    for page in ("home/", f"schedules/{loop.pk}/", f"schedules/{loop.pk}/communications/"):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(team.url(page)).status_code == 200
        assert len(asked) <= 12, page
    with CaptureQueriesContext(connection) as asked:
        client.get(team.url(f"schedules/{loop.pk}/messages/"), headers={"HX-Request": "true"})
    assert len(asked) <= 12


def test_notes_are_not_for_interviewers(team: Team, loop: Schedule, theirs: Invited) -> None:
    arrives(note(theirs.address, "My knee hurts."))
    address = team.url(f"schedules/{loop.pk}/communications/")
    assert team.client(team.interviewer).get(address).status_code == 403
    assert ADDRESS.split("@")[0] not in communications(team, loop)

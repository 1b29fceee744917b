"""The mailbox over a real IMAP server: read once, whatever dies in between, and said where it can't be read."""

from __future__ import annotations

import io
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core import mail as outbox
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from integrations.calendars import Answer
from scheduling import tasks
from scheduling.mail_answers import mailbox as mailboxes
from scheduling.mail_answers import taking
from scheduling.models import AnswerMailbox, InterviewerAssignment, MailAnswer, MailNote, Schedule
from tests.conftest import Team
from tests.scheduling.mail_answers.imap_server import ImapServer
from tests.scheduling.mail_answers.mails import apple, gmail, invited, note, outlook
from tests.scheduling.mail_answers.test_answers import answer_of, home_of
from tests.scheduling.message_steps import send

pytestmark = [
    pytest.mark.services,
    pytest.mark.django_db(transaction=True),
    pytest.mark.allow_hosts(["127.0.0.1", "localhost"]),
]


@pytest.fixture
def server(tmp_path: Path, settings: Settings, mailbox: None, socket_enabled: None) -> Iterator[ImapServer]:
    one = ImapServer(tmp_path)
    one.start()
    settings.IMAP_PORT, settings.IMAP_FOLDER = one.port, "Answers"
    yield one
    one.stop()


def read() -> None:
    """Let the next round be due, and do it."""
    AnswerMailbox.objects.update(due_at=timezone.now())
    tasks.read_answers()


def row() -> AnswerMailbox:
    return AnswerMailbox.objects.get()


def test_a_whole_journey(team: Team, loop: Schedule, server: ImapServer) -> None:
    read()
    assert row().read_at is not None and row().problem_code == ""
    server.put(note("somebody@panelist.example", "An advertisement."))
    server.put(outlook(invited(loop, team.interviewer.user.email).reply("DECLINED")))
    read()
    assert "declined “Coding”" in home_of(team)
    server.put(apple(invited(loop, "ada@example.com").reply("ACCEPTED")))
    read()
    assert MailAnswer.objects.get(membership=None).answer == Answer.ACCEPTED
    InterviewerAssignment.objects.filter(membership=team.interviewer).update(membership=team.recruiter)
    sent = send(loop, team)
    assert {"cancel.ics", "invite.ics"} <= {part.get_filename() for one in sent for part in one.iter_attachments()}
    assert "declined" not in home_of(team)
    # Nothing in the mailbox was marked as read.
    assert len(server.flags()) == 3 and not any(b"Seen" in one for one in server.flags())


def test_each_mail_is_read_once_and_only_when_it_is_due(loop: Schedule, server: ImapServer) -> None:
    theirs = invited(loop, "ada@example.com")
    server.put(note(theirs.address, "first"))
    read()
    tasks.read_answers()  # not due yet
    MailNote.objects.all().delete()
    server.put(note(theirs.address, "second"))
    tasks.read_answers()
    assert not MailNote.objects.exists()
    read()
    read()
    assert [one.text for one in MailNote.objects.all()] == ["second"]


def test_a_worker_that_dies_midway_neither_loses_nor_doubles(
    team: Team, loop: Schedule, server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put(gmail(invited(loop, team.interviewer.user.email).reply("NEEDS-ACTION", method="REFRESH")))
    server.put(gmail(invited(loop, team.interviewer.user.email).reply("DECLINED")))
    take = taking.take

    def killed(*arguments: object) -> str:
        take(*arguments)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(taking, "take", killed)
        with pytest.raises(KeyboardInterrupt):
            read()
    assert row().last_uid == 0 and not loop.messages.filter(state="queued").exists()
    # Its lease keeps others away until it is over.
    tasks.read_answers()
    assert row().last_uid == 0
    read()
    assert answer_of(loop, team).answer == Answer.DECLINED
    assert loop.messages.filter(state="queued", part_of=None).count() == 1


def test_a_server_that_dies_midway_is_read_again_later(
    team: Team, loop: Schedule, server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = invited(loop, "ada@example.com")
    for text in ("first", "second", "third"):
        server.put(note(theirs.address, text))
    fetch = mailboxes.OpenMailbox._fetched

    def dies(box: mailboxes.OpenMailbox, uid: int) -> mailboxes.Received | None:
        if MailNote.objects.exists():
            server.stop()
        return fetch(box, uid)

    with monkeypatch.context() as patched:
        patched.setattr(mailboxes.OpenMailbox, "_fetched", dies)
        read()
    assert [one.text for one in MailNote.objects.all()] == ["first"]
    assert row().problem_code in {"cut_off", "no_connection"}
    assert "are not being read" in home_of(team)
    server.start()  # in memory: it begins anew, with another UIDVALIDITY, and the mails come once more
    for text in ("second", "third"):
        server.put(note(theirs.address, text))
    read()
    assert [one.text for one in MailNote.objects.order_by("id")] == ["first", "second", "third"]
    assert row().problem_code == "" and "are not being read" not in home_of(team)


def test_another_uidvalidity_reads_all_anew_and_doubles_nothing(team: Team, loop: Schedule, server: ImapServer) -> None:
    mails = [
        note(invited(loop, "ada@example.com").address, "first"),
        gmail(invited(loop, team.interviewer.user.email).reply("DECLINED")),
        gmail(invited(loop, team.interviewer.user.email).reply("NEEDS-ACTION", method="REFRESH")),
    ]
    for one in mails:
        server.put(one)
    read()
    before = (row().uid_validity, MailAnswer.objects.values().get(membership=team.interviewer), loop.messages.count())
    server.stop()
    server.start()
    for one in reversed(mails):
        server.put(one)
    read()
    assert row().uid_validity != before[0] and row().last_uid > 0
    assert MailAnswer.objects.values().get(membership=team.interviewer) == before[1]
    assert (MailNote.objects.count(), loop.messages.count()) == (1, before[2])


@pytest.mark.parametrize(
    ("setting", "value", "code"),
    [
        ("IMAP_PASSWORD", "wrong-word-nobody-may-see", "login_refused"),
        ("IMAP_FOLDER", "Nowhere", "no_folder"),
        ("IMAP_SECURITY", "tls", "no_tls"),
        ("IMAP_PORT", 9, "no_connection"),
    ],
)
def test_why_it_can_not_be_read_is_said_everywhere(
    team: Team,
    loop: Schedule,
    server: ImapServer,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
    setting: str,
    value: object,
    code: str,
) -> None:
    setattr(settings, setting, value)
    read()
    assert row().problem_code == code and row().problem_since is not None
    since = row().problem_since
    read()
    assert row().problem_since == since
    assert "answers_not_read" in caplog.text and code in caplog.text
    assert "wrong-word-nobody-may-see" not in caplog.text
    assert "Ask " in home_of(team)
    admins = team.client(team.admin).get(team.url("home/")).content.decode()
    assert "Answers to invitations by e-mail are not being read." in admins and "IMAP_" in admins
    said = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("doctor", stdout=said, stderr=said)
    assert "Answers to invitations can't be read." in said.getvalue() and "IMAP_" in said.getvalue()


def test_a_server_that_says_nothing_is_left_after_a_while(team: Team, settings: Settings, server: ImapServer) -> None:
    settings.IMAP_TIMEOUT = 0.5
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        settings.IMAP_PORT = silent.getsockname()[1]
        read()
    assert row().problem_code == "too_slow"


def test_a_large_mail_is_read_in_part(loop: Schedule, server: ImapServer) -> None:
    theirs = invited(loop, "ada@example.com")
    server.put(note(theirs.address, "Hello\n" + "x" * 2_000_000))
    read()
    assert MailNote.objects.get().text.startswith("Hello")


def test_nothing_is_sent_or_asked_without_a_mailbox(team: Team, settings: Settings) -> None:
    settings.IMAP_HOST = ""
    tasks.read_answers()
    assert not AnswerMailbox.objects.exists() and not outbox.outbox

"""Sentences on why the mailbox for answers can't be read: for admins, and for the operator."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from organizations.hooks.diagnosis import Fault
from scheduling.calendar_events.reply_addresses import own_address
from scheduling.mail_answers import mailbox

#: By the code of `mailbox.Unreachable`.
TEXTS = {
    "login_refused": gettext_noop("The mail server refused the user or password. Correct IMAP_USER or IMAP_PASSWORD."),
    "no_folder": gettext_noop("The mailbox has no such folder. Correct IMAP_FOLDER."),
    "no_tls": gettext_noop("The connection is not safe. Check IMAP_SECURITY and the mail server's certificate."),
    "cut_off": gettext_noop("The mail server ended the connection. Panelist tries again every minute."),
    "too_slow": gettext_noop("The mail server does not answer. Panelist tries again every minute."),
    "no_connection": gettext_noop("The mail server can't be reached. Check IMAP_HOST, IMAP_PORT and the network."),
    "unreadable": gettext_noop("The mail server's answer can't be read. Check that IMAP_HOST is an IMAP server."),
}


def sentence(code: str) -> str:
    """Return what is wrong and what to do, in the reader's language."""
    return _(TEXTS.get(code, TEXTS["unreadable"]))


def faults() -> Iterator[Fault]:
    """Try to open the mailbox, for `manage.py doctor`; nothing without one."""
    if not own_address():
        return
    try:
        with mailbox.opened():
            pass
    except mailbox.Unreachable as problem:
        said = TEXTS[problem.code].partition(". ")
        yield Fault(f"Answers to invitations can't be read. {said[0]}.", said[2], is_serious=False)

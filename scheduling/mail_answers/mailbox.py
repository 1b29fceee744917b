"""The mailbox to which answers come, over IMAP. It is opened read-only: nothing there is marked, moved or deleted."""

from __future__ import annotations

import hashlib
import imaplib
import re
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.utils import timezone
from imap_tools import AND, BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError, MailboxFolderSelectError, MailboxLoginError

#: Bytes that are read of a mail. The calendar part comes before attachments.
LARGEST = 512 * 1024
#: Of a mailbox that was never read, or is another one since: older invitations are over.
DAYS_BACK = 30
#: Mails, and seconds, in one round. The next one goes on.
AT_ONCE, LONGEST = 200, 60

_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


class Unreachable(Exception):
    """The mailbox can't be read now. `code` says why, and is a word of `problems.TEXTS`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Received:
    """One mail as the server has it: its first `LARGEST` bytes. `received_at`: when the server got it."""

    uid: int
    raw: bytes
    size: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class OpenMailbox:
    """The folder as it is open now. UIDs are good as long as `uid_validity` stays."""

    box: BaseMailBox
    uid_validity: int

    def mails(self, after: int) -> Iterator[Received]:
        """Yield mails with higher UIDs than `after`, the oldest first; for 0, those of the last days."""
        until = time.monotonic() + LONGEST
        for uid in self._uids(after)[:AT_ONCE]:
            if time.monotonic() > until:
                return
            with _told():
                mail = self._fetched(uid)
            if mail is not None:  # else somebody deleted it just now
                yield mail

    def _uids(self, after: int) -> list[int]:
        since: date = (timezone.now() - timedelta(days=DAYS_BACK)).date()
        with _told():
            # `n:*` always has the newest mail, however low its UID.
            found = self.box.uids(AND(date_gte=since) if after == 0 else f"UID {after + 1}:*", charset=None)
        return sorted(uid for uid in map(int, found) if uid > after)

    def _fetched(self, uid: int) -> Received | None:
        parts = f"(RFC822.SIZE INTERNALDATE BODY.PEEK[]<0.{LARGEST}>)"
        state, answer = self.box.client.uid("FETCH", str(uid), parts)
        if state != "OK":
            raise Unreachable("unreadable")
        said = b" ".join(one if isinstance(one, bytes) else one[0] for one in answer if one)
        raw = next((one[1] for one in answer if isinstance(one, tuple)), None)
        size = _SIZE.search(said)
        if raw is None or size is None:
            return None
        then = imaplib.Internaldate2tuple(said)
        received_at = datetime.fromtimestamp(time.mktime(then), UTC) if then else timezone.now()
        return Received(uid, raw[:LARGEST], int(size[1]), min(received_at, timezone.now()))


def key() -> str:
    """Return a hash of the settings that name the mailbox; empty where none is set up."""
    if not settings.IMAP_HOST:
        return ""
    named = [settings.IMAP_HOST, str(settings.IMAP_PORT), settings.IMAP_USER, settings.IMAP_FOLDER]
    return hashlib.sha256("\n".join(named).encode()).hexdigest()


@contextmanager
def opened() -> Iterator[OpenMailbox]:
    """Connect and open the folder. Raises Unreachable."""
    with _told():
        box = _connected()
    try:
        with _told():
            _log_in(box)
            box.folder.set(settings.IMAP_FOLDER, readonly=True)
            said = box.client.response("UIDVALIDITY")[1][0]  # the server says it as it opens the folder
            validity = int(said or box.folder.status(settings.IMAP_FOLDER, ["UIDVALIDITY"])["UIDVALIDITY"])
        yield OpenMailbox(box, validity)
    finally:
        with suppress(ImapToolsError, imaplib.IMAP4.error, OSError):
            box.logout()


def _connected() -> BaseMailBox:
    host, port, wait = settings.IMAP_HOST, settings.IMAP_PORT, settings.IMAP_TIMEOUT
    if settings.IMAP_SECURITY == "none":
        return MailBoxUnencrypted(host, port, timeout=wait)
    context = ssl.create_default_context()
    if settings.IMAP_SECURITY == "starttls":
        return MailBoxStartTls(host, port, timeout=wait, ssl_context=context)
    return MailBox(host, port, timeout=wait, ssl_context=context)


def _log_in(box: BaseMailBox) -> None:
    user, password = settings.IMAP_USER, settings.IMAP_PASSWORD
    if f"{user}{password}".isascii():
        box.login(user, password, initial_folder=None)
    else:
        box.login_utf8(user, password, initial_folder=None)


@contextmanager
def _told() -> Iterator[None]:
    """Raise Unreachable for whatever goes wrong with the server. Its own words are not kept: they may name the user."""
    try:
        yield
    except MailboxLoginError:
        raise Unreachable("login_refused") from None
    except MailboxFolderSelectError:
        raise Unreachable("no_folder") from None
    except ssl.SSLError:
        raise Unreachable("no_tls") from None
    except imaplib.IMAP4.abort:
        raise Unreachable("cut_off") from None
    except TimeoutError:
        raise Unreachable("too_slow") from None
    except OSError:
        raise Unreachable("no_connection") from None
    except (ImapToolsError, imaplib.IMAP4.error, ValueError, KeyError):
        raise Unreachable("unreadable") from None

"""The demo's mail server: stores every e-mail as a file, for the page "Outbox". Never used outside the demo."""

from __future__ import annotations

import email
import email.policy
import hashlib
import re
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.generator import BytesGenerator
from email.message import EmailMessage as ParsedMessage
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage
from django.db.models.functions import Lower

from organizations.erasure.names import Names
from organizations.mail_logos import in_place
from organizations.models import Invitation, Organization, User
from scheduling.models import Message

# When it was sent, a number, hashes of its Message-ID and, where it has one recipient, of that address: so that a page
# of the outbox is found without reading the other mails.
_NAME = re.compile(r"[0-9]{14}-[0-9a-f]{12}-([0-9a-f]{16})(?:-([0-9a-f]{16}))?")


class OutboxBackend(BaseEmailBackend):
    """A mail backend that writes each e-mail as it would leave: one file each, whole or not at all."""

    def __init__(self, fail_silently: bool = False, **_options: Any) -> None:
        super().__init__(fail_silently=fail_silently)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        _folder().mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            _write(message)
        return len(email_messages)


def is_there() -> bool:
    """Whether there is such a page: in the demo alone."""
    return bool(settings.DEMO)


def _folder() -> Path:
    return Path(settings.EMAIL_FILE_PATH)


def _write(message: EmailMessage) -> None:
    content = message.message()
    stamp = datetime.now(UTC).strftime("%Y%m%d%H%M%S")
    name = f"{stamp}-{uuid.uuid4().hex[:12]}-{_hash(str(content['Message-ID']))}"
    if len(message.to) == 1:
        name += f"-{_hash(parseaddr(message.to[0])[1].lower())}"
    part = _folder() / f"{name}.part"
    with part.open("wb") as file:
        BytesGenerator(file, mangle_from_=False).flatten(content, linesep="\r\n")
    part.replace(_folder() / f"{name}.eml")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Mail:
    """One stored e-mail. `message` is the row it was made from; None for the product's own mails to members."""

    name: str
    at: datetime
    parsed: ParsedMessage
    message: Message | None

    @property
    def subject(self) -> str:
        return str(self.parsed["Subject"] or "")

    @property
    def recipient(self) -> str:
        return str(self.parsed["To"] or "")


@dataclass(frozen=True, slots=True)
class MimePart:
    """One leaf of an e-mail. `number` counts from 1; `text` is empty for data that is no text."""

    number: int
    type: str
    file_name: str
    size: int
    text: str
    data: bytes

    @property
    def title(self) -> str:
        return self.file_name or self.type


def own_names(organization: Organization, reader: User) -> list[str]:
    """Return the names of the mails that `reader` may see, newest first; reads only those whose name does not tell."""
    names = [path.stem for path in _folder().glob("*.eml")]
    owners = {_hash(known): owner for known, owner in Message.objects.values_list("message_id", "organization_id")}
    theirs = {_hash(address) for address in _addresses(organization, reader)}
    found, unclear = [], []
    for name in names:
        match = _NAME.fullmatch(name)
        if match is None:
            continue
        owner = owners.get(match[1])
        if owner is None and not match[2]:
            unclear.append(name)
        elif owner == organization.pk or (owner is None and match[2] in theirs):
            found.append(name)
    found += [mail.name for mail in _own(organization, reader, unclear)]
    return sorted(found, reverse=True)


def read_all(organization: Organization, reader: User, names: Iterable[str]) -> list[Mail]:
    """Read the mails of these names that `reader` may see, in their order."""
    return list(_own(organization, reader, names))


def find(organization: Organization, reader: User, name: str) -> Mail | None:
    """Read one mail; None when it is another organization's, another person's own, or not there."""
    if not _NAME.fullmatch(name) or not (_folder() / f"{name}.eml").is_file():
        return None
    return next(_own(organization, reader, [name]), None)


def _own(organization: Organization, reader: User, names: Iterable[str]) -> Iterator[Mail]:
    """Yield mails of the organization's messages, and those about an account that are the reader's own."""
    read = [(name, parsed) for name in names if (parsed := _read(name)) is not None]
    ids = [str(parsed["Message-ID"]).strip() for _name, parsed in read]
    rows = {row.message_id: row for row in Message.objects.filter(message_id__in=ids).order_by("id")}
    theirs = _addresses(organization, reader)
    for (name, parsed), message_id in zip(read, ids, strict=True):
        row = rows.get(message_id)
        to = {address.addr_spec.lower() for address in getattr(parsed["To"], "addresses", ())}
        mine = row.organization_id == organization.pk if row is not None else bool(to & theirs)
        if mine:
            at = datetime.strptime(name[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
            yield Mail(name, at, parsed, row)


def _addresses(organization: Organization, reader: User) -> set[str]:
    """Return the reader's address, and those they asked for or invited that nobody has an account with.

    Mails about an account have links that are as good as its password.
    """
    invited = Invitation.objects.filter(organization=organization, invited_by=reader).values_list("email", flat=True)
    asked = {email.lower() for email in (reader.pending_email, *invited) if email}
    taken = User.objects.annotate(address=Lower("email")).filter(address__in=asked).values_list("address", flat=True)
    return {reader.email.lower()} | asked - set(taken)


def _read(name: str) -> ParsedMessage | None:
    try:
        raw = (_folder() / f"{name}.eml").read_bytes()
    except OSError:
        return None
    parsed = email.message_from_bytes(raw, policy=email.policy.default)
    return parsed if isinstance(parsed, ParsedMessage) else None


def parts(found: Mail) -> list[MimePart]:
    """Return the leaves in order: text, HTML, invitation, files."""
    leaves = [leaf for leaf in found.parsed.walk() if not leaf.is_multipart()]
    return [_part(number, leaf) for number, leaf in enumerate(leaves, start=1)]


def html_of(found: Mail) -> str | None:
    """Return the HTML part with its pictures inside, for the page's frame; None without one."""
    html = next((part.text for part in parts(found) if part.type == "text/html"), None)
    pictures: dict[str, Any] = {
        str(leaf["Content-ID"]).strip("<>"): leaf.get_payload(decode=True)
        for leaf in found.parsed.walk()
        if leaf["Content-ID"]
    }
    return None if html is None else in_place(html, pictures)


def _part(number: int, leaf: Any) -> MimePart:
    data = leaf.get_payload(decode=True) or b""
    kind = leaf.get_content_type()
    method = leaf.get_param("method")
    readable = kind.startswith("text/") or kind == "application/ics"
    return MimePart(
        number=number,
        type=f"{kind}; method={method}" if method else kind,
        file_name=leaf.get_filename() or "",
        size=len(data),
        text=data.decode("utf-8", "replace") if readable else "",
        data=data,
    )


def forget(user: User, organization: Organization | None, _at_last: bool) -> int:
    """Delete the files of mails to a person who is erased, and of those that name them (`hooks.erasures`)."""
    if not is_there():
        return 0
    names, own = Names(user), {_hash(address.lower()) for address in (user.email, user.pending_email) if address}
    for path in _folder().glob("*.eml"):
        match = _NAME.fullmatch(path.stem)
        parsed = _read(path.stem)
        if match is None or parsed is None:
            continue
        row = Message.objects.filter(message_id=str(parsed["Message-ID"]).strip()).first()
        is_here = organization is None or (row is not None and row.organization_id == organization.pk)
        told = [str(parsed[header] or "") for header in ("Subject", "From", "To", "Reply-To")]
        told += [part.text for part in parts(Mail(path.stem, datetime.now(UTC), parsed, row))]
        if is_here and (match[2] in own or told in names):
            path.unlink(missing_ok=True)
    return 0

"""Where a candidate may stand besides their own rows: drafts of forms, uploads, notices, and mails kept as files.

Looked for by name and address, and deleted whole. Each is short-lived, and lost work of a minute is the smaller harm.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Collection
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.http import QueryDict

from organizations.models import Submission
from scheduling.candidates.import_encodings import Unreadable, decode
from scheduling.messages.readers import forget_readers
from scheduling.models import Candidate, CandidateImport, FormDraft


class Mentions:
    """Finds a candidate's full name or address in text, as whole words, in capital or small letters."""

    def __init__(self, candidate: Candidate) -> None:
        words = "|".join(re.escape(word) for word in (candidate.email, candidate.name) if word)
        self._pattern = re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)
        self.candidate = candidate

    def in_text(self, text: str) -> bool:
        return self._pattern.search(text) is not None

    def in_draft(self, draft: FormDraft) -> bool:
        content = QueryDict(draft.content)
        chosen = str(self.candidate.pk)
        if chosen in content.getlist("candidate") or f"candidate={chosen}" in re.split("[?&]", draft.page):
            return True
        # Rows of another stage are a field that is encoded once more.
        return any(
            self.in_text(value) or self.in_text(" ".join(_values(value)))
            for _name, values in content.lists()
            for value in values
        )

    def in_upload(self, upload: CandidateImport) -> bool:
        return any(self.in_text(text) for text in (_text_of(upload), *_strings([upload.rows, upload.edits])))

    def in_mail(self, mail: EmailMessage) -> bool:
        headers = (str(mail.get(name, "")) for name in ("To", "Subject"))
        return any(map(self.in_text, headers)) or any(self.in_text(_words(part)) for part in mail.walk())


def forget(candidate: Candidate) -> None:
    """Delete what names a candidate: drafts, uploads that wait, answers to forms, and the Cc of others' messages.

    In the caller's transaction.
    """
    forget_readers([candidate.email], candidate.organization)
    mentions = Mentions(candidate)
    drafts = FormDraft.objects.filter(organization=candidate.organization_id).exclude(content="").order_by("pk")
    FormDraft.objects.filter(pk__in=[draft.pk for draft in drafts if mentions.in_draft(draft)]).delete()
    uploads = CandidateImport.objects.filter(organization=candidate.organization_id).order_by("pk")
    CandidateImport.objects.filter(pk__in=[one.pk for one in uploads if mentions.in_upload(one)]).delete()
    answers = Submission.objects.exclude(answer={}).order_by("pk").iterator()
    named = [row.pk for row in answers if any(map(mentions.in_text, _strings(row.answer)))]
    Submission.objects.filter(pk__in=named).delete()


def delete_mail_files(mentions: Mentions, message_ids: Collection[str]) -> int:
    """Delete the files of mails to a candidate, or about them. Returns how many.

    There are some in the demo, and where no mail server is set up. A file may hold several mails: it goes whole.
    """
    folder, deleted = Path(settings.EMAIL_FILE_PATH), 0
    if not folder.is_dir():
        return 0
    for path in sorted(folder.iterdir()):
        if path.suffix in {".eml", ".log"} and _is_about(path, mentions, message_ids):
            path.unlink(missing_ok=True)
            deleted += 1
    return deleted


def _is_about(path: Path, mentions: Mentions, message_ids: Collection[str]) -> bool:
    try:
        raw = path.read_bytes()
    except OSError:
        return False
    if any(message_id.encode() in raw for message_id in message_ids):
        return True
    # Between two mails of one file the file backend of Django writes a line of hyphens.
    return any(mentions.in_mail(_parsed(one)) for one in raw.split(b"-" * 79 + b"\n"))


def _parsed(raw: bytes) -> EmailMessage:
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)  # noqa: S101 - what this policy makes
    return mail


def _words(part: object) -> str:
    payload = part.get_payload(decode=True) if isinstance(part, EmailMessage) and not part.is_multipart() else b""
    text = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
    return re.sub(r"\r?\n[ \t]", "", text)  # iCalendar folds long lines


def _text_of(upload: CandidateImport) -> str:
    if not upload.source:
        return upload.pasted
    try:
        return decode(bytes(upload.source), upload.encoding)
    except Unreadable:
        return bytes(upload.source).decode("utf-8", "replace")


def _values(encoded: str) -> list[str]:
    try:
        return [value for _name, values in QueryDict(encoded).lists() for value in values]
    except ValueError:  # too many fields
        return []


def _strings(value: object) -> list[str]:
    """All texts in plain JSON."""
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for one in inner for text in _strings(one)]

"""Drafts of forms: kept on the server until they are saved, discarded, or thirty days old."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone

from organizations import once
from organizations.access import Access
from organizations.parameters import BIGGEST, is_storable, row_id, whole_number
from scheduling.models import FormDraft

KEEP = timedelta(days=30)
#: Hidden fields: the page, and the rendering of it that is edited. The script adds a number that counts its writes.
PAGE, FORM, SEQUENCE = "draft-page", "draft-form", "draft-sequence"
#: More than the longest form takes.
LONGEST = 400_000
_NOT_CONTENT = {"csrfmiddlewaretoken", once.FIELD, "part", "do", "changed", "q", PAGE, FORM, SEQUENCE}
_FORM: Final = re.compile("[0-9a-f]{32}")


def page_of(view: str, asked: QueryDict, names: tuple[str, ...]) -> str:
    """Return the name of a page with the rows that its address names: `schedule-new?candidate=7`."""
    wanted = "&".join(f"{name}={number}" for name in names if (number := row_id(asked.get(name))))
    return f"{view}?{wanted}" if wanted else view


def find(access: Access, page: str) -> FormDraft | None:
    """Return the member's draft of the page, also an emptied one: it says which rendering of the page is finished."""
    fresh = access.all(FormDraft).filter(membership=access.membership, page=page)
    return fresh.filter(updated_at__gt=timezone.now() - KEEP).first()


def keep(access: Access, sent: QueryDict) -> None:
    """Keep the fields, unless a later write of the same rendering is kept already, or that rendering is finished."""
    page, form = sent.get(PAGE, ""), sent.get(FORM, "")
    sequence = whole_number(sent.get(SEQUENCE), most=BIGGEST - 1)
    content = _content(sent)
    if not _is_page(page) or _FORM.fullmatch(form) is None or sequence is None or len(content) > LONGEST:
        return
    _write(access, page, form, sequence, content)


def finish(access: Access, sent: QueryDict) -> None:
    """Empty the draft, which is saved or discarded. Later writes of the same rendering are ignored."""
    page, form = sent.get(PAGE, ""), sent.get(FORM, "")
    if not _is_page(page) or _FORM.fullmatch(form) is None:
        return
    draft = FormDraft(
        organization=access.organization, membership=access.membership, page=page, form=form, sequence=BIGGEST
    )
    FormDraft.objects.bulk_create(
        [draft],
        update_conflicts=True,
        unique_fields=["membership", "page"],
        update_fields=["form", "sequence", "content", "updated_at"],
    )


def forget_old_drafts() -> None:
    FormDraft.objects.filter(updated_at__lte=timezone.now() - KEEP).delete()


def _write(access: Access, page: str, form: str, sequence: int, content: str) -> None:
    drafts = access.all(FormDraft).filter(membership=access.membership, page=page)
    values = {"form": form, "sequence": sequence, "content": content, "updated_at": timezone.now()}
    if drafts.filter(Q(sequence__lt=sequence) | ~Q(form=form)).update(**values) or drafts.exists():
        return
    draft = FormDraft(organization=access.organization, membership=access.membership, page=page, **values)
    FormDraft.objects.bulk_create([draft], ignore_conflicts=True)


def _content(sent: QueryDict) -> str:
    content = sent.copy()
    for name in _NOT_CONTENT & set(content):
        del content[name]
    return content.urlencode()


def _is_page(page: str) -> bool:
    return 0 < len(page) <= 120 and is_storable(page)

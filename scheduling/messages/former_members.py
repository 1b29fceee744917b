"""Messages to and about a person who is erased: that they went out stays, under "Former member"."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.html import escape
from django.utils.translation import gettext as _

from organizations.erasure.names import FORMER_MEMBER, NO_ADDRESS, Names
from organizations.models import Organization, User
from scheduling.messages.readers import forget_readers
from scheduling.models.calendars import CalendarEvent
from scheduling.models.mail_answers import MailAnswer, MailNote
from scheduling.models.messages import FIXED, Audience, Message, MessageState

_TEXTS = ["subject", "text", "html", "subject_source", "body_source", "reason", "to_name", "to_email", "cc", "problem"]
_DOCUMENTS = ["sender", "calendar", "interviews"]
_ON_THE_WAY = [MessageState.QUEUED, MessageState.SENDING]


def messages_to(user: User, organization: Organization | None = None) -> Q:
    """Return the condition for messages to a person as an interviewer, also of those who have left."""
    to_them = Q(membership__user=user) | Q(membership__isnull=True, to_email__iexact=user.email)
    if user.name:  # the address may have been another one then
        to_them |= Q(membership__isnull=True, to_name=user.name)
    condition = Q(audience=Audience.INTERVIEWER) & to_them
    return condition if organization is None else condition & Q(organization=organization)


def forget(user: User, organization: Organization | None, at_last: bool) -> int:
    """Empty messages to the person, and take their name out of others. Returns how many have to leave first."""
    own = Message.objects.filter(messages_to(user, organization))
    own.filter(state__in=[MessageState.DRAFT, *(_ON_THE_WAY if at_last else [])]).delete()
    waiting = own.filter(state__in=_ON_THE_WAY).count()
    left = own.exclude(state__in=_ON_THE_WAY)
    gone = _("The text was deleted with the account.")
    left.filter(state__in=FIXED).update(text=gone, html=f"<p>{escape(gone)}</p>", to_email=NO_ADDRESS)
    left.exclude(state__in=FIXED).update(text="", html="", to_email="")
    left.update(to_name=FORMER_MEMBER, subject_source="", body_source="", calendar=[])
    forget_readers([user.email, user.pending_email or ""], organization)
    _forget_answers(user, organization)
    return waiting + _rename(user, organization, at_last)


def _forget_answers(user: User, organization: Organization | None) -> None:
    """Delete what the person wrote to addresses of invitations, and beside answers. The answers themselves stay."""
    here = {} if organization is None else {"organization": organization}
    MailNote.objects.filter(Q(membership__user=user) | Q(sender__icontains=user.email), **here).delete()
    forget_comments(Q(membership__user=user, **here))


def forget_comments(whose: Q) -> None:
    """Delete what interviewers wrote beside their answers, in calendars and by mail."""
    MailAnswer.objects.filter(whose).update(comment="")
    CalendarEvent.objects.filter(whose).update(comment="")


def _rename(user: User, organization: Organization | None, at_last: bool) -> int:
    names = Names(user)
    plain, mentioned = names.mentioned(texts=_TEXTS, documents=_DOCUMENTS)
    rows = Message.objects.annotate(**plain).filter(mentioned)
    if organization is not None:
        rows = rows.filter(organization=organization)
    waiting = 0
    for message in rows.order_by("pk").iterator(chunk_size=200):
        changes = _changes(message, names)
        if changes and message.state in _ON_THE_WAY and not at_last:
            waiting += 1  # it goes out as it was composed
        elif changes:
            Message.objects.filter(pk=message.pk).update(**changes)
    return waiting


def _changes(message: Message, names: Names) -> dict[str, Any]:
    before = {column: getattr(message, column) for column in (*_TEXTS, *_DOCUMENTS)}
    after = {column: names.replaced(value) for column, value in before.items()}
    if message.sender.get("reply_to") in names:
        after["sender"] |= {"reply_to": "", "reply_name": ""}  # answers go to the mail's own sender
    return {column: value for column, value in after.items() if value != before[column]}

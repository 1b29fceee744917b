"""Answers to invitations that come back by mail, and how far the mailbox to which they come was read."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.calendars import Answer
from organizations.fields import LineColumn
from organizations.models import Membership, Organization
from organizations.secret_fields import SecretTextField
from scheduling.models.messages import CalendarEntry
from scheduling.models.schedules import Interview, Schedule


class MailAnswer(models.Model):
    """The address to which one calendar entry is answered, and what was answered last.

    The entry is found by the hash of the address's token. The token itself is stored encrypted, so that each update of
    the event can carry it. `sequence` and `stamped_at` say which answer it is: a later one replaces it. `starts_at` and
    `ends_at` are the time that it is about; while the interviews are at another one, the answer does not count.
    """

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="+", verbose_name=_("organization")
    )
    schedule = models.ForeignKey(
        Schedule, on_delete=models.CASCADE, related_name="mail_answers", verbose_name=_("schedule")
    )
    entry = models.OneToOneField(
        CalendarEntry, on_delete=models.CASCADE, related_name="mail_answer", verbose_name=_("calendar entry")
    )
    # An interviewer's; both are empty for the candidate's, whose entry may cover several interviews.
    interview = models.ForeignKey(
        Interview, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("interview")
    )
    membership = models.ForeignKey(
        Membership, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("member")
    )
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    token = SecretTextField(editable=False)

    answer = models.CharField(_("answer"), max_length=16, default=Answer.NONE)
    comment = SecretTextField(_("comment"), blank=True, default="")
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    sequence = models.PositiveIntegerField(_("sequence"), default=0)
    stamped_at = models.DateTimeField(null=True, blank=True, editable=False)
    starts_at = models.DateTimeField(_("answered for"), null=True, blank=True)
    ends_at = models.DateTimeField(_("answered for, end"), null=True, blank=True)
    # Another time, as long as nobody has decided about it.
    proposed_starts_at = models.DateTimeField(_("proposed start"), null=True, blank=True)
    proposed_ends_at = models.DateTimeField(_("proposed end"), null=True, blank=True)
    # When the invitation was asked for once more.
    refreshed_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("answer by e-mail"), _("answers by e-mail")
        constraints = [
            models.CheckConstraint(condition=Q(answer__in=[one.value for one in Answer]), name="mail_answer_known")
        ]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.pk}"


class MailNote(models.Model):
    """An e-mail that somebody wrote to the address of an invitation: who, and its plain text, cut to a limit.

    `is_too_large`: its text could not be read for its size. `message_hash` is that of its Message-ID, so that it is
    kept once however often the mailbox is read.
    """

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="+", verbose_name=_("organization")
    )
    schedule = models.ForeignKey(
        Schedule, on_delete=models.CASCADE, related_name="mail_notes", verbose_name=_("schedule")
    )
    # The interviewer whose invitation it answers; empty for the candidate's, and once they have left.
    membership = models.ForeignKey(
        Membership, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("member")
    )
    sender = LineColumn(_("from"), max_length=320, blank=True, default="")
    text = models.TextField(_("text"), blank=True, default="")
    is_too_large = models.BooleanField(_("too large"), default=False)
    message_hash = models.CharField(max_length=64, editable=False)
    received_at = models.DateTimeField(_("received"))
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("received e-mail"), _("received e-mails")
        constraints = [models.UniqueConstraint(fields=["schedule", "message_hash"], name="mail_note_once")]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.pk}"


class AnswerMailbox(models.Model):
    """How far a mailbox was read: mails up to `last_uid` are done, as long as the server keeps its `uid_validity`.

    `key` is a hash of the settings that name the mailbox. A claim pushes `due_at` forward by a lease, so that a crash
    brings it back.
    """

    key = models.CharField(max_length=64, unique=True, editable=False)
    uid_validity = models.BigIntegerField(default=0, editable=False)
    last_uid = models.BigIntegerField(_("read up to"), default=0)
    due_at = models.DateTimeField(_("read next"), default=timezone.now)
    read_at = models.DateTimeField(_("last read"), null=True, blank=True)
    problem_code = models.CharField(_("problem"), max_length=60, blank=True, default="")
    problem_since = models.DateTimeField(_("problem since"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("mailbox for answers"), _("mailboxes for answers")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.pk}"
